package io.hawser.mqtt;

/** A message was given up without the broker's answer, by a rule that the program chose or accepted. */
public final class MessageDroppedException extends MqttException {
    private static final long serialVersionUID = 1L;

    /** The rule by which a message was given up. */
    public enum Rule {
        /** The queue was at its bound: the new message was not accepted. */
        QUEUE_FULL,
        /** The queue was at its bound: this message, the oldest, made room. */
        OLDEST_DROPPED,
        /**
         * The broker lost the session before it answered a QoS 2 message: whether it had arrived cannot be known, and
         * the client was told to fail rather than risk a duplicate.
         */
        SESSION_LOST,
        /** The message waited here for longer than its expiry. */
        EXPIRED,
        /** The message has attributes of MQTT 5.0, the connection is older, and leaving them out was not allowed. */
        NEEDS_MQTT_5
    }

    private final Rule rule;

    public MessageDroppedException(Rule rule, String message) {
        super(message, null, Fault.LOCAL, true);
        this.rule = rule;
    }

    /** The rule that was applied. */
    public Rule rule() {
        return rule;
    }
}
