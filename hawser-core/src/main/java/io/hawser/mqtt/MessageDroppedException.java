package io.hawser.mqtt;

/**
 * An exception for a message that the client gave up without the broker's answer, by a rule that the program chose or
 * accepted.
 */
public final class MessageDroppedException extends MqttException {
    private static final long serialVersionUID = 1L;

    /** The rule by which a message was given up. */
    public enum Rule {
        /** The queue was at its bound: the new message was rejected. */
        QUEUE_FULL,
        /** The queue was at its bound: this message, the oldest, was dropped for a new one. */
        OLDEST_DROPPED,
        /**
         * The broker lost the session before PUBCOMP of a QoS 2 message: nobody can know whether the message had
         * arrived, and the program chose to fail rather than risk a duplicate ({@code republishAmbiguous}).
         */
        SESSION_LOST,
        /** The message was in the queue for longer than its expiry. */
        EXPIRED,
        /**
         * The message has attributes of MQTT 5.0, the connection is older, and the program did not allow to leave them
         * out.
         */
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
