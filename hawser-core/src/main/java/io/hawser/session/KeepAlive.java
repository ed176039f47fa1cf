package io.hawser.session;

import io.hawser.session.Timers.Timer;

/**
 * Notices a dead connection. PINGREQ is due when nothing has left for the interval [MQTT-3.1.2-23], or nothing has been answered for
 * it, which a client that only publishes at QoS 0 would otherwise not notice. The broker has the ping timeout for PINGRESP, from when
 * PINGREQ has left: until then, output that shrinks is life. Whatever else comes or leaves puts the end off, to {@value #MOST_TIMEOUTS}
 * timeouts at most. Output of which the network takes nothing for the ping timeout is an end, too.
 */
final class KeepAlive {
    /** A broker that does not answer is given up after so many ping timeouts, whatever else it does. */
    private static final int MOST_TIMEOUTS = 3;

    private static final long NOWHERE = Long.MAX_VALUE;

    private final Timers timers;
    private long timeoutNanos;
    private long intervalNanos;
    private long lastSent;
    private long lastAnswered;
    private boolean paused;

    /** Whether PINGRESP is awaited. */
    private boolean pinged;
    /** How much output has left when PINGREQ has; {@link #NOWHERE} while that is not known. */
    private long pingPosition;
    /** Whether PINGREQ has left for the network. */
    private boolean pingLeft;
    /** The latest time at which a missing PINGRESP is an end. */
    private long lastChance;

    /** Output of this connection, as totals in bytes: what the network was given, and what it has taken of that. */
    private long given;

    private long left;
    private long progressAt;

    KeepAlive(Timers timers, long timeoutNanos) {
        this.timers = timers;
        this.timeoutNanos = timeoutNanos;
    }

    /** Changes the time for PINGRESP, from the next PINGREQ on, or the next sign of life before its answer. */
    void timeout(long nanos) {
        timeoutNanos = nanos;
    }

    /** CONNECT is sent on a new connection. */
    void opened(long now) {
        intervalNanos = 0;
        lastSent = now;
        lastAnswered = now;
        paused = false;
        pinged = false;
        given = 0;
        left = 0;
    }

    /** CONNACK has come; the broker may have chosen the interval, 0 is off. */
    void start(long intervalSeconds, long now) {
        intervalNanos = intervalSeconds * 1_000_000_000L;
        lastAnswered = now;
        schedule();
    }

    /** All output has left at once, unless there is some that {@link #output} has to tell of. */
    void sent(long now) {
        if (given > left) {
            return;
        }
        lastSent = now;
        pingPosition = left;
        pingHasLeft(now, 1);
    }

    /**
     * How far the output of this connection is.
     *
     * @param encoded all there is, in bytes since the connection was opened
     * @param given what the network has been given of it: the rest waits on this side, for the store for one
     * @param left what the network has taken
     */
    void output(long encoded, long given, long left, long now) {
        boolean moves = left > this.left;
        if (moves || this.given == this.left) {
            progressAt = now;
        }
        this.given = given;
        this.left = left;
        if (moves) {
            lastSent = now;
        }
        if (pinged && pingPosition == NOWHERE) {
            pingPosition = encoded;
            pingHasLeft(now, 1);
        } else if (moves && pinged && !pingLeft) {
            // What left before PINGREQ may still be in the system's buffers, in front of it.
            pingHasLeft(now, MOST_TIMEOUTS);
        } else if (moves) {
            putOff(now);
        }
        if (given > left && intervalNanos > 0 && timers.deadline(Timer.STALL) == Timers.NEVER) {
            timers.set(Timer.STALL, progressAt + timeoutNanos);
        }
    }

    private void pingHasLeft(long now, int timeouts) {
        if (pinged && !pingLeft && left >= pingPosition) {
            pingLeft = true;
            lastChance = now + MOST_TIMEOUTS * timeoutNanos;
            timers.set(Timer.PING, now + timeouts * timeoutNanos);
        }
    }

    /** Something has arrived, which shows that the connection lives, and not that the broker reads. */
    void received(long now) {
        putOff(now);
    }

    private void putOff(long now) {
        long deadline = timers.deadline(Timer.PING);
        if (deadline != Timers.NEVER) {
            timers.set(Timer.PING, Math.max(deadline, Math.min(now + timeoutNanos, lastChance)));
        }
    }

    /** The broker has answered something, so it reads. */
    void answered(long now) {
        lastAnswered = now;
    }

    void pingResp(long now) {
        lastAnswered = now;
        pinged = false;
        timers.stop(Timer.PING);
    }

    /** Without reading, no PINGRESP can arrive. */
    void paused(boolean paused, long now) {
        this.paused = paused;
        lastAnswered = now;
        waitAnew(now);
    }

    private void waitAnew(long now) {
        if (timers.deadline(Timer.PING) != Timers.NEVER) {
            lastChance = now + MOST_TIMEOUTS * timeoutNanos;
            timers.set(Timer.PING, now + timeoutNanos);
        }
    }

    /** Whether silence proves nothing. */
    boolean paused() {
        return paused;
    }

    /** Whether PINGREQ is due now. The timer is not moved with every packet, only looked at when it expires. */
    boolean pingDue(long now) {
        boolean due = now - idleSince() >= intervalNanos && !(pinged && !pingLeft);
        if (due) {
            pinged(now);
        }
        if (intervalNanos > 0) {
            timers.set(Timer.KEEP_ALIVE, Math.max(idleSince(), pinged && !pingLeft ? now : 0) + intervalNanos);
        }
        return due;
    }

    /** PINGREQ is sent, whether the connection was silent or what follows needs a sound one. */
    void pinged(long now) {
        if (!pinged) {
            pinged = true;
            pingLeft = false;
            pingPosition = NOWHERE;
        }
        lastSent = now;
    }

    /** Whether the connection is dead, now that the ping timer has expired. */
    boolean dead(long now) {
        if (paused) {
            lastChance = now + MOST_TIMEOUTS * timeoutNanos;
            timers.set(Timer.PING, now + timeoutNanos);
        }
        return !paused;
    }

    /** Whether the network takes nothing any more, now that it is time to look. */
    boolean stalled(long now) {
        if (given == left) {
            return false;
        }
        if (progressAt + timeoutNanos > now) {
            timers.set(Timer.STALL, progressAt + timeoutNanos);
            return false;
        }
        return true;
    }

    private long idleSince() {
        return pinged ? lastSent : Math.min(lastSent, lastAnswered);
    }

    private void schedule() {
        if (intervalNanos > 0) {
            timers.set(Timer.KEEP_ALIVE, idleSince() + intervalNanos);
        }
    }
}
