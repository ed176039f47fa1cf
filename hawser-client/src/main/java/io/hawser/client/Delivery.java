package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.UserProperty;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A received message and the duty to acknowledge it. {@link #ack} and {@link #reject} may be called on any thread and
 * in any order; only the first call counts. At QoS 0, and once the connection is gone on which the message came, they
 * send nothing.
 */
public interface Delivery {
    Message message();

    /**
     * Whether the broker says that it sent this very packet before (DUP) [MQTT-3.3.1-3]. Some brokers never set DUP.
     */
    boolean duplicate();

    /**
     * The packet identifier under which the message came: 1 to 65,535, or 0 at QoS 0. The broker gives it to another
     * message as soon as this one is acknowledged.
     */
    int packetId();

    /**
     * Acknowledges the message, so that the broker may forget it. Acknowledgements leave in the order of arrival
     * [MQTT-4.6.0-2].
     */
    void ack();

    /**
     * Rejects the message. On MQTT 5.0 the acknowledgement carries an error code. MQTT 3.x has no error codes: there
     * the message stays unacknowledged on this connection, and comes again with the next one if the session is kept.
     */
    void reject();

    /** Rejects the message as {@link #reject(ReasonCode, String, List)} does, without words. */
    default void reject(ReasonCode reasonCode) {
        reject(reasonCode, "", List.of());
    }

    /** Rejects the message as {@link #reject(ReasonCode, String, List)} does, without user properties. */
    default void reject(ReasonCode reasonCode, String reason) {
        reject(reasonCode, reason, List.of());
    }

    /**
     * Rejects the message as {@link #reject()} does, with this error in PUBACK or PUBREC (MQTT 5.0). What explains the
     * error is left out where the broker takes no packet of that size. MQTT 3.x can say none of it.
     *
     * @param reasonCode {@code UNSPECIFIED_ERROR}, {@code IMPLEMENTATION_SPECIFIC_ERROR}, {@code NOT_AUTHORIZED},
     *     {@code TOPIC_NAME_INVALID}, {@code PACKET_IDENTIFIER_IN_USE}, {@code QUOTA_EXCEEDED} or
     *     {@code PAYLOAD_FORMAT_INVALID}
     * @param reason in words, up to 65,535 bytes in UTF-8; empty for none
     * @throws IllegalArgumentException if the code is another, or a string has control characters or is too long; the
     *     message is not rejected then
     */
    void reject(ReasonCode reasonCode, String reason, List<UserProperty> userProperties);

    /**
     * Keeps the message unacknowledged when the handler returns; the program calls {@link #ack} or {@link #reject}
     * later.
     *
     * @return this delivery
     */
    Delivery defer();

    /** The topic name of the message. */
    default String topic() {
        return message().topic();
    }

    /** The payload read as UTF-8. */
    default String text() {
        return message().text();
    }

    /** A read-only view of the payload. */
    default ByteBuffer payload() {
        return message().payload();
    }

    /** The quality of service with which the message came. */
    default Qos qos() {
        return message().qos();
    }

    /** Whether the broker sent the message because it had retained it (RETAIN). */
    default boolean retain() {
        return message().retain();
    }
}
