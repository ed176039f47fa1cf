package io.hawser.session;

import java.util.Arrays;

/** The deadlines of one session: few, fixed, and looked through rather than sorted. */
final class Timers {
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    /** What a deadline is for. */
    enum Timer {
        /** The attempt to connect takes too long, or authenticating again. */
        CONNECT,
        /** It may be time for PINGREQ. */
        KEEP_ALIVE,
        /** PINGRESP takes too long. */
        PING,
        /** It is time to connect again. */
        RECONNECT,
        /** The connection has been ready long enough to count as stable. */
        STABLE,
        /** The broker may take publishes again after it had too many. */
        QUOTA,
        /** An acknowledgement takes too long, and retransmission is on. */
        RETRANSMIT,
        /** A message may have waited for too long; with a connection or without. */
        EXPIRY,
        /** A page of the queue may be readable again; with a connection or without. */
        READ
    }

    private static final Timer[] ALL = Timer.values();

    private final long[] deadlines = new long[ALL.length];

    Timers() {
        stopAll();
    }

    void set(Timer timer, long deadlineNanos) {
        deadlines[timer.ordinal()] = deadlineNanos;
    }

    long deadline(Timer timer) {
        return deadlines[timer.ordinal()];
    }

    void stop(Timer timer) {
        deadlines[timer.ordinal()] = NEVER;
    }

    void stopAll() {
        Arrays.fill(deadlines, NEVER);
    }

    /** Stops what has to do with a connection, or the wait for one. */
    void stopConnecting() {
        Arrays.fill(deadlines, 0, Timer.EXPIRY.ordinal(), NEVER);
    }

    /** The nearest deadline, or {@link #NEVER}. */
    long next() {
        long next = NEVER;
        for (long deadline : deadlines) {
            next = Math.min(next, deadline);
        }
        return next;
    }

    /** Whether the timer is due; if so, it is stopped. */
    boolean expired(Timer timer, long nowNanos) {
        if (deadlines[timer.ordinal()] > nowNanos) {
            return false;
        }
        stop(timer);
        return true;
    }
}
