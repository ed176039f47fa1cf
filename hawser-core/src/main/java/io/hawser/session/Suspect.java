package io.hawser.session;

/** A request that is set aside because the broker ended connections on it. */
final class Suspect {
    /** Trials that ended with the connection, after which it fails, if another request has been answered meanwhile. */
    private static final int ENDS = 3;
    /** The same if none was: the broker may end connections on every request for a while, some minutes in all. */
    private static final int ENDS_WITHOUT_CONTROL = 5;
    /** From being set aside to the first trial; it grows threefold. */
    private static final long FIRST_DISTANCE_NANOS = 1_000_000_000L;

    private static final long LONGEST_DISTANCE_NANOS = 300_000_000_000L;
    /** How long a connection must have lived before a trial: more than some round trips, and no more than a short process has. */
    private static final long FIRST_AGE_NANOS = 250_000_000L;
    /** Few networks leave all connections alone for longer. */
    private static final long LONGEST_AGE_NANOS = 60_000_000_000L;
    /** So many times longer than a trial a connection must have lived before it. */
    private static final int SOONER_THAN_BEFORE = 4;

    final Object request;
    /** How many requests had been answered when it was set aside. */
    private final long answeredBefore;
    /** Ends of connections on it. */
    private int ends;
    /** Ends of trials that count against it. */
    private int counted;

    private int trials;
    private long dueAtNanos;
    private long ageNanos = FIRST_AGE_NANOS;
    /** Whether this client has told of it. */
    boolean told;

    Suspect(Object request, int ends, int counted, long answeredBefore) {
        this.request = request;
        this.ends = ends;
        this.counted = counted;
        this.trials = counted;
        this.answeredBefore = answeredBefore;
    }

    int ends() {
        return ends;
    }

    int counted() {
        return counted;
    }

    /** When it is to be tried on a connection that was accepted then. */
    long dueAt(long connectedAt) {
        return Math.max(dueAtNanos, connectedAt + ageNanos);
    }

    /** It is tried after a while, which is longer from time to time. */
    void postpone(long now) {
        long distance = FIRST_DISTANCE_NANOS;
        for (int i = 0; i < trials && distance < LONGEST_DISTANCE_NANOS; i++) {
            distance *= 3;
        }
        trials++;
        dueAtNanos = now + Math.min(distance, LONGEST_DISTANCE_NANOS);
    }

    /**
     * A trial has ended with its connection, which the peer has ended while this was alone on the wire. A connection that fails by
     * chance does so rarely just after the request was sent: without a reason that blames it, the end counts only if it came much
     * sooner than the connection had lived before.
     */
    void ended(Evidence evidence, long connectedAt, long sentAt, long now) {
        ends++;
        long needed = (now - sentAt) * SOONER_THAN_BEFORE;
        if (evidence == Evidence.BLAMED || needed <= sentAt - connectedAt) {
            counted++;
        } else {
            ageNanos = Math.max(ageNanos, Math.min(needed, LONGEST_AGE_NANOS));
        }
    }

    /**
     * Whether it fails, now that so many requests have been answered.
     *
     * @param precedented whether others to the same topic have failed so: then one end is enough
     */
    boolean isConvicted(long answered, boolean precedented) {
        return counted >= (!isBefore(answered) ? ENDS_WITHOUT_CONTROL : precedented ? 1 : ENDS);
    }

    /** Whether others have been answered since it was set aside. */
    boolean isBefore(long answered) {
        return answered > answeredBefore;
    }

    /** Another suspect has turned out to be none, so that the ends have another reason. Returns whether that changes anything. */
    boolean reconsider() {
        boolean changes = counted > 0;
        counted = 0;
        return changes;
    }
}
