package io.hawser.wire;

import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;

/** The options byte behind each filter of SUBSCRIBE: the QoS, and in MQTT 5.0 more (section 3.8.3.1). */
final class SubscriptionOptions {
    private static final int QOS = 0b0000_0011;
    private static final int NO_LOCAL = 0b0000_0100;
    private static final int RETAIN_AS_PUBLISHED = 0b0000_1000;
    private static final int RETAIN_HANDLING = 0b0011_0000;
    private static final int RETAIN_HANDLING_SHIFT = 4;
    private static final int RESERVED = 0b1100_0000;

    private static final RetainHandling[] RETAIN_HANDLINGS = RetainHandling.values();

    private SubscriptionOptions() {}

    static int of(Subscription subscription) {
        return subscription.qos().level()
                | (subscription.noLocal() ? NO_LOCAL : 0)
                | (subscription.retainAsPublished() ? RETAIN_AS_PUBLISHED : 0)
                | subscription.retainHandling().ordinal() << RETAIN_HANDLING_SHIFT;
    }

    /** The properties of a SUBSCRIBE with the subscription identifier, which all its subscriptions must share. */
    static Properties properties(Subscribe packet) {
        if (packet.properties().has(Property.SUBSCRIPTION_IDENTIFIER)) {
            throw Frames.refused(
                    PacketType.SUBSCRIBE, "has SUBSCRIPTION_IDENTIFIER, which belongs to its subscriptions");
        }
        int identifier = packet.subscriptions().get(0).identifier();
        for (Subscription each : packet.subscriptions()) {
            if (each.identifier() != identifier) {
                throw Frames.refused(
                        PacketType.SUBSCRIBE,
                        "has subscriptions with the identifiers " + identifier + " and " + each.identifier()
                                + ", all must have the same");
            }
        }
        return identifier == 0
                ? packet.properties()
                : packet.properties().with(Property.SUBSCRIPTION_IDENTIFIER, identifier);
    }

    /** Reads the options byte of {@code filter}. */
    static Subscription read(PacketReader in, TopicFilter filter, int identifier) {
        int at = in.at();
        int options = in.u8(in.isMqtt5() ? "subscription options" : "requested QoS");
        int qos = options & QOS;
        int retainHandling = (options & RETAIN_HANDLING) >> RETAIN_HANDLING_SHIFT;
        if (!in.isMqtt5() && options > 2) {
            throw in.malformed(at, "requested QoS byte is " + hex(options) + ", must be 0, 1 or 2 [MQTT-3.8.3-4]");
        }
        if ((options & RESERVED) != 0) {
            throw in.malformed(
                    at, "subscription options are " + hex(options) + ", the upper two bits must be 0 [MQTT-3.8.3-5]");
        }
        if (qos == 3) {
            throw in.protocolError(
                    at,
                    "subscription options are " + hex(options) + ", QoS 3 does not exist (MQTT 5.0, section 3.8.3.1)");
        }
        if (retainHandling == RETAIN_HANDLINGS.length) {
            throw in.protocolError(
                    at,
                    "subscription options are " + hex(options)
                            + ", retain handling 3 does not exist (MQTT 5.0, section 3.8.3.1)");
        }
        boolean noLocal = (options & NO_LOCAL) != 0;
        if (noLocal && filter.isShared()) {
            throw in.protocolError(at, "no local is 1 on a shared subscription, must be 0 [MQTT-3.8.3-4]");
        }
        return new Subscription(
                filter,
                Qos.of(qos),
                noLocal,
                (options & RETAIN_AS_PUBLISHED) != 0,
                RETAIN_HANDLINGS[retainHandling],
                identifier);
    }

    private static String hex(int options) {
        return "0x" + Integer.toHexString(options);
    }
}
