package io.hawser.mqtt;

import java.util.Objects;

/**
 * What to receive: a topic filter and the highest quality of service at which the broker is to deliver
 * (default {@link Qos#EXACTLY_ONCE}, so that messages arrive as they were published).
 *
 * @param filter which topics
 * @param qos at most this; the broker may grant less
 */
public record Subscription(TopicFilter filter, Qos qos) {
    public Subscription {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(qos, "qos");
    }

    /**
     * A subscription to the topics that match {@code filter}.
     *
     * @throws IllegalArgumentException if it is not a valid topic filter
     */
    public static Subscription to(String filter) {
        return new Subscription(TopicFilter.of(filter), Qos.EXACTLY_ONCE);
    }

    /** As every record's, control characters escaped. */
    @Override
    public String toString() {
        return "Subscription[filter=" + Utf8.printable(filter.toString()) + ", qos=" + qos + "]";
    }

    /** This subscription with another highest quality of service. */
    public Subscription qos(Qos qos) {
        return new Subscription(filter, qos);
    }
}
