package io.hawser.bridge;

import io.hawser.bridge.BridgeRule.Direction;
import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a bridge, from the client that receives to the client that publishes.
 *
 * <p>A message of QoS 1 or 2 is enqueued under its {@link Fingerprint}, and acknowledged to the source when the destination has taken
 * it. In between the process may be killed. Then the session store of the destination has the message, with its key, until the
 * outcome was heard; hearing it writes the fingerprint to {@link PassedOn} first; and only then the source is told. So whatever the
 * source sends again is in one of the two, and not published again.
 */
final class Lane {
    /** More messages of QoS 0 than this on their way are dropped: they wait for nobody. */
    private static final int MOST_QOS0 = 1_000;
    /** How long a message waits for its next try that found the queue of the destination full. */
    private static final long RETRY_MILLIS = 200;

    private final Direction way;
    private final List<BridgeRule> rules;
    private final PassedOn passedOn;
    private final BiConsumer<Message, MqttException> onRefused;
    /** The messages that this lane has published to the destination; null if no lane goes the other way. */
    private final @Nullable Echoes echoes;
    /**
     * How many more may come; a handler that waits here lets the client read no more. Acknowledgements leave in the order of arrival,
     * so a message that waits long, as the destination may set one aside, takes the room of all that came later.
     */
    private final Semaphore room;

    /** Guarded by this; the oldest message that is not over stands first. */
    private final ArrayDeque<Place> places = new ArrayDeque<>();
    /** Guarded by this. */
    private final Map<Fingerprint, Pending> pending = new HashMap<>();

    private final AtomicInteger qos0OnTheirWay = new AtomicInteger();
    final LongAdder passed = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder repeated = new LongAdder();
    final LongAdder echoed = new LongAdder();

    private @Nullable MqttClient destination;
    private @Nullable Lane opposite;
    /** Whether the destination's broker leaves out what this client published itself, so that nothing comes back. */
    private volatile boolean noLocal;

    private volatile boolean closing;
    /** Of the handler, whose calls follow each other. */
    private @Nullable Message last;

    /** A message's place in the order of arrival, which is the order in which acknowledgements leave. */
    private static final class Place {
        private boolean over;
    }

    /** A message on its way, and the deliveries of it: one, or more after the source had to connect again. */
    private static final class Pending {
        private final List<Delivery> deliveries = new ArrayList<>(1);
        private int outcomes;
        /** The places of those that this process has enqueued. */
        private final ArrayDeque<Place> places = new ArrayDeque<>(1);
    }

    Lane(
            Direction way,
            List<BridgeRule> rules,
            boolean bothWays,
            int window,
            PassedOn passedOn,
            BiConsumer<Message, MqttException> onRefused) {
        this.way = way;
        this.rules = rules.stream().filter(rule -> rule.goes(way)).toList();
        this.echoes = bothWays ? new Echoes() : null;
        this.room = new Semaphore(window);
        this.passedOn = passedOn;
        this.onRefused = onRefused;
    }

    /** The subscriptions of the client that receives. */
    List<Subscription> subscriptions() {
        return rules.stream()
                .map(rule -> new Subscription(rule.source(way), rule.qos())
                        .noLocal(true)
                        .retainAsPublished(true))
                .toList();
    }

    void connect(MqttClient destination, Lane opposite) {
        this.destination = destination;
        this.opposite = opposite;
    }

    /** Tells whether the connection to the destination has "no local". */
    void noLocal(boolean noLocal) {
        this.noLocal = noLocal;
    }

    /** A message that an earlier process has enqueued and not heard the outcome of. */
    synchronized void isOnItsWay(String key) {
        pending.computeIfAbsent(Fingerprint.ofKey(key), none -> new Pending()).outcomes++;
    }

    /** From now on, what comes stays unacknowledged, so that the next bridge gets it. */
    void close() {
        closing = true;
        room.release(1 << 20); // whoever waits waits no more
    }

    synchronized void closeFile() throws IOException {
        passedOn.close();
    }

    synchronized int onTheWay() {
        return pending.values().stream().mapToInt(each -> each.outcomes).sum();
    }

    @SuppressWarnings("ReferenceEquality") // the same message, not an equal one
    void handle(Delivery delivery) throws InterruptedException {
        Message message = delivery.message();
        if (message == last) {
            return; // it matches several rules, and each subscription calls
        }
        if (closing) {
            delivery.defer();
        } else if (opposite != null && opposite.hasPublished(message)) {
            echoed.increment();
        } else {
            Message mapped = mapped(message);
            if (mapped != null && message.qos() == Qos.AT_MOST_ONCE) {
                passOnOnce(mapped);
            } else if (mapped != null) {
                passOn(delivery, mapped);
            }
        }
        last = message;
    }

    private boolean hasPublished(Message message) {
        return !noLocal && echoes != null && echoes.take(Fingerprint.of(0, message), System.nanoTime());
    }

    /** The message as the first rule that is for it has it; null if none is. */
    private @Nullable Message mapped(Message message) {
        for (BridgeRule rule : rules) {
            TopicName topic = rule.mapped(message.topicName(), way);
            if (topic != null) {
                Qos qos = lower(lower(message.qos(), rule.qos()), maximumQos());
                return message.topic(topic).qos(qos).subscriptionIdentifiers(List.of());
            }
        }
        return null;
    }

    private static Qos lower(Qos one, Qos other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** A broker that cannot have the QoS gets the highest that it can. */
    private Qos maximumQos() {
        Negotiated granted = destination().negotiated();
        return granted == null ? Qos.EXACTLY_ONCE : granted.maximumQos();
    }

    private MqttClient destination() {
        MqttClient client = destination;
        if (client == null) {
            throw new IllegalStateException("the bridge has not been started");
        }
        return client;
    }

    private void passOnOnce(Message mapped) {
        if (qos0OnTheirWay.incrementAndGet() > MOST_QOS0) {
            qos0OnTheirWay.decrementAndGet();
            dropped.increment();
            return;
        }
        expectEcho(mapped);
        CompletableFuture<PublishResult> unused = destination()
                .publishAsync(mapped)
                .whenComplete((result, failure) -> {
                    qos0OnTheirWay.decrementAndGet();
                    (failure == null ? passed : dropped).increment();
                });
    }

    private void expectEcho(Message mapped) {
        Lane back = opposite;
        if (echoes != null && !noLocal && back != null && back.mapsTopicOf(mapped)) {
            echoes.expect(Fingerprint.of(0, mapped), System.nanoTime());
        }
    }

    private boolean mapsTopicOf(Message message) {
        return rules.stream().anyMatch(rule -> rule.source(way).matches(message.topicName()));
    }

    private void passOn(Delivery delivery, Message mapped) throws InterruptedException {
        Fingerprint fingerprint = Fingerprint.of(delivery);
        room.acquire();
        if (closing) {
            delivery.defer();
            return;
        }
        if (!isNew(delivery, fingerprint)) {
            room.release();
            return;
        }
        expectEcho(mapped);
        enqueue(fingerprint, mapped);
    }

    /** Whether a message has to be published; if not, its source has sent it again. */
    private boolean isNew(Delivery delivery, Fingerprint fingerprint) {
        synchronized (this) {
            if (delivery.duplicate() && passedOn.contains(fingerprint)) {
                repeated.increment();
                return false; // and the handler's return acknowledges
            }
            Pending same = pending.computeIfAbsent(fingerprint, none -> new Pending());
            same.deliveries.add(delivery.defer());
            if (delivery.duplicate() && same.outcomes > 0) {
                repeated.increment();
                return false;
            }
            same.outcomes++;
            Place place = new Place();
            same.places.add(place);
            places.add(place);
            return true;
        }
    }

    private void enqueue(Fingerprint fingerprint, Message mapped) {
        CompletableFuture<Void> unused = destination()
                .enqueueAsync(mapped, fingerprint.key())
                .whenComplete((done, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (cause instanceof MessageDroppedException) {
                        Executor later = CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                        later.execute(() -> enqueue(fingerprint, mapped));
                    } else if (cause instanceof MqttException refusal && !(cause instanceof ClientClosedException)) {
                        heard(fingerprint, mapped, refusal);
                    }
                });
    }

    /** The destination has decided on a message, of this process or an earlier one. */
    void outcome(String key, CompletableFuture<PublishResult> outcome) {
        MqttException failure = null;
        try {
            outcome.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof ClientClosedException || !(e.getCause() instanceof MqttException cause)) {
                throw e; // so that the outcome counts as not heard
            }
            failure = cause;
        }
        heard(Fingerprint.ofKey(key), null, failure);
    }

    private void makeRoom() {
        for (Place oldest = places.peek(); oldest != null && oldest.over; oldest = places.peek()) {
            places.remove();
            room.release();
        }
    }

    private void heard(Fingerprint fingerprint, @Nullable Message message, @Nullable MqttException failure) {
        List<Delivery> acknowledged = List.of();
        Message told = message;
        synchronized (this) {
            try {
                passedOn.add(fingerprint);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Pending same = pending.get(fingerprint);
            Place place = same == null ? null : same.places.poll();
            if (place != null) {
                place.over = true;
                makeRoom();
            }
            if (same != null && --same.outcomes <= 0) {
                pending.remove(fingerprint);
                acknowledged = same.deliveries;
            }
            if (told == null && same != null && !same.deliveries.isEmpty()) {
                told = same.deliveries.get(0).message();
            }
        }
        (failure == null ? passed : refused).increment();
        try {
            if (failure != null && told != null) {
                onRefused.accept(told, failure);
            }
        } finally {
            acknowledged.forEach(Delivery::ack);
        }
    }
}
