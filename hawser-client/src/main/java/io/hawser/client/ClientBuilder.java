package io.hawser.client;

import io.hawser.client.delivery.Retries;
import io.hawser.client.loop.ClientConfig;
import io.hawser.mqtt.Subscription;
import io.hawser.session.HoldPolicy;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.function.Function;

/**
 * The options of a subscriber, or of a client that does both.
 *
 * @param <C> {@link MqttSubscriber} or {@link MqttClient}
 */
public final class ClientBuilder<C extends MqttSubscriber> extends MqttBuilder<C, ClientBuilder<C>> {
    private final Function<ClientConfig, C> making;
    /** The grace of {@link #holdUnhandled} that never ends. */
    public static final Duration HOLD = ChronoUnit.FOREVER.getDuration();

    private static final Duration LONGEST_HOLD = Duration.ofDays(1);

    private ClientBuilder(Function<ClientConfig, C> making, String... servers) {
        super(servers);
        this.making = making;
    }

    static ClientBuilder<MqttSubscriber> ofSubscriber(String... servers) {
        return new ClientBuilder<>(HawserClient::new, servers);
    }

    static ClientBuilder<MqttClient> ofClient(String... servers) {
        return new ClientBuilder<>(HawserClient::new, servers);
    }

    @Override
    ClientBuilder<C> self() {
        return this;
    }

    /**
     * Adds a subscription that the client makes in every new session, and its handler, which is there before the first
     * message can come, including the messages of a resumed session. May be called often; a call with the same filter
     * replaces the earlier one.
     */
    public ClientBuilder<C> subscription(Subscription subscription, MessageHandler handler) {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(handler, "handler");
        config.subscriptions.keySet().removeIf(other -> other.filter().equals(subscription.filter()));
        config.subscriptions.put(subscription, handler);
        return this;
    }

    /**
     * Adds a subscription to {@code filter} at up to QoS 2, as {@link #subscription(Subscription, MessageHandler)}
     * does.
     */
    public ClientBuilder<C> subscription(String filter, MessageHandler handler) {
        return subscription(Subscription.to(filter), handler);
    }

    /**
     * Sets the handler of messages that match no subscription's filter (default: QoS 1 and 2 messages are held for the
     * time of {@link #holdUnhandled}; QoS 0 messages are dropped and counted).
     */
    public ClientBuilder<C> defaultHandler(MessageHandler handler) {
        config.defaultHandler = Objects.requireNonNull(handler, "defaultHandler");
        return this;
    }

    /**
     * Sets how long a QoS 1 or 2 message that matches no handler is held, unacknowledged, for a subscription with a
     * matching filter: 0 to 1 day (default 10 s), from its arrival or, if that is later, from
     * {@link io.hawser.mqtt.ConnectionState#READY}. Then the message is acknowledged, as MQTT asks of a receiver
     * [MQTT-4.5.0-2], counted, and told as a {@link io.hawser.mqtt.ConnectionEvent.MessageUnhandled}; and the client
     * unsubscribes from filters that a kept session has from an earlier program and that this program has not asked
     * for. With {@link #HOLD} the message is held for ever: the acknowledgements of all later messages wait behind it,
     * and a broker whose limit is reached sends nothing more at QoS 1 and 2.
     *
     * <p>Held messages take at most the megabytes of the {@link #receiveBuffer}; beyond that the oldest are given up at
     * once.
     */
    public ClientBuilder<C> holdUnhandled(Duration grace) {
        long nanos = HOLD.equals(grace)
                ? HoldPolicy.FOREVER
                : require("holdUnhandled", grace, Duration.ZERO, LONGEST_HOLD).toNanos();
        config.session.unhandled = config.session.unhandled.grace(nanos);
        return this;
    }

    /**
     * Sets whether a message that matches no handler is rejected after the time of {@link #holdUnhandled} rather than
     * acknowledged (default: false). Only MQTT 5.0 can say that; on 3.x the message is acknowledged.
     */
    public ClientBuilder<C> rejectUnhandled(boolean refuse) {
        config.session.unhandled = config.session.unhandled.refuses(refuse);
        return this;
    }

    /**
     * Sets the policy for messages whose handler throws (default: one attempt, then given up; see
     * {@link FailurePolicy}).
     */
    public ClientBuilder<C> onHandlerFailure(FailurePolicy failure) {
        Objects.requireNonNull(failure, "failure");
        config.retries = new Retries(failure.attempts(), failure.backoff().toNanos(), failure.deadLetter());
        config.keepsFailed = failure.keep();
        return this;
    }

    /**
     * Bounds the messages that wait for handlers; at the bound the client stops reading from the network: 1 to
     * 1,000,000 messages (default 4,096), 1 to 2,047 MiB (default 16). One read from the network may go beyond the
     * bound.
     */
    public ClientBuilder<C> receiveBuffer(int messages, int megabytes) {
        config.receiveBuffer(
                require("receiveBuffer messages", messages, 1, 1_000_000),
                require("receiveBuffer megabytes", megabytes, 1, 2047));
        return this;
    }

    /**
     * Sets whether QoS 0 messages beyond the {@link #receiveBuffer} are dropped and counted, so that they do not stop
     * the reading (default: false).
     */
    public ClientBuilder<C> dropQos0WhenBehind(boolean drop) {
        config.dropsQos0 = drop;
        return this;
    }

    @Override
    public C build() {
        return making.apply(config());
    }
}
