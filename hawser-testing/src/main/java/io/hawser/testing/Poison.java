package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.wire.Outlet;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What is wrong with a PUBLISH that is framed well: a field that no client may send, and that brokers pass on to everybody who
 * has subscribed.
 */
public enum Poison {
    /** A payload format indicator of 2. */
    PAYLOAD_FORMAT(0x01, 2),
    /** A response topic with a wildcard. */
    RESPONSE_TOPIC_WILDCARD(0x08, 0, 3, 'r', '/', '#'),
    /** A response topic with U+0000. */
    RESPONSE_TOPIC_NUL(0x08, 0, 2, 'r', 0),
    /** A response topic without a character. */
    RESPONSE_TOPIC_EMPTY(0x08, 0, 0),
    /** A content type that is not UTF-8. */
    CONTENT_TYPE_NOT_UTF8(0x03, 0, 1, 0xFF),
    /** A user property whose value is half a surrogate pair. */
    USER_PROPERTY_SURROGATE(0x26, 0, 1, 'k', 0, 3, 0xED, 0xA0, 0x80),
    /** Two content types. */
    CONTENT_TYPE_TWICE(0x03, 0, 1, 'a', 0x03, 0, 1, 'b'),
    /** A subscription identifier of 0. */
    SUBSCRIPTION_IDENTIFIER_ZERO(0x0B, 0),
    /** A topic name that is not UTF-8. */
    TOPIC_NOT_UTF8,
    /** A topic name with a wildcard. */
    TOPIC_WILDCARD,
    /** A topic name with U+0000. */
    TOPIC_NUL;

    private static final int PUBLISH = 0x30;
    private static final int DUPLICATE = 8;

    /** A character for each byte. */
    private final String property;

    Poison(int... property) {
        this.property = new String(property, 0, property.length);
    }

    /** Whether a packet of this version can have what is wrong. */
    public boolean exists(ProtocolVersion version) {
        return property.isEmpty() || version == ProtocolVersion.MQTT_5;
    }

    /** Writes the PUBLISH: topic, payload and quality of service are those of the message, and one field is wrong. */
    void write(Message message, int packetId, boolean duplicate, ProtocolVersion version, Outlet outlet) {
        boolean is5 = version == ProtocolVersion.MQTT_5;
        byte[] topic = topic(message.topic());
        ByteBuffer payload = message.payload();
        boolean identified = message.qos() != Qos.AT_MOST_ONCE;
        int remaining =
                2 + topic.length + (identified ? 2 : 0) + (is5 ? 1 + property.length() : 0) + payload.remaining();
        ByteBuffer out = outlet.room(5 + remaining);
        boolean repeats = duplicate && identified;
        out.put((byte) (PUBLISH | (repeats ? DUPLICATE : 0) | message.qos().level() << 1 | (message.retain() ? 1 : 0)));
        for (int left = remaining; ; left >>= 7) {
            out.put((byte) (left > 127 ? left & 127 | 128 : left));
            if (left <= 127) {
                break;
            }
        }
        out.putShort((short) topic.length).put(topic);
        if (identified) {
            out.putShort((short) packetId);
        }
        if (is5) {
            out.put((byte) property.length()).put(property.getBytes(StandardCharsets.ISO_8859_1));
        }
        out.put(payload);
    }

    private byte[] topic(String topic) {
        return switch (this) {
            case TOPIC_NOT_UTF8 -> (topic + "\u00ff").getBytes(StandardCharsets.ISO_8859_1);
            case TOPIC_WILDCARD -> (topic + "/#").getBytes(StandardCharsets.US_ASCII);
            case TOPIC_NUL -> (topic + "\0").getBytes(StandardCharsets.US_ASCII);
            default -> topic.getBytes(StandardCharsets.US_ASCII);
        };
    }
}
