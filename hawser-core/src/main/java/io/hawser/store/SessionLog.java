package io.hawser.store;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * The log of a session that one client has open. The client logs each change of the session as it happens; a later client
 * {@linkplain #replay replays} them.
 *
 * <p>A log has a position, which rises with each entry. The client ends a turn of its event loop with {@link #sync}, which
 * returns the position that must be <em>safe</em>, as durable as the store promises, before anything that depends on the turn's
 * entries may happen; the client holds the turn back until {@link #safePosition} has reached that position.
 *
 * <p>All methods but {@link #close} are called on the client's event loop, one at a time, and must not block: the entries of a
 * message's life are some calls per message, {@link #sync} comes once per turn. A store that writes on the spot, as to a local
 * database, has nothing else to implement: it writes in {@link #sync} and returns 0. The methods with a body are for a store
 * whose entries become safe later, on another thread, or that can fail for a while.
 *
 * <p>An entry's method may throw a {@link StoreException}, which fails the publish or request that it is about. Whatever else a
 * method throws costs the client its connection, not its life: it reconnects, and what the connection had in flight is sent
 * again.
 */
public interface SessionLog extends SessionContents {
    /** The calls that a log makes, on any thread; they return at once and throw nothing. */
    interface Listener {
        /**
         * {@link SessionLog#safePosition} has risen, or {@link SessionLog#isOverloaded} has become false. A log calls this if
         * {@link SessionLog#sync} has returned a position that was not safe, once that position is safe, and if
         * {@link SessionLog#isOverloaded} has returned true, once it would return false.
         */
        void safePositionRose();

        /** {@link SessionLog#failure} or {@link SessionLog#damage} has changed. */
        void healthChanged();
    }

    /** A message was accepted for sending. Its sequence is higher than all before. */
    void accepted(StoredPublish publish);

    /** A QoS 1 or 2 message got its packet identifier and is about to be sent, for the first time or as new. */
    void sent(StoredPublish publish);

    /**
     * A message that was {@linkplain #sent sent} is queued again, without a packet identifier, because the broker has lost the
     * session; {@link StoredPublish#possiblyDuplicated} may have changed.
     */
    void unsent(StoredPublish publish);

    /** PUBREC has come for a QoS 2 message. */
    void released(StoredPublish publish);

    /** {@link StoredPublish#ends} of a message has changed. A store that does not keep it makes the next client start anew. */
    default void suspected(StoredPublish publish) {}

    /**
     * The outcome of a message with a key is known: {@link StoredPublish#result} or {@link StoredPublish#failure}. The message
     * has no packet identifier any more and is not sent again. Its outcome stays in the session until it has been delivered to
     * a listener, in this client or a later one; {@link #settled} follows then.
     */
    void concluded(StoredPublish publish);

    /** A message is over, and its outcome delivered if it has a key: nothing of it is needed any more. */
    void settled(StoredPublish publish);

    /** A received QoS 2 message with this packet identifier has been handled; its repetition must not be. */
    void received(int packetId);

    /** The packet identifier of a received QoS 2 message is free again. */
    void forgotten(int packetId);

    /** The session has this subscription, in place of any other with its filter. */
    void subscribed(Subscription subscription);

    /** The session has no subscription with this filter any more. */
    void unsubscribed(TopicFilter filter);

    /**
     * Ends a batch of entries, and sees to it that they become safe. Called at the end of each turn that has something to send or
     * to tell.
     *
     * @return the position up to which the log must be safe before what depends on the entries may happen; at most
     *     {@link #safePosition} if that is so already
     */
    long sync();

    /**
     * The position up to which everything logged is safe. It only rises. Asked once per turn, and after each
     * {@link Listener#safePositionRose}.
     */
    default long safePosition() {
        return 0;
    }

    /**
     * Whether entries may be unsafe for a while after {@link #sync}. Always the same answer; asked once. If so, the handler of a
     * QoS 2 message is not called before the entry that the message before it was handled is safe.
     */
    default boolean isAsynchronous() {
        return false;
    }

    /** A turn ended that has nothing to send or to tell: its entries may be written when there is time. */
    default void flush() {}

    /**
     * Whether so much waits to be made safe that the client should take nothing more from its callers. Asked before each batch of
     * calls. Once this has returned true, {@link Listener#safePositionRose} follows.
     */
    default boolean isOverloaded() {
        return false;
    }

    /** Sets the listener of this log. Called once, before {@link #replay}. */
    default void listen(Listener listener) {}

    /**
     * The reason for which nothing can be made safe at the moment; null if all is well. The log tries again by itself. Asked when
     * the listener is told of a {@linkplain Listener#healthChanged change}, and before each publish.
     */
    default @Nullable StoreException failure() {
        return null;
    }

    /**
     * Gives up every message whose acceptance lies behind the {@link #safePosition}, and all entries about it. All other entries
     * stay, and are written when that is possible again. Called only while there is a {@link #failure}, once for each.
     *
     * @return the highest sequence whose acceptance is safe
     */
    default long rollback() {
        throw new UnsupportedOperationException("this log does not fail for a while");
    }

    /**
     * Writes what is not written yet, and lets another client open the session. Called when the client ends, on a thread that may
     * be blocked; calls after the first do nothing. Nothing is logged afterwards.
     */
    void close();
}
