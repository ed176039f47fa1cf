package io.hawser.client.delivery;

import io.hawser.mqtt.ConnectionEvent;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of a handler with a message: after a throw again, as often as {@link Retries} say, and then the dead-letter
 * handler. On the dispatcher's worker.
 */
final class HandlerCalls {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerCalls.class);

    private final HandlerContext context;
    private final Retries retries;
    private volatile boolean closed;
    /** The latch for which the worker waits between two attempts; guarded by this. */
    private @Nullable CountDownLatch whenClosed;

    /**
     * Whether a handler has left its thread's interrupt flag set; the flag is set again when the worker leaves the
     * thread.
     */
    private boolean interrupted;

    /** The outcome of a message at one of its handlers. */
    enum Outcome {
        HANDLED,
        FAILED,
        /**
         * The client closes before the last attempt: the message stays unacknowledged, and a kept session gets it
         * again.
         */
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

    /**
     * Clears the interrupt flag that a handler has left set: it is not meant for the next attempt or the next message.
     */
    void putInterruptAside() {
        interrupted |= Thread.interrupted();
    }

    /**
     * Sets the interrupt flag again that a handler has left set, as the worker leaves the thread, unless the thread is
     * the event loop's.
     */
    void giveInterruptBack() {
        if (interrupted && !context.inEventLoop()) {
            Thread.currentThread().interrupt();
        }
        interrupted = false;
    }

    /** Ends the wait for a further attempt; from any thread. */
    synchronized void close() {
        closed = true;
        if (whenClosed != null) {
            whenClosed.countDown();
        }
    }
}
