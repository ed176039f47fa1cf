package io.hawser.client.delivery;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a dispatcher whose acknowledgement is pending until their handlers have returned, in the dispatcher's
 * order. The worker only counts the messages that it is done with; the event loop goes through them whenever it is
 * awake. The event loop is woken when a batch is done; when a message has been done for {@link #SOON_NANOS}; and, since
 * a handler may take its time, by a timer as long as more messages are pending than the one that is being handled.
 */
public final class PendingAcks {
    private static final long SOON_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    /** The most messages between two looks of the worker at the clock. */
    private static final int MOST_UNTIMED = 64;

    private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LAST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HandlerContext context;

    /** The number of messages that the worker is done with. */
    private final AtomicLong done = new AtomicLong();
    /** Whether the event loop has been told to look, and has not looked since. */
    private final AtomicBoolean told = new AtomicBoolean();

    // Fields of the event loop.
    private @Nullable InboundDelivery first;
    private @Nullable InboundDelivery last;
    private long seen;
    private boolean looksAgain;
    private long lookNanos = FIRST_LOOK_NANOS;
    private long seenAtLook;

    // Fields of the worker.
    private long toldDone;
    private long toldAt;
    private int untimed;
    private int timedAfter;

    PendingAcks(HandlerContext context) {
        this.context = context;
    }

    /** Adds a message that will be handled after those before. */
    void expect(InboundDelivery delivery) {
        if (last == null) {
            first = delivery;
        } else {
            last.nextToAcknowledge = delivery;
        }
        last = delivery;
    }

    /** Takes the next message that the worker is done with, or returns null. */
    @Nullable
    public InboundDelivery next() {
        InboundDelivery next = first;
        if (next == null || seen == done.getAcquire()) {
            return null;
        }
        seen++;
        first = next.nextToAcknowledge;
        next.nextToAcknowledge = null;
        if (first == null) {
            last = null;
        }
        return next;
    }

    /**
     * Sets a timer for the next look, after the event loop has seen all messages that are done: it looks again even if
     * nobody tells it to.
     */
    public void lookAgain() {
        if (first == last || looksAgain) {
            return;
        }
        lookNanos = seen != seenAtLook ? FIRST_LOOK_NANOS : Math.min(2 * lookNanos, LAST_LOOK_NANOS);
        seenAtLook = seen;
        context.schedule(this::look, lookNanos);
        looksAgain = true;
    }

    private void look() {
        looksAgain = false;
        context.endTurn();
    }

    /** Forgets all messages, because the dispatcher is closed. */
    public void clear() {
        first = null;
        last = null;
    }

    /** Begins a batch, on the worker. */
    void begin() {
        toldAt = System.nanoTime();
        untimed = 0;
        timedAfter = 1;
    }

    /** Counts the next of the pending messages as done, on the worker. */
    void add() {
        done.setRelease(done.getPlain() + 1);
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

    /** Tells the event loop to look, if a message is newly done. */
    void tell() {
        long now = done.getPlain();
        if (now != toldDone) {
            toldDone = now;
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
