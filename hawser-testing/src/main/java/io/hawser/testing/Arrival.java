package io.hawser.testing;

import io.hawser.mqtt.Message;
import java.time.Duration;

/**
 * A message, and when it came to the broker: what it waits there counts against its expiry [MQTT-3.3.2-6].
 *
 * @param atNanos on the broker's clock
 */
record Arrival(Message message, long atNanos) {
    private static final Duration LEAST_EXPIRY = Duration.ofSeconds(1);

    /** Whether its delivery may not begin any more [MQTT-3.3.2-5]. */
    boolean hasExpired(long nowNanos) {
        Duration expiry = message.expiry();
        return expiry != null && waited(nowNanos).compareTo(expiry) >= 0;
    }

    /** The message as it is to be sent: with what is left of its expiry, if it has one. */
    Message at(long nowNanos) {
        Duration expiry = message.expiry();
        if (expiry == null || expiry.isZero()) {
            return message;
        }
        Duration left = expiry.minusSeconds(waited(nowNanos).toSeconds());
        // A delivery that has begun goes on when the message has expired [MQTT-4.4.0-1].
        return message.expiry(left.compareTo(LEAST_EXPIRY) < 0 ? LEAST_EXPIRY : left);
    }

    Arrival with(Message changed) {
        return new Arrival(changed, atNanos);
    }

    private Duration waited(long nowNanos) {
        return Duration.ofNanos(nowNanos - atNanos);
    }
}
