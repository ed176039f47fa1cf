package io.hawser.session;

import io.hawser.session.Timers.Timer;

/**
 * Notices a dead connection: PINGREQ when nothing was sent for the interval [MQTT-3.1.2-23], or nothing received, which a
 * client that only publishes would otherwise not notice; and an end when nothing comes for the ping timeout after it.
 */
final class KeepAlive {
    private final Timers timers;
    private final long timeoutNanos;
    private long intervalNanos;
    private long lastSent;
    private long lastReceived;
    private boolean paused;

    KeepAlive(Timers timers, long timeoutNanos) {
        this.timers = timers;
        this.timeoutNanos = timeoutNanos;
    }

    /** CONNECT is sent on a new connection. */
    void opened(long now) {
        lastSent = now;
        paused = false;
    }

    /** CONNACK has come; the broker may have chosen the interval, 0 is off. */
    void start(long intervalSeconds) {
        intervalNanos = intervalSeconds * 1_000_000_000L;
        schedule();
    }

    void sent(long now) {
        lastSent = now;
    }

    /** Anything that arrives shows that the connection lives. */
    void received(long now) {
        lastReceived = now;
        if (waiting()) {
            timers.set(Timer.PING, now + timeoutNanos);
        }
    }

    void pingResp() {
        timers.stop(Timer.PING);
    }

    /** Without reading, no PINGRESP can arrive. */
    void paused(boolean paused, long now) {
        this.paused = paused;
        received(now);
    }

    /** Whether silence proves nothing. */
    boolean paused() {
        return paused;
    }

    /** Whether PINGREQ is due now. The timer is not moved with every packet, only looked at when it expires. */
    boolean pingDue(long now) {
        boolean due = now - idleSince() >= intervalNanos;
        if (due) {
            if (!waiting()) {
                timers.set(Timer.PING, now + timeoutNanos);
            }
            lastSent = now;
        }
        schedule();
        return due;
    }

    /** Whether the connection is dead, now that the ping timer has expired. */
    boolean dead(long now) {
        if (paused) {
            timers.set(Timer.PING, now + timeoutNanos);
        }
        return !paused;
    }

    private boolean waiting() {
        return timers.deadline(Timer.PING) != Timers.NEVER;
    }

    private long idleSince() {
        return waiting() ? lastSent : Math.min(lastSent, lastReceived);
    }

    private void schedule() {
        if (intervalNanos > 0) {
            timers.set(Timer.KEEP_ALIVE, idleSince() + intervalNanos);
        }
    }
}
