package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A subscription: a topic filter, the highest quality of service at which the broker is to deliver (default
 * {@link Qos#EXACTLY_ONCE}, so that messages arrive as they were published), and the options of MQTT 5.0. Immutable.
 *
 * @param filter the topics
 * @param qos the highest quality of service; the broker may grant less
 * @param noLocal whether the broker leaves out messages that this client itself publishes (default: false)
 * @param retainAsPublished whether messages keep the retain flag with which they were published (default: false; the
 *     flag is set only on messages that the broker had retained)
 * @param retainHandling when the broker sends retained messages (default: with each SUBSCRIBE)
 * @param identifier the subscription identifier, which comes with every message that matches: 1 to 268,435,455; 0 for
 *     none
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

    /** The time at which a subscription gets retained messages (MQTT 5.0, section 3.8.3.1). */
    public enum RetainHandling {
        /** With each SUBSCRIBE. */
        SEND,
        /** With a SUBSCRIBE whose subscription is new to the broker. */
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

    /** Written out for the reason of {@link #hashCode}. */
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
     * Written out, because the JDK's hash code of a record refers softly to the components' types, and so to the class
     * loader of an application that was removed.
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
     * A subscription to the topics that match {@code filter}, at up to QoS 2.
     *
     * @throws IllegalArgumentException if {@code filter} is not a valid topic filter
     */
    public static Subscription to(String filter) {
        return new Subscription(TopicFilter.of(filter), Qos.EXACTLY_ONCE);
    }

    /** Filter and quality of service, with control characters escaped. */
    @Override
    public String toString() {
        return "Subscription[filter=" + Utf8.printable(filter.toString()) + ", qos=" + qos + "]";
    }

    /** This subscription with another highest quality of service. */
    public Subscription qos(Qos qos) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with {@code noLocal} set or cleared (MQTT 5.0). */
    public Subscription noLocal(boolean noLocal) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with {@code retainAsPublished} set or cleared (MQTT 5.0). */
    public Subscription retainAsPublished(boolean retainAsPublished) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with another {@code retainHandling} (MQTT 5.0). */
    public Subscription retainHandling(RetainHandling retainHandling) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** This subscription with an identifier, which comes with every message that matches (MQTT 5.0). */
    public Subscription identifier(int identifier) {
        return new Subscription(filter, qos, noLocal, retainAsPublished, retainHandling, identifier);
    }

    /** Whether the retain handling differs from that of MQTT 3.x. */
    public boolean hasRetainHandling() {
        return retainHandling != RetainHandling.SEND;
    }

    /** Whether an option is set that MQTT 3.x does not have. */
    public boolean hasOptions() {
        return noLocal || retainAsPublished || hasRetainHandling() || identifier != 0;
    }
}
