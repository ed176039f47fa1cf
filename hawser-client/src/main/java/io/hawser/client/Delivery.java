package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.nio.ByteBuffer;

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
     * Acknowledges the message, so that the broker may forget it. Acknowledgements leave in the order of arrival
     * [MQTT-4.6.0-2].
     */
    void ack();

    /**
     * Rejects the message. On MQTT 5.0 the acknowledgement carries an error code. MQTT 3.x has no error codes: there
     * the message stays unacknowledged on this connection, and comes again with the next one if the session is kept.
     */
    void reject();

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
