package io.hawser.wire;

import io.hawser.mqtt.TopicName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A cache of the topic names that arrived lately on one connection, found by their bytes, so that a topic is validated
 * and decoded once and not for each message. Empty at first, because most connections are quiet; a full cache doubles
 * its room up to {@link #MOST} names, and then begins anew.
 */
final class TopicCache {
    private static final int FIRST = 8;
    private static final int MOST = 8192;
    /** The longest name that is kept: a peer must not be able to pin megabytes here. */
    private static final int MAXIMUM_LENGTH = 256;
    /** An odd number with well-mixed bits (the golden ratio). */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final @Nullable TopicName[] NONE = new TopicName[1];

    // The hash table: open addressing, never more than half full.
    private @Nullable TopicName[] names = NONE;
    private int size;
    /** The name that was found last: many publishers send to one topic again and again. */
    private @Nullable TopicName last;

    /** The name with these bytes if it is known, else null. */
    @Nullable
    TopicName find(byte[] in, int start, int length) {
        TopicName before = last;
        if (before != null && before.contentEquals(in, start, length)) {
            return before;
        }
        int slot = slot(in, start, length);
        TopicName known = names[slot];
        while (known != null && !known.contentEquals(in, start, length)) {
            slot = slot + 1 & names.length - 1;
            known = names[slot];
        }
        last = known;
        return known;
    }

    /** Adds a name that was not found. */
    void add(TopicName name) {
        int length = name.sizeInBytes();
        if (length > MAXIMUM_LENGTH) {
            return;
        }
        if (size == names.length / 2) {
            @Nullable TopicName[] old = names;
            names = new TopicName[2 * Math.min(Math.max(FIRST, old.length), MOST)];
            size = 0;
            if (old.length < names.length) {
                for (TopicName known : old) {
                    if (known != null) {
                        enter(known);
                    }
                }
            }
        }
        enter(name);
    }

    private void enter(TopicName name) {
        byte[] utf8 = new byte[name.sizeInBytes()];
        name.copyTo(ByteBuffer.wrap(utf8));
        int slot = slot(utf8, 0, utf8.length);
        while (names[slot] != null) {
            slot = slot + 1 & names.length - 1;
        }
        names[slot] = name;
        size++;
    }

    private int slot(byte[] in, int start, int length) {
        long hash = length;
        int end = start + length;
        if (length >= Long.BYTES) {
            for (int i = start; i < end - Long.BYTES; i += Long.BYTES) {
                hash = (hash ^ (long) LONG.get(in, i)) * MIX;
            }
            hash = (hash ^ (long) LONG.get(in, end - Long.BYTES)) * MIX;
        } else {
            for (int i = start; i < end; i++) {
                hash = (hash ^ in[i]) * MIX;
            }
        }
        // The carries of a product go upwards only: without the fold, the first bytes of a word would not reach the
        // index.
        hash = (hash ^ hash >>> 32) * MIX;
        return (int) (hash >>> 40) & (names.length - 1);
    }
}
