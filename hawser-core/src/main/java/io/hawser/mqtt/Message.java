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
    /** The longest payload, in bytes: what 256 MiB − 1 of remaining length leave beside topic and packet identifier. */
    public static final int MAXIMUM_PAYLOAD = 268_435_455 - 2 - 1 - 2;

    private static final long MAXIMUM_EXPIRY_SECONDS = 0xFFFF_FFFFL;

    private final TopicName topic;
    private final byte[] payload;
    private final Qos qos;
    private final boolean retain;
    /** Null for most messages, so that these cost nothing more. */
    private final @Nullable Attributes attributes;

    private Message(TopicName topic, byte[] payload, Qos qos, boolean retain, @Nullable Attributes attributes) {
        this.topic = topic;
        this.payload = payload;
        this.qos = qos;
        this.retain = retain;
        this.attributes = attributes;
    }

    /** What MQTT 5.0 adds to a message; changed only while the copy of a message is made. */
    private static final class Attributes {
        /** A record, two strings with an array each, and the place in a list. */
        private static final long USER_PROPERTY_OBJECTS = 120;
        /** A boxed number and the place in a list, beside what the packet takes. */
        private static final long IDENTIFIER_OBJECTS = 20;

        static final Attributes NONE = new Attributes();

        /** Whether strings were let pass that a program may not send. */
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

        /** What an MQTT 5.0 packet takes for them: for each an identifier, lengths where there are any, and the value. */
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

        /** The objects behind lists, on a JVM with compressed pointers. */
        long objectsInBytes() {
            return USER_PROPERTY_OBJECTS * userProperties.size() + IDENTIFIER_OBJECTS * subscriptionIdentifiers.size();
        }

        /** Of a peer's text as well, which may hold what a program must not send. */
        private static long utf8Bytes(String text) {
            long bytes = text.length();
            for (int i = 0; i < text.length(); i++) {
                char unit = text.charAt(i);
                // Both halves of a surrogate pair take two of its four bytes.
                bytes += unit < 0x80 ? 0 : unit < 0x800 || Character.isSurrogate(unit) ? 1 : 2;
            }
            return bytes;
        }

        /** Subscription identifiers are the broker's note on a delivery, not part of the message. */
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
     * A message with these bytes as payload. The array is handed over, not copied: do not change it until the publish
     * has settled.
     *
     * @throws IllegalArgumentException if the topic is not a valid topic name, or the payload exceeds
     *     {@link #MAXIMUM_PAYLOAD}
     */
    public static Message of(String topic, byte[] payload) {
        return of(TopicName.of(topic), payload);
    }

    /** As {@link #of(String, byte[])}, for a topic name that has been validated already. */
    public static Message of(TopicName topic, byte[] payload) {
        return of(topic, payload, Qos.AT_LEAST_ONCE, false);
    }

    /** As {@link #of(TopicName, byte[])} with quality of service and retain flag in one call, sparing the copies. */
    public static Message of(TopicName topic, byte[] payload, Qos qos, boolean retain) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(qos, "qos");
        // A peer may use the two bytes that QoS 0 has instead of an identifier.
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
     * This message as one that a peer has sent: in what is added to it, control characters and non-characters, which MQTT allows,
     * are let pass.
     */
    public Message received() {
        Attributes changed = attributes().copy();
        changed.received = true;
        return with(changed);
    }

    /**
     * Checks that this message has no control character and no non-character in its topic and attributes, as a received one may:
     * a broker may close the connection of whoever sends it on.
     *
     * @throws IllegalArgumentException if it has, with the field, the index and the code point
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
     * This message with a time after which nobody wants it any more (message expiry interval; MQTT 5.0): whole seconds from 0
     * to 4,294,967,295. The time that it waits in this client's queue counts.
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

    /** This message with data by which an answer is matched to its request, at most 65,535 bytes; copied (MQTT 5.0). */
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

    /** Whether the message says anything that needs MQTT 5.0; the broker's subscription identifiers do not count. */
    public boolean hasAttributes() {
        return attributes != null && !attributes.sameAs(Attributes.NONE);
    }

    /**
     * What a client reckons for this message while it waits: the bytes of topic, payload and properties, at most {@link
     * Integer#MAX_VALUE}.
     */
    public int sizeInBytes() {
        long size = (long) topic.sizeInBytes() + payload.length;
        return (int) Math.min(Integer.MAX_VALUE, attributes == null ? size : size + attributes.sizeInBytes());
    }

    /**
     * What a client reckons for this message while it waits after it was received: {@link #sizeInBytes}, and the objects that
     * properties are made of, of which a small packet may hold very many; at most {@link Integer#MAX_VALUE}.
     */
    public int memoryInBytes() {
        int size = sizeInBytes();
        return attributes == null ? size : (int) Math.min(Integer.MAX_VALUE, size + attributes.objectsInBytes());
    }

    /** Whether the payload is declared to be UTF-8 text. */
    public boolean utf8() {
        return attributes().utf8;
    }

    /** After how long nobody wants the message any more, or null for never. */
    public @Nullable Duration expiry() {
        long seconds = attributes().expirySeconds;
        return seconds < 0 ? null : Duration.ofSeconds(seconds);
    }

    /** What the payload is, or null if nobody said. */
    public @Nullable String contentType() {
        return attributes().contentType;
    }

    /** Where the answer is to go, or null if none is wanted. */
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

    /** On a received message, the identifiers of the subscriptions that it matched, if they have any. */
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

    /** Whether the retain flag is set. On a received message: whether the broker sent what it had kept. */
    public boolean retain() {
        return retain;
    }

    /** A read-only view of the payload; every call returns one of its own. */
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
