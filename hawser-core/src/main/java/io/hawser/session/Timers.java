package io.hawser.session;

import java.util.Arrays;

/** The deadlines of one session: few, fixed, and looked through rather than sorted. */
final class Timers {
    /** No deadline. */
    static final long NEVER = Long.MAX_VALUE;

    /** What a deadline is for. First those that a quiet client has, which then has no room for the others. */
    enum Timer {
        /** The attempt to connect takes too long, or authenticating again. */
        CONNECT,
        /** It may be time for PINGREQ. */
        KEEP_ALIVE,
        /** PINGRESP takes too long. */
        PING,
        /** The connection has been ready long enough to count as stable. */
        STABLE,
        /** The network takes nothing of what it was given. */
        STALL,
        /** It is time to connect again. */
        RECONNECT,
        /** The broker may take publishes again after it had too many. */
        QUOTA,
        /** Messages in flight have had long enough to be settled before the connection is renewed. */
        RENEW,
        /** The broker takes the next publish, by the limits that were given. */
        PACE,
        /** An acknowledgement takes too long, and retransmission is on. */
        RETRANSMIT,
        /** The broker takes too long to release identifiers. */
        RELEASE,
        /** A received message may have been held for too long, or a subscription be unclaimed for too long. */
        HELD,
        /** A suspect may be tried, or others wait no longer for one. */
        SUSPECT,
        /** A message may have waited for too long; with a connection or without. */
        EXPIRY,
        /** A page of the queue may be readable again; with a connection or without. */
        READ
    }

    private static final long[] NONE = {};

    /** Those behind its end are not set. */
    private long[] deadlines = NONE;

    void set(Timer timer, long deadlineNanos) {
        int length = deadlines.length;
        if (timer.ordinal() >= length) {
            deadlines = Arrays.copyOf(deadlines, Math.max(timer.ordinal(), Timer.STABLE.ordinal()) + 1);
            Arrays.fill(deadlines, length, deadlines.length, NEVER);
        }
        deadlines[timer.ordinal()] = deadlineNanos;
    }

    long deadline(Timer timer) {
        return timer.ordinal() < deadlines.length ? deadlines[timer.ordinal()] : NEVER;
    }

    void stop(Timer timer) {
        if (timer.ordinal() < deadlines.length) {
            deadlines[timer.ordinal()] = NEVER;
        }
    }

    void stopAll() {
        deadlines = NONE;
    }

    /** Stops what has to do with a connection, or the wait for one. */
    void stopConnecting() {
        Arrays.fill(deadlines, 0, Math.min(Timer.EXPIRY.ordinal(), deadlines.length), NEVER);
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
        if (deadline(timer) > nowNanos) {
            return false;
        }
        stop(timer);
        return true;
    }
}
