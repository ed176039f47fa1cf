package io.hawser.store.file;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Frames on their way from whoever logs to the {@link JournalWorker}, under whose lock all of this is called. */
final class WriteQueue {
    private static final int POOLED = 16;
    /** More than that many bytes that wait to be written are too much. */
    private static final long BEHIND = 16 * 1024 * 1024;

    private final ArrayDeque<Frame> handed = new ArrayDeque<>();
    private final ArrayDeque<Frame> pool = new ArrayDeque<>();
    /** Handed over, but taken back for more entries if nobody was quicker. */
    private @Nullable Frame lingering;
    /** Bytes that were handed over and are not written; anybody may look. */
    private volatile long behind;

    /** A frame to fill, with room for so many bytes; perhaps one that was handed over before and nobody has taken. */
    Frame withRoom(int bytes, long now) {
        Frame frame = lingering;
        lingering = null;
        if (frame != null && frame.buffer.remaining() < bytes) {
            add(frame);
            frame = null;
        }
        if (frame == null) {
            frame = Frame.HEADER + bytes > Frame.SIZE
                    ? new Frame(ByteBuffer.allocate(Frame.HEADER + bytes))
                    : pool.poll();
            if (frame == null) {
                frame = new Frame(ByteBuffer.allocateDirect(Frame.SIZE));
            }
            frame.clock = now;
        }
        return frame;
    }

    /** Takes back a frame of which everything is written. */
    void recycle(Frame frame) {
        if (frame.buffer.isDirect() && pool.size() < POOLED) {
            frame.reuse();
            pool.push(frame);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // all writers hold the lock
    void add(Frame frame) {
        handed.add(frame);
        behind += frame.buffer.position();
    }

    /** Takes a frame that nobody waits for. */
    void linger(Frame frame) {
        lingering = frame;
    }

    boolean isLingering() {
        return lingering != null;
    }

    /** Whether nothing has been handed over that may not linger. */
    boolean isEmpty() {
        return handed.isEmpty();
    }

    void moveTo(ArrayDeque<Frame> unwritten) {
        unwritten.addAll(handed);
        handed.clear();
        if (lingering != null) {
            unwritten.add(lingering);
            lingering = null;
        }
    }

    /** All that was moved away is written. */
    void written() {
        long rest = 0;
        for (Frame frame : handed) {
            rest += frame.buffer.position();
        }
        behind = rest;
    }

    boolean isBehind() {
        return behind > BEHIND;
    }
}
