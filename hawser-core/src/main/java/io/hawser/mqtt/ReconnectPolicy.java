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
 * @param servers in which order several servers are tried (default: as given, staying with the one that works)
 */
public record ReconnectPolicy(
        boolean enabled,
        Duration first,
        Duration longest,
        Duration stableAfter,
        boolean afterRefusal,
        Servers servers) {
    private static final Duration DAY = Duration.ofDays(1);

    /**
     * The order in which several servers are tried. The first round through them is quick; a reconnect delay comes when each has
     * failed.
     *
     * @param random false: in the order in which they were given; true: in an order of the client's own, so that the clients of a
     *     fleet spread over the servers
     * @param preferFirst false: a lost connection is made again to the same server; true: to the first server in the order that does
     *     not rest
     * @param rest how long a server is passed over that could not be connected to, unless all rest: 0 (the default) to 1 day.
     *     {@link ConnectionEvent.ServerRests} tells of it
     */
    public record Servers(boolean random, boolean preferFirst, Duration rest) {
        private static final Servers AS_GIVEN = new Servers(false, false, Duration.ZERO);

        public Servers {
            requireBetween("servers rest", rest, Duration.ZERO);
        }

        /** As they were given, staying with the one that works. */
        public static Servers inOrder() {
            return AS_GIVEN;
        }

        /** In an order that each client draws for itself. */
        public static Servers atRandom() {
            return new Servers(true, false, Duration.ZERO);
        }

        /** This order, beginning with its first server whenever a connection was lost. */
        public Servers preferringFirst() {
            return new Servers(random, true, rest);
        }

        /** This order, with a rest for a server that could not be connected to. */
        public Servers resting(Duration rest) {
            return new Servers(random, preferFirst, rest);
        }
    }

    public ReconnectPolicy {
        requireBetween("reconnect first", first, Duration.ofMillis(1));
        requireBetween("reconnect longest", longest, first);
        requireBetween("reconnect stableAfter", stableAfter, Duration.ZERO);
        Objects.requireNonNull(servers, "servers");
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
        return new ReconnectPolicy(true, first, longest, Duration.ofSeconds(10), false, Servers.AS_GIVEN);
    }

    /** A policy that never connects again: a failed or lost connection closes the client. */
    public static ReconnectPolicy never() {
        return new ReconnectPolicy(
                false, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO, false, Servers.AS_GIVEN);
    }

    /** This policy with another time after which a connection counts as stable. */
    public ReconnectPolicy stableAfter(Duration stableAfter) {
        return new ReconnectPolicy(enabled, first, longest, stableAfter, afterRefusal, servers);
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
        return new ReconnectPolicy(true, first, longest, stableAfter, true, servers);
    }

    /** This policy with another order of several servers. */
    public ReconnectPolicy servers(Servers servers) {
        return new ReconnectPolicy(enabled, first, longest, stableAfter, afterRefusal, servers);
    }
}
