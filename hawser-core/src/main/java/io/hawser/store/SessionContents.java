package io.hawser.store;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a session, for reading. A client reads them through its {@link SessionLog}, on its event loop, which must not
 * be blocked; a tool may read them by themselves.
 *
 * <p>Only {@link #replay} is needed. A store that keeps messages in memory anyway replays all of them; the other methods are for
 * a store with a {@linkplain #readsBack backlog} of its own, which the client then need not hold.
 *
 * <p>A method may throw a {@link StoreException}, which fails what the client was asked to do; anything else that a method throws
 * costs the client its connection, and the client goes on.
 */
public interface SessionContents {
    /**
     * Tells the contents. A client calls this once, when it is built and before it logs anything, on the thread that builds it.
     *
     * @param publishes takes messages by rising {@link StoredPublish#sequence}: all that are in flight or
     *     {@linkplain SessionLog#concluded concluded}, and, unless the session {@linkplain #readsBack reads back}, all that are
     *     queued. Returns the object that stands for the message from now on; the client passes that object to the log, and a
     *     store may keep it instead of its own
     * @param received takes each packet identifier of a received QoS 2 message that is not free yet
     * @param subscriptions takes each subscription
     */
    void replay(UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions);

    /**
     * The highest sequence that was ever accepted, as far as the store knows; 0 if it does not. A client asks once, after
     * {@link #replay}, and gives higher sequences to its messages.
     */
    default long lastSequence() {
        return 0;
    }

    /**
     * Whether {@link #read} returns queued messages, so that the client need not hold them. Always the same answer. A client
     * asks for each message, so the answer must be a field's.
     */
    default boolean readsBack() {
        return false;
    }

    /** The number of queued messages: accepted, not sent, and not over. A client asks after replay, rollback and pages. */
    default int waiting() {
        return 0;
    }

    /** The bytes of topics and payloads of the queued messages. A client asks when it asks for {@link #waiting}. */
    default long waitingBytes() {
        return 0;
    }

    /**
     * Reads a page of queued messages. Everything logged before this call counts. A client asks for one page at a time, each
     * time its queue in memory runs low.
     *
     * @param after the page holds messages with higher sequences only
     * @param messages the most messages of a page
     * @param bytes the most bytes of topics and payloads of a page; a single message may be longer
     * @return the page, by rising sequence; empty if there are no more messages. It may be completed on any thread. If it fails,
     *     the client tells of it and asks again after a second
     */
    default CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
        return CompletableFuture.completedFuture(List.of());
    }

    /**
     * The damage that was found and set aside when the session was opened or read; null if there was none. A client asks when it
     * is built, and whenever its listener is told of a {@linkplain SessionLog.Listener#healthChanged change}.
     */
    default @Nullable StoreException damage() {
        return null;
    }

    /** An accepted message and how far it has come. Its owner changes it; a store that keeps it sees the changes. */
    interface StoredPublish {
        /** The place in the order of acceptance: rising from message to message of a session, with gaps for what is not logged. */
        long sequence();

        Message message();

        /** The caller's name for the message, by which its outcome is told; null if it has none. */
        default @Nullable String key() {
            return null;
        }

        /** The packet identifier under which it was sent, or 0 if it has not been sent. */
        int packetId();

        /** Whether PUBREC has come, so that PUBREL is what must be repeated. */
        boolean released();

        /** Whether it may have arrived although the broker lost the session it was sent in, so that it may arrive twice. */
        default boolean possiblyDuplicated() {
            return false;
        }

        /** From this number of {@link #ends} on, a message is set aside. */
        int ASIDE = 3;

        /**
         * How many connections in a row the broker has ended when it got this message, as far as that is held against the
         * message: 0 if nothing is, 1 or 2 while it is accused, {@link #ASIDE} and more while it is set aside.
         */
        default int ends() {
            return 0;
        }

        /** How it ended well, once it is {@linkplain SessionLog#concluded concluded}; else null. */
        default @Nullable PublishResult result() {
            return null;
        }

        /** How it ended badly, once it is {@linkplain SessionLog#concluded concluded}; else null. */
        default @Nullable MqttException failure() {
            return null;
        }

        /** How long it had waited when the store handed it over, in nanoseconds; 0 if the store cannot tell. */
        default long ageNanos() {
            return 0;
        }
    }
}
