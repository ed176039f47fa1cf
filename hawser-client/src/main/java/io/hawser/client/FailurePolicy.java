package io.hawser.client;

import io.hawser.mqtt.ConnectionEvent;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A policy for messages whose handler throws. The handler is called again up to {@code attempts} times; then the
 * dead-letter handler gets the message, if there is one, and its normal return acknowledges the message. Otherwise the
 * message is given up: on MQTT 5.0 acknowledged with an error code, on 3.x, which has no error codes, acknowledged.
 * Each failure is told as {@link ConnectionEvent.DeliveryFailed}.
 *
 * @param attempts calls of the handler in all: 1 to 100 (default 1)
 * @param backoff the wait before the second attempt, which doubles before each further attempt up to 1 min: 0 to 1 min
 *     (default 100 ms); the client's other messages wait meanwhile, since messages are handled in order
 * @param deadLetter the handler of messages on which every attempt has failed, or null
 * @param keep whether a message that is given up stays unacknowledged on MQTT 3.x (default false), so that it comes
 *     again with the next connection. Until then the message takes a place in the broker's window: a broker whose
 *     limit, often 20, is reached sends nothing more at QoS 1 and 2. {@link ConnectionEvent.UnacknowledgedBacklog}
 *     tells of the first such message already
 */
public record FailurePolicy(
        int attempts, Duration backoff, @Nullable MessageHandler deadLetter, boolean keep) {
    /** The longest first wait. A longer one would stop all handling for longer than a broker's patience. */
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

    /** A policy with this many attempts in all. */
    public static FailurePolicy attempts(int attempts) {
        return new FailurePolicy(attempts, Duration.ofMillis(100), null, false);
    }

    /** This policy with another wait before the second attempt. */
    public FailurePolicy backoff(Duration backoff) {
        return new FailurePolicy(attempts, backoff, deadLetter, keep);
    }

    /** This policy with a handler for messages on which every attempt has failed. */
    public FailurePolicy deadLetter(MessageHandler handler) {
        return new FailurePolicy(attempts, backoff, Objects.requireNonNull(handler, "deadLetter"), keep);
    }

    /** This policy with {@code keep} set: whether messages that are given up stay unacknowledged on MQTT 3.x. */
    public FailurePolicy keep(boolean keep) {
        return new FailurePolicy(attempts, backoff, deadLetter, keep);
    }
}
