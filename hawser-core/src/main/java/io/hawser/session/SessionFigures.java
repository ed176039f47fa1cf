package io.hawser.session;

/**
 * What a {@link ClientSession} counts. Other threads may ask as well: they see at least what they know to have happened, and the
 * figures need not be of one moment.
 */
public final class SessionFigures {
    private final OutboundFlow outbound;
    private final InboundFlow inbound;
    private final SubscriptionFlow subscriptions;
    private final ConnectionContext connection;
    private final Suspects suspects;

    SessionFigures(
            OutboundFlow outbound,
            InboundFlow inbound,
            SubscriptionFlow subscriptions,
            ConnectionContext connection,
            Suspects suspects) {
        this.outbound = outbound;
        this.inbound = inbound;
        this.subscriptions = subscriptions;
        this.connection = connection;
        this.suspects = suspects;
    }

    /** Messages that wait to be sent. */
    public int queued() {
        return outbound.queue().count();
    }

    /** Bytes of topics and payloads that wait to be sent. */
    public long queuedBytes() {
        return outbound.queue().bytes();
    }

    /** Requests that are set aside because the broker ended connections on them. */
    public int setAside() {
        return suspects.aside().size();
    }

    /** Whether QoS 0 messages, which nobody acknowledges, have been sent on the connection that is open. */
    public boolean hasSentOnce() {
        return outbound.hasSentOnce();
    }

    /** QoS 1 and 2 messages in flight on the connection that is open. */
    public int inFlight() {
        return outbound.window().onWire();
    }

    /** QoS 1 and 2 messages sent and not finally acknowledged, on the connection that is open or an earlier one. */
    public int unanswered() {
        return outbound.window().inFlight().size();
    }

    /** Since when the oldest request has been waiting for its answer, sent or not, or {@link Long#MAX_VALUE}. */
    public long oldestUnansweredNanos() {
        PublishRequest oldest = outbound.oldest();
        long since = subscriptions.unsettledSince();
        return oldest == null ? since : Math.min(since, oldest.acceptedAtNanos);
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

    /** Messages that came beyond the receive maximum. */
    public long beyondReceiveMaximum() {
        return inbound.beyondCount();
    }

    /** Messages at QoS 1 and 2 that are not acknowledged. */
    public int unacknowledged() {
        return inbound.unacknowledged();
    }

    /** Connections that a broker has accepted. */
    public long connections() {
        return connection.accepted();
    }
}
