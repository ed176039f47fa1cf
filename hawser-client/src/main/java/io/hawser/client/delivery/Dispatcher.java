package io.hawser.client.delivery;

import io.hawser.client.transport.EventLoops;
import io.hawser.mqtt.Qos;
import io.hawser.session.WatchedFuture;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dispatcher of a client's messages: runs the handlers for one message after the other. The event loop hands
 * messages over in batches; one worker at a time takes whole batches. The dispatcher counts the messages that wait, so
 * that reading pauses when handlers fall behind.
 */
public final class Dispatcher implements WatchedFuture.Watch {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final ThreadLocal<Dispatcher> CURRENT = new ThreadLocal<>();
    /** The dispatcher of the stream from which a thread has taken last; weak, since threads outlive clients. */
    private static final ThreadLocal<WeakReference<Dispatcher>> TAKES_FROM = new ThreadLocal<>();

    private final HandlerContext context;
    private final Executor executor;
    private final HandlerCalls calls;
    private final BackPressure backPressure;
    /** Whether a QoS 2 message waits until the log entry of the previous one is safe. */
    private final boolean confirms;

    private final DeliveryList list = new DeliveryList();
    /** The wake-ups for acknowledgements; null until there is a message to acknowledge. */
    private @Nullable AckWakeUps wakeUps;

    /** Whether the worker has handled a QoS 2 message whose log entry may not be safe. */
    private boolean unconfirmed;

    public Dispatcher(
            HandlerContext context, Executor executor, Retries retries, BackPressure backPressure, boolean confirms) {
        this.context = context;
        this.executor = executor;
        this.calls = new HandlerCalls(context, retries);
        this.backPressure = backPressure;
        this.confirms = confirms;
    }

    /** The dispatcher whose handler the calling thread is running, or null. */
    public static @Nullable Dispatcher current() {
        return CURRENT.get();
    }

    /**
     * Takes a message from the event loop; {@link #flush} hands it to the worker.
     *
     * @return false if the message was dropped: at QoS 0, beyond the bound, if waiting for room is not wanted or not
     *     possible
     */
    public boolean offer(InboundDelivery delivery) {
        if (!backPressure.offer(delivery)) {
            return false;
        }
        if (wakeUps == null && delivery.packetId() != 0) {
            wakeUps = new AckWakeUps(context, list);
        }
        list.offer(delivery);
        return true;
    }

    /** Ends a turn of the event loop: hands the turn's messages to the worker. Returns whether reading must pause. */
    public boolean flush() {
        if (list.handOver()) {
            executor.execute(this::run);
        }
        // A closed dispatcher handles nothing, and the acknowledgements of publishes must be read.
        return !list.isClosed() && backPressure.pausesReading();
    }

    /** Runs the task when every message up to now has been handled, or never will be; called on the event loop. */
    public void afterwards(Runnable task) {
        if (list.offer(new DeliveryList.Task(context, task))) {
            flush();
        } else {
            task.run();
        }
    }

    private static void run(@Nullable Runnable task) {
        if (task != null) {
            try {
                task.run();
            } catch (Throwable e) {
                Reports.error(LOG, "what was to follow a handler failed", e);
            }
        }
    }

    /**
     * Takes the next message with a packet identifier that the worker is done with; null if there is none, and then the
     * event loop looks again later if more is to come. On the event loop.
     */
    @Nullable
    public InboundDelivery nextHandled() {
        InboundDelivery next = list.nextHandled();
        if (next == null && wakeUps != null) {
            wakeUps.lookAgain();
        }
        return next;
    }

    /** Forgets the messages that are not acknowledged, since the session has ended; on the event loop. */
    public void forgetUnacknowledged() {
        list.forgetUnacknowledged();
    }

    private void run() {
        try {
            asHandler(() -> {
                boolean over = false;
                while (!over) {
                    try {
                        while (next() && !awaitsConfirmation()) {
                            handleNext();
                            calls.putInterruptAside();
                        }
                        over = true;
                    } catch (Throwable e) {
                        // The worker must not end with messages before it: no other would be started.
                        Reports.error(LOG, "a handler's worker goes on after a mistake", e);
                    }
                }
            });
        } finally {
            calls.giveInterruptBack();
        }
    }

    /** Whether there is a message to handle. */
    private boolean next() {
        return list.peek() != null || nextBatch();
    }

    private void handleNext() {
        InboundDelivery next = list.peek();
        if (next == null) {
            return; // closed since
        }
        list.take(next);
        if (next instanceof DeliveryList.Task task) {
            run(list.take(task));
        } else {
            handle(next);
            unconfirmed |= confirms && isExactlyOnce(next) && !next.deferred();
        }
    }

    private static boolean isExactlyOnce(InboundDelivery delivery) {
        return delivery.message().qos() == Qos.EXACTLY_ONCE;
    }

    /**
     * Whether the worker stops until {@link #confirmed}. If the process dies, only the last QoS 2 message can come
     * again although it was handled, and not all messages handled since the log wrote last.
     */
    private boolean awaitsConfirmation() {
        InboundDelivery next = unconfirmed ? list.peek() : null;
        boolean awaits = next != null && isExactlyOnce(next);
        if (awaits) {
            unconfirmed = false;
            // The confirmation comes behind the acknowledgement, whose log entry it is about.
            context.confirm();
        }
        return awaits;
    }

    /** Goes on after a stop: the log entry of the last QoS 2 message is safe. */
    public void confirmed() {
        executor.execute(this::run);
    }

    /** Runs {@code handling} on the calling thread as a handler of this dispatcher. */
    public void asHandler(Runnable handling) {
        Dispatcher outer = CURRENT.get();
        CURRENT.set(this);
        try {
            handling.run();
        } finally {
            CURRENT.set(outer);
        }
    }

    private boolean nextBatch() {
        AckWakeUps known = wakeUps;
        run(known == null ? null : known::tell);
        boolean found = list.nextBatch();
        // Outside the lock, and after the last message was counted as handled.
        run(this::resumeIfPossible);
        if (!found) {
            run(list.whenIdle());
        } else if (wakeUps != null) {
            wakeUps.begin();
        }
        return found;
    }

    private void handle(InboundDelivery delivery) {
        boolean kept = false;
        boolean unfinished = false;
        try {
            for (Object handler : delivery.handlers()) {
                if (handler instanceof DeliverySink stream) {
                    if (kept) {
                        backPressure.waitsOnceMore(delivery);
                    }
                    kept = true;
                    stream.offer(delivery);
                } else {
                    HandlerCalls.Outcome outcome = calls.call(handler, delivery);
                    if (outcome == HandlerCalls.Outcome.FAILED) {
                        delivery.failed();
                    }
                    unfinished |= outcome == HandlerCalls.Outcome.UNFINISHED;
                }
            }
            if (!kept && !unfinished && delivery.packetId() != 0 && !delivery.deferred()) {
                delivery.returned();
            }
        } finally {
            if (!kept) {
                backPressure.handled(delivery);
                resumeIfPossible();
            }
            if (wakeUps != null && delivery.packetId() != 0) {
                wakeUps.handled();
            }
        }
    }

    /** Notes that the program has taken a message from its stream. */
    public void done(InboundDelivery delivery) {
        backPressure.taken(delivery);
        resumeIfPossible();
    }

    private void resumeIfPossible() {
        if (backPressure.resumesReading()) {
            boolean resuming = false;
            try {
                context.resumeReading();
                resuming = true;
            } finally {
                if (!resuming) {
                    backPressure.staysPaused();
                }
            }
        }
    }

    /**
     * Notes that the calling thread has taken a message from a stream: until it takes the next, it counts as a handler.
     */
    public void taken() {
        if (!takesFromThis()) {
            TAKES_FROM.set(new WeakReference<>(this));
        }
    }

    private boolean takesFromThis() {
        WeakReference<Dispatcher> taken = TAKES_FROM.get();
        return taken != null && taken.refersTo(this);
    }

    /**
     * Begins a wait of the calling thread for the client. If the thread handles messages of this dispatcher, the
     * reading that it may depend on does not pause meanwhile. Throws on an event loop.
     */
    @Override
    public boolean waitBegins() {
        EventLoops.requireWaitAllowed();
        boolean handles = CURRENT.get() == this || takesFromThis();
        if (handles) {
            backPressure.waitBegins();
            // The thread may wait for the acknowledgements of messages handled before.
            if (wakeUps != null) {
                wakeUps.hurry();
            }
            resumeIfPossible();
        }
        return handles;
    }

    /** Throws in a handler of this dispatcher, which would wait for ever for a message that can only come after it. */
    public void requireNoHandler() {
        if (CURRENT.get() == this) {
            throw new IllegalStateException("a handler cannot wait for a stream of its own client,"
                    + " whose messages come one after the other");
        }
    }

    @Override
    public void waitEnds() {
        backPressure.waitEnds();
    }

    /** Starts no further handler, and runs {@code idle} when none runs: at once, or on the worker. */
    public void close(Runnable idle) {
        List<Runnable> due = list.close(idle);
        calls.close();
        due.forEach(Dispatcher::run);
    }
}
