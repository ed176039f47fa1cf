package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
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
    /** So many messages beyond a small receive maximum are tolerated: what brokers send before they look at it. */
    private static final int LEAST_TOLERATED = 64;
    /** Stands for a PUBLISH of a QoS 2 message that has been handled. */
    private static final Message REPEATED = Message.of("repeated", "").qos(Qos.EXACTLY_ONCE);
    /** Has no room, and is shared by all who have had no identifier to hold. */
    private static final BitSet NONE = new BitSet(0);
    /** What stands in for a topic name that is unknown or none. */
    private static final TopicName UNREADABLE = TopicName.of("unreadable");

    private static final byte[] NOTHING = {};

    private final SessionLog log;
    private final Effects effects;
    private final Subscriptions subscriptions;
    /** What a broker of MQTT 5.0 may have in flight; others, all packet identifiers. Its own limit may be lower. */
    private final int receiveMaximum;
    /** QoS 1 and 2 messages that came and are not acknowledged on the wire. */
    private final PacketIds<InboundMessage> open = new PacketIds<>();
    /** QoS 2 identifiers between PUBREC and PUBREL [MQTT-4.3.3-2]. */
    private BitSet received = NONE;
    /** Those of them that the broker may have forgotten with the session. */
    private BitSet doubted = NONE;
    /** QoS 2 identifiers of which another PUBREC waits behind the acknowledgements of earlier messages. */
    private BitSet repeated = NONE;

    private final HeldMessages held;
    private final boolean refusesUnhandled;

    /** Identifiers that count for the receive maximum: from PUBLISH to PUBACK, PUBCOMP or a refusing PUBREC. */
    private BitSet window = NONE;

    private int windowSize;
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
    /** The last connection that was left because the broker was far beyond the receive maximum. */
    private int leftBeyondOn = -1;

    private boolean toldBeyond;
    private long beyondCount;
    private long receivedCount;
    private long droppedCount;

    InboundFlow(SessionLog log, Effects effects, Subscriptions subscriptions, SessionConfig config, Timers timers) {
        this.receiveMaximum = config.receiveMaximum;
        this.refusesUnhandled = config.unhandled.refuses();
        this.held = new HeldMessages(config.unhandled, effects, timers);
        this.log = log;
        this.effects = effects;
        this.subscriptions = subscriptions;
    }

    void restore(int packetId) {
        received = with(packetId, received);
    }

    private static BitSet with(int packetId, BitSet set) {
        BitSet some = set.size() == 0 ? new BitSet() : set;
        some.set(packetId);
        return some;
    }

    /** @param doubtful whether it is not sure that the broker still has the session */
    void connected(ProtocolVersion version, boolean sessionPresent, boolean doubtful, long now) {
        connected = true;
        held.connected(now);
        refusals = version == ProtocolVersion.MQTT_5;
        window.clear();
        windowSize = 0;
        connection++;
        if (doubtful) {
            doubtfulConnection = connection;
            doubted = received.isEmpty() ? NONE : (BitSet) received.clone();
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
            for (int id = received.nextSetBit(0); id >= 0; id = received.nextSetBit(id + 1)) {
                log.forgotten(id);
            }
            received.clear();
            doubted.clear();
        }
    }

    /** Messages of the dead connection can no longer hold up anything. */
    void disconnected() {
        repeated = NONE;
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
            count(packetId);
        }
        if (!duplicate && doubted.get(packetId)) {
            // A broker that remembers repeats with DUP [MQTT-3.3.1-1]: this one has forgotten, and the message is new.
            forget(packetId);
        }
        if (message.qos() == Qos.EXACTLY_ONCE && received.get(packetId)) {
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
            count(packetId);
        }
        InboundMessage message = new InboundMessage(Message.of(UNREADABLE, NOTHING, qos, false), packetId, duplicate);
        message.unreadable = true;
        if (qos == Qos.EXACTLY_ONCE && received.get(packetId)) {
            message.acknowledged = true;
            append(message);
            flush();
            return;
        }
        enter(message);
        if (refusals) {
            refuse(message);
        } else {
            acknowledge(message);
        }
    }

    /** PUBREC again, but not before that of an earlier message which is still with its handler; and once for all repetitions. */
    private void repeatPubRec(int packetId) {
        if (first == null) {
            effects.transmit().pubRec(packetId, ReasonCode.SUCCESS, Properties.NONE);
        } else if (!repeated.get(packetId)) {
            repeated = with(packetId, repeated);
            InboundMessage marker = new InboundMessage(REPEATED, packetId, true);
            marker.acknowledged = true;
            append(marker);
        }
    }

    private void count(int packetId) {
        if (!window.get(packetId)) {
            window = with(packetId, window);
            if (++windowSize > receiveMaximum) {
                beyondReceiveMaximum();
            }
        }
    }

    /** Brokers exist that send some more than they may, Mosquitto 2.0 for one: leaving would only make them send all again. */
    private void beyondReceiveMaximum() {
        beyondCount++;
        int tolerated = receiveMaximum + Math.max(receiveMaximum, LEAST_TOLERATED);
        if (windowSize > tolerated && connection - leftBeyondOn > 1) {
            leftBeyondOn = connection;
            throw new ProtocolException(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "PUBLISH is number " + windowSize + " in flight, far beyond the receive maximum of "
                            + receiveMaximum + " [MQTT-3.3.4-9]");
        }
        if (!toldBeyond) {
            toldBeyond = true;
            effects.event(new ConnectionEvent.ReceiveMaximumExceeded(receiveMaximum));
        }
    }

    private void uncount(int packetId) {
        if (windowSize > 0 && window.get(packetId)) {
            window.clear(packetId);
            windowSize--;
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
        if (known.refused && !sameConnection) {
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
                refuse(message);
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
            received = with(message.packetId(), received);
            if (message.connection < doubtfulConnection) {
                doubted = with(message.packetId(), doubted);
            } else {
                doubted.clear(message.packetId());
            }
            log.received(message.packetId());
        }
        if (connected && message.connection == connection) {
            if (message.deferred) {
                parked--;
            }
            flush();
        }
    }

    void refuse(InboundMessage message) {
        if (message.settled()) {
            return;
        }
        message.refused = true;
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
            refuse(message);
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
            boolean told = refusals && receiveMaximum < PacketIds.MAXIMUM;
            effects.event(new ConnectionEvent.UnacknowledgedBacklog(parked, told ? receiveMaximum : 0));
        }
    }

    /** Acknowledges from the oldest on, up to the first that is still with its handler. */
    private void flush() {
        InboundMessage message = first;
        while (message != null && message.settled()) {
            if (message.acknowledged) {
                transmitAcknowledgement(message);
            } else if (refusals) {
                transmitRefusal(message);
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
            if (!message.released && received.get(message.packetId())) {
                effects.transmit().pubRec(message.packetId(), ReasonCode.SUCCESS, Properties.NONE);
            }
        } else {
            open.remove(message.packetId(), message);
            uncount(message.packetId());
            effects.transmit().pubAck(message.packetId(), ReasonCode.SUCCESS, Properties.NONE);
        }
    }

    private void transmitRefusal(InboundMessage message) {
        if (message.released) {
            return;
        }
        int packetId = message.packetId();
        open.remove(packetId, message);
        uncount(packetId);
        ReasonCode why = message.unreadable ? ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR : ReasonCode.UNSPECIFIED_ERROR;
        if (message.message().qos() == Qos.EXACTLY_ONCE) {
            effects.transmit().pubRec(packetId, why, Properties.NONE);
        } else {
            effects.transmit().pubAck(packetId, why, Properties.NONE);
        }
    }

    /** Always answered: a broker that comes back from an old snapshot may ask for identifiers long forgotten. */
    void pubRel(int packetId) {
        ReasonCode reasonCode = ReasonCode.SUCCESS;
        if (received.get(packetId)) {
            forget(packetId);
        } else if (releasedEarly(packetId)) {
            effects.tolerated("PUBREL for identifier " + packetId + " before its PUBREC");
        } else {
            effects.tolerated("PUBREL for identifier " + packetId + ", for which no PUBREC was sent");
            reasonCode = refusals ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND : ReasonCode.SUCCESS;
        }
        uncount(packetId);
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

    private void forget(int packetId) {
        doubted.clear(packetId);
        received.clear(packetId);
        log.forgotten(packetId);
    }

    /** Messages that came, repetitions included. */
    long receivedCount() {
        return receivedCount;
    }

    /** Messages that came beyond the receive maximum. */
    long beyondCount() {
        return beyondCount;
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
