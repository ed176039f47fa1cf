package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionLog;
import io.hawser.wire.Properties;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Messages from the broker: which are new, which are repetitions, and when each may be acknowledged. PUBACK and PUBREC follow
 * the handler, and leave in the order in which the messages came [MQTT-4.6.0-2] [MQTT-4.6.0-3].
 */
final class InboundFlow {
    /** Where telling about unacknowledged messages begins: half of the smallest common limit of brokers, 20. */
    private static final int FIRST_NOTICE = 10;
    /** Stands for a PUBLISH of a QoS 2 message that has been handled. */
    private static final Message REPEATED = Message.of("repeated", "").qos(Qos.EXACTLY_ONCE);
    /** What stands in for a topic name that is unknown or none. */
    private static final TopicName UNREADABLE = TopicName.of("unreadable");

    private static final byte[] NOTHING = {};

    private final Effects effects;
    private final Subscriptions subscriptions;
    /** QoS 1 and 2 messages that came and are not acknowledged on the wire. */
    private final PacketIds<InboundMessage> open = new PacketIds<>();
    /** QoS 2 identifiers of which another PUBREC waits behind the acknowledgements of earlier messages. */
    private BitSet repeated = ReceivedIds.NONE;

    private final ReceivedIds received;
    private final ReceiveMaximum maximum;
    private final HeldMessages held;
    private final boolean refusesUnhandled;

    /** Whether a refusal can be said (MQTT 5.0). */
    private boolean refusals;

    private @Nullable InboundMessage first;
    private @Nullable InboundMessage last;
    private int connection;
    private boolean connected;
    /** The last connection on which it was not sure; what came before that may be forgotten at the other end. */
    private int doubtfulConnection;

    /** Of this connection's messages, those held, deferred or refused: what fills the broker's window for long. */
    private int parked;

    private int nextNotice;
    private long receivedCount;
    private long droppedCount;

    InboundFlow(SessionLog log, Effects effects, Subscriptions subscriptions, SessionConfig config, Timers timers) {
        this.received = new ReceivedIds(log);
        this.maximum = new ReceiveMaximum(config.receiveMaximum, effects);
        this.refusesUnhandled = config.unhandled.refuses();
        this.held = new HeldMessages(config.unhandled, effects, timers);
        this.effects = effects;
        this.subscriptions = subscriptions;
    }

    void restore(int packetId) {
        received.restore(packetId);
    }

    /** @param doubtful whether it is not sure that the broker still has the session */
    void connected(ProtocolVersion version, boolean sessionPresent, boolean doubtful, long now) {
        connected = true;
        held.connected(now);
        refusals = version == ProtocolVersion.MQTT_5;
        maximum.connected();
        connection++;
        if (doubtful) {
            doubtfulConnection = connection;
            received.doubtAll();
        }
        parked = 0;
        nextNotice = FIRST_NOTICE;
        if (sessionPresent) {
            if (!doubtful) {
                // A broker that has the session sends these again, perhaps under other identifiers.
                held.clear(message -> open.remove(message.packetId(), message));
            }
            // What was acknowledged too late, and did not come again on the connection after that, never will.
            open.users().stream()
                    .filter(message -> message.settled() && message.connection < connection - 1)
                    .forEach(message -> open.remove(message.packetId()));
        } else {
            open.clear();
            received.forgetAll();
        }
    }

    /** Messages of the dead connection can no longer hold up anything. */
    void disconnected() {
        repeated = ReceivedIds.NONE;
        connected = false;
        first = null;
        last = null;
    }

    /** Every subscription is answered: who has no handler now gets none by connecting. */
    void ready(long now) {
        held.ready(now);
    }

    void publish(Message message, int packetId, boolean duplicate, long now) {
        receivedCount++;
        if (message.qos() == Qos.AT_MOST_ONCE) {
            dispatch(effects.inbound(message, 0, duplicate), now);
            return;
        }
        if (refusals) {
            maximum.count(packetId);
        }
        if (!duplicate && received.isDoubted(packetId)) {
            // A broker that remembers repeats with DUP [MQTT-3.3.1-1]: this one has forgotten, and the message is new.
            received.forget(packetId);
        }
        if (message.qos() == Qos.EXACTLY_ONCE && received.contains(packetId)) {
            repeatPubRec(packetId);
            return;
        }
        InboundMessage known = open.get(packetId);
        if (known != null && repeats(known, message, duplicate)) {
            rejoin(known);
            return;
        }
        InboundMessage fresh = effects.inbound(message, packetId, duplicate);
        enter(fresh);
        dispatch(fresh, now);
    }

    private void enter(InboundMessage fresh) {
        if (open.get(fresh.packetId()) == null) {
            open.add(fresh.packetId(), fresh);
        } else {
            open.put(fresh.packetId(), fresh);
        }
        append(fresh);
    }

    /**
     * A message of which nothing can be delivered: refused when its turn comes, or acknowledged where MQTT 3.x has no word for a
     * refusal, so that the broker does not send it again and again.
     */
    void unreadable(Qos qos, int packetId, boolean duplicate) {
        receivedCount++;
        droppedCount++;
        if (packetId == 0) {
            return;
        }
        if (refusals) {
            maximum.count(packetId);
        }
        InboundMessage message = new InboundMessage(Message.of(UNREADABLE, NOTHING, qos, false), packetId, duplicate);
        if (qos == Qos.EXACTLY_ONCE && received.contains(packetId)) {
            message.acknowledged = true;
            append(message);
            flush();
            return;
        }
        enter(message);
        if (refusals) {
            refuse(message, Rejection.UNREADABLE);
        } else {
            acknowledge(message);
        }
    }

    /** PUBREC again, but not before that of an earlier message which is still with its handler; and once for all repetitions. */
    private void repeatPubRec(int packetId) {
        if (first == null) {
            effects.transmit().pubRec(packetId, ReasonCode.SUCCESS, Properties.NONE);
        } else if (!repeated.get(packetId)) {
            repeated = ReceivedIds.with(packetId, repeated);
            InboundMessage marker = new InboundMessage(REPEATED, packetId, true);
            marker.acknowledged = true;
            append(marker);
        }
    }

    /**
     * Whether a message is the one known under its identifier, which must not be handled a second time. At QoS 2 the
     * identifier decides, unless the broker may have forgotten the session since and does not say DUP. At QoS 1, where
     * brokers may use it for another message after a reconnect, only DUP and the same content do; a message that was
     * refused, or deferred by a program that may have forgotten it, is to come again.
     */
    private boolean repeats(InboundMessage known, Message message, boolean duplicate) {
        if (known.message().qos() != message.qos()) {
            return false;
        }
        boolean sameConnection = known.connection == connection;
        if (known.rejection != null && !sameConnection) {
            return false;
        }
        if (message.qos() == Qos.EXACTLY_ONCE && (duplicate || known.connection >= doubtfulConnection)) {
            return true;
        }
        return (sameConnection || duplicate && !known.deferred)
                && known.message().equals(message);
    }

    private void rejoin(InboundMessage known) {
        if (known.connection != connection) {
            append(known);
            if (known.deferred || held.contains(known)) {
                park();
            }
            flush();
        }
    }

    private void append(InboundMessage message) {
        message.connection = connection;
        message.next = null;
        if (last == null) {
            first = message;
        } else {
            last.next = message;
        }
        last = message;
    }

    private void dispatch(InboundMessage message, long now) {
        if (place(message)) {
            return;
        }
        if (message.packetId() == 0) {
            droppedCount++;
        } else {
            held.add(message, now);
            park();
            if (held.isBeyondBytes()) {
                giveUpHeld(now);
            }
        }
    }

    /** Gives up what has been held for too long, or is too much: the broker gets its answer, and the program an event. */
    void giveUpHeld(long now) {
        for (InboundMessage message = held.next(now); message != null; message = held.next(now)) {
            boolean refuse = refusesUnhandled && refusals;
            droppedCount++;
            if (message.connection == connection) {
                parked--;
            }
            if (refuse) {
                refuse(message, Rejection.UNSPECIFIED);
            } else {
                acknowledge(message);
            }
            held.event(message, refuse ? ReasonCode.UNSPECIFIED_ERROR : ReasonCode.SUCCESS, open.size(), subscriptions);
        }
        held.tell(now, open.size(), subscriptions);
        held.setTimer();
    }

    /** What the messages that no handler wants so far take, in bytes. */
    long heldBytes() {
        return held.bytes();
    }

    /** Whether there is a handler for a message, or nobody who will ever want it. */
    private boolean place(InboundMessage message) {
        Object[] handlers = subscriptions.handlersOf(message.message());
        if (handlers.length > 0) {
            message.show(subscriptions.withoutOwnIdentifiers(message.message()));
            effects.deliver(message, handlers);
            return true;
        }
        boolean unwanted = subscriptions.retired(message.message().topicName());
        if (unwanted) {
            acknowledge(message);
        }
        return unwanted;
    }

    /** A subscription was made, or ended: that may concern what was held. */
    void handlersChanged() {
        held.removeIf(message -> {
            boolean placed = place(message);
            if (placed && message.connection == connection) {
                parked--;
            }
            return placed;
        });
    }

    void acknowledge(InboundMessage message) {
        if (message.settled()) {
            return;
        }
        message.acknowledged = true;
        if (message.packetId() == 0) {
            return;
        }
        if (message.message().qos() == Qos.EXACTLY_ONCE && open.remove(message.packetId(), message)) {
            // Now and not with its PUBREC, which may have to wait for others: it must not be handled again.
            received.add(message.packetId(), message.connection < doubtfulConnection);
        }
        if (connected && message.connection == connection) {
            if (message.deferred) {
                parked--;
            }
            flush();
        }
    }

    void refuse(InboundMessage message, Rejection rejection) {
        if (message.settled()) {
            return;
        }
        message.rejection = rejection;
        if (message.packetId() == 0) {
            return;
        }
        if (connected && message.connection == connection) {
            if (refusals && message.deferred) {
                parked--;
            } else if (!refusals && !message.deferred) {
                park();
            }
            flush();
        }
    }

    /**
     * The program has failed on a message for good. It is refused, where that can be said; else it is acknowledged, or kept for
     * the next connection, which fills the broker's window and is told from the first on.
     */
    void fail(InboundMessage message, boolean keep) {
        if (refusals || keep) {
            if (!refusals && message.packetId() != 0 && parked == 0) {
                nextNotice = 1;
            }
            refuse(message, Rejection.UNSPECIFIED);
        } else {
            acknowledge(message);
        }
    }

    void defer(InboundMessage message) {
        if (message.packetId() != 0 && !message.settled() && !message.deferred) {
            message.deferred = true;
            if (message.connection == connection) {
                park();
            }
        }
    }

    private void park() {
        parked++;
        if (connected && parked >= nextNotice) {
            nextNotice *= 2;
            boolean told = refusals && maximum.limit() < PacketIds.MAXIMUM;
            effects.event(new ConnectionEvent.UnacknowledgedBacklog(parked, told ? maximum.limit() : 0));
        }
    }

    /** Acknowledges from the oldest on, up to the first that is still with its handler. */
    private void flush() {
        InboundMessage message = first;
        while (message != null && message.settled()) {
            if (message.acknowledged) {
                transmitAcknowledgement(message);
            } else if (refusals && message.rejection != null) {
                transmitRefusal(message, message.rejection);
            }
            InboundMessage done = message;
            message = message.next;
            done.next = null;
        }
        first = message;
        if (message == null) {
            last = null;
        }
    }

    private void transmitAcknowledgement(InboundMessage message) {
        if (message.message().qos() == Qos.EXACTLY_ONCE) {
            repeated.clear(message.packetId());
            // After PUBREL the identifier is free: PUBREC behind PUBCOMP would be for another message.
            if (!message.released && received.contains(message.packetId())) {
                effects.transmit().pubRec(message.packetId(), ReasonCode.SUCCESS, Properties.NONE);
            }
        } else {
            open.remove(message.packetId(), message);
            maximum.uncount(message.packetId());
            effects.transmit().pubAck(message.packetId(), ReasonCode.SUCCESS, Properties.NONE);
        }
    }

    private void transmitRefusal(InboundMessage message, Rejection rejection) {
        if (message.released) {
            return;
        }
        int packetId = message.packetId();
        open.remove(packetId, message);
        maximum.uncount(packetId);
        if (message.message().qos() == Qos.EXACTLY_ONCE) {
            effects.transmit().pubRec(packetId, rejection.reasonCode(), rejection.properties());
        } else {
            effects.transmit().pubAck(packetId, rejection.reasonCode(), rejection.properties());
        }
    }

    /** Always answered: a broker that comes back from an old snapshot may ask for identifiers long forgotten. */
    void pubRel(int packetId) {
        ReasonCode reasonCode = ReasonCode.SUCCESS;
        if (received.contains(packetId)) {
            received.forget(packetId);
        } else if (releasedEarly(packetId)) {
            effects.tolerated("PUBREL for identifier " + packetId + " before its PUBREC");
        } else {
            effects.tolerated("PUBREL for identifier " + packetId + ", for which no PUBREC was sent");
            reasonCode = refusals ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND : ReasonCode.SUCCESS;
        }
        maximum.uncount(packetId);
        effects.transmit().pubComp(packetId, reasonCode, Properties.NONE);
    }

    /** Whether the broker has not waited for PUBREC. Its message goes on to its handler, and is not acknowledged afterwards. */
    private boolean releasedEarly(int packetId) {
        InboundMessage message = open.get(packetId);
        if (message == null || message.message().qos() != Qos.EXACTLY_ONCE) {
            return false;
        }
        open.remove(packetId, message);
        message.released = true;
        return true;
    }

    /** Messages that came, repetitions included. */
    long receivedCount() {
        return receivedCount;
    }

    /** Messages that came beyond the receive maximum. */
    long beyondCount() {
        return maximum.beyondCount();
    }

    /** Messages that no handler wanted. */
    long droppedCount() {
        return droppedCount;
    }

    /** Received QoS 1 and 2 messages that are not acknowledged. */
    int unacknowledged() {
        return open.size();
    }
}
