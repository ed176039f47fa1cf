package io.hawser.session;

import io.hawser.mqtt.ReconnectPolicy;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Full jitter: a random wait between zero and a bound that doubles with every failure. */
final class Backoff {
    private final ReconnectPolicy policy;
    private final long seed;
    private @Nullable SplittableRandom random;
    private long bound;

    Backoff(ReconnectPolicy policy, long seed) {
        this.policy = policy;
        this.seed = seed;
        reset();
    }

    /** The next wait, in nanoseconds. */
    long next() {
        long longest = policy.longest().toNanos();
        long wait = random(bound);
        bound = bound > longest / 2 ? longest : bound * 2;
        return wait;
    }

    /** A wait for when trying soon is pointless: in the upper half of the longest. */
    long slow() {
        long half = policy.longest().toNanos() / 2;
        return half + random(half);
    }

    /** 0 to the bound. */
    private long random(long most) {
        random = random == null ? new SplittableRandom(seed) : random;
        return random.nextLong(most + 1);
    }

    void reset() {
        bound = policy.first().toNanos();
    }
}
