package io.hawser.client.delivery;

import io.hawser.session.InboundMessage;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * The back pressure of a dispatcher: counts the messages that wait for handlers, and decides when reading pauses. Event
 * loop and worker each have a sum of their own, so that neither waits for the other with every message.
 */
public final class BackPressure {
    /** The lower bits of a sum, which count bytes; the upper bits count messages. */
    private static final int BYTES = 36;

    /** The messages that may wait beside a handler that waits for the client, even if the bound is lower. */
    private static final long LEAST_WHILE_WAITING = 1000;

    private static final long ONE = 1L << BYTES;
    private static final AtomicLongFieldUpdater<BackPressure> HANDLED =
            AtomicLongFieldUpdater.newUpdater(BackPressure.class, "handled");
    private static final AtomicLongFieldUpdater<BackPressure> TAKEN =
            AtomicLongFieldUpdater.newUpdater(BackPressure.class, "taken");

    private final int mostMessages;
    private final long mostBytes;
    private final boolean dropsQos0;

    /** The messages that came in on the event loop, as a sum since the beginning. */
    private long offered;
    /** {@link #offered} as of the end of a turn, for other threads. */
    private volatile long offeredInTurns;
    /** The messages that the worker is done with. */
    private volatile long handled;
    /**
     * The messages that the program has taken from streams; a message in several streams counts negative for each
     * further one.
     */
    private volatile long taken;

    private volatile boolean pausedReading;
    /** The number of threads that handle messages and now wait for the client; guarded by this. */
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
     * @return false if the message is to be dropped: at QoS 0, beyond the bound, if waiting for room is not wanted or
     *     not possible
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

    /** Counts a message as handled; on the worker. */
    void handled(InboundMessage delivery) {
        HANDLED.lazySet(this, handled + sizeOf(delivery));
    }

    /** Counts a message that is put into one more stream. */
    void waitsOnceMore(InboundMessage delivery) {
        TAKEN.addAndGet(this, -sizeOf(delivery));
    }

    /** Counts a message that the program has taken from its stream. */
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
                // The last handler has finished since, and did not see that it must resume reading.
                pausedReading = false;
            }
        }
        return pausedReading;
    }

    /**
     * Whether the messages of {@code sum} reach the bound at which reading pauses. The bound is doubled where QoS 0
     * messages are dropped at the single bound, so that only QoS 1 and 2 reach the double one. It is doubled, too,
     * while a handler waits for the client, since the answer may have to be read; then at least
     * {@link #LEAST_WHILE_WAITING} messages may wait, which may be small.
     */
    private boolean reachesBound(long sum) {
        boolean waits = waiters > 0;
        int factor = dropsQos0 || waits ? 2 : 1;
        long messages = (long) factor * mostMessages;
        return reaches(waiting(sum), waits ? Math.max(messages, LEAST_WHILE_WAITING) : messages, factor * mostBytes);
    }

    /** Whether reading has to go on, because fewer messages wait; true once for each pause; any thread. */
    boolean resumesReading() {
        if (pausedReading && mayResume()) {
            pausedReading = false;
            return true;
        }
        return false;
    }

    /** Notes that resuming has failed: the next thread that is done with a message tries again. */
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
