package io.hawser.session;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UserProperty;
import io.hawser.text.Utf8;
import io.hawser.wire.PacketEncoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The checks of requests against the limits of a {@link BrokerProfile}. */
public final class ProfileLimits {
    /** The levels before the topic of a basic ingest message of AWS IoT Core, which its limits leave out. */
    private static final String BASIC_INGEST = "$aws/rules/";

    private ProfileLimits() {}

    /** Why this message is beyond a limit of the profile, or null if it is not. */
    public static @Nullable RequestRejectedException objectionTo(
            BrokerProfile profile, Message message, ProtocolVersion version) {
        if (!profile.limitsRequests()) {
            return null;
        }
        if (message.qos().level() > profile.maximumQos().level()) {
            return beyond(
                    message,
                    ReasonCode.QOS_NOT_SUPPORTED,
                    profile,
                    "QoS up to " + profile.maximumQos().level(),
                    "it has QoS " + message.qos().level() + "; publish it with qos(" + profile.maximumQos() + ")");
        }
        if (message.retain() && !profile.retainAvailable()) {
            return beyond(
                    message,
                    ReasonCode.RETAIN_NOT_SUPPORTED,
                    profile,
                    "no retained messages",
                    "publish it without retain(true)");
        }
        String topic = objectionTo(profile, message.topic(), message.topicName().sizeInBytes());
        if (topic != null) {
            return beyond(message, ReasonCode.TOPIC_NAME_INVALID, profile, topic, "use a shorter topic");
        }
        if (version == ProtocolVersion.MQTT_5 && message.hasAttributes()) {
            String properties = objectionTo(profile, message.userProperties());
            if (properties != null) {
                return beyond(
                        message,
                        ReasonCode.PACKET_TOO_LARGE,
                        profile,
                        properties,
                        "put what the user properties say into the payload");
            }
        }
        long size = profile.packetBytes() == BrokerProfile.UNLIMITED
                ? 0
                : PacketEncoder.clientPublishSize(message, version);
        return size <= profile.packetBytes()
                ? null
                : beyond(
                        message,
                        ReasonCode.PACKET_TOO_LARGE,
                        profile,
                        "packets of up to " + profile.packetBytes() + " bytes",
                        "it makes one of " + size + " bytes; split or compress the payload");
    }

    /** Why this filter is beyond a limit of the profile, or null if it is not. */
    static @Nullable RequestRejectedException objectionTo(BrokerProfile profile, TopicFilter filter) {
        if (!profile.limitsRequests()) {
            return null;
        }
        if (filter.isShared() && !profile.sharedSubscriptions()) {
            return beyond(
                    filter,
                    ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                    profile,
                    "no shared subscriptions",
                    "subscribe without $share, in one client");
        }
        String pattern = filter.pattern();
        String topic = objectionTo(profile, pattern, Utf8.length("topic filter", pattern));
        return topic == null
                ? null
                : beyond(filter, ReasonCode.TOPIC_FILTER_INVALID, profile, topic, "use a shorter filter");
    }

    /** Why these user properties are beyond a limit of the profile, or null if they are not. */
    public static @Nullable String objectionTo(BrokerProfile profile, List<UserProperty> properties) {
        if (properties.size() > profile.userProperties()) {
            return profile.userProperties() + " user properties, not " + properties.size();
        }
        if (profile.userPropertyBytes() < BrokerProfile.UNLIMITED) {
            long bytes = 0;
            for (UserProperty property : properties) {
                bytes += Utf8.length("user property name", property.name())
                        + Utf8.length("user property value", property.value());
            }
            if (bytes > profile.userPropertyBytes()) {
                return profile.userPropertyBytes() + " bytes of user properties, not " + bytes;
            }
        }
        return null;
    }

    private static @Nullable String objectionTo(BrokerProfile profile, String topic, int bytes) {
        int levels = 1;
        int from = 0;
        if (topic.regionMatches(true, 0, BASIC_INGEST, 0, BASIC_INGEST.length())) {
            from = topic.indexOf('/', BASIC_INGEST.length()) + 1;
        }
        if (bytes - from > profile.topicBytes()) {
            return "topics of up to " + profile.topicBytes() + " bytes, not " + (bytes - from);
        }
        if (profile.topicLevels() == BrokerProfile.UNLIMITED) {
            return null;
        }
        for (int i = topic.indexOf('/', from); i >= 0; i = topic.indexOf('/', i + 1)) {
            levels++;
        }
        return levels <= profile.topicLevels()
                ? null
                : "topics of up to " + profile.topicLevels() + " levels, not " + levels;
    }

    private static RequestRejectedException beyond(
            Message message, ReasonCode reasonCode, BrokerProfile profile, String limit, String remedy) {
        return RequestRejectedException.notSent(
                "PUBLISH to '" + Utf8.printable(message.topic()) + "'",
                null,
                reasonCode,
                inWords(profile, limit, remedy));
    }

    private static RequestRejectedException beyond(
            TopicFilter filter, ReasonCode reasonCode, BrokerProfile profile, String limit, String remedy) {
        return RequestRejectedException.notSent(
                "SUBSCRIBE to '" + Utf8.printable(filter.toString()) + "'",
                filter,
                reasonCode,
                inWords(profile, limit, remedy));
    }

    /** The limit of a profile in words, with what to do about it. */
    public static String inWords(BrokerProfile profile, String limit, String remedy) {
        return "the broker profile " + Utf8.printable(profile.name()) + " allows " + limit + ": " + remedy
                + ", or give broker(...) another limit";
    }
}
