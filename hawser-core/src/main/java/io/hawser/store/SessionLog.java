package io.hawser.store;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The stored side of one session, open for one client. What happens to the session is logged here as it happens; a later
 * client replays it.
 *
 * <p>Calls come from one thread at a time and, except {@link #close}, must not block. What has been logged need not be safe before {@link #sync}
 * says so. The methods with a body are for stores that do more than keep the session's own objects: one that
 * {@linkplain #readsBack reads back}, and one that can fail for a while.
 */
public interface SessionLog {
    /**
     * Tells what the log holds, in this order. Called once, before anything is logged.
     *
     * @param publishes takes publishes, by rising sequence, and returns the object that stands for each from now on, whose
     *     changes count: all that are in flight or {@linkplain #concluded concluded}, and, unless the log
     *     {@linkplain #readsBack reads back}, all that wait to be sent
     * @param received takes each identifier of a received QoS 2 message that is not free yet
     * @param subscriptions takes each subscription
     */
    void replay(UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions);

    /** The highest sequence that was ever accepted, as far as the log knows. */
    default long lastSequence() {
        return 0;
    }

    /** Whether {@link #read} gives back what waits, so that the session need not hold it until then. */
    default boolean readsBack() {
        return false;
    }

    /** Accepted messages that wait to be sent: neither in flight, nor concluded, nor settled. */
    default int waiting() {
        return 0;
    }

    /** The bytes of topics and payloads of those messages. */
    default long waitingBytes() {
        return 0;
    }

    /**
     * Reads messages that wait, everything logged before this call taken into account.
     *
     * @param after only messages with a higher sequence are wanted
     * @param messages the most that are wanted
     * @param bytes of topics and payloads, after which the page ends; it holds at least one message all the same
     * @return by rising sequence; empty if there are no more. Completes on any thread; fails with a {@link StoreException} if
     *     they cannot be read now
     */
    default CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
        return CompletableFuture.completedFuture(List.of());
    }

    /** A message was accepted for sending. */
    void accepted(StoredPublish publish);

    /** A QoS 1 or 2 message got its packet identifier, or lost it (0) with the broker's session. */
    void sent(StoredPublish publish);

    /** PUBREC has come for a QoS 2 message. */
    void released(StoredPublish publish);

    /** What is held against a message ({@link StoredPublish#ends}) has changed. A store that forgets it starts anew. */
    default void suspected(StoredPublish publish) {}

    /**
     * The outcome of a message with a key is known ({@link StoredPublish#result} or {@link StoredPublish#failure}), and waits
     * until somebody has heard of it; {@link #settled} follows then, perhaps by a later client. It has no packet identifier
     * any more, and is no longer sent.
     */
    void concluded(StoredPublish publish);

    /** Nothing more is to be done for a message: acknowledged, refused or dropped, and its outcome heard if it has a key. */
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

    /**
     * Whether what is logged may be unsafe for a while, so that {@link #sync} calls back. Always the same answer. If so, a
     * handler of a QoS 2 message is not called before the end of the one before it is safe.
     */
    default boolean isAsynchronous() {
        return false;
    }

    /** Nothing waits for what was logged last, which need not lie about for that: it may be written when there is time. */
    default void flush() {}

    /**
     * Whether so much waits to be made safe that nothing more should be accepted until some of it is. As long as that is so,
     * {@link #sync} calls back.
     */
    default boolean isOverloaded() {
        return false;
    }

    /**
     * Where to tell that {@link #failure} or {@link #damage} has changed, on any thread. Called once, before {@link #replay}.
     */
    default void watch(Runnable changed) {}

    /** Why nothing can be made safe at the moment, or null if it can. The log tries again by itself. */
    default @Nullable StoreException failure() {
        return null;
    }

    /** What has been found damaged and set aside, when the log was opened or read; null if nothing was. */
    default @Nullable StoreException damage() {
        return null;
    }

    /**
     * While there is a {@link #failure}: gives up every message whose acceptance is not safe. Whatever else was logged stays,
     * and is written when that is possible again.
     *
     * @return the highest sequence whose acceptance is safe
     */
    default long rollback() {
        throw new UnsupportedOperationException("this log does not fail for a while");
    }

    /**
     * Writes what is left to be written, and lets another client open the session. Nothing is logged afterwards. May block, and
     * comes from a thread that may.
     */
    void close();
}
