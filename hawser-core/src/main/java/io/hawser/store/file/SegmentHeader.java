package io.hawser.store.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The first bytes of a segment.
 *
 * @param covers the highest number of the segments that were put into this one
 * @param wholeWrites whether what was written counted as safe before it was forced, so that a write at its end may be cut off
 *     (the process ended) but not spoilt
 * @param rewritten whether it holds only what was still wanted of those segments, and no checkpoint
 */
record SegmentHeader(int version, long number, long covers, boolean rewritten, boolean wholeWrites) {
    static final int LENGTH = 32;
    static final int VERSION = 1;

    private static final long MAGIC = 0x4861_7773_6572_4A01L; // HawserJ, 1
    private static final int REWRITTEN = 1;
    private static final int WHOLE_WRITES = 2;
    private static final int CHECKED = LENGTH - 4;

    ByteBuffer encoded() {
        ByteBuffer out = ByteBuffer.allocate(LENGTH);
        out.putLong(MAGIC)
                .putShort((short) version)
                .putShort((short) ((rewritten ? REWRITTEN : 0) | (wholeWrites ? WHOLE_WRITES : 0)))
                .putLong(number)
                .putLong(covers);
        return out.putInt(checksum(out)).flip();
    }

    /** Whether this is a header at all. */
    static boolean isValid(ByteBuffer in) {
        return in.remaining() == LENGTH && in.getLong(0) == MAGIC && in.getInt(CHECKED) == checksum(in);
    }

    static SegmentHeader decoded(ByteBuffer in) {
        int flags = in.getShort(10);
        return new SegmentHeader(
                in.getShort(8), in.getLong(12), in.getLong(20), (flags & REWRITTEN) != 0, (flags & WHOLE_WRITES) != 0);
    }

    private static int checksum(ByteBuffer header) {
        CRC32C checksum = new CRC32C();
        checksum.update(header.duplicate().clear().limit(CHECKED));
        return (int) checksum.getValue();
    }
}
