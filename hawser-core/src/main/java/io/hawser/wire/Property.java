package io.hawser.wire;

import static io.hawser.wire.PacketType.AUTH;
import static io.hawser.wire.PacketType.CONNACK;
import static io.hawser.wire.PacketType.CONNECT;
import static io.hawser.wire.PacketType.DISCONNECT;
import static io.hawser.wire.PacketType.PUBACK;
import static io.hawser.wire.PacketType.PUBCOMP;
import static io.hawser.wire.PacketType.PUBLISH;
import static io.hawser.wire.PacketType.PUBREC;
import static io.hawser.wire.PacketType.PUBREL;
import static io.hawser.wire.PacketType.SUBACK;
import static io.hawser.wire.PacketType.SUBSCRIBE;
import static io.hawser.wire.PacketType.UNSUBACK;
import static io.hawser.wire.PacketType.UNSUBSCRIBE;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A property of MQTT 5.0 (section 2.2.2.2), one row each: identifier, type, legal values, and the packets that may
 * carry it. The properties of a will are in CONNECT; they are those of PUBLISH that are not the broker's, and the
 * delay.
 */
public enum Property {
    PAYLOAD_FORMAT_INDICATOR(0x01, Type.BYTE, 0, 1, PUBLISH),
    MESSAGE_EXPIRY_INTERVAL(0x02, Type.FOUR_BYTES, 0, Limits.FOUR_BYTES, PUBLISH),
    CONTENT_TYPE(0x03, Type.TEXT, PUBLISH),
    RESPONSE_TOPIC(0x08, Type.TEXT, PUBLISH),
    CORRELATION_DATA(0x09, Type.BINARY, PUBLISH),
    SUBSCRIPTION_IDENTIFIER(0x0B, Type.VARIABLE, 1, Limits.VARIABLE, PUBLISH, SUBSCRIBE),
    SESSION_EXPIRY_INTERVAL(0x11, Type.FOUR_BYTES, 0, Limits.FOUR_BYTES, CONNECT, CONNACK, DISCONNECT),
    ASSIGNED_CLIENT_IDENTIFIER(0x12, Type.TEXT, CONNACK),
    SERVER_KEEP_ALIVE(0x13, Type.TWO_BYTES, 0, Limits.TWO_BYTES, CONNACK),
    AUTHENTICATION_METHOD(0x15, Type.TEXT, CONNECT, CONNACK, AUTH),
    AUTHENTICATION_DATA(0x16, Type.BINARY, CONNECT, CONNACK, AUTH),
    REQUEST_PROBLEM_INFORMATION(0x17, Type.BYTE, 0, 1, CONNECT),
    WILL_DELAY_INTERVAL(0x18, Type.FOUR_BYTES, 0, Limits.FOUR_BYTES),
    REQUEST_RESPONSE_INFORMATION(0x19, Type.BYTE, 0, 1, CONNECT),
    RESPONSE_INFORMATION(0x1A, Type.TEXT, CONNACK),
    SERVER_REFERENCE(0x1C, Type.TEXT, CONNACK, DISCONNECT),
    REASON_STRING(0x1F, Type.TEXT, CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT, AUTH),
    RECEIVE_MAXIMUM(0x21, Type.TWO_BYTES, 1, Limits.TWO_BYTES, CONNECT, CONNACK),
    TOPIC_ALIAS_MAXIMUM(0x22, Type.TWO_BYTES, 0, Limits.TWO_BYTES, CONNECT, CONNACK),
    TOPIC_ALIAS(0x23, Type.TWO_BYTES, 1, Limits.TWO_BYTES, PUBLISH),
    MAXIMUM_QOS(0x24, Type.BYTE, 0, 1, CONNACK),
    RETAIN_AVAILABLE(0x25, Type.BYTE, 0, 1, CONNACK),
    USER_PROPERTY(
            0x26,
            Type.PAIR,
            CONNECT,
            CONNACK,
            PUBLISH,
            PUBACK,
            PUBREC,
            PUBREL,
            PUBCOMP,
            SUBSCRIBE,
            SUBACK,
            UNSUBSCRIBE,
            UNSUBACK,
            DISCONNECT,
            AUTH),
    MAXIMUM_PACKET_SIZE(0x27, Type.FOUR_BYTES, 1, Limits.FOUR_BYTES, CONNECT, CONNACK),
    WILDCARD_SUBSCRIPTION_AVAILABLE(0x28, Type.BYTE, 0, 1, CONNACK),
    SUBSCRIPTION_IDENTIFIER_AVAILABLE(0x29, Type.BYTE, 0, 1, CONNACK),
    SHARED_SUBSCRIPTION_AVAILABLE(0x2A, Type.BYTE, 0, 1, CONNACK);

    /** The encoding of a value. */
    enum Type {
        BYTE,
        TWO_BYTES,
        FOUR_BYTES,
        VARIABLE,
        TEXT,
        BINARY,
        PAIR;

        /** Whether values are numbers, which {@link Properties} keeps as {@link Long}. */
        boolean isNumber() {
            return ordinal() <= VARIABLE.ordinal();
        }
    }

    /**
     * The limits of numbers. They are in a class of their own, because an enum's constants are initialized before its
     * fields.
     */
    private static final class Limits {
        static final long TWO_BYTES = 0xFFFF;
        static final long FOUR_BYTES = 0xFFFF_FFFFL;
        static final long VARIABLE = 268_435_455;
    }

    private static final Set<Property> OF_WILL = EnumSet.of(
            WILL_DELAY_INTERVAL,
            PAYLOAD_FORMAT_INDICATOR,
            MESSAGE_EXPIRY_INTERVAL,
            CONTENT_TYPE,
            RESPONSE_TOPIC,
            CORRELATION_DATA,
            USER_PROPERTY);

    private static final @Nullable Property[] BY_IDENTIFIER = new Property[0x2B];

    static {
        for (Property property : values()) {
            BY_IDENTIFIER[property.identifier] = property;
        }
    }

    private final int identifier;
    private final Type type;
    private final long least;
    private final long most;
    /** The packets that may carry this property: bit n stands for the packet type with the ordinal n. */
    private final int packets;

    Property(int identifier, Type type, PacketType... packets) {
        this(identifier, type, 0, 0, packets);
    }

    Property(int identifier, Type type, long least, long most, PacketType... packets) {
        this.identifier = identifier;
        this.type = type;
        this.least = least;
        this.most = most;
        int bits = 0;
        for (PacketType packet : packets) {
            bits |= 1 << packet.ordinal();
        }
        this.packets = bits;
    }

    /** The property with this identifier, or null if there is none. */
    static @Nullable Property of(int identifier) {
        return identifier >= 0 && identifier < BY_IDENTIFIER.length ? BY_IDENTIFIER[identifier] : null;
    }

    int identifier() {
        return identifier;
    }

    Type type() {
        return type;
    }

    /** The smallest legal value of a number. */
    long least() {
        return least;
    }

    /** The largest legal value of a number. */
    long most() {
        return most;
    }

    boolean allowedIn(PacketType packet) {
        return (packets >>> packet.ordinal() & 1) != 0;
    }

    /** Whether this property may be among the properties of a will. */
    boolean allowedInWill() {
        return OF_WILL.contains(this);
    }

    /**
     * Whether this property may come more than once in a packet: user properties, and in PUBLISH the subscription
     * identifier.
     */
    boolean repeatableIn(PacketType packet) {
        return this == USER_PROPERTY || this == SUBSCRIPTION_IDENTIFIER && packet == PUBLISH;
    }
}
