package io.hawser.mqtt;

import java.time.Duration;
import java.util.Objects;

/**
 * A will: the message that the broker publishes in the client's name when the connection ends without DISCONNECT
 * [MQTT-3.1.2-8].
 *
 * @param message topic, payload of at most 65,535 bytes, quality of service, retain flag and, for MQTT 5.0, attributes
 *     of the will
 * @param delay how long the broker first waits for the client to come back (MQTT 5.0): whole seconds from 0 (the
 *     default) to 4,294,967,295
 */
public record Will(Message message, Duration delay) {
    /** The longest payload of a will, in bytes: CONNECT has a two-byte length before it. */
    public static final int MAXIMUM_PAYLOAD = 65_535;

    private static final long MAXIMUM_DELAY_SECONDS = 0xFFFF_FFFFL;

    public Will {
        Objects.requireNonNull(message, "message");
        if (message.payloadSize() > MAXIMUM_PAYLOAD) {
            throw new IllegalArgumentException(
                    "will payload has " + message.payloadSize() + " bytes, must have at most " + MAXIMUM_PAYLOAD);
        }
        if (delay.isNegative()
                || delay.toSeconds() > MAXIMUM_DELAY_SECONDS
                || !delay.equals(Duration.ofSeconds(delay.toSeconds()))) {
            throw new IllegalArgumentException(
                    "will delay is " + delay + ", must be whole seconds from 0 to " + MAXIMUM_DELAY_SECONDS);
        }
    }

    /** A will that the broker publishes at once. */
    public static Will of(Message message) {
        return new Will(message, Duration.ZERO);
    }

    /** This will with a delay (MQTT 5.0). */
    public Will delay(Duration delay) {
        return new Will(message, delay);
    }
}
