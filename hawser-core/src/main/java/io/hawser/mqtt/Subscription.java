package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to receive, and how: a topic filter, the highest quality of service at which the broker is to deliver (default
 * {@link Qos#EXACTLY_ONCE}, so that messages arrive as they were published), and the options of MQTT 5.0.
 *
 * @param filter which topics
 * @param qos at most this; the broker may grant less
 * @param noLocal whether to leave out what this client itself publishes (default: no)
 * @param retainAsPublished whether messages keep the retain flag they were published with (default: no; set only on messages
 *     that the broker had kept)
 * @param retainHandling when the broker sends what it has kept (default: whenever subscribed)
 * @param identifier comes back on every message that matches, 1 to 268,435,455; 0 for none
 */
public record Subscription(
        TopicFilter filter,
        Qos qos,
        boolean noLocal,
        boolean retainAsPublished,
        RetainHandling retainHandling,
        int identifier) {
    /** The largest subscription identifier. */
    public static final int MAXIMUM_IDENTIFIER = 268_435_455;

    /** When a subscription gets the messages that the broker has kept (MQTT 5.0, section 3.8.3.1). */
    public enum RetainHandling {
        /** Each time the subscription is made. */
        SEND,
        /** Only if the subscription is new to the broker. */
        SEND_IF_NEW,
        /** Never. */
        DO_NOT_SEND
    }

    public Subscription {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(qos, "qos");
        Objects.requireNonNull(retainHandling, "retainHandling");
        if (identifier < 0 || identifier > MAXIMUM_IDENTIFIER) {
            throw new IllegalArgumentException("subscription identifier is " + identifier + ", must be 1 to "
                    + MAXIMUM_IDENTIFIER + ", or 0 for none");
        }
        if (noLocal && filter.isShared()) {
            throw new IllegalArgumentException("noLocal is set on the shared subscription '"
                    + Utf8.printable(filter.toString()) + "', must not be [MQTT-3.8.3-4]");
        }
    }

    /** Written out, as {@link #hashCode} is. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Subscription that
                && filter.equals(that.filter)
                && qos == that.qos
                && noLocal == that.noLocal
                && retainAsPublished == that.retainAsPublished
                && retainHandling == that.retainHandling
                && identifier == that.identifier;
    }

    /**
     * Written out: the JDK's hash code of a record refers softly to the types of the components, and so to the class loader of an
     * application that was removed.
     */
    @Override
    public int hashCode() {
        return Objects.hash(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** A subscription with the defaults of MQTT 3.1.1 in everything but filter and quality of service. */
    public Subscription(TopicFilter filter, Qos qos) {
        this(filter, qos, false, false, RetainHandling.SEND, 0);
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
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with or without what this client itself publishes (MQTT 5.0). */
    public Subscription noLocal(boolean noLocal) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with messages keeping the retain flag they were published with, or not (MQTT 5.0). */
    public Subscription retainAsPublished(boolean retainAsPublished) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with another way to get what the broker has kept (MQTT 5.0). */
    public Subscription retainHandling(RetainHandling retainHandling) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with an identifier that comes back on every message that matches (MQTT 5.0). */
    public Subscription identifier(int identifier) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** Whether the retain handling is another than that of MQTT 3.x. */
    public boolean hasRetainHandling() {
        return retainHandling != RetainHandling.SEND;
    }

    /** Whether any option is set that MQTT 3.x cannot say. */
    public boolean hasOptions() {
        return noLocal || retainAsPublished || hasRetainHandling() || identifier != 0;
    }
}
