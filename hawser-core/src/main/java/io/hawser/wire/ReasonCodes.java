package io.hawser.wire;

import static io.hawser.mqtt.ReasonCode.*;

import io.hawser.mqtt.ReasonCode;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Which reason codes each packet of MQTT 5.0 may carry (section 2.4 and the section of the packet). */
final class ReasonCodes {
    private static final Map<PacketType, Set<ReasonCode>> ALLOWED = new EnumMap<>(PacketType.class);

    static {
        Set<ReasonCode> ofPublish = EnumSet.of(
                SUCCESS,
                NO_MATCHING_SUBSCRIBERS,
                UNSPECIFIED_ERROR,
                IMPLEMENTATION_SPECIFIC_ERROR,
                NOT_AUTHORIZED,
                TOPIC_NAME_INVALID,
                PACKET_IDENTIFIER_IN_USE,
                QUOTA_EXCEEDED,
                PAYLOAD_FORMAT_INVALID);
        Set<ReasonCode> ofRelease = EnumSet.of(SUCCESS, PACKET_IDENTIFIER_NOT_FOUND);
        Set<ReasonCode> ofDisconnect = EnumSet.range(UNSPECIFIED_ERROR, WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        ofDisconnect.addAll(EnumSet.of(SUCCESS, DISCONNECT_WITH_WILL_MESSAGE));
        ofDisconnect.removeAll(EnumSet.of(
                UNSUPPORTED_PROTOCOL_VERSION,
                CLIENT_IDENTIFIER_NOT_VALID,
                BAD_USER_NAME_OR_PASSWORD,
                SERVER_UNAVAILABLE,
                BANNED,
                PACKET_IDENTIFIER_IN_USE,
                PACKET_IDENTIFIER_NOT_FOUND));
        ALLOWED.put(
                PacketType.CONNACK,
                EnumSet.of(
                        SUCCESS,
                        UNSPECIFIED_ERROR,
                        MALFORMED_PACKET,
                        PROTOCOL_ERROR,
                        IMPLEMENTATION_SPECIFIC_ERROR,
                        UNSUPPORTED_PROTOCOL_VERSION,
                        CLIENT_IDENTIFIER_NOT_VALID,
                        BAD_USER_NAME_OR_PASSWORD,
                        NOT_AUTHORIZED,
                        SERVER_UNAVAILABLE,
                        SERVER_BUSY,
                        BANNED,
                        BAD_AUTHENTICATION_METHOD,
                        TOPIC_NAME_INVALID,
                        PACKET_TOO_LARGE,
                        QUOTA_EXCEEDED,
                        PAYLOAD_FORMAT_INVALID,
                        RETAIN_NOT_SUPPORTED,
                        QOS_NOT_SUPPORTED,
                        USE_ANOTHER_SERVER,
                        SERVER_MOVED,
                        CONNECTION_RATE_EXCEEDED));
        ALLOWED.put(PacketType.PUBACK, ofPublish);
        ALLOWED.put(PacketType.PUBREC, ofPublish);
        ALLOWED.put(PacketType.PUBREL, ofRelease);
        ALLOWED.put(PacketType.PUBCOMP, ofRelease);
        ALLOWED.put(
                PacketType.SUBACK,
                EnumSet.of(
                        SUCCESS,
                        GRANTED_QOS_1,
                        GRANTED_QOS_2,
                        UNSPECIFIED_ERROR,
                        IMPLEMENTATION_SPECIFIC_ERROR,
                        NOT_AUTHORIZED,
                        TOPIC_FILTER_INVALID,
                        PACKET_IDENTIFIER_IN_USE,
                        QUOTA_EXCEEDED,
                        SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                        SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                        WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED));
        ALLOWED.put(
                PacketType.UNSUBACK,
                EnumSet.of(
                        SUCCESS,
                        NO_SUBSCRIPTION_EXISTED,
                        UNSPECIFIED_ERROR,
                        IMPLEMENTATION_SPECIFIC_ERROR,
                        NOT_AUTHORIZED,
                        TOPIC_FILTER_INVALID,
                        PACKET_IDENTIFIER_IN_USE));
        ALLOWED.put(PacketType.DISCONNECT, ofDisconnect);
        ALLOWED.put(PacketType.AUTH, EnumSet.of(SUCCESS, CONTINUE_AUTHENTICATION, REAUTHENTICATE));
    }

    private ReasonCodes() {}

    /** The codes that this packet may carry; none for one that has no reason code. */
    static Set<ReasonCode> of(PacketType packet) {
        return ALLOWED.getOrDefault(packet, Collections.emptySet());
    }

    /** The rule that limits them, for errors. */
    static String rule(PacketType packet) {
        return switch (packet) {
            case CONNACK -> "[MQTT-3.2.2-8]";
            case PUBACK -> "[MQTT-3.4.2-1]";
            case PUBREC -> "[MQTT-3.5.2-1]";
            case PUBREL -> "[MQTT-3.6.2-1]";
            case PUBCOMP -> "[MQTT-3.7.2-1]";
            case SUBACK -> "[MQTT-3.9.3-2]";
            case UNSUBACK -> "[MQTT-3.11.3-2]";
            case DISCONNECT -> "[MQTT-3.14.2-1]";
            default -> "[MQTT-3.15.2-1]";
        };
    }
}
