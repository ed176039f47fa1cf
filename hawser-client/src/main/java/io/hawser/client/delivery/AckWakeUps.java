package io.hawser.client.delivery;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The wake-ups of the event loop for the sake of acknowledgements: it goes through the handled messages of a
 * {@link DeliveryList} whenever it is awake, and is woken when a batch is done; when a message has been done for
 * {@link #SOON_NANOS}; and, since a handler may take its time, by a timer as long as more messages are to be acknowledged
 * than the one that is being handled.
 */
final class AckWakeUps {
    private static final long SOON_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    /** The most messages between two looks of the worker at the clock. */
    private static final int MOST_UNTIMED = 64;

    private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LAST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HandlerContext context;
    private final DeliveryList list;
    /** Whether the event loop has been told to look, and has not looked since. */
    private final AtomicBoolean told = new AtomicBoolean();

    // Fields of the event loop.
    private boolean looksAgain;
    private long lookNanos = FIRST_LOOK_NANOS;
    private long acknowledgedAtLook;

    // Fields of the worker.
    private long toldHandled;
    private long toldAt;
    private int untimed;
    private int timedAfter;

    AckWakeUps(HandlerContext context, DeliveryList list) {
        this.context = context;
        this.list = list;
    }

    /**
     * Sets a timer for the next look, after the event loop has seen all messages that are done: it looks again even if
     * nobody tells it to.
     */
    void lookAgain() {
        if (looksAgain || !list.hasMoreUnacknowledged()) {
            return;
        }
        long seen = list.acknowledgedCount();
        lookNanos = seen != acknowledgedAtLook ? FIRST_LOOK_NANOS : Math.min(2 * lookNanos, LAST_LOOK_NANOS);
        acknowledgedAtLook = seen;
        context.schedule(this::look, lookNanos);
        looksAgain = true;
    }

    private void look() {
        looksAgain = false;
        context.endTurn();
    }

    /** Begins a batch, on the worker. */
    void begin() {
        toldAt = System.nanoTime();
        untimed = 0;
        timedAfter = 1;
    }

    /** Notes that the worker is done with a message that has a packet identifier; on the worker. */
    void handled() {
        list.handled();
        if (++untimed >= timedAfter) {
            untimed = 0;
            long now = System.nanoTime();
            if (now - toldAt < SOON_NANOS) {
                timedAfter = Math.min(2 * timedAfter, MOST_UNTIMED);
            } else {
                timedAfter = 1;
                toldAt = now;
                tell();
            }
        }
    }

    /** Tells the event loop to look, if a message is newly done; on the worker. */
    void tell() {
        long now = list.handledCount();
        if (now != toldHandled) {
            toldHandled = now;
            // On the event loop, handlers run within a turn, and the turn looks before it ends.
            if (!context.inEventLoop()) {
                hurry();
            }
        }
    }

    /** Has the event loop look soon; from any thread. */
    void hurry() {
        if (told.compareAndSet(false, true)) {
            boolean telling = false;
            try {
                context.execute(this::heard);
                telling = true;
            } finally {
                if (!telling) {
                    told.set(false);
                }
            }
        }
    }

    private void heard() {
        told.set(false);
        context.endTurn();
    }
}
