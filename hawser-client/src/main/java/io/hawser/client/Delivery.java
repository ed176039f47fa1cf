package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.nio.ByteBuffer;

/**
 * A received message and the duty to acknowledge it. Who settles it ({@link #ack}, {@link #reject}) may be on any thread
 * and in any order; only the first settlement counts. At QoS 0, and once the connection it came on is gone, settling has no
 * effect on the wire.
 */
public interface Delivery {
    /** The message. */
    Message message();

    /**
     * Whether the broker says that it sent this very packet before [MQTT-3.3.1-3]. Brokers exist that never say it.
     */
    boolean duplicate();

    /** Acknowledges the message: the broker may forget it. Acknowledgements leave in the order of arrival [MQTT-4.6.0-2]. */
    void ack();

    /**
     * Gives the message up: it is never acknowledged on this connection and, before MQTT 5.0, comes again with the next
     * one if the session is kept.
     */
    void reject();

    /**
     * Keeps the message unacknowledged when the handler returns; {@link #ack} or {@link #reject} settles it later.
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

    /** Whether the broker sent it because it had kept it (RETAIN). */
    default boolean retain() {
        return message().retain();
    }
}
