package io.hawser.store.file;

import io.hawser.mqtt.TopicName;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * EntryWriter under one checksum. It takes in the number of the segment, so that what an earlier use of a file has left there never
 * passes. The marker depends on segment and length and makes frames findable behind a damage; its lowest bit is set if the
 * frame begins a write, which says that all earlier writes had come to their end.
 *
 * <p>Offsets: 0 length of the body, 4 marker, 8 checksum, 12 bytes that wait, 20 time in milliseconds, 28 body.
 */
final class Frame {
    static final int HEADER = 28;
    static final int SIZE = 64 * 1024;

    private static final int MARKER_AT = 4;
    private static final int CHECKSUM_AT = 8;
    private static final int WAITING_BYTES_AT = 12;
    private static final int CLOCK_AT = 20;

    /** From 0 to the position: the header and the entries so far. */
    ByteBuffer buffer;

    /** The time from which those in the frame are reckoned. */
    long clock;
    /** The highest sequence of an accepted message in it, or 0. */
    long lastAccepted;
    /** The topic of the message that was accepted last, if it may be shared. */
    private @Nullable TopicName lastTopic;
    /** How long after the {@link #clock} it was accepted. */
    private long lastAge;
    /** Where its entry ends. */
    private int lastEnd;
    /** Accepted messages in a row at its beginning, whose sequences rise by one: these need not be read to be reckoned. */
    long runFrom;

    int runCount;
    int runEnd = HEADER;
    /** Bytes of topics and payloads that wait when all of it has happened. */
    long waitingBytes;

    /** An empty frame. */
    Frame(ByteBuffer buffer) {
        this.buffer = buffer;
        buffer.position(HEADER);
    }

    static Frame onHeap(int capacity) {
        return new Frame(ByteBuffer.allocate(capacity));
    }

    /** An empty frame whose bytes the system can write as they lie. */
    static Frame direct() {
        return new Frame(ByteBuffer.allocateDirect(SIZE));
    }

    void reuse() {
        buffer.clear().position(HEADER);
        lastAccepted = 0;
        lastEnd = 0;
        runCount = 0;
        runEnd = HEADER;
    }

    /** What an accepted message that is written now need not say, since another is directly before it: flags. */
    int shared(long sequence, long age, TopicName topic) {
        return isBehindAccepted() && topic.equals(lastTopic)
                ? sharedNumbers(sequence, age) | EntryWriter.SAME_TOPIC
                : sharedNumbers(sequence, age);
    }

    /** The same without the topic. */
    int sharedNumbers(long sequence, long age) {
        return isBehindAccepted() && sequence == lastAccepted + 1 && age == lastAge ? EntryWriter.NEXT : 0;
    }

    boolean isBehindAccepted() {
        return buffer.position() == lastEnd;
    }

    /** The entry that begins at the offset, and has just been written, is an accepted message. */
    void accepted(long sequence, long age, @Nullable TopicName topic, int at) {
        lastTopic = topic;
        lastEnd = buffer.position();
        if (at == runEnd && (runCount == 0 || sequence == lastAccepted + 1)) {
            runFrom = runCount == 0 ? sequence : runFrom;
            runCount++;
            runEnd = lastEnd;
        }
        lastAccepted = sequence;
        lastAge = age;
    }

    boolean isEmpty() {
        return buffer.position() == HEADER;
    }

    /** Fills in the header, and returns a view of the whole. */
    ByteBuffer sealed(long segment, boolean starts) {
        ByteBuffer whole = buffer.duplicate().flip();
        int length = whole.limit() - HEADER;
        whole.putInt(0, length);
        whole.putInt(MARKER_AT, marker(segment, length) | (starts ? 1 : 0));
        whole.putLong(WAITING_BYTES_AT, waitingBytes);
        whole.putLong(CLOCK_AT, clock);
        whole.putInt(CHECKSUM_AT, checksum(segment, whole, 0, length));
        return whole;
    }

    /** The entries. */
    ByteBuffer body() {
        return buffer.duplicate().flip().position(HEADER);
    }

    private static int marker(long segment, int length) {
        long mixed = (segment * 31 + length) * 0x9E37_79B9_7F4A_7C15L;
        return (int) (mixed >>> 32) & ~1;
    }

    /** Whether there seems to be a frame at this offset of the buffer. */
    static boolean isMarked(long segment, ByteBuffer in, int at) {
        int length = in.getInt(at);
        return length >= 0 && (in.getInt(at + MARKER_AT) & ~1) == marker(segment, length);
    }

    static boolean isWhole(long segment, ByteBuffer in, int at) {
        return in.getInt(at + CHECKSUM_AT) == checksum(segment, in, at, in.getInt(at));
    }

    static boolean starts(ByteBuffer in, int at) {
        return (in.getInt(at + MARKER_AT) & 1) != 0;
    }

    static long waitingBytes(ByteBuffer in, int at) {
        return in.getLong(at + WAITING_BYTES_AT);
    }

    static long clock(ByteBuffer in, int at) {
        return in.getLong(at + CLOCK_AT);
    }

    private static int checksum(long segment, ByteBuffer in, int at, int length) {
        CRC32C checksum = new CRC32C();
        for (int shift = 56; shift >= 0; shift -= 8) {
            checksum.update((int) (segment >>> shift));
        }
        ByteBuffer all = in.duplicate();
        checksum.update(all.limit(at + CHECKSUM_AT).position(at));
        checksum.update(all.limit(at + HEADER + length).position(at + WAITING_BYTES_AT));
        return (int) checksum.getValue();
    }
}
