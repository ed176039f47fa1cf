package io.hawser.mqtt;

import java.time.Duration;
import java.util.Objects;

/**
 * A policy for connecting again, the first connection included. The reconnect delay is a random time between zero and a
 * bound (full jitter); the bound doubles from {@code first} to {@code longest} with every failure. The bound starts
 * over once a connection has been ready for {@code stableAfter}, so that a broker that ends its connections again and
 * again is not hammered.
 *
 * @param enabled false: the client never connects again, and closes with the reason
 * @param first the bound of the first reconnect delay: 1 ms to 1 day (default 1 s)
 * @param longest the bound of every reconnect delay: {@code first} to 1 day (default 2 min)
 * @param stableAfter how long a connection must have been ready: 0 to 1 day (default 10 s)
 * @param afterRefusal whether the client tries again after any refused CONNECT (default false: a refusal that trying
 *     again cannot mend closes the client, unless a broker had accepted it before)
 */
public record ReconnectPolicy(
        boolean enabled, Duration first, Duration longest, Duration stableAfter, boolean afterRefusal) {
    private static final Duration DAY = Duration.ofDays(1);

    public ReconnectPolicy {
        requireBetween("reconnect first", first, Duration.ofMillis(1));
        requireBetween("reconnect longest", longest, first);
        requireBetween("reconnect stableAfter", stableAfter, Duration.ZERO);
    }

    private static void requireBetween(String option, Duration value, Duration least) {
        Objects.requireNonNull(value, option);
        if (value.compareTo(least) < 0 || value.compareTo(DAY) > 0) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + DAY);
        }
    }

    /**
     * A policy whose reconnect delay is up to {@code first} after the first failure, then up to twice as long each
     * time, up to {@code longest}.
     */
    public static ReconnectPolicy exponential(Duration first, Duration longest) {
        return new ReconnectPolicy(true, first, longest, Duration.ofSeconds(10), false);
    }

    /** A policy that never connects again: a failed or lost connection closes the client. */
    public static ReconnectPolicy never() {
        return new ReconnectPolicy(false, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO, false);
    }

    /** This policy with another time after which a connection counts as stable. */
    public ReconnectPolicy stableAfter(Duration stableAfter) {
        return new ReconnectPolicy(enabled, first, longest, stableAfter, afterRefusal);
    }

    /**
     * This policy for a client that nobody attends to: it never gives up, since somebody may mend the broker or its
     * user database later. After a refusal the reconnect delay is half of {@code longest} to {@code longest}.
     *
     * @throws IllegalStateException if this policy never connects again
     */
    public ReconnectPolicy evenIfRefused() {
        if (!enabled) {
            throw new IllegalStateException("reconnect is never, must not be evenIfRefused");
        }
        return new ReconnectPolicy(true, first, longest, stableAfter, true);
    }
}
