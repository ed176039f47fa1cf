package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.store.SessionContents.StoredPublish;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One accepted publish on its way: queue node, slot of the window and the caller's future in one object, since there are
 * millions of them. The session never completes the future; it asks {@link Effects} to.
 */
public class PublishRequest extends WatchedFuture<PublishResult> implements StoredPublish {
    /** Null while it waits far behind and the log keeps it. */
    private @Nullable Message message;

    private final int size;
    /** What of it are properties, which a log does not count. */
    private final int propertiesSize;

    private final @Nullable Keyed keyed;

    /** The next in the queue. */
    @Nullable
    PublishRequest next;

    long sequence;
    /** 0 while it has none. */
    char packetId;

    boolean released;
    boolean logged;
    boolean possiblyDuplicated;
    /** Whether it comes from the log, so that nobody holds this object. */
    private boolean restored;
    /** What is counted against the message, as {@link StoredPublish#ends} says it. */
    byte ends;
    /** When it was accepted, by which its expiry is reckoned. */
    long acceptedAtNanos;
    /** Whether it is on the wire of the connection that is open now, not waiting to be sent again. */
    boolean onWire;

    /** What only a message has whose outcome is told by a name. */
    private static final class Keyed {
        final String key;

        @Nullable
        PublishResult result;

        @Nullable
        MqttException failure;

        Keyed(String key) {
            this.key = key;
        }
    }

    public PublishRequest(Message message) {
        this(message, null);
    }

    /** @param key by which the outcome is told, or null */
    public PublishRequest(Message message, @Nullable String key) {
        this.message = message;
        this.size = sizeOf(message);
        this.propertiesSize = size - message.topicName().sizeInBytes() - message.payloadSize();
        this.keyed = key == null ? null : new Keyed(key);
    }

    /** A publish as an earlier client of this session left it, or as the log gives it back. */
    PublishRequest(StoredPublish stored) {
        this(stored.message(), stored.key());
        this.restored = true;
        this.sequence = stored.sequence();
        this.packetId = (char) stored.packetId();
        this.released = stored.released();
        this.possiblyDuplicated = stored.possiblyDuplicated();
        this.logged = true;
        this.ends = (byte) stored.ends();
        // Until it is known what time it is.
        this.acceptedAtNanos = -stored.ageNanos();
        if (keyed != null) {
            keyed.result = stored.result();
            keyed.failure = stored.failure();
        }
    }

    @Override
    public final Message message() {
        return Objects.requireNonNull(message, "message is in the log only");
    }

    final boolean isExactlyOnce() {
        return message().qos() == Qos.EXACTLY_ONCE;
    }

    /** Leaves the message to the log, until it is {@linkplain #load given back}. */
    final void unload() {
        message = null;
    }

    final void load(Message again) {
        message = again;
    }

    final boolean isLoaded() {
        return message != null;
    }

    @Override
    public final long sequence() {
        return sequence;
    }

    @Override
    public final @Nullable String key() {
        return keyed == null ? null : keyed.key;
    }

    @Override
    public final int packetId() {
        return packetId;
    }

    @Override
    public final boolean released() {
        return released;
    }

    @Override
    public final boolean possiblyDuplicated() {
        return possiblyDuplicated;
    }

    @Override
    public final int ends() {
        return ends;
    }

    /** Of a message with a key: how it ended, well or badly. */
    final void conclude(@Nullable PublishResult result, @Nullable MqttException failure) {
        if (keyed != null) {
            keyed.result = result;
            keyed.failure = failure;
        }
    }

    @Override
    public final @Nullable PublishResult result() {
        return keyed == null ? null : keyed.result;
    }

    @Override
    public final @Nullable MqttException failure() {
        return keyed == null ? null : keyed.failure;
    }

    final boolean isConcluded() {
        return keyed != null && (keyed.result != null || keyed.failure != null);
    }

    /** Whether this goes to the log of a kept session: at QoS 1 and 2 always, at QoS 0 if it was enqueued. */
    protected boolean durable() {
        return message().qos() != Qos.AT_MOST_ONCE;
    }

    /** Whether somebody holds the future, so that this object must be kept until it settles. */
    protected boolean awaited() {
        return true;
    }

    /** Whether nobody hears how it ends: no future is held, and no key is told. */
    final boolean isUnheard() {
        return keyed == null && (restored || !awaited());
    }

    /** What it costs in the queue, in bytes. */
    public final int size() {
        return size;
    }

    /** What a log counts for it, in bytes: topic and payload. */
    final int loggedSize() {
        return size - propertiesSize;
    }

    static int sizeOf(Message message) {
        return message.sizeInBytes();
    }
}
