package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A writer of properties, those of a packet and those that are attributes of a message or a will, and of their sizes.
 * In a version without properties, it rejects any and writes nothing.
 */
final class PropertyWriter {
    private final ProtocolVersion version;

    PropertyWriter(ProtocolVersion version) {
        this.version = version;
    }

    /** A visitor of properties and their values. */
    private interface Each extends BiConsumer<Property, Object> {
        default void acceptIfAny(Property property, @Nullable Object value) {
            if (value != null) {
                accept(property, value);
            }
        }
    }

    private static final class Sum implements Each {
        long size;

        @Nullable
        Property first;

        @Override
        public void accept(Property property, Object value) {
            first = first == null ? property : first;
            size += 1 + valueSize(property, value);
        }
    }

    /** The size of properties of this size with the property length before them. */
    static long section(long size) {
        return VariableByteInteger.size(size) + size;
    }

    /** The size of this packet's properties with their length. */
    long section(PacketType packet, Properties properties) {
        if (properties.isEmpty()) {
            return isMqtt5() ? 1 : 0;
        }
        for (Property property : properties.values().keySet()) {
            if (!property.allowedIn(packet)) {
                throw Frames.refused(packet, "has " + property + ", which does not belong there");
            }
        }
        if (properties.has(Property.AUTHENTICATION_DATA) && !properties.has(Property.AUTHENTICATION_METHOD)) {
            throw Frames.refused(packet, "has AUTHENTICATION_DATA without AUTHENTICATION_METHOD");
        }
        Sum sum = new Sum();
        each(properties, sum);
        return section(known(packet, sum));
    }

    /** The size of the properties of a will with their length. */
    long section(Will will) {
        Sum sum = new Sum();
        each(will, sum);
        long size = known(PacketType.CONNECT, sum);
        return isMqtt5() ? section(size) : 0;
    }

    /**
     * The size of a message's properties, without their length.
     *
     * @param identifiers whether subscription identifiers are written, which only a broker sends [MQTT-3.3.4-6]
     */
    long size(Message message, boolean identifiers) {
        if (!message.hasAttributes() && message.subscriptionIdentifiers().isEmpty()) {
            return 0;
        }
        Sum sum = new Sum();
        each(message, identifiers && isMqtt5(), sum);
        return known(PacketType.PUBLISH, sum);
    }

    private long known(PacketType packet, Sum sum) {
        if (sum.size > 0 && !isMqtt5()) {
            throw Frames.refused(packet, "has " + sum.first + ", for which MQTT " + version + " has no room");
        }
        return sum.size;
    }

    private boolean isMqtt5() {
        return version == ProtocolVersion.MQTT_5;
    }

    void put(ByteBuffer out, Properties properties) {
        if (isMqtt5()) {
            Sum sum = new Sum();
            each(properties, sum);
            VariableByteInteger.put(out, (int) sum.size);
            each(properties, (property, value) -> put(out, property, value));
        }
    }

    void put(ByteBuffer out, Will will) {
        if (isMqtt5()) {
            Sum sum = new Sum();
            each(will, sum);
            VariableByteInteger.put(out, (int) sum.size);
            each(will, (property, value) -> put(out, property, value));
        }
    }

    /**
     * Writes the properties of a message without their length, which has been written, because a topic alias may come
     * before them.
     */
    static void put(ByteBuffer out, Message message, boolean identifiers) {
        each(message, identifiers, (property, value) -> put(out, property, value));
    }

    private static void each(Properties properties, Each to) {
        properties.values().forEach(to);
        properties.userProperties().forEach(each -> to.accept(Property.USER_PROPERTY, each));
    }

    private static void each(Message message, boolean identifiers, Each to) {
        if (message.utf8()) {
            to.accept(Property.PAYLOAD_FORMAT_INDICATOR, 1L);
        }
        Duration expiry = message.expiry();
        if (expiry != null) {
            to.accept(Property.MESSAGE_EXPIRY_INTERVAL, expiry.toSeconds());
        }
        to.acceptIfAny(Property.CONTENT_TYPE, message.contentType());
        to.acceptIfAny(Property.RESPONSE_TOPIC, message.responseTopic());
        to.acceptIfAny(Property.CORRELATION_DATA, message.correlationData());
        message.userProperties().forEach(each -> to.accept(Property.USER_PROPERTY, each));
        if (identifiers) {
            message.subscriptionIdentifiers()
                    .forEach(each -> to.accept(Property.SUBSCRIPTION_IDENTIFIER, each.longValue()));
        }
    }

    private static void each(Will will, Each to) {
        if (!will.delay().isZero()) {
            to.accept(Property.WILL_DELAY_INTERVAL, will.delay().toSeconds());
        }
        each(will.message(), false, to);
    }

    /** The size of a value. Texts are checked here, too, so before anything is written. */
    private static long valueSize(Property property, Object value) {
        return switch (property.type()) {
            case BYTE -> 1;
            case TWO_BYTES -> 2;
            case FOUR_BYTES -> 4;
            case VARIABLE -> VariableByteInteger.size((Long) value);
            case TEXT -> 2 + Utf8.length(property.name(), (String) value);
            case BINARY -> 2 + ((byte[]) value).length;
            case PAIR -> {
                UserProperty pair = (UserProperty) value;
                yield 4
                        + Utf8.length("user property name", pair.name())
                        + Utf8.length("user property value", pair.value());
            }
        };
    }

    private static void put(ByteBuffer out, Property property, Object value) {
        out.put((byte) property.identifier());
        switch (property.type()) {
            case BYTE -> out.put(((Long) value).byteValue());
            case TWO_BYTES -> out.putShort(((Long) value).shortValue());
            case FOUR_BYTES -> out.putInt(((Long) value).intValue());
            case VARIABLE -> VariableByteInteger.put(out, ((Long) value).intValue());
            case TEXT -> put(out, (String) value);
            case BINARY -> put(out, (byte[]) value);
            case PAIR -> {
                put(out, ((UserProperty) value).name());
                put(out, ((UserProperty) value).value());
            }
        }
    }

    private static void put(ByteBuffer out, String text) {
        put(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }
}
