package io.hawser.wire;

import io.hawser.mqtt.TopicName;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The topic names that arrived lately on one connection, found by their bytes, so that a topic is validated and turned
 * into text once and not per message. Empty until it is used, because most connections are quiet; it doubles while it
 * keeps missing, up to {@link #MAXIMUM_SLOTS}.
 */
final class TopicCache {
    private static final int FIRST_SLOTS = 16;
    private static final int MAXIMUM_SLOTS = 1024;
    /** Longer names are not kept: a peer must not be able to pin megabytes here. */
    private static final int MAXIMUM_LENGTH = 256;
    /** An odd number with well-mixed bits (the golden ratio). */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private @Nullable TopicName[] slots = {};
    private int misses;

    /** The name with these bytes if it is known, else null. */
    @Nullable
    TopicName find(ByteBuffer in, int start, int length) {
        if (slots.length == 0) {
            return null;
        }
        TopicName known = slots[slot(in, start, length)];
        return known != null && known.contentEquals(in, start, length) ? known : null;
    }

    /** Remembers a name that was not found. */
    void add(TopicName name, ByteBuffer in, int start, int length) {
        if (length > MAXIMUM_LENGTH) {
            return;
        }
        if (misses++ >= slots.length && slots.length < MAXIMUM_SLOTS) {
            slots = new TopicName[Math.max(FIRST_SLOTS, slots.length * 2)];
            misses = 1;
        }
        slots[slot(in, start, length)] = name;
    }

    private int slot(ByteBuffer in, int start, int length) {
        long hash = length;
        int end = start + length;
        if (length >= Long.BYTES) {
            for (int i = start; i < end - Long.BYTES; i += Long.BYTES) {
                hash = (hash ^ in.getLong(i)) * MIX;
            }
            hash = (hash ^ in.getLong(end - Long.BYTES)) * MIX;
        } else {
            for (int i = start; i < end; i++) {
                hash = (hash ^ in.get(i)) * MIX;
            }
        }
        // Products carry upwards only: without the fold, the first bytes of a word would not reach the index.
        hash = (hash ^ hash >>> 32) * MIX;
        return (int) (hash >>> 54) & (slots.length - 1);
    }
}
