package io.hawser.client;

import io.hawser.client.delivery.DeliverySink;
import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.client.delivery.Reports;
import io.hawser.client.delivery.SerialExecutor;
import io.hawser.client.transport.EventLoops;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Subscription;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of one subscription: a queue of deliveries that the program has not taken yet. They count for the
 * dispatcher's bound until the program takes them, so that a slow program slows down the broker.
 */
final class DeliveryQueue extends DeliverySink implements DeliveryStream {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryQueue.class);

    /** The longest time that a long of nanoseconds can hold, 292 years. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private final Subscription subscription;
    private final Dispatcher dispatcher;
    private final Consumer<DeliveryQueue> unsubscribe;
    private final SerialExecutor emitter;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ReceivedDelivery> waiting = new ArrayDeque<>();
    private boolean ended;
    private @Nullable MqttException failure;
    private volatile Flow.@Nullable Subscriber<? super Delivery> subscriber;
    private long demand;
    /** Whether {@code onSubscribe} has been called. Used only on the emitter. */
    private boolean introduced;

    private volatile boolean terminated;

    DeliveryQueue(
            Subscription subscription, Dispatcher dispatcher, Executor executor, Consumer<DeliveryQueue> unsubscribe) {
        this.subscription = subscription;
        this.dispatcher = dispatcher;
        this.emitter = new SerialExecutor(executor);
        this.unsubscribe = unsubscribe;
    }

    Subscription subscription() {
        return subscription;
    }

    @Override
    protected void offer(InboundDelivery inbound) {
        ReceivedDelivery delivery = (ReceivedDelivery) inbound;
        boolean taken;
        lock.lock();
        try {
            taken = !ended;
            if (taken) {
                waiting.add(delivery);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        if (taken) {
            wakeSubscriber();
        } else {
            delivery.reject();
            dispatcher.done(delivery);
        }
    }

    /**
     * Ends the stream, because the client closed or its filter went elsewhere (null), or because the broker refused the
     * subscription. Deliveries in the queue can still be taken.
     */
    void end(@Nullable MqttException cause) {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                failure = cause;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        wakeSubscriber();
    }

    @Override
    public @Nullable Delivery take() throws InterruptedException {
        return next(Long.MAX_VALUE);
    }

    @Override
    public @Nullable Delivery poll(Duration timeout) throws InterruptedException {
        return next(timeout.compareTo(LONGEST) < 0 ? timeout.toNanos() : Long.MAX_VALUE);
    }

    private @Nullable Delivery next(long nanos) throws InterruptedException {
        ReceivedDelivery taken;
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (waiting.isEmpty() && !ended && left > 0) {
                EventLoops.requireWaitAllowed();
                dispatcher.requireNoHandler();
                left = changed.awaitNanos(left);
            }
            taken = waiting.poll();
            if (taken == null) {
                if (ended && failure != null) {
                    throw failure;
                }
                return null;
            }
        } finally {
            lock.unlock();
        }
        dispatcher.taken();
        dispatcher.done(taken);
        return taken;
    }

    @Override
    public Iterator<Delivery> iterator() {
        return new Iterator<>() {
            private @Nullable Delivery next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    try {
                        next = take();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                }
                return next != null;
            }

            @Override
            public Delivery next() {
                Delivery result = hasNext() ? next : null;
                if (result == null) {
                    throw new NoSuchElementException("the stream has ended");
                }
                next = null;
                return result;
            }
        };
    }

    @Override
    public void close() {
        unsubscribe.accept(this);
        end(null);
        lock.lock();
        try {
            for (ReceivedDelivery left = waiting.poll(); left != null; left = waiting.poll()) {
                left.reject();
                dispatcher.done(left);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Delivery> subscriber) {
        Objects.requireNonNull(subscriber, "subscriber");
        boolean second;
        lock.lock();
        try {
            second = this.subscriber != null;
            if (!second) {
                this.subscriber = subscriber;
            }
        } finally {
            lock.unlock();
        }
        if (second) {
            subscriber.onSubscribe(new Demand(subscriber, false));
            subscriber.onError(new IllegalStateException("this stream has a subscriber already"));
        } else {
            emitter.execute(() -> {
                introduced = true;
                signal(() -> subscriber.onSubscribe(new Demand(subscriber, true)), null);
                emit();
            });
        }
    }

    private final class Demand implements Flow.Subscription {
        private final Flow.Subscriber<? super Delivery> of;
        private final boolean accepted;

        Demand(Flow.Subscriber<? super Delivery> of, boolean accepted) {
            this.of = of;
            this.accepted = accepted;
        }

        @Override
        public void request(long n) {
            if (!accepted) {
                return;
            }
            if (n <= 0) {
                emitter.execute(() -> {
                    terminate(new IllegalArgumentException("request is " + n + ", must be positive"));
                    close();
                });
                return;
            }
            lock.lock();
            try {
                demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
            } finally {
                lock.unlock();
            }
            wakeSubscriber();
        }

        @Override
        public void cancel() {
            if (accepted && of == subscriber) {
                terminated = true;
                close();
            }
        }
    }

    private void wakeSubscriber() {
        if (subscriber != null) {
            emitter.execute(this::emit);
        }
    }

    /** Emits deliveries as far as there is demand. Runs on the emitter, which makes the signals serial. */
    private void emit() {
        Flow.Subscriber<? super Delivery> to = subscriber;
        while (to != null && introduced && !terminated) {
            ReceivedDelivery next = null;
            boolean over;
            lock.lock();
            try {
                if (demand > 0) {
                    next = waiting.poll();
                }
                over = ended && waiting.isEmpty() && next == null;
                if (next != null && demand != Long.MAX_VALUE) {
                    demand--;
                }
            } finally {
                lock.unlock();
            }
            if (next != null) {
                ReceivedDelivery delivery = next;
                dispatcher.done(delivery);
                signal(() -> to.onNext(delivery), delivery);
            } else if (over) {
                terminate(failure);
            } else {
                return;
            }
        }
    }

    /** Calls the subscriber. A subscriber that throws is cancelled (Reactive Streams, rule 2.13). */
    private void signal(Runnable call, @Nullable ReceivedDelivery delivery) {
        try {
            dispatcher.asHandler(call);
        } catch (Throwable e) {
            terminated = true;
            if (delivery != null) {
                delivery.failed();
            }
            close();
            Reports.warn(LOG, "the subscriber to " + subscription + " failed, which cancels it", e);
        }
    }

    private void terminate(@Nullable Throwable cause) {
        Flow.Subscriber<? super Delivery> to = subscriber;
        if (terminated || to == null) {
            return;
        }
        terminated = true;
        signal(cause == null ? to::onComplete : () -> to.onError(cause), null);
    }
}
