package io.hawser.client.delivery;

import io.hawser.mqtt.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a client in the order in which its handlers get them: one list, through which three cursors go. The
 * event loop offers messages at the end of the list, and hands them over once in a turn; the worker handles them, one
 * after the other; and behind the worker, the event loop acknowledges those with a packet identifier. The last cursor
 * has links of its own, which leave out QoS 0, so that such a message is kept no longer than its handlers need it.
 *
 * <p>Event loop and worker meet in the list's monitor once in a batch, and for each message only in the count of those
 * that are handled.
 */
final class DeliveryList {
    private static final AtomicLongFieldUpdater<DeliveryList> HANDLED =
            AtomicLongFieldUpdater.newUpdater(DeliveryList.class, "handled");

    // On the event loop: the messages of the current turn.
    private @Nullable InboundDelivery turnFirst;
    private @Nullable InboundDelivery turnLast;

    // Guarded by this: the messages that are handed over and not taken by the worker.
    private @Nullable InboundDelivery first;
    private @Nullable InboundDelivery last;
    /** The tasks that the worker has not come to. */
    private final ArrayDeque<Task> tasks = new ArrayDeque<>(0);
    /** Whether there is a worker, which takes what is handed over. */
    private boolean running;

    private @Nullable Runnable whenIdle;
    private volatile boolean closed;

    /** On the worker: the rest of its batch. */
    private @Nullable InboundDelivery rest;
    /** The number of messages with a packet identifier that the worker is done with. */
    private volatile long handled;

    // On the event loop: the messages with a packet identifier that it has not taken to acknowledge them.
    private @Nullable InboundDelivery firstUnacknowledged;
    private @Nullable InboundDelivery lastUnacknowledged;
    private long acknowledged;

    /** A task that has its turn among the messages. */
    static final class Task extends InboundDelivery {
        private static final Message NO_MESSAGE = Message.of("task", "");

        private final Runnable action;

        Task(HandlerContext context, Runnable action) {
            super(context, NO_MESSAGE, 0, false);
            this.action = action;
        }

        @Override
        protected void handle(Object handler) {
            action.run();
        }
    }

    // On the event loop.

    void offer(InboundDelivery delivery) {
        if (delivery.packetId() != 0) {
            if (lastUnacknowledged == null) {
                firstUnacknowledged = delivery;
            } else {
                lastUnacknowledged.nextToAcknowledge = delivery;
            }
            lastUnacknowledged = delivery;
        }
        if (turnLast == null) {
            turnFirst = delivery;
        } else {
            turnLast.nextToHandle = delivery;
        }
        turnLast = delivery;
    }

    /** Offers a task. Returns false if there is no message before it, nor ever will be. */
    boolean offer(Task task) {
        synchronized (this) {
            if (closed || !running && turnFirst == null) {
                return false;
            }
            tasks.add(task);
        }
        offer((InboundDelivery) task);
        return true;
    }

    /** Hands the turn's messages over, or drops them if the list is closed. Returns whether a worker must be started. */
    boolean handOver() {
        InboundDelivery batch = turnFirst;
        InboundDelivery batchLast = turnLast;
        if (batch == null) {
            return false;
        }
        turnFirst = null;
        turnLast = null;
        synchronized (this) {
            if (closed) {
                return false;
            }
            if (last == null) {
                first = batch;
            } else {
                last.nextToHandle = batch;
            }
            last = batchLast;
            boolean starts = !running;
            running = true;
            return starts;
        }
    }

    /** Takes the next message that the worker is done with and that has a packet identifier; null if there is none. */
    @Nullable
    InboundDelivery nextHandled() {
        InboundDelivery next = firstUnacknowledged;
        if (next == null || acknowledged == handled) {
            return null;
        }
        acknowledged++;
        firstUnacknowledged = next.nextToAcknowledge;
        next.nextToAcknowledge = null;
        if (firstUnacknowledged == null) {
            lastUnacknowledged = null;
        }
        return next;
    }

    /** Whether more messages are to be acknowledged than the one that is being handled. */
    boolean hasMoreUnacknowledged() {
        return firstUnacknowledged != lastUnacknowledged;
    }

    long acknowledgedCount() {
        return acknowledged;
    }

    /** Forgets what is to be acknowledged, since the session has ended. */
    void forgetUnacknowledged() {
        firstUnacknowledged = null;
        lastUnacknowledged = null;
    }

    // On the worker.

    /** The next message of the worker's batch, which stays there until it is taken; null if there is none. */
    @Nullable
    InboundDelivery peek() {
        return closed ? null : rest;
    }

    /** Begins the worker's next batch. Returns false if there is none, and the worker ends. */
    synchronized boolean nextBatch() {
        rest = closed ? null : first;
        first = null;
        last = null;
        running = rest != null;
        return running;
    }

    void take(InboundDelivery next) {
        rest = next.nextToHandle;
        next.nextToHandle = null;
    }

    /** Takes a task's action; null if closing has taken it. */
    synchronized @Nullable Runnable take(Task task) {
        return tasks.remove(task) ? task.action : null;
    }

    /** Notes that the worker is done with a message that has a packet identifier. */
    void handled() {
        HANDLED.lazySet(this, handled + 1);
    }

    long handledCount() {
        return handled;
    }

    /** The task to run when the worker has ended, because the list is closed; else null. */
    synchronized @Nullable Runnable whenIdle() {
        return running ? null : whenIdle;
    }

    // On the event loop, at the end.

    boolean isClosed() {
        return closed;
    }

    /**
     * Closes the list: the worker gets nothing more.
     *
     * @param idle is run when the worker has ended
     * @return what is to be run now: the tasks that the worker has not come to, and {@code idle} if there is no worker
     */
    synchronized List<Runnable> close(Runnable idle) {
        closed = true;
        first = null;
        last = null;
        List<Runnable> due = new ArrayList<>();
        tasks.forEach(task -> due.add(task.action));
        tasks.clear();
        if (running) {
            whenIdle = idle;
        } else {
            due.add(idle);
        }
        return due;
    }
}
