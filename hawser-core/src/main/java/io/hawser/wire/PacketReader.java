package io.hawser.wire;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.text.Utf8;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the bytes of one packet, by absolute indexes. Its errors name the packet, the byte (counted from 0, the
 * first byte of the fixed header) and the rule. One instance serves all packets of a connection.
 */
final class PacketReader {
    private static final byte[] NOTHING = {};

    /** The topics that came lately; null until a topic comes, since most connections are quiet. */
    private @Nullable TopicCache topics;

    private byte[] in = NOTHING;
    private PacketType type = PacketType.CONNECT;
    private int start;
    private int at;
    private int end;
    private int packetEnd;
    private boolean narrowed;
    private boolean tolerant;
    /** The first tolerated error in this packet. */
    private @Nullable ProtocolException defect;

    private ProtocolVersion version = ProtocolVersion.MQTT_3_1_1;

    /** Makes this reader tolerant: {@link #tolerate} returns. */
    void tolerant() {
        tolerant = true;
    }

    boolean isTolerant() {
        return tolerant;
    }

    /** Notes an error that can be passed over; a strict reader throws it. */
    void tolerate(ProtocolException what) {
        if (!tolerant) {
            throw what;
        }
        if (defect == null) {
            defect = what;
        }
    }

    /** The first tolerated error in this packet, or null. */
    @Nullable
    ProtocolException defect() {
        return defect;
    }

    /** Sets the version whose rules hold from now on. */
    void version(ProtocolVersion version) {
        this.version = version;
    }

    ProtocolVersion version() {
        return version;
    }

    boolean isMqtt5() {
        return version == ProtocolVersion.MQTT_5;
    }

    /** The name that this version has for a rule that MQTT 3.x and 5.0 share. */
    String rule(String of3, String of5) {
        return "[MQTT-" + (isMqtt5() ? of5 : of3) + "]";
    }

    /** Begins with a packet from {@code start} to {@code end}, whose variable header begins at {@code at}. */
    void begin(PacketType type, byte[] in, int start, int at, int end) {
        this.type = type;
        this.in = in;
        this.start = start;
        this.at = at;
        this.end = end;
        this.packetEnd = end;
        this.narrowed = false;
        this.defect = null;
    }

    /** Lets the packet end behind the next {@code length} bytes, until {@link #widen} is called. */
    void narrow(int length, String what) {
        if (length > remaining()) {
            throw malformed(at, what + " has " + length + " bytes, the packet has " + remaining() + " left");
        }
        end = at + length;
        narrowed = true;
    }

    void widen() {
        end = packetEnd;
        narrowed = false;
    }

    /** Goes back to a byte of this packet. */
    void back(int index) {
        at = index;
    }

    /** Passes over a field of this size. */
    void skip(int size, String what) {
        need(size, what);
        at += size;
    }

    /** Passes over all bytes up to the end of the packet, or to the end that {@link #narrow} set. */
    void skipAll() {
        at = end;
    }

    /** Forgets the bytes, so that they can be freed. */
    void release() {
        in = NOTHING;
    }

    /** The index of the next byte. */
    int at() {
        return at;
    }

    /** The number of bytes left in the packet. */
    int remaining() {
        return end - at;
    }

    int u8(String what) {
        need(1, what);
        return in[at++] & 0xFF;
    }

    int u16(String what) {
        need(2, what);
        int value = (in[at] & 0xFF) << 8 | in[at + 1] & 0xFF;
        at += 2;
        return value;
    }

    long u32(String what) {
        need(4, what);
        long value = 0;
        for (int i = 0; i < 4; i++) {
            value = value << 8 | in[at++] & 0xFF;
        }
        return value;
    }

    /** A variable byte integer, which must have its shortest form. */
    int variable(String what) {
        int from = at;
        int value = 0;
        for (int i = 0; i < VariableByteInteger.MAXIMUM_BYTES; i++) {
            int b = u8(what);
            value |= (b & 0x7F) << 7 * i;
            if (b < 0x80) {
                if (b == 0 && i > 0) {
                    tolerate(malformed(from, what + " is " + value + " in more bytes than needed [MQTT-1.5.5-1]"));
                }
                return value;
            }
        }
        throw malformed(at - 1, what + " has more than four bytes (MQTT 5.0, section 1.5.5)");
    }

    int packetId() {
        int id = u16("packet identifier");
        if (id == 0) {
            throw protocolError(at - 2, "packet identifier is 0, must be 1 to 65535 " + rule("2.3.1-1", "2.2.1-3"));
        }
        return id;
    }

    /** A UTF-8 string, which must be well-formed. */
    String text(String what) {
        int length = length(what);
        requireUtf8(what, length);
        String text = Utf8.decode(in, at, length);
        at += length;
        return text;
    }

    /** A string of any bytes, with U+FFFD for bytes that are not UTF-8. */
    String anyText(String what) {
        int length = length(what);
        String text = Utf8.decode(in, at, length);
        at += length;
        return text;
    }

    byte[] binary(String what) {
        int length = length(what);
        byte[] bytes = Arrays.copyOfRange(in, at, at + length);
        at += length;
        return bytes;
    }

    /** A topic name, or null if it is empty, which in MQTT 5.0 means the topic of an alias. */
    @Nullable
    TopicName topicOrNone(String what) {
        int length = length(what);
        return length == 0 ? null : topic(what, length);
    }

    /** The topic name with these bytes if it came lately, else null. */
    @Nullable
    TopicName knownTopic(byte[] bytes, int from, int length) {
        TopicCache cache = topics;
        return cache == null ? null : cache.find(bytes, from, length);
    }

    TopicName topic(String what) {
        return topic(what, length(what));
    }

    private TopicName topic(String what, int length) {
        TopicName known = knownTopic(in, at, length);
        if (known == null) {
            known = unknownTopic(what, length);
            topics = topics == null ? new TopicCache() : topics;
            topics.add(known);
        }
        at += length;
        return known;
    }

    private TopicName unknownTopic(String what, int length) {
        if (length == 0) {
            throw protocolError(at - 2, what + " is empty, must have at least one character [MQTT-4.7.3-1]");
        }
        requireUtf8(what, length);
        for (int i = at; i < at + length; i++) {
            byte b = in[i];
            if (b == '+' || b == '#') {
                throw protocolError(i, what + " has the wildcard '" + (char) b + "' [MQTT-3.3.2-2]");
            }
        }
        return TopicName.received(Utf8.decode(in, at, length));
    }

    TopicFilter filter() {
        int from = at + 2;
        String text = text("topic filter");
        try {
            return TopicFilter.of(text);
        } catch (IllegalArgumentException e) {
            throw protocolError(from, String.valueOf(e.getMessage()));
        }
    }

    /** Requires that no bytes are left. */
    void end() {
        if (at < end) {
            tolerate(malformed(
                    at,
                    remaining()
                            + " bytes are left over behind the packet's last field; its remaining length is too long"));
        }
    }

    ProtocolException malformed(int index, String what) {
        return error(ReasonCode.MALFORMED_PACKET, index, what);
    }

    ProtocolException protocolError(int index, String what) {
        return error(ReasonCode.PROTOCOL_ERROR, index, what);
    }

    ProtocolException error(ReasonCode reasonCode, int index, String what) {
        return new ProtocolException(reasonCode, type + ", byte " + (index - start) + ": " + what);
    }

    private int length(String what) {
        int length = u16(what);
        if (length > remaining()) {
            throw malformed(
                    at - 2,
                    what + " announces " + length + " bytes, the " + (narrowed ? "properties have " : "packet has ")
                            + remaining() + " left");
        }
        return length;
    }

    private void need(int size, String what) {
        if (remaining() < size) {
            throw malformed(
                    at,
                    what
                            + (narrowed
                                    ? " is missing; the property length is too short"
                                    : " is missing; the packet's remaining length is too short"));
        }
    }

    private void requireUtf8(String what, int length) {
        int invalid = Utf8.firstInvalid(in, at, length);
        if (invalid >= 0) {
            int index = at + invalid;
            int b = in[index] & 0xFF;
            throw malformed(
                    index,
                    b == 0
                            ? what + " has U+0000 " + rule("1.5.3-2", "1.5.4-2")
                            : what + " has 0x" + Integer.toHexString(b) + ", which begins no valid UTF-8 character "
                                    + rule("1.5.3-1", "1.5.4-1"));
        }
    }
}
