package io.hawser.testing;

import io.hawser.mqtt.TopicFilter;

/**
 * A way in which a broker differs from what a client might expect of it, as a value: each is that of a broker in use. A {@link
 * ModelBroker} has the quirks that {@link Misbehaviour#quirks} was given, at most one of each kind.
 */
public sealed interface Quirk {
    /** The lowest reason code that refuses. */
    int FIRST_REFUSAL = 0x80;

    /**
     * Ends the connection on a PUBLISH to a matching topic with a payload of more than {@code largerThan} bytes; -1 is any.
     *
     * @param blames the code of the DISCONNECT before (MQTT 5.0), or 0 to close without a word
     */
    record ClosesOnPublish(TopicFilter topics, int largerThan, int blames) implements Quirk {
        public ClosesOnPublish {
            if (blames != 0) {
                requireRefusal(blames);
            }
        }
    }

    /** Closes the connection on a SUBSCRIBE with this filter, as ejabberd does for {@code $share} in MQTT 3.1.1. */
    record ClosesOnFilter(TopicFilter filter) implements Quirk {}

    /** Closes the connection on a SUBSCRIBE or UNSUBSCRIBE with more than {@code most} filters: 8 with AWS IoT Core. */
    record ClosesOnManyFilters(int most) implements Quirk {}

    /** Closes the connection on an UNSUBSCRIBE with this filter. */
    record ClosesOnUnsubscribe(TopicFilter filter) implements Quirk {}

    /** Closes the connection on a CONNECT with a will. */
    record ClosesOnWill() implements Quirk {}

    /** Answers a PUBLISH to a matching topic at QoS 1 or 2 with this code, whether the standard has it or not (MQTT 5.0). */
    record RefusesPublish(TopicFilter topics, int code) implements Quirk {
        public RefusesPublish {
            requireRefusal(code);
        }
    }

    /** Answers a subscription to this filter with this code, whether the standard has it or not; not in MQTT 3.1. */
    record RefusesFilter(TopicFilter filter, int code) implements Quirk {
        public RefusesFilter {
            requireRefusal(code);
        }
    }

    /** Answers the end of a subscription to this filter with this code (MQTT 5.0), and keeps the subscription. */
    record RefusesUnsubscribe(TopicFilter filter, int code) implements Quirk {
        public RefusesUnsubscribe {
            requireRefusal(code);
        }
    }

    /** Has so many messages more unacknowledged than the client's receive maximum allows, as Mosquitto 2.0.11 may. */
    record ExceedsReceiveMaximum(int by) implements Quirk {}

    /**
     * Takes messages at QoS 2 for such at QoS 1, and answers nothing any more on a connection on which PUBREL has come: RabbitMQ
     * 3.10, where PUBREL ends the connection's process.
     */
    record LacksExactlyOnce() implements Quirk {}

    /** Answers a CONNECT of MQTT 5.0 with return code 1 of older versions in the frame of MQTT 5.0, as Moquette 0.17 does. */
    record MixesConnAck() implements Quirk {}

    /** Sends one copy for each subscription that matches, where one for all is expected: Mosquitto 2.0 on MQTT 5.0. */
    record CopiesPerSubscription() implements Quirk {}

    /** Forgets with each connection the messages at QoS 2 that wait for their PUBREL, though it keeps the session. */
    record ForgetsUnreleased() implements Quirk {}

    private static void requireRefusal(int code) {
        if (code < FIRST_REFUSAL || code > 0xFF) {
            throw new IllegalArgumentException("code is " + code + ", must be 128 to 255");
        }
    }
}
