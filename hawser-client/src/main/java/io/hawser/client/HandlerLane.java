package io.hawser.client;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Qos;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a client's handlers, one message after the other. The event loop hands messages over in batches; one worker at a time
 * takes whole batches. Counts what waits, so that reading pauses when handlers fall behind.
 */
final class HandlerLane {
    private static final Logger LOG = LoggerFactory.getLogger(HandlerLane.class);
    private static final ThreadLocal<HandlerLane> CURRENT = new ThreadLocal<>();

    private final Driver driver;
    private final Executor executor;
    private final FailurePolicy failure;
    private final long mostMessages;
    private final long mostBytes;
    private final boolean dropsQos0;

    private final Object lock = new Object();
    private @Nullable ReceivedDelivery first;
    private @Nullable ReceivedDelivery last;
    private boolean running;
    private boolean closed;
    private @Nullable Runnable whenIdle;

    private final AtomicLong waitingMessages = new AtomicLong();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean pausedReading;
    private volatile boolean handlerWaits;

    /** What the current turn of the event loop has for the lane. */
    private @Nullable ReceivedDelivery turnFirst;

    private @Nullable ReceivedDelivery turnLast;

    HandlerLane(Driver driver, Executor executor, FailurePolicy failure, long messages, long bytes, boolean dropsQos0) {
        this.driver = driver;
        this.executor = executor;
        this.failure = failure;
        this.mostMessages = messages;
        this.mostBytes = bytes;
        this.dropsQos0 = dropsQos0;
    }

    /** The lane whose handler the calling thread is running, or null. */
    static @Nullable HandlerLane current() {
        return CURRENT.get();
    }

    /**
     * Takes a message from the event loop; it goes on its way with {@link #flush}.
     *
     * @return false if it was dropped: at QoS 0, beyond the bound, and waiting for room is not wanted or not possible
     */
    boolean offer(ReceivedDelivery delivery) {
        if (delivery.qos() == Qos.AT_MOST_ONCE && (dropsQos0 || handlerWaits) && isFull()) {
            return false;
        }
        waitingMessages.incrementAndGet();
        waitingBytes.addAndGet(delivery.message().payloadSize());
        if (turnLast == null) {
            turnFirst = delivery;
        } else {
            turnLast.nextInLane = delivery;
        }
        turnLast = delivery;
        return true;
    }

    private boolean isFull() {
        return waitingMessages.get() >= mostMessages || waitingBytes.get() >= mostBytes;
    }

    /** Where QoS 0 is dropped at the bound, only QoS 1 and 2 can lead beyond, and pause at twice the bound. */
    private boolean mustPause() {
        long factor = dropsQos0 ? 2 : 1;
        return waitingMessages.get() >= factor * mostMessages || waitingBytes.get() >= factor * mostBytes;
    }

    /** Ends a turn of the event loop: the worker gets what came in it. Returns whether reading must pause. */
    boolean flush() {
        ReceivedDelivery batch = turnFirst;
        ReceivedDelivery batchLast = turnLast;
        if (batch != null && batchLast != null) {
            turnFirst = null;
            turnLast = null;
            boolean start;
            synchronized (lock) {
                if (closed) {
                    return false;
                }
                if (last == null) {
                    first = batch;
                } else {
                    last.nextInLane = batch;
                }
                last = batchLast;
                start = !running;
                running = true;
            }
            if (start) {
                executor.execute(this::run);
            }
        }
        pausedReading = !handlerWaits && mustPause();
        return pausedReading;
    }

    private void run() {
        HandlerLane outer = CURRENT.get();
        CURRENT.set(this);
        try {
            for (ReceivedDelivery batch = nextBatch(); batch != null; batch = nextBatch()) {
                for (ReceivedDelivery at = batch; at != null; ) {
                    ReceivedDelivery next = at.nextInLane;
                    at.nextInLane = null;
                    handle(at);
                    at = isClosed() ? null : next;
                }
            }
        } finally {
            CURRENT.set(outer);
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    private @Nullable ReceivedDelivery nextBatch() {
        Runnable idle;
        synchronized (lock) {
            ReceivedDelivery batch = closed ? null : first;
            first = null;
            last = null;
            if (batch != null) {
                return batch;
            }
            running = false;
            idle = whenIdle;
        }
        if (idle != null) {
            idle.run();
        }
        return null;
    }

    private void handle(ReceivedDelivery delivery) {
        boolean kept = false;
        try {
            for (Object handler : delivery.handlers()) {
                if (handler instanceof DeliveryQueue stream) {
                    kept = true;
                    stream.offer(delivery);
                } else if (!attempt((MessageHandler) handler, delivery)) {
                    delivery.refuse();
                }
            }
            if (!kept && !delivery.deferred()) {
                delivery.ack();
            }
        } finally {
            if (!kept) {
                done(delivery);
            }
        }
    }

    /** A message no longer waits: a handler has handled it, or the program has taken it from its stream. */
    void done(ReceivedDelivery delivery) {
        waitingMessages.decrementAndGet();
        waitingBytes.addAndGet(-delivery.message().payloadSize());
        resumeIfPossible();
    }

    private void resumeIfPossible() {
        if (pausedReading
                && (handlerWaits || waitingMessages.get() <= mostMessages / 2 && waitingBytes.get() <= mostBytes / 2)) {
            pausedReading = false;
            driver.resumeReading();
        }
    }

    private boolean attempt(MessageHandler handler, ReceivedDelivery delivery) {
        long wait = failure.backoff().toNanos();
        for (int attempt = 1; ; attempt++) {
            try {
                handler.handle(delivery);
                return true;
            } catch (Throwable e) {
                boolean last = attempt == failure.attempts() || isClosed();
                boolean dead = last && deadLetter(delivery);
                LOG.warn("handler failed on {}, attempt {} of {}", delivery, attempt, failure.attempts(), e);
                driver.event(new ConnectionEvent.DeliveryFailed(delivery.message(), e, attempt, last && !dead));
                if (last) {
                    return dead;
                }
                if (!driver.inEventLoop()) {
                    LockSupport.parkNanos(wait);
                }
                wait = Math.min(wait * 2, TimeUnit.MINUTES.toNanos(1));
            }
        }
    }

    private boolean deadLetter(ReceivedDelivery delivery) {
        MessageHandler deadLetter = failure.deadLetter();
        if (deadLetter == null) {
            return false;
        }
        try {
            deadLetter.handle(delivery);
            return true;
        } catch (Throwable e) {
            LOG.warn("dead-letter handler failed on {}", delivery, e);
            return false;
        }
    }

    /** A handler begins or ends to wait for a client: meanwhile the reading that it may need does not pause. */
    void handlerWaits(boolean waits) {
        handlerWaits = waits;
        if (waits) {
            resumeIfPossible();
        }
    }

    /** Starts no further handler, and calls back when none runs: at once, or from the worker. */
    void close(Runnable idle) {
        synchronized (lock) {
            closed = true;
            first = null;
            last = null;
            if (running) {
                whenIdle = idle;
                return;
            }
        }
        idle.run();
    }
}
