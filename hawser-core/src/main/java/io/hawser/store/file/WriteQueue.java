package io.hawser.store.file;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The queue between a {@link JournalLog} and its {@link JournalWorker}: frames to be written, requests for pages, and the positions of
 * the log. Whoever calls a method holds the queue's monitor, but for those that say otherwise.
 *
 * <p>A position is the number of bytes in all frames that were handed over since the opening.
 */
final class WriteQueue {
    private static final int POOLED = 16;
    /** The most bytes of frames that wait to be written before the log counts as overloaded: some hundred milliseconds' work. */
    private static final long MOST_BYTES = 16 * 1024 * 1024;

    /** How long frames that nobody waits for are kept, so that one write takes many. */
    private static final long LINGER_MILLIS = 10;

    private final ArrayDeque<PageRequest> requests = new ArrayDeque<>();
    private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
    private final ArrayDeque<Frame> pool = new ArrayDeque<>();
    /** A frame that nobody waits for; the log takes it back for more entries if the worker has not taken it first. */
    private @Nullable Frame lingering;

    private boolean closing;
    /** Whether frames were put into the journal since the worker's last round. */
    private boolean put;

    private boolean sleeping;
    /** Whether the sleep is so short that frames that linger need not end it. */
    private boolean sleepsShortly;
    /** Whether the sleep has no end, so that the first frame that is put has to end it: there will be something to tidy up. */
    private boolean sleepsForLong;

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
        wake();
    }

    /** Takes a frame that nobody waits for. */
    void linger(Frame frame) {
        lingering = frame;
        passed(frame);
    }

    /** Counts a frame that was put into the journal by the log itself. */
    void put(Frame frame) {
        passed(frame);
        put = true;
        if (sleepsForLong) {
            sleepsForLong = false;
            wake();
        }
    }

    private void passed(Frame frame) {
        position += frame.buffer.position();
    }

    /** Whether no frame waits that may not linger. */
    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Moves the frames to the worker's own. Returns whether there was nothing for it to do. */
    boolean moveTo(ArrayDeque<Frame> unwritten) {
        boolean idle = waiting.isEmpty() && requests.isEmpty() && isUrgentSafe() && lingering == null && !put;
        put = false;
        unwritten.addAll(waiting);
        waiting.clear();
        if (lingering != null) {
            unwritten.add(lingering);
            lingering = null;
        }
        return idle;
    }

    void request(PageRequest request) {
        requests.add(request);
        wake();
    }

    int requests() {
        return requests.size();
    }

    PageRequest firstRequest() {
        return requests.element();
    }

    void removeFirstRequest() {
        requests.remove();
    }

    void close() {
        closing = true;
        wake();
    }

    boolean isClosing() {
        return closing;
    }

    void wake() {
        if (sleeping) {
            notifyAll();
        }
    }

    /** Wakes the worker if somebody waits for it, or for the frame that lingers. */
    void wakeIfNeeded() {
        if (!isUrgentSafe() || lingering != null && !sleepsShortly) {
            wake();
        }
    }

    /**
     * Waits until the worker has something to do, or until it should do something unasked.
     *
     * @param pauseMillis how long to wait at most; 0 for as long as nothing happens
     * @param failing whether nothing can be written, so that frames are no reason to wake
     * @return false if the queue is closing
     */
    boolean await(boolean failing, long pauseMillis, long tidyMillis) {
        long since = System.nanoTime();
        while (!closing && requests.isEmpty() && (failing || waiting.isEmpty() && isUrgentSafe())) {
            long slept = (System.nanoTime() - since) / 1_000_000;
            long pause = failing || lingering == null ? pauseMillis : LINGER_MILLIS;
            pause = pause == 0 && put ? tidyMillis : pause;
            if (pause > 0 && slept >= pause) {
                break;
            }
            // The first sleep is short in any case, so that entries that nobody waits for need not end it.
            sleepsShortly = slept < LINGER_MILLIS;
            sleepsForLong = !sleepsShortly && pause == 0;
            sleeping = true;
            try {
                wait(sleepsShortly ? LINGER_MILLIS - slept : pause == 0 ? 0 : pause - slept);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt the worker's thread, and it ends by being told so
            } finally {
                sleeping = false;
            }
        }
        return !closing;
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
