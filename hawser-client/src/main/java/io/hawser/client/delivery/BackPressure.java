package io.hawser.client.delivery;

import io.hawser.session.InboundMessage;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Counts what waits for the handlers of a dispatcher, and decides when reading pauses because that is too much. Event loop and
 * worker each have a sum of their own, so that neither waits for the other with every message.
 */
public final class BackPressure {
    /** Messages are counted above so many bits of bytes: one sum for both. */
    private static final int BYTES = 36;

    /** So many messages may wait beside a handler that waits, however few the bound allows. */
    private static final long LEAST_WHILE_WAITING = 1000;

    private static final long ONE = 1L << BYTES;
    private static final AtomicLongFieldUpdater<BackPressure> HANDLED =
            AtomicLongFieldUpdater.newUpdater(BackPressure.class, "handled");
    private static final AtomicLongFieldUpdater<BackPressure> TAKEN =
            AtomicLongFieldUpdater.newUpdater(BackPressure.class, "taken");

    private final int mostMessages;
    private final long mostBytes;
    private final boolean dropsQos0;

    /** What came in on the event loop, a sum since the beginning. */
    private long offered;
    /** The same for other threads, as of the end of a turn. */
    private volatile long offeredInTurns;
    /** What the worker is done with. */
    private volatile long handled;
    /** What the program has taken from streams; a message that waits in several counts negative. */
    private volatile long taken;

    private volatile boolean pausedReading;
    /** Threads that handle messages and wait for the client meanwhile; guarded by this. */
    private volatile int waiters;

    public BackPressure(int messages, long bytes, boolean dropsQos0) {
        this.mostMessages = messages;
        this.mostBytes = bytes;
        this.dropsQos0 = dropsQos0;
    }

    private static long sizeOf(InboundMessage delivery) {
        return ONE + delivery.message().memoryInBytes();
    }

    /**
     * Counts a message; on the event loop.
     *
     * @return false if it is to be dropped: at QoS 0, beyond the bound, and waiting for room is not wanted or not possible
     */
    boolean offer(InboundMessage delivery) {
        if ((dropsQos0 || waiters > 0)
                && delivery.packetId() == 0
                && reaches(waiting(offered), mostMessages, mostBytes)) {
            return false;
        }
        offered += sizeOf(delivery);
        return true;
    }

    private long waiting(long sum) {
        return sum - handled - taken;
    }

    private static boolean reaches(long waiting, long messages, long bytes) {
        return waiting >>> BYTES >= messages || (waiting & ONE - 1) >= bytes;
    }

    /** A handler is done with a message; on the worker. */
    void handled(InboundMessage delivery) {
        HANDLED.lazySet(this, handled + sizeOf(delivery));
    }

    /** A message waits in one more stream. */
    void waitsOnceMore(InboundMessage delivery) {
        TAKEN.addAndGet(this, -sizeOf(delivery));
    }

    /** The program has taken a message from its stream. */
    void taken(InboundMessage delivery) {
        TAKEN.addAndGet(this, sizeOf(delivery));
    }

    /** Decides at the end of a turn of the event loop whether reading pauses. */
    boolean pausesReading() {
        long sum = offered;
        if (sum != offeredInTurns) {
            offeredInTurns = sum;
        }
        boolean pause = pausedReading ? !mayResume() : reachesBound(sum);
        if (pause != pausedReading) {
            pausedReading = pause;
            if (pause && mayResume()) {
                // The last handler has finished since, and did not see that it must resume.
                pausedReading = false;
            }
        }
        return pausedReading;
    }

    /**
     * Where QoS 0 is dropped at the bound, only QoS 1 and 2 can lead beyond, and pause at twice the bound. So it is while a handler
     * waits for the client, since what it waits for may have to be read: then for a few messages more, which may be small.
     */
    private boolean reachesBound(long sum) {
        boolean waits = waiters > 0;
        int factor = dropsQos0 || waits ? 2 : 1;
        long messages = (long) factor * mostMessages;
        return reaches(waiting(sum), waits ? Math.max(messages, LEAST_WHILE_WAITING) : messages, factor * mostBytes);
    }

    /** Whether reading has to go on, now that less waits; any thread, and true once. */
    boolean resumesReading() {
        if (pausedReading && mayResume()) {
            pausedReading = false;
            return true;
        }
        return false;
    }

    /** What was to resume reading has failed: whoever is done next tries again. */
    void staysPaused() {
        pausedReading = true;
    }

    private boolean mayResume() {
        return waiters > 0
                ? !reachesBound(offeredInTurns)
                : !reaches(waiting(offeredInTurns), mostMessages / 2 + 1, mostBytes / 2 + 1);
    }

    synchronized void waitBegins() {
        waiters++;
    }

    synchronized void waitEnds() {
        waiters--;
    }
}
