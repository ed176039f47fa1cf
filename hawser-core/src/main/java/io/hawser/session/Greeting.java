package io.hawser.session;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Will;
import io.hawser.wire.Connect;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/** The CONNECT of a session, as a version can say it. */
final class Greeting {
    private static final int LARGEST_PACKET = 268_435_460;

    private Greeting() {}

    static Connect of(
            SessionConfig config,
            ProtocolVersion version,
            String clientId,
            @Nullable Will will,
            @Nullable Credentials credentials,
            @Nullable AuthenticationExchange authentication) {
        boolean five = version == ProtocolVersion.MQTT_5;
        return new Connect(
                version,
                clientId,
                config.cleanSession(),
                config.keepAliveSeconds(),
                will == null || five ? will : withoutAttributes(will),
                credentials,
                five ? properties(config, authentication) : Properties.NONE);
    }

    /** A will that is early or says less is better than none: only messages are refused for what 3.x cannot say. */
    private static Will withoutAttributes(Will will) {
        return Will.of(will.message().withoutAttributes());
    }

    /** Only what differs from what the standard says of an absent property. */
    private static Properties properties(SessionConfig config, @Nullable AuthenticationExchange authentication) {
        Properties properties = Properties.NONE.with(config.userProperties());
        if (!config.cleanSession()) {
            properties = properties.with(Property.SESSION_EXPIRY_INTERVAL, config.sessionExpirySeconds());
        }
        if (config.receiveMaximum() < PacketIds.MAXIMUM) {
            properties = properties.with(Property.RECEIVE_MAXIMUM, config.receiveMaximum());
        }
        if (config.maximumPacketSize() < LARGEST_PACKET) {
            properties = properties.with(Property.MAXIMUM_PACKET_SIZE, config.maximumPacketSize());
        }
        if (config.topicAliasMaximum() > 0) {
            properties = properties.with(Property.TOPIC_ALIAS_MAXIMUM, config.topicAliasMaximum());
        }
        if (!config.problemInformation()) {
            properties = properties.with(Property.REQUEST_PROBLEM_INFORMATION, 0);
        }
        properties = properties.with(Property.REQUEST_RESPONSE_INFORMATION, 1);
        return authentication == null ? properties : authentication.beginning(properties);
    }
}
