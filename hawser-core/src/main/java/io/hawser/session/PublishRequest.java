package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.store.SessionContents.StoredPublish;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One publish on its way: the caller's future, the node of mailbox and queue, and the slot of the window in one object, since
 * there are millions of them.
 */
public class PublishRequest extends Request<PublishResult> implements StoredPublish {
    /** Null while it waits far behind and the log keeps it. */
    private @Nullable Message message;

    private final int size;
    /** What of it are properties, which a log does not count. */
    private final int propertiesSize;

    private final @Nullable Keyed keyed;
    /** The future of an enqueued message, which completes when the message is safe; null if the message was published. */
    private final @Nullable CompletableFuture<Void> acceptance;

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
        this(message, null, null, null);
    }

    /**
     * @param key by which the outcome is told, or null
     * @param acceptance completes when an enqueued message is safe; null if the message is published
     */
    public PublishRequest(
            Message message,
            @Nullable String key,
            @Nullable CompletableFuture<Void> acceptance,
            @Nullable Watch watch) {
        super(watch);
        this.message = message;
        this.size = sizeOf(message);
        this.propertiesSize = size - message.topicName().sizeInBytes() - message.payloadSize();
        this.keyed = key == null ? null : new Keyed(key);
        this.acceptance = acceptance;
    }

    /** A publish as an earlier client of this session left it, or as the log gives it back. */
    PublishRequest(StoredPublish stored) {
        this(stored.message(), stored.key(), null, null);
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

    @Override
    public final void run(Intake intake) {
        intake.publish(this);
    }

    /** Completes the acceptance, because the message is as safe as the store promises. */
    public final void accept() {
        if (acceptance != null) {
            acceptance.complete(null);
        }
    }

    /** Fails the message, and its acceptance if that is not complete. */
    @Override
    public final void fail(MqttException cause) {
        super.fail(cause);
        if (acceptance != null) {
            acceptance.completeExceptionally(cause);
        }
    }

    /** Fails the message if the session did not get it; a message that the session has is sent and settled like any other. */
    @Override
    public final void interrupted(MqttException cause) {
        if (sequence == 0) {
            fail(cause);
        } else if (acceptance != null) {
            acceptance.completeExceptionally(cause);
        }
    }

    final @Nullable PublishRequest nextInQueue() {
        return (PublishRequest) next();
    }

    /** Whether this goes to the log of a kept session: at QoS 1 and 2 always, at QoS 0 if it was enqueued. */
    final boolean durable() {
        return isEnqueued() || message().qos() != Qos.AT_MOST_ONCE;
    }

    /** Whether the caller awaits the acceptance only; the outcome is told by the message's key, if at all. */
    public final boolean isEnqueued() {
        return acceptance != null;
    }

    /** Whether somebody holds the future, so that this object must be kept until it settles. */
    final boolean awaited() {
        return acceptance == null;
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
