package io.hawser.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Goes through the whole frames of a segment, and past what is damaged. */
final class FrameScanner {
    private static final int READ_AHEAD = 128 * 1024;

    private final FileSystem.Handle file;
    private final long segment;
    private final long to;
    private ByteBuffer window;
    private long windowAt;

    /** Where the frame begins, and where the next one should. */
    long offset;

    long end;
    /** The offset of the first damage before {@link #end}, or −1. */
    long damagedAt = -1;
    /** Whether the damage at {@link #damagedAt} may be a write that was cut off: it reaches to the end of the file. */
    boolean cutOff;

    /** Reads frames from one offset of the file to another. */
    FrameScanner(FileSystem.Handle file, long segment, long from, long to) {
        this.file = file;
        this.segment = segment;
        this.end = from;
        this.to = to;
        this.window = ByteBuffer.allocate((int) Math.max(0, Math.min(READ_AHEAD, to - from)))
                .limit(0);
    }

    /** Moves to the next whole frame, if there is one. */
    boolean next() throws IOException {
        offset = end;
        while (offset + Frame.HEADER <= to) {
            boolean marked = look(offset, Frame.HEADER) && Frame.isMarked(segment, window, at());
            int length = marked ? window.getInt(at()) : 0;
            boolean fits = marked && length <= to - offset - Frame.HEADER;
            if (fits && look(offset, Frame.HEADER + length) && Frame.isWhole(segment, window, at())) {
                end = offset + Frame.HEADER + length;
                return true;
            }
            damaged(marked && !fits);
            offset += fits ? Frame.HEADER + length : 1;
        }
        if (offset < to && end < to) {
            damaged(true);
        }
        return false;
    }

    private void damaged(boolean byCut) {
        if (damagedAt < 0) {
            damagedAt = end;
            cutOff = byCut;
        }
    }

    /** Whether a write began at a whole frame from here on. */
    boolean findStart() throws IOException {
        while (next()) {
            if (starts()) {
                return true;
            }
        }
        return false;
    }

    private int at() {
        return (int) (offset - windowAt);
    }

    /** Brings so many bytes from this offset on into the window; false if the file has not got them. */
    private boolean look(long from, int bytes) throws IOException {
        if (from < windowAt || from + bytes > windowAt + window.limit()) {
            if (bytes > window.capacity()) {
                window = ByteBuffer.allocate(bytes);
            }
            window.clear();
            window.limit((int) Math.min(window.capacity(), to - from));
            file.read(from, window);
            window.flip();
            windowAt = from;
        }
        return from + bytes <= windowAt + window.limit();
    }

    boolean starts() {
        return Frame.starts(window, at());
    }

    long waitingBytes() {
        return Frame.waitingBytes(window, at());
    }

    long clock() {
        return Frame.clock(window, at());
    }

    ByteBuffer body() {
        return window.duplicate().limit((int) (end - windowAt)).position(at() + Frame.HEADER);
    }

    /** The frame with its header. */
    ByteBuffer whole() {
        return window.duplicate().limit((int) (end - windowAt)).position(at());
    }

    EntryReader entries() {
        return new EntryReader(body(), clock());
    }
}
