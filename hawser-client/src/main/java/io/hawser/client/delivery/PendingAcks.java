package io.hawser.client.delivery;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a dispatcher that are acknowledged once their handlers have returned, in the order of the dispatcher. The worker only
 * counts what it is done with, and the event loop goes through them whenever it is awake. It is woken when a batch is done; when
 * something has been done for {@link #SOON_NANOS}; and, for a handler may take its time, by a timer as long as there is more
 * than the one that is being handled.
 */
public final class PendingAcks {
    private static final long SOON_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    /** The worker looks at the clock after so many messages at most. */
    private static final int MOST_UNTIMED = 64;

    private static final long FIRST_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LAST_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final HandlerContext context;

    /** How many the worker is done with. */
    private final AtomicLong done = new AtomicLong();
    /** Whether the event loop knows that it has to look. */
    private final AtomicBoolean told = new AtomicBoolean();

    // The event loop's.
    private @Nullable InboundDelivery first;
    private @Nullable InboundDelivery last;
    private long seen;
    private boolean looksAgain;
    private long lookNanos = FIRST_LOOK_NANOS;
    private long seenAtLook;

    // The worker's.
    private long toldDone;
    private long toldAt;
    private int untimed;
    private int timedAfter;

    PendingAcks(HandlerContext context) {
        this.context = context;
    }

    /** A message will be handled, after those before. */
    void expect(InboundDelivery delivery) {
        if (last == null) {
            first = delivery;
        } else {
            last.nextToAcknowledge = delivery;
        }
        last = delivery;
    }

    /** The next message that the worker is done with, or null. */
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

    /** The event loop has seen all there is; it looks again in time, even if nobody tells it to. */
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

    /** The dispatcher is closed: nothing more is seen. */
    public void clear() {
        first = null;
        last = null;
    }

    /** A batch begins, on the worker. */
    void begin() {
        toldAt = System.nanoTime();
        untimed = 0;
        timedAfter = 1;
    }

    /** The worker is done with the next of those that are expected. */
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

    /** Tells the event loop to look at what is new. */
    void tell() {
        long now = done.getPlain();
        if (now != toldDone) {
            toldDone = now;
            // There, handlers run within a turn, which looks before it ends.
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
