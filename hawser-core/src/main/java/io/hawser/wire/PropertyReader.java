package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.text.Utf8;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of properties, for one packet or will after another, by the table {@link Property}. The properties of a
 * PUBLISH and of a will become attributes of a message.
 */
final class PropertyReader {
    /**
     * The most user properties or subscription identifiers of one packet: far more than anybody sends. They take some
     * 16 MiB of the heap, as much as the largest packet; without this bound, a packet of that size could create objects
     * of 300 MiB.
     */
    static final int MOST_ELEMENTS = 128 * 1024;
    /**
     * The most properties of one packet that are passed over because they are not allowed; no property behind the next
     * such one is read.
     */
    static final int MOST_DEFECTS = 16;

    private final PacketReader in;

    // The properties read last. Containers are there only when they hold something.
    private @Nullable EnumMap<Property, Object> values;
    private @Nullable List<UserProperty> userProperties;
    private @Nullable List<Integer> subscriptionIdentifiers;
    private int topicAlias;
    /** Whether there is a text that a program may not send. */
    private boolean unwelcome;

    /** The tolerated error behind which the last properties cannot be told apart; null if there is none. */
    private @Nullable ProtocolException broken;
    /** The properties that were there, a bit for each; 0 means that all fields above are empty. */
    private int seen;

    PropertyReader(PacketReader in) {
        this.in = in;
    }

    /** Reads the properties of a packet other than PUBLISH; none before MQTT 5.0. */
    Properties read(PacketType packet) {
        read(packet, false);
        return values == null && userProperties == null
                ? Properties.NONE
                : new Properties(
                        values == null ? new EnumMap<>(Property.class) : values,
                        userProperties == null ? List.of() : List.copyOf(userProperties));
    }

    /** Reads the properties of a PUBLISH, for {@link #topicAlias} and {@link #applyTo}. */
    void readPublish() {
        read(PacketType.PUBLISH, false);
    }

    /** Reads the properties of a will, for {@link #willDelay} and {@link #applyTo}. */
    void readWill() {
        read(PacketType.CONNECT, true);
    }

    private void read(PacketType packet, boolean ofWill) {
        if (seen != 0) {
            values = null;
            userProperties = null;
            subscriptionIdentifiers = null;
            topicAlias = 0;
            unwelcome = false;
            seen = 0;
        }
        broken = null;
        if (!in.isMqtt5()) {
            return;
        }
        int from = in.at();
        int length = in.variable("property length");
        if (length == 0) {
            return;
        }
        in.narrow(length, "property section");
        int defects = 0;
        while (in.remaining() > 0) {
            int at = in.at();
            try {
                one(packet, ofWill, at);
            } catch (ProtocolException e) {
                in.tolerate(e);
                defects++;
                if (defects > MOST_DEFECTS || !skip(at)) {
                    breakOff(packet, e);
                }
            }
        }
        in.widen();
        if (has(Property.AUTHENTICATION_DATA) && !has(Property.AUTHENTICATION_METHOD)) {
            throw in.protocolError(
                    from, "AUTHENTICATION_DATA is there without AUTHENTICATION_METHOD (MQTT 5.0, section 3.1.2.11.10)");
        }
    }

    private void one(PacketType packet, boolean ofWill, int at) {
        int identifier = in.variable("property identifier");
        Property property = Property.of(identifier);
        if (property == null) {
            throw in.malformed(
                    at, "property 0x" + Integer.toHexString(identifier) + " is unknown (MQTT 5.0, section 2.2.2.2)");
        }
        if (!(ofWill ? property.allowedInWill() : property.allowedIn(packet))) {
            throw in.malformed(
                    at,
                    property + " does not belong " + (ofWill ? "to a will" : "here") + " (MQTT 5.0, section 2.2.2.2)");
        }
        if (has(property) && !property.repeatableIn(packet)) {
            throw in.protocolError(at, property + " is there twice, must not be (MQTT 5.0, section 2.2.2.2)");
        }
        seen |= bit(property);
        value(property, at);
    }

    /** Passes over the next property, whatever its value is; false if its end cannot be found. */
    private boolean skip(int at) {
        in.back(at);
        try {
            Property property = Property.of(in.variable("property identifier"));
            if (property == null) {
                return false;
            }
            String name = property.name();
            switch (property.type()) {
                case BYTE -> in.skip(1, name);
                case TWO_BYTES -> in.skip(2, name);
                case FOUR_BYTES -> in.skip(4, name);
                case VARIABLE -> in.variable(name);
                case TEXT, BINARY -> in.skip(in.u16(name), name);
                case PAIR -> {
                    in.skip(in.u16(name), name);
                    in.skip(in.u16(name), name);
                }
            }
            return true;
        } catch (ProtocolException e) {
            return false;
        }
    }

    /**
     * Ends the reading at a property whose end cannot be found. In CONNACK and AUTH, which need their properties, that
     * is an error; a PUBLISH cannot be delivered; in other packets, properties only explain the fields before them.
     */
    private void breakOff(PacketType packet, ProtocolException why) {
        if (packet == PacketType.CONNACK || packet == PacketType.AUTH) {
            throw why;
        }
        broken = why;
        if (packet == PacketType.PUBLISH) {
            // The user properties may be many, and nobody will ask for them.
            userProperties = null;
            subscriptionIdentifiers = null;
        }
        in.skipAll();
    }

    /** The error behind which the last properties cannot be told apart, or null. */
    @Nullable
    ProtocolException broken() {
        return broken;
    }

    private static int bit(Property property) {
        return 1 << property.ordinal();
    }

    private boolean has(Property property) {
        return (seen & bit(property)) != 0;
    }

    private void value(Property property, int at) {
        String name = property.name();
        switch (property.type()) {
            case BYTE -> number(property, at, in.u8(name));
            case TWO_BYTES -> number(property, at, in.u16(name));
            case FOUR_BYTES -> number(property, at, in.u32(name));
            case VARIABLE -> number(property, at, in.variable(name));
            case TEXT -> put(property, property == Property.RESPONSE_TOPIC ? responseTopic(at) : text(name));
            case BINARY -> put(property, in.binary(name));
            case PAIR -> {
                UserProperty pair = new UserProperty(text("user property name"), text("user property value"));
                if (userProperties == null) {
                    userProperties = new ArrayList<>();
                }
                requireRoom(userProperties, property, at);
                userProperties.add(pair);
            }
        }
    }

    private void number(Property property, int at, long value) {
        if (value < property.least() || value > property.most()) {
            throw in.error(
                    property == Property.TOPIC_ALIAS ? ReasonCode.TOPIC_ALIAS_INVALID : ReasonCode.PROTOCOL_ERROR,
                    at,
                    property + " is " + value + ", must be " + property.least() + " to " + property.most()
                            + (property == Property.TOPIC_ALIAS ? " [MQTT-3.3.2-8]" : ""));
        }
        // These two come with messages, and go into fields for which no object has to be made.
        if (property == Property.TOPIC_ALIAS) {
            topicAlias = (int) value;
        } else if (property == Property.SUBSCRIPTION_IDENTIFIER) {
            addSubscriptionIdentifier((int) value, at);
        } else {
            put(property, value);
        }
    }

    private void addSubscriptionIdentifier(int identifier, int at) {
        if (subscriptionIdentifiers == null) {
            subscriptionIdentifiers = List.of(identifier);
            return;
        }
        if (subscriptionIdentifiers.size() == 1) {
            subscriptionIdentifiers = new ArrayList<>(subscriptionIdentifiers);
        }
        requireRoom(subscriptionIdentifiers, Property.SUBSCRIPTION_IDENTIFIER, at);
        subscriptionIdentifiers.add(identifier);
    }

    private void requireRoom(List<?> elements, Property property, int at) {
        if (elements.size() >= MOST_ELEMENTS) {
            throw in.error(
                    ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
                    at,
                    property + " is there more than " + MOST_ELEMENTS + " times, which this client does not take");
        }
    }

    private String text(String what) {
        String text = in.text(what);
        unwelcome |= Utf8.firstUnwelcome(text) >= 0;
        return text;
    }

    private String responseTopic(int at) {
        String topic = text("RESPONSE_TOPIC");
        try {
            return TopicName.received(topic).toString();
        } catch (IllegalArgumentException e) {
            throw in.protocolError(at, "RESPONSE_TOPIC is no topic name: " + e.getMessage() + " [MQTT-3.3.2-14]");
        }
    }

    private void put(Property property, Object value) {
        if (values == null) {
            values = new EnumMap<>(Property.class);
        }
        values.put(property, value);
    }

    /** The topic alias of the PUBLISH read last, or 0 if it has none. */
    int topicAlias() {
        return topicAlias;
    }

    /** The subscription identifier of the SUBSCRIBE read last, or 0 if it has none. */
    int subscriptionIdentifier() {
        return subscriptionIdentifiers == null ? 0 : subscriptionIdentifiers.get(0);
    }

    /** The delay of the will read last. */
    Duration willDelay() {
        Object seconds = values == null ? null : values.get(Property.WILL_DELAY_INTERVAL);
        return seconds == null ? Duration.ZERO : Duration.ofSeconds((Long) seconds);
    }

    /** The message with the attributes that were read last. */
    Message applyTo(Message message) {
        if (seen == 0) {
            return message;
        }
        Message changed = unwelcome ? message.received() : message;
        if (values != null) {
            for (var entry : values.entrySet()) {
                changed = apply(entry.getKey(), entry.getValue(), changed);
            }
        }
        if (userProperties != null) {
            changed = changed.userProperties(userProperties);
        }
        if (subscriptionIdentifiers != null) {
            changed = changed.subscriptionIdentifiers(subscriptionIdentifiers);
        }
        return changed;
    }

    private static Message apply(Property property, Object value, Message message) {
        return switch (property) {
            case PAYLOAD_FORMAT_INDICATOR -> value.equals(1L) ? message.utf8(true) : message;
            case MESSAGE_EXPIRY_INTERVAL -> message.expiry(Duration.ofSeconds((Long) value));
            case CONTENT_TYPE -> message.contentType((String) value);
            case RESPONSE_TOPIC -> message.responseTopic((String) value);
            case CORRELATION_DATA -> message.correlationData((byte[]) value);
            default -> message;
        };
    }
}
