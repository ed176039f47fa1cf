package io.hawser.session;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Will;
import io.hawser.text.Utf8;
import io.hawser.wire.Connect;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/** The CONNECT of a session, as a version can say it. */
final class ConnectPacket {
    /** The fixed header, protocol name, level, flags, keep alive, and the length of the client identifier. */
    private static final int FIXED_BYTES = 2 + 6 + 1 + 1 + 2 + 2;

    private static final int LARGEST_PACKET = 268_435_460;

    private ConnectPacket() {}

    static Connect of(
            SessionConfig config,
            ProtocolVersion version,
            String clientId,
            boolean cleanStart,
            @Nullable Will will,
            @Nullable Credentials credentials,
            @Nullable AuthenticationExchange authentication) {
        boolean five = version == ProtocolVersion.MQTT_5;
        return new Connect(
                version,
                clientId,
                cleanStart,
                config.keepAliveSeconds,
                will == null || five ? will : withoutAttributes(will),
                credentials,
                five ? properties(config, authentication) : Properties.NONE);
    }

    /** What a CONNECT carries, in words and without secrets. */
    static String inWords(Connect connect) {
        Will will = connect.will();
        Credentials credentials = connect.credentials();
        Message last = will == null ? null : will.message();
        int bytes = FIXED_BYTES
                + Utf8.length("client identifier", connect.clientId())
                + (last == null ? 0 : 4 + last.topicName().sizeInBytes() + last.payloadSize());
        return "CONNECT of MQTT " + connect.version() + " (client identifier '" + Utf8.printable(connect.clientId())
                + "'"
                + (last == null
                        ? ", no will"
                        : ", will to '" + Utf8.printable(last.topic()) + "' of " + last.payloadSize() + " bytes at "
                                + last.qos() + (last.retain() ? ", retained" : ""))
                + (credentials == null ? ", no user name" : ", with user name or password")
                + (connect.cleanSession() ? ", clean session" : ", kept session")
                + ", " + bytes + " bytes without credentials and properties)";
    }

    /** A will that is early or says less is better than none: only messages are refused for what 3.x cannot say. */
    private static Will withoutAttributes(Will will) {
        return Will.of(will.message().withoutAttributes());
    }

    /** Only what differs from what the standard says of an absent property. */
    private static Properties properties(SessionConfig config, @Nullable AuthenticationExchange authentication) {
        Properties properties = Properties.NONE.with(config.userProperties);
        if (!config.cleanSession) {
            properties = properties.with(Property.SESSION_EXPIRY_INTERVAL, config.sessionExpirySeconds);
        }
        if (config.receiveMaximum < PacketIds.MAXIMUM) {
            properties = properties.with(Property.RECEIVE_MAXIMUM, config.receiveMaximum);
        }
        if (config.maximumPacketSize < LARGEST_PACKET) {
            properties = properties.with(Property.MAXIMUM_PACKET_SIZE, config.maximumPacketSize);
        }
        if (config.topicAliasMaximum > 0) {
            properties = properties.with(Property.TOPIC_ALIAS_MAXIMUM, config.topicAliasMaximum);
        }
        if (!config.problemInformation) {
            properties = properties.with(Property.REQUEST_PROBLEM_INFORMATION, 0);
        }
        if (config.responseInformation) {
            properties = properties.with(Property.REQUEST_RESPONSE_INFORMATION, 1);
        }
        return authentication == null ? properties : authentication.beginning(properties);
    }
}
