package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A topic name, the address of a message: 1 to 65,535 bytes of UTF-8 without wildcards [MQTT-3.3.2-2] [MQTT-4.7.3-1].
 *
 * <p>Immutable. A name is validated and encoded once; programs that publish to the same topics again and again save
 * work by keeping the instance, though {@link #of} remembers short names of late.
 */
public final class TopicName {
    private static final int REMEMBERED = 1024;
    /** The longest name that is remembered, so that {@link #MEMORY} stays under a few hundred kilobytes. */
    private static final int REMEMBERED_LENGTH = 128;
    /**
     * The names of late, by hash. Races are harmless: a lost entry costs one validation, and the fields of a name are
     * final.
     */
    private static final @Nullable TopicName[] MEMORY = new TopicName[REMEMBERED];

    /** A comparison of eight bytes at a time: for short names faster than {@link Arrays#equals}. */
    private static final class Words {
        private static final VarHandle LONG =
                MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

        static boolean equal(byte[] all, byte[] bytes, int start) {
            int last = all.length - Long.BYTES;
            for (int i = 0; i < last; i += Long.BYTES) {
                if ((long) LONG.get(all, i) != (long) LONG.get(bytes, start + i)) {
                    return false;
                }
            }
            return (long) LONG.get(all, last) == (long) LONG.get(bytes, start + last);
        }
    }

    private final String name;
    private final byte[] utf8;
    private final int hash;
    /** Whether the name came from a peer, and has a character that a program may not send. */
    private final boolean unwelcome;

    private TopicName(String name, byte[] utf8) {
        this.name = name;
        this.utf8 = utf8;
        this.hash = name.hashCode();
        this.unwelcome = Utf8.firstUnwelcome(name) >= 0;
    }

    /**
     * The topic name with this text.
     *
     * @throws IllegalArgumentException if the text is empty, has a wildcard ({@code +} or {@code #}), a control character, a
     *     non-character such as U+FFFF, an unpaired surrogate, or more than 65,535 bytes in UTF-8
     */
    public static TopicName of(String name) {
        Objects.requireNonNull(name, "topic");
        TopicName topic = received(name);
        topic.requireSendable();
        return topic;
    }

    /**
     * The topic name that a peer has sent. Unlike {@link #of}, it may have control characters and non-characters, which
     * MQTT allows.
     */
    public static TopicName received(String name) {
        int slot = spread(name.hashCode());
        TopicName remembered = MEMORY[slot];
        if (remembered != null && remembered.name.equals(name)) {
            return remembered;
        }
        TopicName fresh = new TopicName(name, Utf8.encode("topic name", name));
        requireNoWildcard(name);
        if (name.length() <= REMEMBERED_LENGTH) {
            MEMORY[slot] = fresh;
        }
        return fresh;
    }

    /** @throws IllegalArgumentException if this name came from a peer, and {@link #of} would not take it */
    void requireSendable() {
        if (unwelcome) {
            Utf8.requireSendable("topic name", name);
        }
    }

    private static void requireNoWildcard(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("topic name is empty, must have at least one character [MQTT-4.7.3-1]");
        }
        int plus = name.indexOf('+');
        int wildcard = plus >= 0 ? plus : name.indexOf('#');
        if (wildcard >= 0) {
            throw new IllegalArgumentException("topic name '" + Utf8.printable(name) + "' has the wildcard '"
                    + name.charAt(wildcard) + "' at index " + wildcard
                    + "; wildcards belong in topic filters only [MQTT-3.3.2-2]");
        }
    }

    private static int spread(int hash) {
        return (hash ^ (hash >>> 16)) & (REMEMBERED - 1);
    }

    /** The length of the name in UTF-8, in bytes. */
    public int sizeInBytes() {
        return utf8.length;
    }

    /** Copies the UTF-8 bytes of the name to the buffer's position. */
    public void copyTo(ByteBuffer target) {
        target.put(utf8);
    }

    /** Whether the UTF-8 bytes of this name are the {@code length} bytes of the array from index {@code start} on. */
    public boolean contentEquals(byte[] bytes, int start, int length) {
        return utf8.length == length
                && (length < Long.BYTES
                        ? Arrays.equals(utf8, 0, length, bytes, start, start + length)
                        : Words.equal(utf8, bytes, start));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof TopicName that && hash == that.hash && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** The name itself. */
    @Override
    public String toString() {
        return name;
    }
}
