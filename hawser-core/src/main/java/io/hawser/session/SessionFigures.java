package io.hawser.session;

/**
 * What a {@link ClientSession} counts. Other threads may ask as well: they see at least what they know to have happened, and the
 * figures need not be of one moment.
 */
public final class SessionFigures {
    private final OutboundFlow outbound;
    private final InboundFlow inbound;
    private final Conversation conversation;

    SessionFigures(OutboundFlow outbound, InboundFlow inbound, Conversation conversation) {
        this.outbound = outbound;
        this.inbound = inbound;
        this.conversation = conversation;
    }

    /** Messages that wait to be sent. */
    public int queued() {
        return outbound.queue().count();
    }

    /** Bytes of topics and payloads that wait to be sent. */
    public long queuedBytes() {
        return outbound.queue().bytes();
    }

    /** QoS 1 and 2 messages in flight on the connection that is open. */
    public int inflight() {
        return outbound.window().onWire();
    }

    /** PUBLISH packets, repetitions included. */
    public long sent() {
        return outbound.sent();
    }

    /** Publishes that the broker has acknowledged. */
    public long acknowledged() {
        return outbound.acknowledged();
    }

    /** Publishes that ended in any other way. */
    public long dropped() {
        return outbound.dropped();
    }

    /** Messages from the broker, repetitions included. */
    public long receivedCount() {
        return inbound.receivedCount();
    }

    /** Messages that no handler wanted: at QoS 0 at once, else after their time. */
    public long droppedInbound() {
        return inbound.droppedCount();
    }

    /** Messages at QoS 1 and 2 that are not acknowledged. */
    public int unacknowledged() {
        return inbound.unacknowledged();
    }

    /** Connections that a broker has accepted. */
    public long connections() {
        return conversation.accepted();
    }
}
