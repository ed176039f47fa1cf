package io.hawser.session;

/** A request that is set aside because the broker ended connections on it. */
final class Suspect {
    /** From being set aside to the first trial, and how long a connection must have lived for it; it grows threefold. */
    static final long FIRST_DISTANCE_NANOS = 1_000_000_000L;

    private static final long LONGEST_DISTANCE_NANOS = 300_000_000_000L;
    /** How long a connection must have lived before a trial, at most: few networks leave all connections alone for longer. */
    private static final long LONGEST_STRETCH_NANOS = 60_000_000_000L;
    /** So many times longer than a trial a connection must have lived before it. */
    private static final int SOONER_THAN_BEFORE = 4;

    final Object request;
    /** Ends of connections before it was set aside. */
    final int ends;

    /** Ends of trials, which count against it. */
    int lonelyEnds;

    private int trials;
    private long dueAtNanos;

    Suspect(Object request, int ends, int lonelyEnds) {
        this.request = request;
        this.ends = ends;
        this.lonelyEnds = lonelyEnds;
        this.trials = lonelyEnds;
    }

    private long distance() {
        long distance = FIRST_DISTANCE_NANOS;
        for (int i = 0; i < trials && distance < LONGEST_DISTANCE_NANOS; i++) {
            distance *= 3;
        }
        return Math.min(distance, LONGEST_DISTANCE_NANOS);
    }

    /** When it is to be tried on a connection that was accepted then. */
    long dueAt(long connectedAt) {
        return Math.max(dueAtNanos, connectedAt + Math.min(distance(), LONGEST_STRETCH_NANOS));
    }

    void postpone(long now) {
        dueAtNanos = now + distance();
    }

    /**
     * A trial has ended without an answer, and with its connection. A connection that fails by chance does so rarely just
     * after the request was sent, so the end counts only if it came much sooner than the connection had lived before.
     *
     * @param evidence of the end, for a request that was alone on the wire
     */
    void tried(Evidence evidence, long connectedAt, long sentAt, long now) {
        boolean soon = (now - sentAt) * SOONER_THAN_BEFORE <= sentAt - connectedAt;
        if (soon || evidence == Evidence.BLAMED) {
            lonelyEnds += evidence.weight();
        }
        trials++;
        postpone(now);
    }
}
