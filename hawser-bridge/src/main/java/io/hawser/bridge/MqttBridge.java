package io.hawser.bridge;

import io.hawser.bridge.BridgeRule.Direction;
import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionStore;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bridge between two brokers: it subscribes to topics at each, and publishes what comes to the other, under topics that rules
 * tell. A message of QoS 1 or 2 is acknowledged to the broker that it came from when the other one has taken it. While one broker
 * is away, the other keeps what is not acknowledged; with a {@link Builder#store} nothing is lost when this process is killed
 * either, and a message of QoS 2 is passed on once, as far as both brokers keep their sessions and repeat messages as the standard
 * says. A message of QoS 0 that cannot be passed on at once is dropped and counted.
 *
 * <p>Loops: where a rule goes both ways, what the bridge has published itself is not passed back. MQTT 5.0 sees to that with "no
 * local"; before, the bridge remembers what it has published, for a minute. Rings of several bridges are not noticed.
 *
 * <p>Back pressure: a broker has at most {@link Builder#window} unacknowledged messages on their way, and keeps the others.
 *
 * <p>A message that the other broker refuses is told to {@link Builder#onRefused} and acknowledged, so that it does not hold up all
 * others. The two clients reconnect by themselves. Safe for use by many threads.
 */
public final class MqttBridge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MqttBridge.class);

    private final MqttClient local;
    private final MqttClient remote;
    private final Lane out;
    private final Lane in;
    private final Duration closeTimeout;

    /**
     * The counts of a bridge since it was built, one way.
     *
     * @param passed messages that the destination has taken
     * @param refused messages that the destination has refused
     * @param dropped messages of QoS 0 that could not be passed on
     * @param repeated messages that the source sent again and that were not passed on again
     * @param echoed messages that came back and were not passed on
     */
    public record Counts(long passed, long refused, long dropped, long repeated, long echoed) {}

    private MqttBridge(Builder builder) {
        List<BridgeRule> rules = List.copyOf(builder.rules);
        boolean bothWays = rules.stream().anyMatch(rule -> rule.goes(Direction.OUT))
                && rules.stream().anyMatch(rule -> rule.goes(Direction.IN));
        out = new Lane(Direction.OUT, rules, bothWays, builder.window, builder.passedOn("out"), builder.onRefused);
        in = new Lane(Direction.IN, rules, bothWays, builder.window, builder.passedOn("in"), builder.onRefused);
        closeTimeout = builder.closeTimeout;
        local = builder.client(builder.local, "local", out, in);
        try {
            remote = builder.client(builder.remote, "remote", in, out);
        } catch (RuntimeException e) {
            local.close();
            throw e;
        }
        out.connect(remote, in);
        in.connect(local, out);
    }

    /**
     * A builder of a bridge between two brokers. Each client's builder says how its broker is reached: servers, credentials, TLS,
     * proxies, version, reconnecting. The bridge sets its client identifier, session, subscriptions, queue, receive maximum and
     * listeners.
     *
     * @param local the client for the broker whose topics begin with {@link BridgeRule#localPrefix}
     * @param remote the client for the other one
     */
    public static Builder between(ClientBuilder<MqttClient> local, ClientBuilder<MqttClient> remote) {
        return new Builder(local, remote);
    }

    /**
     * Settles when both clients are ready for the first time, or fails as soon as one of them has been closed, as by a refusal that
     * its reconnect policy does not try again after. The bridge then has to be closed.
     */
    public CompletableFuture<Void> connectAsync() {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        CompletableFuture<?> first = local.connectAsync();
        CompletableFuture<?> second = remote.connectAsync();
        for (CompletableFuture<?> each : List.of(first, second, CompletableFuture.allOf(first, second))) {
            CompletableFuture<?> unused = each.whenComplete((result, failure) -> {
                if (failure != null) {
                    ready.completeExceptionally(failure);
                } else if (first.isDone() && second.isDone()) {
                    ready.complete(null);
                }
            });
        }
        return ready;
    }

    /** Counts messages from the local broker to the remote one. */
    public Counts outbound() {
        return counts(out);
    }

    /** Counts messages from the remote broker to the local one. */
    public Counts inbound() {
        return counts(in);
    }

    private static Counts counts(Lane lane) {
        return new Counts(
                lane.passed.sum(), lane.refused.sum(), lane.dropped.sum(), lane.repeated.sum(), lane.echoed.sum());
    }

    /** How many messages of QoS 1 and 2 are on their way, in both directions together. */
    public int onTheWay() {
        return out.onTheWay() + in.onTheWay();
    }

    /**
     * Ends the bridge: waits, for up to {@link Builder#closeTimeout}, until what was received has been passed on, and closes both
     * clients. What is not acknowledged then comes again to the next bridge with the same client identifier. Idempotent.
     */
    @Override
    public void close() {
        out.close();
        in.close();
        CompletableFuture.allOf(local.flushAsync(), remote.flushAsync())
                .exceptionally(e -> null)
                .completeOnTimeout(null, closeTimeout.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        local.close();
        remote.close();
        try {
            out.closeFile();
            in.closeFile();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The rules and options of a bridge that is to be made. Not safe for use by many threads. */
    public static final class Builder {
        /**
         * How many messages a broker may have unacknowledged and send again. More than any broker has in flight, and fewer than
         * there are packet identifiers, so that a broker that takes one after the other has not begun anew.
         */
        private static final int REPEATABLE = 20_000;

        /** How much of a stored queue is in memory while its keys are read. */
        private static final int PAGE = 1_000;

        private static final int PAGE_BYTES = 8 << 20;

        private final ClientBuilder<MqttClient> local;
        private final ClientBuilder<MqttClient> remote;
        private final List<BridgeRule> rules = new ArrayList<>();
        private @Nullable String clientId;
        private @Nullable Path directory;
        private SessionStore.Durability durability = SessionStore.Durability.PROCESS;
        private Duration sessionExpiry = Duration.ofDays(7);
        private Duration closeTimeout = Duration.ofSeconds(5);
        private int window = 500;
        private BiConsumer<Message, MqttException> onRefused = Builder::log;
        private BiConsumer<String, ConnectionEvent> onEvent = (side, event) -> {};

        private Builder(ClientBuilder<MqttClient> local, ClientBuilder<MqttClient> remote) {
            this.local = Objects.requireNonNull(local, "local");
            this.remote = Objects.requireNonNull(remote, "remote");
        }

        private static void log(Message message, MqttException cause) {
            LOG.warn("A message to '{}' was refused and is given up: {}", message.topic(), cause.getMessage());
        }

        /** Sets the client identifier, the same at both brokers. It is needed: the sessions belong to it. */
        public Builder clientId(String clientId) {
            this.clientId = Objects.requireNonNull(clientId, "clientId");
            return this;
        }

        /** Adds a rule. Where several are for a topic, the first counts; their subscriptions should not overlap. */
        public Builder rule(BridgeRule rule) {
            rules.add(Objects.requireNonNull(rule, "rule"));
            return this;
        }

        /**
         * Keeps the sessions in files in this directory, where they survive this process; one bridge at a time. Default: in memory,
         * where they survive the connection only.
         */
        public Builder store(Path directory) {
            this.directory = Objects.requireNonNull(directory, "store");
            return this;
        }

        /** Sets what the files of {@link #store} survive (default: {@code PROCESS}, the end of this process). */
        public Builder durability(SessionStore.Durability durability) {
            this.durability = Objects.requireNonNull(durability, "durability");
            return this;
        }

        /** Sets how long brokers keep the session while the bridge is away (default: 7 days). Before MQTT 5.0 they are not told. */
        public Builder sessionExpiry(Duration sessionExpiry) {
            this.sessionExpiry = Objects.requireNonNull(sessionExpiry, "sessionExpiry");
            return this;
        }

        /**
         * Sets how many messages of QoS 1 and 2 may be on their way in one direction, 1 to 10,000 (default: 500). It is the receive
         * maximum; where a broker sends more, as MQTT 3.x has no word for it, the bridge reads no more.
         */
        public Builder window(int window) {
            if (window < 1 || window > 10_000) {
                throw new IllegalArgumentException("window is " + window + ", must be 1 to 10000");
            }
            this.window = window;
            return this;
        }

        /** Sets how long {@link MqttBridge#close} waits for what is on its way (default: 5 s). */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = Objects.requireNonNull(closeTimeout, "closeTimeout");
            return this;
        }

        /**
         * Sets who hears of messages that the other broker has refused, with the message as it came and the reason (default: a WARN
         * in the log). Called on the handler executor of the client that published; the message is acknowledged afterwards.
         */
        public Builder onRefused(BiConsumer<Message, MqttException> onRefused) {
            this.onRefused = Objects.requireNonNull(onRefused, "onRefused");
            return this;
        }

        /** Sets who hears of the connections: {@code "local"} or {@code "remote"}, and the event, as with {@code MqttBuilder.onEvent}. */
        public Builder onEvent(BiConsumer<String, ConnectionEvent> onEvent) {
            this.onEvent = Objects.requireNonNull(onEvent, "onEvent");
            return this;
        }

        /**
         * Starts the bridge and returns at once; both clients go on connecting until they have succeeded.
         *
         * @throws IllegalArgumentException if there is no client identifier or no rule
         * @throws io.hawser.mqtt.StoreException if the sessions cannot be opened, as when another bridge has them
         */
        public MqttBridge start() {
            MqttBridge bridge = build();
            CompletableFuture<Void> unused = bridge.connectAsync();
            return bridge;
        }

        private MqttBridge build() {
            if (clientId == null || clientId.isEmpty()) {
                throw new IllegalArgumentException("A bridge needs a clientId");
            }
            if (rules.isEmpty()) {
                throw new IllegalArgumentException("A bridge needs a rule");
            }
            return new MqttBridge(this);
        }

        private PassedOn passedOn(String way) {
            if (directory == null) {
                return PassedOn.inMemory(REPEATABLE);
            }
            try {
                Files.createDirectories(directory);
            } catch (IOException e) {
                throw new UncheckedIOException("The bridge cannot make " + directory + ": " + e.getMessage(), e);
            }
            return PassedOn.in(directory.resolve("passed-" + way), REPEATABLE);
        }

        /**
         * @param receiving the lane whose messages come from this client's broker
         * @param publishing the lane whose messages go there
         */
        private MqttClient client(ClientBuilder<MqttClient> builder, String side, Lane receiving, Lane publishing) {
            String id = Objects.requireNonNull(clientId);
            builder.clientId(id)
                    .dropMqtt5Attributes(true)
                    .receiveMaximum(window)
                    // Room for all that the other broker may send beyond its receive maximum, and for QoS 0.
                    .queue(QueuePolicy.bounded(4 * window + 2_000).megabytes(1_024))
                    .closeTimeout(closeTimeout)
                    .session(store(side, id, publishing), sessionExpiry)
                    .onOutcome(publishing::outcome)
                    .onEvent(event -> {
                        if (event instanceof ConnectionEvent.Connected now) {
                            publishing.noLocal(now.result().version() == ProtocolVersion.MQTT_5);
                        }
                        onEvent.accept(side, event);
                    });
            for (Subscription subscription : receiving.subscriptions()) {
                builder.subscription(subscription.noLocal(true).retainAsPublished(true), receiving::handle);
            }
            return builder.build();
        }

        private SessionStore store(String side, String id, Lane publishing) {
            if (directory == null) {
                return SessionStore.inMemory();
            }
            FileSessionStore store =
                    FileSessionStore.at(directory.resolve(side)).durability(durability);
            if (store.clientIds().contains(id)) {
                forEachKey(store.snapshot(id), publishing::isOnItsWay);
            }
            return store;
        }

        private static void forEachKey(SessionContents contents, Consumer<String> action) {
            Consumer<StoredPublish> each = publish -> {
                String key = publish.key();
                if (key != null) {
                    action.accept(key);
                }
            };
            UnaryOperator<StoredPublish> passing = publish -> {
                each.accept(publish);
                return publish;
            };
            contents.replay(passing, received -> {}, subscription -> {});
            List<StoredPublish> page =
                    contents.readsBack() ? contents.read(0, PAGE, PAGE_BYTES).join() : List.of();
            while (!page.isEmpty()) {
                page.forEach(each);
                page = contents.read(page.get(page.size() - 1).sequence(), PAGE, PAGE_BYTES)
                        .join();
            }
        }
    }
}
