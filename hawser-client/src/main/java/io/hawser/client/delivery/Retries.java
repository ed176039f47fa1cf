package io.hawser.client.delivery;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The number of calls of a handler that throws, and the dead-letter handler.
 *
 * @param attempts calls of the handler with one message in all
 * @param backoffNanos the wait before the second attempt, which doubles with each attempt
 * @param deadLetter the handler of messages on which every attempt has failed, or null
 */
public record Retries(
        int attempts, long backoffNanos, @Nullable Object deadLetter) {
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** One attempt, then the message is given up: the default. */
    public static final Retries NONE = new Retries(1, 0, null);

    /** The wait after a failed attempt. */
    long waitAfter(int attempt, long lastWait) {
        return attempt == 1 ? backoffNanos : Math.min(lastWait * 2, LONGEST_WAIT_NANOS);
    }
}
