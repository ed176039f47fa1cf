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
    /** For {@link #holdUnhandled}: without end. */
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
     * A subscription made with every new session, and a handler that is there before the first message can come, those of a
     * resumed session included. May be called often; the same filter again replaces the earlier one.
     */
    public ClientBuilder<C> subscription(Subscription subscription, MessageHandler handler) {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(handler, "handler");
        config.subscriptions.keySet().removeIf(other -> other.filter().equals(subscription.filter()));
        config.subscriptions.put(subscription, handler);
        return this;
    }

    /** As {@link #subscription(Subscription, MessageHandler)}, to {@code filter} at up to QoS 2. */
    public ClientBuilder<C> subscription(String filter, MessageHandler handler) {
        return subscription(Subscription.to(filter), handler);
    }

    /**
     * Handles messages that match no subscription's filter (default: QoS 1 and 2 are held for the time of {@link #holdUnhandled};
     * QoS 0 is dropped and counted).
     */
    public ClientBuilder<C> defaultHandler(MessageHandler handler) {
        config.defaultHandler = Objects.requireNonNull(handler, "defaultHandler");
        return this;
    }

    /**
     * How long a QoS 1 or 2 message that matches no handler waits, unacknowledged, for a subscription with a matching filter: 0 to 1
     * day (default 10 s) from its arrival or, if that is later, from {@link io.hawser.mqtt.ConnectionState#READY}. Then it is
     * acknowledged, as MQTT asks of a receiver [MQTT-4.5.0-2], counted, and told as a {@link
     * io.hawser.mqtt.ConnectionEvent.MessageUnhandled}; and the client unsubscribes from filters that a kept session has from an
     * earlier program and this one has not asked for. With {@link #HOLD} it waits for ever: the acknowledgements of all later
     * messages wait with it, and a broker whose limit is reached sends nothing more at QoS 1 and 2.
     *
     * <p>Held messages take at most the megabytes of the {@link #receiveBuffer}; beyond it the oldest are given up at once.
     */
    public ClientBuilder<C> holdUnhandled(Duration grace) {
        long nanos = HOLD.equals(grace)
                ? HoldPolicy.FOREVER
                : require("holdUnhandled", grace, Duration.ZERO, LONGEST_HOLD).toNanos();
        config.session.unhandled = config.session.unhandled.grace(nanos);
        return this;
    }

    /**
     * Whether a message that matches no handler is refused after the time of {@link #holdUnhandled} rather than acknowledged
     * (default: false). Only MQTT 5.0 can say it.
     */
    public ClientBuilder<C> rejectUnhandled(boolean refuse) {
        config.session.unhandled = config.session.unhandled.refuses(refuse);
        return this;
    }

    /** What happens to a message whose handler throws (default: one attempt, then refused). */
    public ClientBuilder<C> onHandlerFailure(FailurePolicy failure) {
        Objects.requireNonNull(failure, "failure");
        config.retries = new Retries(failure.attempts(), failure.backoff().toNanos(), failure.deadLetter());
        config.keepsFailed = failure.keep();
        return this;
    }

    /**
     * How much may wait for handlers before reading from the network pauses: 1 to 1,000,000 messages (default 4,096), 1 to
     * 2,047 MiB (default 16). One read from the network may go beyond it.
     */
    public ClientBuilder<C> receiveBuffer(int messages, int megabytes) {
        config.receiveBuffer(
                require("receiveBuffer messages", messages, 1, 1_000_000),
                require("receiveBuffer megabytes", megabytes, 1, 2047));
        return this;
    }

    /** Whether QoS 0 messages beyond the {@link #receiveBuffer} are dropped and counted instead (default: false). */
    public ClientBuilder<C> dropQos0WhenBehind(boolean drop) {
        config.dropsQos0 = drop;
        return this;
    }

    @Override
    public C build() {
        return making.apply(config());
    }
}
