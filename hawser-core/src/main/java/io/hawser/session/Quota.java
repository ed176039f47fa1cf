package io.hawser.session;

import io.hawser.session.Timers.Timer;

/** Holds back publishes above QoS 0 for a while after the broker had too many: longer each time in a row. */
final class Quota {
    private static final long FIRST_NANOS = 1_000_000_000L;
    private static final long LONGEST_NANOS = 32_000_000_000L;

    private final Timers timers;
    private long untilNanos;
    private long waitNanos = FIRST_NANOS;

    Quota(Timers timers) {
        this.timers = timers;
    }

    /** Another connection: what the last one took says nothing. */
    void reset() {
        untilNanos = 0;
        waitNanos = FIRST_NANOS;
    }

    boolean isExceeded(long now) {
        return now < untilNanos;
    }

    /** The broker had too much. Waiting grows once for all that were sent together. */
    void exceeded(long now) {
        if (now >= untilNanos) {
            untilNanos = now + waitNanos;
            waitNanos = Math.min(2 * waitNanos, LONGEST_NANOS);
            timers.set(Timer.QUOTA, untilNanos);
        }
    }

    void acknowledged() {
        waitNanos = FIRST_NANOS;
    }
}
