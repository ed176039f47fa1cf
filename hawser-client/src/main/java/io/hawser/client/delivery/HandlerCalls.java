package io.hawser.client.delivery;

import io.hawser.mqtt.ConnectionEvent;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a handler with a message: again after it has thrown, as often as {@link Retries} say, and then the dead-letter handler. On the
 * dispatcher's worker.
 */
final class HandlerCalls {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerCalls.class);

    private final HandlerContext context;
    private final Retries retries;
    private volatile boolean closed;
    /** What the worker waits for between two attempts; guarded by this. */
    private @Nullable CountDownLatch whenClosed;

    /** Whether a handler has left the flag of its thread set, which is seen there when the worker leaves it. */
    private boolean interrupted;

    /** What became of a message at one of its handlers. */
    enum Outcome {
        HANDLED,
        FAILED,
        /** The client closes before the last attempt: the message stays unacknowledged, and a kept session has it again. */
        UNFINISHED
    }

    HandlerCalls(HandlerContext context, Retries retries) {
        this.context = context;
        this.retries = retries;
    }

    Outcome call(Object handler, InboundDelivery delivery) {
        long wait = 0;
        for (int attempt = 1; ; attempt++) {
            try {
                delivery.handle(handler);
                return Outcome.HANDLED;
            } catch (Throwable e) {
                putInterruptAside();
                wait = retries.waitAfter(attempt, wait);
                boolean last = attempt == retries.attempts();
                boolean dead = last && deadLetter(delivery);
                LOG.debug("handler failed on {}, attempt {} of {}", delivery, attempt, retries.attempts(), e);
                context.event(new ConnectionEvent.DeliveryFailed(delivery.message(), e, attempt, last && !dead));
                if (last) {
                    return dead ? Outcome.HANDLED : Outcome.FAILED;
                }
                if (!context.inEventLoop() && closesWithin(wait)) {
                    return Outcome.UNFINISHED;
                }
            }
        }
    }

    private boolean closesWithin(long nanos) {
        CountDownLatch end = new CountDownLatch(1);
        synchronized (this) {
            whenClosed = end;
        }
        long until = System.nanoTime() + nanos;
        while (!closed) {
            putInterruptAside();
            try {
                return end.await(until - System.nanoTime(), TimeUnit.NANOSECONDS) || closed;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return true;
    }

    private boolean deadLetter(InboundDelivery delivery) {
        Object deadLetter = retries.deadLetter();
        if (deadLetter == null) {
            return false;
        }
        try {
            delivery.handle(deadLetter);
            return true;
        } catch (Throwable e) {
            Reports.warn(LOG, "dead-letter handler failed on " + delivery, e);
            return false;
        }
    }

    /** A handler that leaves its thread's flag set says nothing to the next attempt, nor to the next message. */
    void putInterruptAside() {
        interrupted |= Thread.interrupted();
    }

    /** The worker leaves its thread, which sees the flag that a handler has left set, unless the thread is the event loop's. */
    void giveInterruptBack() {
        if (interrupted && !context.inEventLoop()) {
            Thread.currentThread().interrupt();
        }
        interrupted = false;
    }

    /** The worker waits for no further attempt; from any thread. */
    synchronized void close() {
        closed = true;
        if (whenClosed != null) {
            whenClosed.countDown();
        }
    }
}
