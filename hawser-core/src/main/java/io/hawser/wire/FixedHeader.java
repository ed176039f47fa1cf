package io.hawser.wire;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import org.jspecify.annotations.Nullable;

/** A reader of fixed headers, one after another: judges type, flags and remaining length as soon as they are there. */
final class FixedHeader {
    private static final int MAXIMUM_LENGTH = 1 + VariableByteInteger.MAXIMUM_BYTES;

    /** The size of PUBACK, PUBREC, PUBREL and PUBCOMP with the reason code success. */
    static final int ACKNOWLEDGEMENT_BYTES = 4;

    /** The bits of QoS among the flags of PUBLISH. */
    static final int QOS = 0b0110;

    static final byte PUBACK = 0x40;
    static final byte PUBREC = 0x50;
    static final byte PUBREL = 0x62;
    static final byte PUBCOMP = 0x70;
    private static final int PUBLISH = 3;

    private final int maximumPacketSize;
    /** The version; null until CONNECT has told it. */
    private @Nullable ProtocolVersion version;

    private boolean tolerant;

    /** The allowed flags of PUBLISH, a bit for each value; 0 before the version is known. */
    private int publishFlags;

    private PacketType type = PacketType.CONNECT;
    private int flags;
    /** The length of the header; 0 while it is not complete. */
    private int length;

    private int remainingLength;

    FixedHeader(@Nullable ProtocolVersion version, int maximumPacketSize) {
        if (maximumPacketSize < 2) {
            throw new IllegalArgumentException("maximum packet size is " + maximumPacketSize + ", must be at least 2");
        }
        this.version = version;
        this.maximumPacketSize = maximumPacketSize;
        this.publishFlags = version == null ? 0 : PacketType.PUBLISH.allowedFlags(version);
    }

    /**
     * Makes this reader tolerant: it accepts a remaining length in more bytes than needed, a packet that is longer than
     * its type can be, DUP at QoS 0, and a PUBLISH above the maximum packet size, of which {@code objection} tells.
     */
    void tolerant() {
        tolerant = true;
    }

    @Nullable
    ProtocolVersion version() {
        return version;
    }

    /** Sets the version, which CONNECT has told. */
    void version(ProtocolVersion told) {
        version = told;
        publishFlags = PacketType.PUBLISH.allowedFlags(told);
        requireShortest(remainingLength, length);
    }

    /** Reads the bytes from {@code at} on; true if the header is complete. */
    boolean read(byte[] in, int at, int end) {
        length = 0;
        readFirstByte(in[at] & 0xFF);
        int remaining = 0;
        for (int i = 1; i < MAXIMUM_LENGTH; i++) {
            if (at + i >= end) {
                return false;
            }
            int b = in[at + i];
            remaining |= (b & 0x7F) << 7 * (i - 1);
            if (b >= 0) {
                requireLength(remaining, i + 1);
                requireShortest(remaining, i + 1);
                length = i + 1;
                remainingLength = remaining;
                return true;
            }
        }
        throw error(
                ReasonCode.MALFORMED_PACKET,
                4,
                "remaining length has more than four bytes (MQTT "
                        + section("3.1.1, section 2.2.3)", "5.0, section 1.5.5)"));
    }

    /**
     * The size of the packet if it is a complete PUBLISH with a remaining length of up to two bytes, whose header
     * breaks no rule; else 0.
     */
    int usualPublish(byte[] in, int at, int end) {
        int first = in[at];
        if (first >>> 4 != PUBLISH || (publishFlags >>> (first & 0x0F) & 1) == 0 || end - at < 5) {
            return 0;
        }
        int remaining = in[at + 1];
        int size = 2 + remaining;
        if (remaining < 0) {
            remaining = remaining & 0x7F | in[at + 2] << 7;
            size = 3 + remaining;
            if (remaining < 128) {
                return 0;
            }
        }
        return remaining < 3 || size > maximumPacketSize || size > end - at ? 0 : size;
    }

    /** Whether the bytes are an acknowledgement of four bytes whose header breaks no rule. */
    boolean isUsualAcknowledgement(byte[] in, int at, int end) {
        if (end - at < ACKNOWLEDGEMENT_BYTES || in[at + 1] != 2 || (in[at + 2] | in[at + 3]) == 0) {
            return false;
        }
        byte first = in[at];
        return (first == PUBACK || first == PUBREC || first == PUBREL || first == PUBCOMP)
                && version != null
                && maximumPacketSize >= ACKNOWLEDGEMENT_BYTES;
    }

    private void readFirstByte(int first) {
        // CONNECT has the same flags in every version.
        ProtocolVersion known = version == null ? ProtocolVersion.MQTT_3_1_1 : version;
        PacketType found = PacketType.ofCode(first >> 4, known);
        if (found == null) {
            throw new ProtocolException(
                    ReasonCode.MALFORMED_PACKET,
                    "packet type " + (first >> 4) + ", byte 0: is reserved (MQTT "
                            + section("3.1.1, section 2.2.1)", "5.0, section 2.1.2)"));
        }
        type = found;
        flags = first & 0x0F;
        if (version == null && found != PacketType.CONNECT) {
            throw error(ReasonCode.PROTOCOL_ERROR, 0, "comes before CONNECT, which must be first [MQTT-3.1.0-1]");
        }
        if ((found.allowedFlags(known) >>> flags & 1) == 0
                && !(tolerant && found == PacketType.PUBLISH && (flags & QOS) == 0)) {
            throw error(ReasonCode.MALFORMED_PACKET, 0, wrongFlags(known));
        }
    }

    private String wrongFlags(ProtocolVersion known) {
        if (type != PacketType.PUBLISH) {
            String bits = Integer.toBinaryString(0b10000 | flags).substring(1);
            return "has the flags " + bits + ", which are reserved " + type.flagsRule(known);
        }
        return (flags & 0b0110) == 0b0110
                ? "QoS is 3, must be 0, 1 or 2 [MQTT-3.3.1-4]"
                : "DUP is 1 at QoS 0, must be 0 [MQTT-3.3.1-2]";
    }

    private void requireLength(int remaining, int header) {
        // Before the version is known, the limits of all versions together hold.
        int least = type.minimumLength(version == null ? ProtocolVersion.MQTT_3_1_1 : version);
        int most = tolerant
                ? PacketType.MAXIMUM_REMAINING_LENGTH
                : type.maximumLength(version == null ? ProtocolVersion.MQTT_5 : version);
        if (remaining < least || remaining > most) {
            throw error(
                    ReasonCode.MALFORMED_PACKET,
                    1,
                    "remaining length is " + remaining + ", must be " + (least == most ? "" : least + " to ") + most);
        }
        if (remaining > maximumPacketSize - header && !(tolerant && type == PacketType.PUBLISH)) {
            throw tooLarge((long) header + remaining);
        }
    }

    /** The error for a packet of this size. */
    ProtocolException tooLarge(long size) {
        return error(
                ReasonCode.PACKET_TOO_LARGE,
                1,
                "packet has " + size + " bytes, the maximum packet size is " + maximumPacketSize);
    }

    /** Whether this is a PUBLISH above the maximum packet size. */
    boolean isOversized() {
        return remainingLength > maximumPacketSize - length;
    }

    int maximumPacketSize() {
        return maximumPacketSize;
    }

    /** The tolerated error of this PUBLISH: flags that are not allowed; null if there is none. */
    @Nullable
    ProtocolException wrongPublishFlags() {
        return (publishFlags >>> flags & 1) == 0 && version != null
                ? error(ReasonCode.MALFORMED_PACKET, 0, wrongFlags(version))
                : null;
    }

    /** Requires the shortest form of the remaining length, which MQTT 3.x does not demand. */
    private void requireShortest(int remaining, int header) {
        if (header > 2
                && !tolerant
                && version == ProtocolVersion.MQTT_5
                && header > 1 + VariableByteInteger.size(remaining)) {
            throw error(
                    ReasonCode.MALFORMED_PACKET,
                    1,
                    "remaining length is " + remaining + " in more bytes than needed [MQTT-1.5.5-1]");
        }
    }

    private String section(String of3, String of5) {
        return version == ProtocolVersion.MQTT_5 ? of5 : of3;
    }

    private ProtocolException error(ReasonCode reasonCode, int offset, String what) {
        return new ProtocolException(reasonCode, type + ", byte " + offset + ": " + what);
    }

    /** Forgets the bytes of an incomplete header. */
    void clear() {
        length = 0;
    }

    boolean isComplete() {
        return length > 0;
    }

    PacketType type() {
        return type;
    }

    /** The number of bytes of the header. */
    int length() {
        return length;
    }

    /** The number of bytes of the packet with its header. */
    int packetSize() {
        return length + remainingLength;
    }

    boolean isDuplicate() {
        return (flags & PacketType.DUP) != 0;
    }

    Qos qos() {
        return qos(flags);
    }

    static Qos qos(int flags) {
        return Qos.of((flags & QOS) >> 1);
    }

    boolean isRetained() {
        return (flags & PacketType.RETAIN) != 0;
    }
}
