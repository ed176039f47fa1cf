package io.hawser.session;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.text.Utf8;
import io.hawser.wire.ConnAck;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an accepted connection can carry: what its version can say, within what the broker granted. Requests beyond that are
 * refused before they are sent, or, if they only use what MQTT 3.x cannot say and leniency was asked for, cut down to it.
 *
 * @param dropMqtt5Attributes whether the attributes of MQTT 5.0 are left out on 3.x rather than refused
 * @param broker what the broker takes beside what it has said
 */
record Capabilities(ProtocolVersion version, Negotiated negotiated, boolean dropMqtt5Attributes, BrokerProfile broker) {
    /** The least maximum packet size that a broker can say: what every acknowledgement has. */
    static final int LEAST_PACKET = 4;

    private static final int LARGEST_PACKET = 268_435_460;
    private static final String SUBSCRIBE = "SUBSCRIBE to";
    /** The longest topic name of MQTT 3.1, in characters. */
    private static final int LONGEST_TOPIC_OF_31 = 32_767;

    /** The last of {@link #unlimited}: the connections of a program are mostly alike, and share it. */
    private static volatile @Nullable Capabilities lastUnlimited;

    /** What nobody limits. */
    static Capabilities unlimited(ProtocolVersion version, SessionConfig config) {
        Duration keepAlive = Duration.ofSeconds(config.keepAliveSeconds);
        Capabilities last = lastUnlimited;
        if (last != null
                && last.version == version
                && last.dropMqtt5Attributes == config.dropMqtt5Attributes
                && last.broker == config.broker
                && last.negotiated.keepAlive().equals(keepAlive)) {
            return last;
        }
        Negotiated fixed = new Negotiated(
                keepAlive, null, PacketIds.MAXIMUM, Qos.EXACTLY_ONCE, LARGEST_PACKET, 0, true, true, false, true, null);
        Capabilities made = new Capabilities(version, fixed, config.dropMqtt5Attributes, config.broker);
        lastUnlimited = made;
        return made;
    }

    /** What this CONNACK grants. */
    static Capabilities of(ProtocolVersion version, SessionConfig config, ConnAck packet) {
        if (version != ProtocolVersion.MQTT_5) {
            return unlimited(version, config);
        }
        Properties granted = packet.properties();
        long asked = config.cleanSession ? 0 : config.sessionExpirySeconds;
        Negotiated negotiated = new Negotiated(
                Duration.ofSeconds(granted.number(Property.SERVER_KEEP_ALIVE, config.keepAliveSeconds)),
                Duration.ofSeconds(granted.number(Property.SESSION_EXPIRY_INTERVAL, asked)),
                (int) granted.number(Property.RECEIVE_MAXIMUM, PacketIds.MAXIMUM),
                Qos.of((int) granted.number(Property.MAXIMUM_QOS, 2)),
                (int) Math.min(granted.number(Property.MAXIMUM_PACKET_SIZE, LARGEST_PACKET), LARGEST_PACKET),
                (int) granted.number(Property.TOPIC_ALIAS_MAXIMUM, 0),
                granted.number(Property.RETAIN_AVAILABLE, 1) == 1,
                granted.number(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 1,
                granted.number(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) == 1,
                granted.number(Property.SHARED_SUBSCRIPTION_AVAILABLE, 1) == 1,
                granted.text(Property.RESPONSE_INFORMATION));
        return new Capabilities(version, negotiated, config.dropMqtt5Attributes, config.broker);
    }

    /** Why the message cannot be sent on this connection, or null if it can. */
    @Nullable
    MqttException objectionTo(Message message) {
        MqttException beyond = ProfileLimits.objectionTo(broker, message, version);
        if (beyond != null) {
            return beyond;
        }
        if (version == ProtocolVersion.MQTT_3_1 && message.topic().length() > LONGEST_TOPIC_OF_31) {
            return RequestRejectedException.notSent(
                    "PUBLISH to a topic of " + message.topic().length() + " characters",
                    null,
                    ReasonCode.TOPIC_NAME_INVALID,
                    "MQTT 3.1 allows " + LONGEST_TOPIC_OF_31);
        }
        if (version != ProtocolVersion.MQTT_5) {
            return message.hasAttributes() && !dropMqtt5Attributes
                    ? new MessageDroppedException(
                            Rule.NEEDS_MQTT_5,
                            message + " has attributes of MQTT 5.0, the connection has MQTT " + version
                                    + "; dropMqtt5Attributes(true) would leave them out")
                    : null;
        }
        if (message.qos().level() > negotiated.maximumQos().level()) {
            return refused(message, ReasonCode.QOS_NOT_SUPPORTED);
        }
        if (message.retain() && !negotiated.retainAvailable()) {
            return refused(message, ReasonCode.RETAIN_NOT_SUPPORTED);
        }
        return negotiated.maximumPacketSize() < LARGEST_PACKET
                        && PacketEncoder.clientPublishSize(message, version) > negotiated.maximumPacketSize()
                ? refused(message, ReasonCode.PACKET_TOO_LARGE)
                : null;
    }

    private static MqttException refused(Message message, ReasonCode reasonCode) {
        return RequestRejectedException.notSent(
                "PUBLISH to '" + Utf8.printable(message.topic()) + "'", null, reasonCode, "as CONNACK said");
    }

    /** The message as this connection can say it. */
    Message adapted(Message message) {
        return version == ProtocolVersion.MQTT_5 || !message.hasAttributes() ? message : message.withoutAttributes();
    }

    /** Why the subscription cannot be made on this connection, or null if it can. */
    @Nullable
    RequestRejectedException objectionTo(SubscriptionRequest request) {
        TopicFilter filter = request.filter();
        Subscription subscription = request.subscription();
        if (!fits(request, bytesOf(request))) {
            return refused(
                    subscription == null ? "UNSUBSCRIBE from" : SUBSCRIBE, filter, ReasonCode.PACKET_TOO_LARGE, "");
        }
        if (subscription == null) {
            return null;
        }
        RequestRejectedException beyond = ProfileLimits.objectionTo(broker, filter);
        if (beyond != null) {
            return beyond;
        }
        String pattern = filter.pattern();
        if (filter.isShared() && !negotiated.sharedSubscriptions()) {
            return refused(SUBSCRIBE, filter, ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, "");
        }
        if (!negotiated.wildcardSubscriptions() && (pattern.indexOf('+') >= 0 || pattern.indexOf('#') >= 0)) {
            return refused(SUBSCRIBE, filter, ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED, "");
        }
        boolean changed =
                subscription.noLocal() || subscription.retainAsPublished() || subscription.hasRetainHandling();
        return version != ProtocolVersion.MQTT_5 && changed && !dropMqtt5Attributes
                ? refused(SUBSCRIBE, filter, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "its options need MQTT 5.0")
                : null;
    }

    /** What a filter takes in its packet: its length, itself, and in SUBSCRIBE its options. */
    static int bytesOf(SubscriptionRequest request) {
        return 2 + Utf8.length("topic filter", request.filter().toString()) + (request.subscribes() ? 1 : 0);
    }

    /** Whether a packet that begins with this request is not too large with filters of so many bytes. */
    boolean fits(SubscriptionRequest first, long filters) {
        return PacketEncoder.requestSize(filters, identifierOf(first), adapted(first.properties()), version)
                <= largestPacket();
    }

    private int largestPacket() {
        return Math.min(negotiated.maximumPacketSize(), broker.packetBytes());
    }

    private static RequestRejectedException refused(
            String what, TopicFilter filter, ReasonCode reasonCode, String why) {
        return RequestRejectedException.notSent(
                what + " '" + Utf8.printable(filter.toString()) + "'", filter, reasonCode, why);
    }

    /** The user properties of a request as this connection can say them; only brokers read them, so they may be left out. */
    Properties adapted(Properties properties) {
        return version == ProtocolVersion.MQTT_5 ? properties : Properties.NONE;
    }

    /**
     * The subscription as this connection can say it; an identifier is only a hint, which may always be left out, and a QoS that the
     * broker would lower is asked for as it would grant it.
     */
    Subscription adapted(SubscriptionRequest request) {
        Subscription subscription = Objects.requireNonNull(request.subscription());
        Qos qos = subscription.qos();
        Subscription asked =
                qos.level() > broker.maximumQos().level() ? subscription.qos(broker.maximumQos()) : subscription;
        if (version != ProtocolVersion.MQTT_5) {
            return asked.hasOptions() ? new Subscription(asked.filter(), asked.qos()) : asked;
        }
        int identifier = identifierOf(request);
        return identifier == asked.identifier() ? asked : asked.identifier(identifier);
    }

    /** The identifier that a subscription has on this connection: the program's or, if it gave none, the client's; 0 for none. */
    int identifierOf(SubscriptionRequest request) {
        Subscription subscription = request.subscription();
        if (subscription == null
                || version != ProtocolVersion.MQTT_5
                || !negotiated.subscriptionIdentifiers()
                || !broker.subscriptionIdentifiers()) {
            return 0;
        }
        if (subscription.identifier() != 0) {
            return subscription.identifier();
        }
        SubscriptionCall call = request.call();
        int own = call == null ? SubscriptionIds.of(request.filter()) : call.identifier();
        // One that does not fit is left out: the message is then routed by its topic alone.
        return PacketEncoder.requestSize(bytesOf(request), own, request.properties(), version) <= largestPacket()
                ? own
                : 0;
    }
}
