package io.hawser.mqtt;

import java.util.Objects;

/**
 * The message that the broker publishes in the client's name when the connection ends without DISCONNECT
 * [MQTT-3.1.2-8]. Its payload has at most 65,535 bytes.
 *
 * @param message topic, payload, quality of service and retain flag of the will
 */
public record Will(Message message) {
    /** The longest payload of a will, in bytes: it stands in CONNECT behind a two-byte length. */
    public static final int MAXIMUM_PAYLOAD = 65_535;

    public Will {
        Objects.requireNonNull(message, "message");
        if (message.payloadSize() > MAXIMUM_PAYLOAD) {
            throw new IllegalArgumentException(
                    "will payload has " + message.payloadSize() + " bytes, must have at most " + MAXIMUM_PAYLOAD);
        }
    }

    /** A will that publishes {@code message}. */
    public static Will of(Message message) {
        return new Will(message);
    }
}
