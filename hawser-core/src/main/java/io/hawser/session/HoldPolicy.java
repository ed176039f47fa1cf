package io.hawser.session;

import java.util.concurrent.TimeUnit;

/**
 * What becomes of QoS 1 and 2 messages that no handler wants.
 *
 * @param graceNanos how long such a message waits for a handler, from its arrival or from READY, whichever is later;
 *     {@link #FOREVER} is without end
 * @param refuses whether it is refused then, where the protocol can say it (MQTT 5.0); else it is acknowledged
 * @param bytes how much may be held: beyond it the oldest are given up at once, whatever the grace
 */
public record HoldPolicy(long graceNanos, boolean refuses, long bytes) {
    /** A grace that does not end. */
    public static final long FOREVER = Long.MAX_VALUE;
    /** The grace of those who give none: longer than a program takes to subscribe, shorter than anybody waits for a message. */
    public static final long USUAL_GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** This policy with another grace. */
    public HoldPolicy grace(long nanos) {
        return new HoldPolicy(nanos, refuses, bytes);
    }

    /** This policy with messages refused, or acknowledged. */
    public HoldPolicy refuses(boolean refuse) {
        return new HoldPolicy(graceNanos, refuse, bytes);
    }

    /** This policy with another bound. */
    public HoldPolicy bytes(long most) {
        return new HoldPolicy(graceNanos, refuses, most);
    }

    boolean isForever() {
        return graceNanos == FOREVER;
    }

    /** When something is done about a held message: it is given up or, if it is held for ever, told. */
    long patienceNanos() {
        return isForever() ? USUAL_GRACE_NANOS : graceNanos;
    }
}
