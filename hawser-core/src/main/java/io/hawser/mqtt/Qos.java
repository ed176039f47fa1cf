package io.hawser.mqtt;

/** How often a message may arrive: the quality of service of one PUBLISH or of one subscription (MQTT 3.1.1, section 4.3). */
public enum Qos {
    /** At most once: sent and forgotten; lost when the connection is lost. */
    AT_MOST_ONCE,
    /** At least once: repeated until acknowledged; may arrive more than once. */
    AT_LEAST_ONCE,
    /** Exactly once: a two-step acknowledgement keeps repetitions away from the receiver. */
    EXACTLY_ONCE;

    private static final Qos[] LEVELS = values();

    /** The level as it stands on the wire: 0, 1 or 2. */
    public int level() {
        return ordinal();
    }

    /**
     * The quality of service with this level.
     *
     * @throws IllegalArgumentException unless {@code level} is 0, 1 or 2 [MQTT-3.3.1-4]
     */
    public static Qos of(int level) {
        if (level < 0 || level > 2) {
            throw new IllegalArgumentException("qos is " + level + ", must be 0, 1 or 2 [MQTT-3.3.1-4]");
        }
        return LEVELS[level];
    }

    /** The lower of this and {@code other}. */
    public Qos atMost(Qos other) {
        return ordinal() <= other.ordinal() ? this : other;
    }
}
