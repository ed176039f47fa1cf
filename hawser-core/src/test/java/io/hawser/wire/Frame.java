package io.hawser.wire;

import java.util.HexFormat;

/**
 * A packet of MQTT 5.0 with a place for properties.
 *
 * @param first the first byte
 * @param before what stands between the fixed header and the property length
 * @param after what stands behind the properties
 */
record Frame(String name, PacketType type, String first, String before, String after) {
    static final Frame CONNECT = new Frame(PacketType.CONNECT, "10", "0004 4d515454 05 02 003c", "0001 63");
    static final Frame WILL =
            new Frame("will", PacketType.CONNECT, "10", "0004 4d515454 05 06 003c 00 0001 63", "0001 77 0001 07");
    static final Frame CONNACK = new Frame(PacketType.CONNACK, "20", "00 00", "");
    static final Frame PUBLISH = new Frame(PacketType.PUBLISH, "30", "0001 61", "");
    static final Frame PUBACK = new Frame(PacketType.PUBACK, "40", "0001 00", "");
    static final Frame PUBREC = new Frame(PacketType.PUBREC, "50", "0001 00", "");
    static final Frame PUBREL = new Frame(PacketType.PUBREL, "62", "0001 00", "");
    static final Frame PUBCOMP = new Frame(PacketType.PUBCOMP, "70", "0001 00", "");
    static final Frame SUBSCRIBE = new Frame(PacketType.SUBSCRIBE, "82", "0001", "0001 61 00");
    static final Frame SUBACK = new Frame(PacketType.SUBACK, "90", "0001", "00");
    static final Frame UNSUBSCRIBE = new Frame(PacketType.UNSUBSCRIBE, "a2", "0001", "0001 61");
    static final Frame UNSUBACK = new Frame(PacketType.UNSUBACK, "b0", "0001", "00");
    static final Frame DISCONNECT = new Frame(PacketType.DISCONNECT, "e0", "00", "");
    static final Frame AUTH = new Frame(PacketType.AUTH, "f0", "00", "");

    static final Frame[] ALL = {
        CONNECT,
        WILL,
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
        AUTH
    };

    private Frame(PacketType type, String first, String before, String after) {
        this(type.name(), type, first, before, after);
    }

    /** The packet with these properties, at most 127 bytes, for which the length is put in. */
    String with(String properties) {
        return raw("%02x".formatted(size(properties)) + properties);
    }

    /** The packet with these bytes where property length and properties belong. */
    String raw(String section) {
        String rest = before + section + after;
        return first + "%02x".formatted(size(rest)) + rest;
    }

    /** Where the property length stands, counted from the packet's first byte. */
    int sectionAt() {
        return 2 + size(before);
    }

    private static int size(String hex) {
        int size = HexFormat.of().parseHex(hex.replace(" ", "")).length;
        if (size > 127) {
            throw new IllegalArgumentException(size + " bytes are too many for a length of one byte");
        }
        return size;
    }
}
