package io.hawser.client;

import io.hawser.mqtt.ConnectionEvent;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a message whose handler throws: some more attempts, then the dead-letter handler if there is one, whose
 * normal return acknowledges the message, else the message is given up: refused on MQTT 5.0, acknowledged on 3.x, which cannot
 * refuse. Each failure is a {@link ConnectionEvent.DeliveryFailed}.
 *
 * @param attempts how often the handler is called in all: 1 to 100 (default 1)
 * @param backoff the wait before the second attempt, doubling with each: 0 to 1 min (default 100 ms); handlers of the
 *     client's other messages wait with it, since messages are handled in order
 * @param deadLetter takes what every attempt failed on, or null
 * @param keep whether a message that is given up stays unacknowledged on MQTT 3.x (default false), so that it comes again with
 *     the next connection. Until then it takes a place in the broker's window: with as many as the broker's limit, often 20, it
 *     sends nothing more at QoS 1 and 2. {@link ConnectionEvent.UnacknowledgedBacklog} says so from the first on
 */
public record FailurePolicy(
        int attempts, Duration backoff, @Nullable MessageHandler deadLetter, boolean keep) {
    /** The longest first wait: a longer one would stop all handling for longer than a broker's patience. */
    public static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);

    public FailurePolicy {
        Objects.requireNonNull(backoff, "backoff");
        if (attempts < 1 || attempts > 100) {
            throw new IllegalArgumentException("failure attempts is " + attempts + ", must be 1 to 100");
        }
        if (backoff.isNegative() || backoff.compareTo(LONGEST_BACKOFF) > 0) {
            throw new IllegalArgumentException("failure backoff is " + backoff + ", must be 0 to " + LONGEST_BACKOFF);
        }
    }

    /** So many attempts in all. */
    public static FailurePolicy attempts(int attempts) {
        return new FailurePolicy(attempts, Duration.ofMillis(100), null, false);
    }

    /** This policy with another first wait. */
    public FailurePolicy backoff(Duration backoff) {
        return new FailurePolicy(attempts, backoff, deadLetter, keep);
    }

    /** This policy with a handler for what every attempt failed on. */
    public FailurePolicy deadLetter(MessageHandler handler) {
        return new FailurePolicy(attempts, backoff, Objects.requireNonNull(handler, "deadLetter"), keep);
    }

    /** This policy with messages that are given up kept unacknowledged on MQTT 3.x, or not. */
    public FailurePolicy keep(boolean keep) {
        return new FailurePolicy(attempts, backoff, deadLetter, keep);
    }
}
