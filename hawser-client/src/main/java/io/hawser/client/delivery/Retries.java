package io.hawser.client.delivery;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How often a handler that throws is called with one message, and what takes the message then.
 *
 * @param attempts how often it is called in all
 * @param backoffNanos the wait before the second attempt, which doubles with each
 * @param deadLetter the handler for what every attempt failed on, or null
 */
public record Retries(
        int attempts, long backoffNanos, @Nullable Object deadLetter) {
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** One attempt, and its message is given up: the default. */
    public static final Retries NONE = new Retries(1, 0, null);

    /** The wait after an attempt that has failed. */
    long waitAfter(int attempt, long lastWait) {
        return attempt == 1 ? backoffNanos : Math.min(lastWait * 2, LONGEST_WAIT_NANOS);
    }
}
