package io.hawser.wire;

import io.hawser.mqtt.ProtocolVersion;
import org.jspecify.annotations.Nullable;

/**
 * A type of control packet, with the limits that the fixed header alone shows: the allowed flags and the possible
 * remaining lengths, in MQTT 3.x and in 5.0. The constants are in the order of their codes 1 to 15.
 */
public enum PacketType {
    CONNECT(12, 12 + 5 * (2 + 65_535), 13),
    CONNACK(2, 2, 2),
    PUBLISH(2, PacketType.MAXIMUM_REMAINING_LENGTH, 3),
    PUBACK(2, 2, 2),
    PUBREC(2, 2, 2),
    PUBREL(2, 2, 2),
    PUBCOMP(2, 2, 2),
    SUBSCRIBE(2, PacketType.MAXIMUM_REMAINING_LENGTH, 3),
    SUBACK(2, PacketType.MAXIMUM_REMAINING_LENGTH, 3),
    UNSUBSCRIBE(2, PacketType.MAXIMUM_REMAINING_LENGTH, 3),
    UNSUBACK(2, 2, 3),
    PINGREQ(0, 0, 0),
    PINGRESP(0, 0, 0),
    DISCONNECT(0, 0, 0),
    AUTH(0, 0, 0);

    /** The largest remaining length, which has four bytes. */
    public static final int MAXIMUM_REMAINING_LENGTH = 268_435_455;

    static final int RETAIN = 0b0001;
    static final int QOS_1 = 0b0010;
    static final int DUP = 0b1000;

    /**
     * The allowed flags of PUBLISH: QoS 0, 1 and 2 with or without RETAIN, and DUP with QoS 1 and 2 only [MQTT-3.3.1-2]
     * [MQTT-3.3.1-4].
     */
    private static final int PUBLISH_FLAGS = 0b0011_1100_0011_1111;

    private static final PacketType[] TYPES = values();

    private final int minimumLength;
    private final int maximumLength;
    private final int minimumLengthOf5;

    PacketType(int minimumLength, int maximumLength, int minimumLengthOf5) {
        this.minimumLength = minimumLength;
        this.maximumLength = maximumLength;
        this.minimumLengthOf5 = minimumLengthOf5;
    }

    /** The number in the upper half of a packet's first byte. */
    public int code() {
        return ordinal() + 1;
    }

    /** The type with this code, or null for a code that the version reserves: 0, and before MQTT 5.0 also 15. */
    static @Nullable PacketType ofCode(int code, ProtocolVersion version) {
        PacketType type = code >= 1 && code <= TYPES.length ? TYPES[code - 1] : null;
        return type == AUTH && version != ProtocolVersion.MQTT_5 ? null : type;
    }

    /** The smallest remaining length that a packet of this type can have. */
    int minimumLength(ProtocolVersion version) {
        return version == ProtocolVersion.MQTT_5 ? minimumLengthOf5 : minimumLength;
    }

    /** The largest remaining length that a packet of this type can have: properties are open-ended. */
    int maximumLength(ProtocolVersion version) {
        boolean open = version == ProtocolVersion.MQTT_5 && this != PINGREQ && this != PINGRESP;
        return open ? MAXIMUM_REMAINING_LENGTH : maximumLength;
    }

    /**
     * The allowed values of the flags: bit {@code n} stands for the value {@code n}. MQTT 3.1 has DUP on every packet
     * that waits for an answer, and does not forbid it on PUBLISH at QoS 0.
     */
    int allowedFlags(ProtocolVersion version) {
        boolean dupEverywhere = version == ProtocolVersion.MQTT_3_1;
        return switch (this) {
            case PUBLISH -> PUBLISH_FLAGS | (dupEverywhere ? 1 << DUP | 1 << (DUP | RETAIN) : 0);
            case PUBREL, SUBSCRIBE, UNSUBSCRIBE -> 1 << QOS_1 | (dupEverywhere ? 1 << (DUP | QOS_1) : 0);
            default -> 1;
        };
    }

    /** The rule that fixes the flags of this type, for error messages. */
    String flagsRule(ProtocolVersion version) {
        return switch (this) {
            case PUBREL -> "[MQTT-3.6.1-1]";
            case SUBSCRIBE -> "[MQTT-3.8.1-1]";
            case UNSUBSCRIBE -> "[MQTT-3.10.1-1]";
            case DISCONNECT -> "[MQTT-3.14.1-1]";
            case AUTH -> "[MQTT-3.15.1-1]";
            default -> version == ProtocolVersion.MQTT_5 ? "[MQTT-2.1.3-1]" : "[MQTT-2.2.2-2]";
        };
    }
}
