package io.hawser.session;

import io.hawser.mqtt.ReconnectPolicy;
import java.util.SplittableRandom;

/** Full jitter: a random wait between zero and a bound that doubles with every failure. */
final class Backoff {
    private final long first;
    private final long longest;
    private final SplittableRandom random;
    private long bound;

    Backoff(ReconnectPolicy policy, long seed) {
        first = policy.first().toNanos();
        longest = policy.longest().toNanos();
        random = new SplittableRandom(seed);
        bound = first;
    }

    /** The next wait, in nanoseconds. */
    long next() {
        long wait = random.nextLong(bound + 1);
        bound = bound > longest / 2 ? longest : bound * 2;
        return wait;
    }

    /** A wait for when trying soon is pointless: in the upper half of the longest. */
    long slow() {
        return longest / 2 + random.nextLong(longest / 2 + 1);
    }

    void reset() {
        bound = first;
    }
}
