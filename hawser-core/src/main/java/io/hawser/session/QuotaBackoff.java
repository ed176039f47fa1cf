package io.hawser.session;

import io.hawser.session.Timers.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds back publishes above QoS 0 for a while after the broker had too many: longer each time in a row. A message that the broker
 * has refused so for long enough is not tried again.
 */
final class QuotaBackoff {
    private static final long FIRST_NANOS = 1_000_000_000L;
    private static final long LONGEST_NANOS = 32_000_000_000L;
    /** Telling of it once a minute is enough. */
    private static final long TELL_NANOS = 60_000_000_000L;

    private final Timers timers;
    private final long patienceNanos;
    /** When messages were refused first, of those that are tried again; null until the broker has too many. */
    private @Nullable Map<PublishRequest, Long> refusedAt;

    private long untilNanos;
    private long waitNanos = FIRST_NANOS;
    private long tellAtNanos;

    QuotaBackoff(Timers timers, long patienceNanos) {
        this.timers = timers;
        this.patienceNanos = patienceNanos;
    }

    /** How long a message for which the broker has no room is tried again. */
    Duration patience() {
        return Duration.ofNanos(patienceNanos);
    }

    /** Another connection: what the last one took says nothing. */
    void reset() {
        untilNanos = 0;
        waitNanos = FIRST_NANOS;
    }

    boolean isExceeded(long now) {
        return now < untilNanos;
    }

    /** The broker had too much. Waiting grows once for all that were sent together. Returns whether that is to be told. */
    boolean exceeded(long now) {
        if (patienceNanos == 0 || now < untilNanos) {
            return false;
        }
        untilNanos = now + waitNanos;
        waitNanos = Math.min(2 * waitNanos, LONGEST_NANOS);
        timers.set(Timer.QUOTA, untilNanos);
        if (now < tellAtNanos) {
            return false;
        }
        tellAtNanos = now + TELL_NANOS;
        return true;
    }

    /** Whether a message for which the broker had no room is tried again. */
    boolean triesAgain(PublishRequest request, long now) {
        if (patienceNanos == 0) {
            return false;
        }
        refusedAt = refusedAt == null ? new WeakHashMap<>() : refusedAt;
        Long first = refusedAt.putIfAbsent(request, now);
        if (first == null || now - first < patienceNanos) {
            return true;
        }
        refusedAt.remove(request);
        return false;
    }

    /** The broker has taken a message. */
    void acknowledged() {
        waitNanos = FIRST_NANOS;
    }
}
