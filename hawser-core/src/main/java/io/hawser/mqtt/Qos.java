package io.hawser.mqtt;

/** The quality of service of a PUBLISH or a subscription: how often a message may arrive (MQTT 3.1.1, section 4.3). */
public enum Qos {
    /** QoS 0, at most once: sent without an acknowledgement; lost if the connection is lost. */
    AT_MOST_ONCE,
    /** QoS 1, at least once: sent again until acknowledged; may arrive more than once. */
    AT_LEAST_ONCE,
    /** QoS 2, exactly once: a two-step acknowledgement keeps repetitions away from the receiver. */
    EXACTLY_ONCE;

    private static final Qos[] LEVELS = values();

    /** The number of this quality of service in packets: 0, 1 or 2. */
    public int level() {
        return ordinal();
    }

    /**
     * The quality of service with this number.
     *
     * @throws IllegalArgumentException unless {@code level} is 0, 1 or 2 [MQTT-3.3.1-4]
     */
    public static Qos of(int level) {
        if (level < 0 || level > 2) {
            throw new IllegalArgumentException("qos is " + level + ", must be 0, 1 or 2 [MQTT-3.3.1-4]");
        }
        return LEVELS[level];
    }

    /** The lower of this quality of service and {@code other}. */
    public Qos atMost(Qos other) {
        return ordinal() <= other.ordinal() ? this : other;
    }
}
