package io.hawser.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An application message: topic name, payload, quality of service and retain flag.
 *
 * <p>Immutable; {@link #qos} and {@link #retain(boolean)} return changed copies that share the payload. The default is
 * {@link Qos#AT_LEAST_ONCE}, not retained.
 */
public final class Message {
    /** The longest payload, in bytes: what 256 MiB − 1 of remaining length leave beside topic and packet identifier. */
    public static final int MAXIMUM_PAYLOAD = 268_435_455 - 2 - 1 - 2;

    private final TopicName topic;
    private final byte[] payload;
    private final Qos qos;
    private final boolean retain;

    private Message(TopicName topic, byte[] payload, Qos qos, boolean retain) {
        this.topic = topic;
        this.payload = payload;
        this.qos = qos;
        this.retain = retain;
    }

    /**
     * A message with this text as payload, in UTF-8.
     *
     * @throws IllegalArgumentException if the topic is not a valid topic name
     */
    public static Message of(String topic, String text) {
        return of(TopicName.of(topic), text.getBytes(StandardCharsets.UTF_8));
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
        Objects.requireNonNull(topic, "topic");
        if (payload.length > MAXIMUM_PAYLOAD) {
            throw new IllegalArgumentException(
                    "payload has " + payload.length + " bytes, must have at most " + MAXIMUM_PAYLOAD);
        }
        return new Message(topic, payload, Qos.AT_LEAST_ONCE, false);
    }

    /** As {@link #of(TopicName, byte[])} with quality of service and retain flag in one call, sparing the copies. */
    public static Message of(TopicName topic, byte[] payload, Qos qos, boolean retain) {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(qos, "qos");
        return new Message(topic, payload, qos, retain);
    }

    /** This message with another quality of service. */
    public Message qos(Qos qos) {
        Objects.requireNonNull(qos, "qos");
        return qos == this.qos ? this : new Message(topic, payload, qos, retain);
    }

    /** This message with the retain flag set or cleared: a broker keeps the last retained message of a topic. */
    public Message retain(boolean retain) {
        return retain == this.retain ? this : new Message(topic, payload, qos, retain);
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
                        && Arrays.equals(payload, that.payload);
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
