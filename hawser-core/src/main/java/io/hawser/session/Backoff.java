package io.hawser.session;

import io.hawser.mqtt.ReconnectPolicy;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Full jitter: a random wait between zero and a bound that doubles with every failure. */
final class Backoff {
    private final long first;
    private final long longest;
    private final long seed;
    private @Nullable SplittableRandom random;
    private long bound;

    Backoff(ReconnectPolicy policy, long seed) {
        first = policy.first().toNanos();
        longest = policy.longest().toNanos();
        this.seed = seed;
        bound = first;
    }

    /** The next wait, in nanoseconds. */
    long next() {
        long wait = random(bound);
        bound = bound > longest / 2 ? longest : bound * 2;
        return wait;
    }

    /** A wait for when trying soon is pointless: in the upper half of the longest. */
    long slow() {
        return longest / 2 + random(longest / 2);
    }

    /** 0 to the bound. */
    private long random(long most) {
        random = random == null ? new SplittableRandom(seed) : random;
        return random.nextLong(most + 1);
    }

    void reset() {
        bound = first;
    }
}
