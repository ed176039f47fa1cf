package io.hawser.store.file;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The frames on their way from a {@link JournalLog} to its {@link JournalWorker}, and the positions of the log. Whoever calls a
 * method holds the queue's monitor, but for those that say otherwise.
 *
 * <p>A position is the number of bytes in all frames that were handed over since the opening.
 */
final class WriteQueue {
    private static final int POOLED = 16;
    /** The most bytes of frames that wait to be written before the log counts as overloaded: some hundred milliseconds' work. */
    private static final long MOST_BYTES = 16 * 1024 * 1024;

    private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
    private final ArrayDeque<Frame> pool = new ArrayDeque<>();
    /** A frame that nobody waits for; the log takes it back for more entries if the worker has not taken it first. */
    private @Nullable Frame lingering;

    private long position;
    /** The position behind the last entry that must be safe before something happens. */
    private long urgentPosition;

    private volatile long safePosition;
    private volatile boolean overloaded;
    /** Whether the log was told that it is overloaded, so that it must be told when it is no longer. */
    private volatile boolean toldOverloaded;

    /** Returns a frame with room for so many bytes. */
    Frame withRoom(int bytes, long now) {
        Frame frame = lingering;
        lingering = null;
        if (frame != null) {
            position -= frame.buffer.position();
            if (frame.buffer.remaining() < bytes) {
                add(frame);
                frame = null;
            }
        }
        if (frame == null) {
            frame = Frame.HEADER + bytes > Frame.SIZE ? Frame.onHeap(Frame.HEADER + bytes) : pool.poll();
            if (frame == null) {
                frame = Frame.direct();
            }
            frame.clock = now;
        }
        return frame;
    }

    /** Takes back a frame whose entries are all written. */
    void recycle(Frame frame) {
        if (frame.buffer.isDirect() && pool.size() < POOLED) {
            frame.reuse();
            pool.push(frame);
        }
    }

    /** Takes a frame to be written. */
    void add(Frame frame) {
        waiting.add(frame);
        passed(frame);
        if (position - safePosition > MOST_BYTES) {
            overloaded = true;
        }
    }

    /** Takes a frame that nobody waits for. */
    void linger(Frame frame) {
        lingering = frame;
        passed(frame);
    }

    /** Counts a frame that needs no place in the queue. */
    void passed(Frame frame) {
        position += frame.buffer.position();
    }

    boolean isLingering() {
        return lingering != null;
    }

    /** Whether nothing waits that may not linger. */
    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void moveTo(ArrayDeque<Frame> unwritten) {
        unwritten.addAll(waiting);
        waiting.clear();
        if (lingering != null) {
            unwritten.add(lingering);
            lingering = null;
        }
    }

    long position() {
        return position;
    }

    /** Something depends on all entries up to now. */
    void isUrgent() {
        urgentPosition = position;
    }

    long urgentPosition() {
        return urgentPosition;
    }

    boolean isUrgentSafe() {
        return urgentPosition <= safePosition;
    }

    /** Everything up to this position is safe. Returns whether the log waits to be told. */
    boolean isSafe(long upTo) {
        boolean awaited = !isUrgentSafe();
        safePosition = upTo;
        overloaded = position - upTo > MOST_BYTES;
        if (toldOverloaded && !overloaded) {
            toldOverloaded = false;
            return true;
        }
        return awaited;
    }

    // These may be called without the monitor.

    long safePosition() {
        return safePosition;
    }

    boolean isOverloaded() {
        if (overloaded) {
            toldOverloaded = true;
            return overloaded;
        }
        return false;
    }
}
