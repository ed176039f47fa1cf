package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An application message: topic name, payload, quality of service and retain flag.
 *
 * <p>Immutable; methods with an argument return changed copies that share the payload. The default is
 * {@link Qos#AT_LEAST_ONCE}, not retained, and none of the attributes of MQTT 5.0.
 */
public final class Message {
    /**
     * The longest payload, in bytes: 256 MiB − 1 of remaining length, less the shortest topic and the packet
     * identifier.
     */
    public static final int MAXIMUM_PAYLOAD = 268_435_455 - 2 - 1 - 2;

    private static final long MAXIMUM_EXPIRY_SECONDS = 0xFFFF_FFFFL;

    private final TopicName topic;
    private final byte[] payload;
    private final Qos qos;
    private final boolean retain;
    /** The attributes of MQTT 5.0; null for most messages, which cost nothing more then. */
    private final @Nullable Attributes attributes;

    private Message(TopicName topic, byte[] payload, Qos qos, boolean retain, @Nullable Attributes attributes) {
        this.topic = topic;
        this.payload = payload;
        this.qos = qos;
        this.retain = retain;
        this.attributes = attributes;
    }

    /** The attributes that MQTT 5.0 adds to a message; changed only while the copy of a message is made. */
    private static final class Attributes {
        /** The memory of a user property: a record, two strings with an array each, and the place in a list. */
        private static final long USER_PROPERTY_OBJECTS = 120;
        /**
         * The memory of a subscription identifier beside its bytes in the packet: a boxed number and the place in a
         * list.
         */
        private static final long IDENTIFIER_OBJECTS = 20;

        static final Attributes NONE = new Attributes();

        /** Whether strings may have characters that a peer may send and a program may not. */
        boolean received;

        boolean utf8;
        long expirySeconds = -1;

        @Nullable
        String contentType;

        @Nullable
        TopicName responseTopic;

        byte @Nullable [] correlationData;
        List<UserProperty> userProperties = List.of();
        List<Integer> subscriptionIdentifiers = List.of();

        void check(String what, String text) {
            if (received) {
                Utf8.length(what, text);
            } else {
                Utf8.requireSendable(what, text);
            }
        }

        void requireSendable() {
            if (contentType != null) {
                Utf8.requireSendable("content type", contentType);
            }
            if (responseTopic != null) {
                responseTopic.requireSendable();
            }
            for (UserProperty each : userProperties) {
                Utf8.requireSendable("user property name", each.name());
                Utf8.requireSendable("user property value", each.value());
            }
        }

        Attributes copy() {
            Attributes copy = new Attributes();
            copy.received = received;
            copy.utf8 = utf8;
            copy.expirySeconds = expirySeconds;
            copy.contentType = contentType;
            copy.responseTopic = responseTopic;
            copy.correlationData = correlationData;
            copy.userProperties = userProperties;
            copy.subscriptionIdentifiers = subscriptionIdentifiers;
            return copy;
        }

        /**
         * The bytes of these attributes in an MQTT 5.0 packet: for each an identifier, its lengths if any, and the
         * value.
         */
        long sizeInBytes() {
            long size = (utf8 ? 2 : 0) + (expirySeconds < 0 ? 0 : 5) + 5L * subscriptionIdentifiers.size();
            if (contentType != null) {
                size += 3L + utf8Bytes(contentType);
            }
            if (responseTopic != null) {
                size += 3L + responseTopic.sizeInBytes();
            }
            if (correlationData != null) {
                size += 3L + correlationData.length;
            }
            for (UserProperty each : userProperties) {
                size += 5L + utf8Bytes(each.name()) + utf8Bytes(each.value());
            }
            return size;
        }

        /** The memory of the objects behind lists, on a JVM with compressed pointers. */
        long objectsInBytes() {
            return USER_PROPERTY_OBJECTS * userProperties.size() + IDENTIFIER_OBJECTS * subscriptionIdentifiers.size();
        }

        /** The bytes of a text in UTF-8, also of a peer's text with characters that a program must not send. */
        private static long utf8Bytes(String text) {
            long bytes = text.length();
            for (int i = 0; i < text.length(); i++) {
                char unit = text.charAt(i);
                // Both halves of a surrogate pair take two of its four bytes.
                bytes += unit < 0x80 ? 0 : unit < 0x800 || Character.isSurrogate(unit) ? 1 : 2;
            }
            return bytes;
        }

        /**
         * Whether the messages' attributes are equal. Subscription identifiers do not count: they are the broker's note
         * on a delivery.
         */
        boolean sameAs(Attributes that) {
            return utf8 == that.utf8
                    && expirySeconds == that.expirySeconds
                    && Objects.equals(contentType, that.contentType)
                    && Objects.equals(responseTopic, that.responseTopic)
                    && Arrays.equals(correlationData, that.correlationData)
                    && userProperties.equals(that.userProperties);
        }
    }

    /**
     * A message with this text as payload, in UTF-8.
     *
     * @throws IllegalArgumentException if the topic is not a valid topic name
     */
    public static Message of(String topic, String text) {
        return of(TopicName.of(topic), Objects.requireNonNull(text, "text").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * A message with these bytes as payload. The array is not copied: do not change it until the publish is settled.
     *
     * @throws IllegalArgumentException if the topic is not a valid topic name, or the payload exceeds
     *     {@link #MAXIMUM_PAYLOAD}
     */
    public static Message of(String topic, byte[] payload) {
        return of(TopicName.of(topic), payload);
    }

    /**
     * A message with these bytes as payload, which are not copied, to a topic name that has been validated already.
     */
    public static Message of(TopicName topic, byte[] payload) {
        return of(topic, payload, Qos.AT_LEAST_ONCE, false);
    }

    /** A message with all four parts in one call, which spares the copies; the payload is not copied. */
    public static Message of(TopicName topic, byte[] payload, Qos qos, boolean retain) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(qos, "qos");
        // A peer may use the two bytes that a QoS 0 packet has instead of an identifier.
        if (payload.length > MAXIMUM_PAYLOAD + (qos == Qos.AT_MOST_ONCE ? 2 : 0)) {
            throw new IllegalArgumentException(
                    "payload has " + payload.length + " bytes, must have at most " + MAXIMUM_PAYLOAD);
        }
        return new Message(topic, payload, qos, retain, null);
    }

    /** This message with another quality of service. */
    public Message qos(Qos qos) {
        Objects.requireNonNull(qos, "qos");
        return qos == this.qos ? this : new Message(topic, payload, qos, retain, attributes);
    }

    /** This message with the retain flag set or cleared: a broker keeps the last retained message of a topic. */
    public Message retain(boolean retain) {
        return retain == this.retain ? this : new Message(topic, payload, qos, retain, attributes);
    }

    private Attributes attributes() {
        return attributes == null ? Attributes.NONE : attributes;
    }

    /**
     * This message as a received one: its attributes may have control characters and non-characters, which MQTT allows.
     */
    public Message received() {
        Attributes changed = attributes().copy();
        changed.received = true;
        return with(changed);
    }

    /**
     * Checks that topic and attributes have no control character and no non-character, as those of a received message
     * may: a broker may end the connection of a client that sends such a message on.
     *
     * @throws IllegalArgumentException with the field, the index and the code point
     */
    public void requireSendable() {
        topic.requireSendable();
        if (attributes != null && attributes.received) {
            attributes.requireSendable();
        }
    }

    private Message with(Attributes changed) {
        return new Message(topic, payload, qos, retain, changed);
    }

    /** This message to another topic. */
    public Message topic(TopicName topic) {
        return new Message(Objects.requireNonNull(topic, "topic"), payload, qos, retain, attributes);
    }

    /** This message with the payload declared to be UTF-8 text, or not (payload format indicator; MQTT 5.0). */
    public Message utf8(boolean utf8) {
        Attributes changed = attributes().copy();
        changed.utf8 = utf8;
        return with(changed);
    }

    /**
     * This message with an expiry, after which nobody wants it any more (message expiry interval; MQTT 5.0): whole
     * seconds from 0 to 4,294,967,295. The time in this client's queue counts.
     */
    public Message expiry(Duration expiry) {
        if (expiry.isNegative()
                || expiry.toSeconds() > MAXIMUM_EXPIRY_SECONDS
                || !expiry.equals(Duration.ofSeconds(expiry.toSeconds()))) {
            throw new IllegalArgumentException(
                    "message expiry is " + expiry + ", must be whole seconds from 0 to " + MAXIMUM_EXPIRY_SECONDS);
        }
        Attributes changed = attributes().copy();
        changed.expirySeconds = expiry.toSeconds();
        return with(changed);
    }

    /** This message with a description of its payload, such as a MIME type (MQTT 5.0). */
    public Message contentType(String contentType) {
        Attributes changed = attributes().copy();
        changed.check("content type", contentType);
        changed.contentType = contentType;
        return with(changed);
    }

    /** This message with a topic for the answer, which makes it a request (MQTT 5.0). */
    public Message responseTopic(String responseTopic) {
        Attributes changed = attributes().copy();
        changed.responseTopic = changed.received ? TopicName.received(responseTopic) : TopicName.of(responseTopic);
        return with(changed);
    }

    /**
     * This message with correlation data, by which an answer is matched to its request: at most 65,535 bytes; copied
     * (MQTT 5.0).
     */
    public Message correlationData(byte[] correlationData) {
        if (correlationData.length > Utf8.MAXIMUM_BYTES) {
            throw new IllegalArgumentException("correlation data has " + correlationData.length
                    + " bytes, must have at most " + Utf8.MAXIMUM_BYTES);
        }
        Attributes changed = attributes().copy();
        changed.correlationData = correlationData.clone();
        return with(changed);
    }

    /** This message with one more user property (MQTT 5.0). */
    public Message userProperty(String name, String value) {
        List<UserProperty> more = new ArrayList<>(userProperties());
        more.add(new UserProperty(name, value));
        return userProperties(more);
    }

    /** This message with these user properties in place of its own (MQTT 5.0). */
    public Message userProperties(List<UserProperty> userProperties) {
        Attributes changed = attributes().copy();
        changed.userProperties = List.copyOf(userProperties);
        for (UserProperty each : changed.userProperties) {
            changed.check("user property name", each.name());
            changed.check("user property value", each.value());
        }
        return with(changed);
    }

    /** This message with the identifiers of the subscriptions that it matched, as a broker tells them (MQTT 5.0). */
    public Message subscriptionIdentifiers(List<Integer> identifiers) {
        Attributes changed = attributes().copy();
        changed.subscriptionIdentifiers = List.copyOf(identifiers);
        return with(changed);
    }

    /** This message without any attribute of MQTT 5.0. */
    public Message withoutAttributes() {
        return new Message(topic, payload, qos, retain, null);
    }

    /** Whether the message has attributes that need MQTT 5.0; the broker's subscription identifiers do not count. */
    public boolean hasAttributes() {
        return attributes != null && !attributes.sameAs(Attributes.NONE);
    }

    /**
     * The size of this message against the bounds of queues: the bytes of topic, payload and properties, at most
     * {@link Integer#MAX_VALUE}.
     */
    public int sizeInBytes() {
        long size = (long) topic.sizeInBytes() + payload.length;
        return (int) Math.min(Integer.MAX_VALUE, attributes == null ? size : size + attributes.sizeInBytes());
    }

    /**
     * The size of this message against the bounds of received messages: {@link #sizeInBytes}, and the objects of the
     * properties, of which a small packet may hold very many; at most {@link Integer#MAX_VALUE}.
     */
    public int memoryInBytes() {
        int size = sizeInBytes();
        return attributes == null ? size : (int) Math.min(Integer.MAX_VALUE, size + attributes.objectsInBytes());
    }

    /** Whether the payload is declared to be UTF-8 text. */
    public boolean utf8() {
        return attributes().utf8;
    }

    /** The time after which nobody wants the message any more, or null for never. */
    public @Nullable Duration expiry() {
        long seconds = attributes().expirySeconds;
        return seconds < 0 ? null : Duration.ofSeconds(seconds);
    }

    /** The content type, a description of the payload; or null. */
    public @Nullable String contentType() {
        return attributes().contentType;
    }

    /** The topic for the answer, or null if no answer is wanted. */
    public @Nullable String responseTopic() {
        TopicName to = attributes().responseTopic;
        return to == null ? null : to.toString();
    }

    /** A copy of the data by which an answer is matched to its request, or null. */
    public byte @Nullable [] correlationData() {
        byte[] data = attributes().correlationData;
        return data == null ? null : data.clone();
    }

    /** The user properties, in their order; empty if there are none. */
    public List<UserProperty> userProperties() {
        return attributes().userProperties;
    }

    /** The identifiers of the subscriptions that a received message matched; empty if they have none. */
    public List<Integer> subscriptionIdentifiers() {
        return attributes().subscriptionIdentifiers;
    }

    /** The topic name as text. */
    public String topic() {
        return topic.toString();
    }

    /** The topic name. */
    public TopicName topicName() {
        return topic;
    }

    /** The quality of service. */
    public Qos qos() {
        return qos;
    }

    /** Whether the retain flag is set. On a received message: whether the broker had retained it. */
    public boolean retain() {
        return retain;
    }

    /** A read-only view of the payload; every call returns a new view. */
    public ByteBuffer payload() {
        return ByteBuffer.wrap(payload).asReadOnlyBuffer();
    }

    /** A copy of the payload. */
    public byte[] payloadBytes() {
        return payload.clone();
    }

    /** The length of the payload, in bytes. */
    public int payloadSize() {
        return payload.length;
    }

    /** Copies {@code length} bytes of the payload, from index {@code from} on, to the buffer's position. */
    public void copyPayload(int from, int length, ByteBuffer target) {
        target.put(payload, from, length);
    }

    /** The payload read as UTF-8; bytes that are not UTF-8 become U+FFFD. */
    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Message that
                        && qos == that.qos
                        && retain == that.retain
                        && topic.equals(that.topic)
                        && Arrays.equals(payload, that.payload)
                        && attributes().sameAs(that.attributes());
    }

    @Override
    public int hashCode() {
        return Objects.hash(topic, qos, retain, Arrays.hashCode(payload));
    }

    /** Topic, quality of service and size; never the payload, which may be confidential. */
    @Override
    public String toString() {
        return "Message[" + Utf8.printable(topic.toString()) + ", " + qos + (retain ? ", retain, " : ", ")
                + payload.length + " bytes]";
    }
}
