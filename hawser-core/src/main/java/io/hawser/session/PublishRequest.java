package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.store.StoredPublish;
import org.jspecify.annotations.Nullable;

/**
 * One accepted publish on its way: queue node, slot of the window and the caller's future in one object, since there are
 * millions of them. The session never completes the future; it asks {@link Effects} to.
 */
public class PublishRequest extends WatchedFuture<PublishResult> implements StoredPublish {
    private final Message message;

    /** The next in the queue. */
    @Nullable
    PublishRequest next;

    long sequence;
    int packetId;
    boolean released;
    boolean logged;
    boolean possiblyDuplicated;
    /** When it was accepted, by which its expiry is reckoned; negative if that was by an earlier client. */
    long acceptedAtNanos;
    /** Whether it is on the wire of the connection that is open now, not waiting to be sent again. */
    boolean onWire;
    /** With {@link Retransmission} on: when it is sent again, and the factor for the wait after that. */
    long retransmitAtNanos;

    double retransmitFactor = 1;

    public PublishRequest(Message message) {
        this.message = message;
    }

    /** A publish as an earlier client of this session left it. */
    PublishRequest(StoredPublish stored) {
        this.message = stored.message();
        this.sequence = stored.sequence();
        this.packetId = stored.packetId();
        this.released = stored.released();
        this.acceptedAtNanos = -1;
        this.logged = true;
    }

    @Override
    public final Message message() {
        return message;
    }

    @Override
    public final long sequence() {
        return sequence;
    }

    @Override
    public final int packetId() {
        return packetId;
    }

    @Override
    public final boolean released() {
        return released;
    }

    /** Whether this goes to the log of a kept session: at QoS 1 and 2 always, at QoS 0 if it was enqueued. */
    protected boolean durable() {
        return message.qos().level() > 0;
    }

    /** What it costs in the queue, in bytes. */
    public final int size() {
        return message.topicName().sizeInBytes() + message.payloadSize();
    }
}
