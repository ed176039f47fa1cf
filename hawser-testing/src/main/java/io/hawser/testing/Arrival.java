package io.hawser.testing;

import io.hawser.mqtt.Message;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A message, and when it came to the broker: what it waits there counts against its expiry [MQTT-3.3.2-6].
 *
 * @param atNanos on the broker's clock
 * @param poison what is wrong with its packets, or null
 */
record Arrival(Message message, long atNanos, @Nullable Poison poison) {
    private static final Duration LEAST_EXPIRY = Duration.ofSeconds(1);

    Arrival(Message message, long atNanos) {
        this(message, atNanos, null);
    }

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
        return new Arrival(changed, atNanos, poison);
    }

    private Duration waited(long nowNanos) {
        return Duration.ofNanos(nowNanos - atNanos);
    }
}
