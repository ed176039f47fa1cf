package io.hawser.store;

import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * The stored side of one session, open for one client. What happens to the session is logged here as it happens; a later
 * client replays it.
 *
 * <p>Calls come from one thread at a time and must not block. What has been logged need not be safe before {@link #sync}
 * says so.
 */
public interface SessionLog {
    /**
     * Tells what the log holds, in this order. Called once, first.
     *
     * @param publishes takes each publish, by rising sequence, and returns the object that stands for it from now on, whose
     *     changes count
     * @param received takes each identifier of a received QoS 2 message that is not free yet
     * @param subscriptions takes each subscription
     */
    void replay(UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions);

    /** A message was accepted for sending. */
    void accepted(StoredPublish publish);

    /** A QoS 1 or 2 message got its packet identifier, or lost it (0) with the broker's session. */
    void sent(StoredPublish publish);

    /** PUBREC has come for a QoS 2 message. */
    void released(StoredPublish publish);

    /** Nothing more is to be done for a message: acknowledged, refused or dropped. */
    void settled(StoredPublish publish);

    /** A QoS 2 message with this identifier has been handled; a repetition must not be. */
    void received(int packetId);

    /** The identifier of a received QoS 2 message is free again. */
    void forgotten(int packetId);

    /** The session has this subscription, in place of any other with its filter. */
    void subscribed(Subscription subscription);

    /** The session has no subscription with this filter any more. */
    void unsubscribed(TopicFilter filter);

    /**
     * Makes everything logged before as safe as the store promises.
     *
     * @param whenSafe called once, on any thread, when it is; not called if this method returns true
     * @return true if it is safe already
     */
    boolean sync(Runnable whenSafe);

    /** Lets another client open the session. Nothing is logged afterwards. */
    void close();
}
