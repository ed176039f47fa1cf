package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionLog;
import io.hawser.store.StoredPublish;
import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way to the broker: the queue, the acknowledgement window before it, and what must be sent again.
 *
 * <p>An identifier is given when a message is sent, never before, and kept until its final acknowledgement [MQTT-2.3.1-3].
 *
 * <p>A log that fails throws, and the client ends. Every message is then where {@link #close} finds it, so that it settles
 * all the same: it goes to its next place before that is logged, and leaves the last one after it is settled.
 */
final class OutboundFlow {
    private static final PublishResult POSSIBLY_DUPLICATED = new PublishResult(ReasonCode.SUCCESS, "", List.of(), true);
    /** How long a page of the queue is left alone that could not be read. */
    private static final long READ_AGAIN_NANOS = 1_000_000_000L;

    private final SessionConfig config;
    private final SessionLog log;
    private final Effects effects;
    private final PacketIds<Object> ids;
    private final Timers timers;
    private final @Nullable Retransmitter retransmitter;
    private final PublishQueue queue;
    /** Concluded for an earlier client, which nobody has heard of. */
    private final List<PublishRequest> unheard = new ArrayList<>();

    private final Lifetime lifetime;
    private final Quota quota;
    /** In flight on an earlier connection and not sent again on this one yet, in their first order [MQTT-4.6.0-1]. */
    private final ArrayDeque<PublishRequest> resend = new ArrayDeque<>();

    /** Up to this sequence, an earlier client accepted it. */
    private long restoredUpTo;

    private long lastSequence;
    /** Sent on this connection and not finally acknowledged: at most the window. */
    private int onWire;

    private boolean connected;
    private Capabilities capabilities;
    private int window;
    private long sent;
    private long acknowledged;
    private long dropped;

    OutboundFlow(
            SessionConfig config,
            SessionLog log,
            Effects effects,
            PacketIds<Object> ids,
            Timers timers,
            @Nullable Retransmitter retransmitter) {
        this.timers = timers;
        this.capabilities = Capabilities.unlimited(ProtocolVersion.MQTT_3_1_1, config);
        this.config = config;
        this.log = log;
        this.effects = effects;
        this.ids = ids;
        this.retransmitter = retransmitter;
        this.queue = new PublishQueue(config.queue(), log);
        this.lifetime = new Lifetime(config.queue().timeToLive(), timers);
        this.quota = new Quota(timers);
    }

    /** Everything that the log hands over at once has been restored. */
    void restored() {
        lastSequence = Math.max(lastSequence, log.lastSequence());
        restoredUpTo = lastSequence;
        queue.recount();
    }

    /** Time begins to count for what an earlier client of the session left, from how long it had waited already. */
    void started(long now) {
        Stream.concat(inFlight(), queue.front())
                .filter(request -> request.sequence <= restoredUpTo)
                .forEach(request -> request.acceptedAtNanos += now);
        queue.front().forEach(lifetime::watch);
        unheard.forEach(effects::concluded);
        unheard.clear();
        refill();
    }

    /** A publish that an earlier client of the session left, in order. */
    void restore(PublishRequest request) {
        lastSequence = Math.max(lastSequence, request.sequence);
        if (request.isConcluded()) {
            unheard.add(request);
        } else if (request.packetId == 0) {
            queue.add(request);
        } else {
            ids.put(request.packetId, request);
            ids.continueAfter(request.packetId);
        }
    }

    void publish(PublishRequest request, long now) {
        if (!queue.hasRoomFor(request) && !queue.dropsOldest()) {
            dropped++;
            effects.fail(
                    request,
                    new MessageDroppedException(
                            Rule.QUEUE_FULL,
                            "the queue is full: " + queue.count() + " messages and " + queue.bytes() + " bytes wait, "
                                    + config.queue()));
            return;
        }
        StoreException trouble = request.durable() ? log.failure() : null;
        if (trouble != null) {
            dropped++;
            effects.fail(request, trouble);
            return;
        }
        request.sequence = ++lastSequence;
        request.acceptedAtNanos = now;
        lifetime.watch(request);
        accept(request);
        effects.accepted(request);
        pump(now);
    }

    private void accept(PublishRequest request) {
        try {
            makeRoomFor(request);
            if (request.durable()) {
                log.accepted(request);
                request.logged = true;
            }
        } finally {
            queue.add(request);
        }
    }

    private void makeRoomFor(PublishRequest request) {
        for (PublishRequest oldest = queue.peek();
                oldest != null && !queue.hasRoomFor(request);
                oldest = queue.peek()) {
            drop(oldest, Rule.MADE_ROOM, "the queue was full, and this message, the oldest, made room");
            queue.removeFirst();
        }
    }

    private void drop(PublishRequest request, Rule rule, String why) {
        dropped++;
        fail(request, new MessageDroppedException(rule, why));
    }

    private void complete(PublishRequest request, PublishResult result) {
        conclude(request, result, null);
        effects.complete(request, result);
    }

    private void fail(PublishRequest request, MqttException cause) {
        conclude(request, null, cause);
        effects.fail(request, cause);
    }

    /** The log keeps the outcome of a message with a key until somebody has heard of it. */
    private void conclude(PublishRequest request, @Nullable PublishResult result, @Nullable MqttException failure) {
        if (!request.logged) {
            return;
        }
        if (request.key() == null) {
            log.settled(request);
        } else {
            request.conclude(result, failure);
            log.concluded(request);
            effects.concluded(request);
        }
    }

    /** The outcome of a message with a key has been heard. */
    void heard(PublishRequest request) {
        log.settled(request);
    }

    /** The broker has accepted the connection. */
    void connected(Capabilities capabilities, boolean sessionPresent, long now) {
        this.capabilities = capabilities;
        window = Math.min(config.inflight(), capabilities.negotiated().receiveMaximum());
        quota.reset();
        connected = true;
        List<PublishRequest> open = inFlight()
                .sorted(Comparator.comparingLong(PublishRequest::sequence))
                .toList();
        if (sessionPresent) {
            resend.addAll(open);
        } else {
            startOver(open);
        }
        pump(now);
    }

    /** The broker lost the session: its identifiers mean nothing any more. */
    private void startOver(List<PublishRequest> open) {
        Deque<PublishRequest> again = new ArrayDeque<>();
        for (PublishRequest request : open) {
            boolean ambiguous = request.message().qos() == Qos.EXACTLY_ONCE && !request.released;
            request.possiblyDuplicated |= ambiguous;
            if (request.released) {
                succeed(request);
                ids.remove(request.packetId);
            } else if (ambiguous && !config.republishAmbiguous()) {
                drop(request, Rule.SESSION_LOST, "the broker lost the session before it acknowledged this message");
                ids.remove(request.packetId);
            } else {
                again.push(request);
            }
        }
        for (PublishRequest request : again) {
            takeBack(request);
        }
    }

    void disconnected() {
        connected = false;
        onWire = 0;
        resend.clear();
        inFlight().forEach(request -> request.onWire = false);
    }

    /** Sends as much as window and network take: first what must be repeated, then the queue, both in order. */
    void pump(long now) {
        send(now);
        refill();
    }

    private void send(long now) {
        while (connected && effects.writable()) {
            PublishRequest repeated = resend.peek();
            if (repeated != null) {
                if (onWire >= window) {
                    return;
                }
                resend.remove();
                MqttException objection = repeated.released ? null : capabilities.objectionTo(repeated.message());
                if (objection == null) {
                    onWire(repeated, now);
                    repeat(repeated, false, now);
                } else {
                    refuse(repeated, objection);
                    ids.remove(repeated.packetId);
                }
                continue;
            }
            PublishRequest first = queue.peek();
            if (first == null) {
                return;
            }
            boolean acknowledged = first.message().qos() != Qos.AT_MOST_ONCE;
            if (acknowledged && (onWire >= window || quota.isExceeded(now) || ids.exhausted())) {
                return;
            }
            Message message = sendable(first, now);
            if (message == null) {
                queue.removeFirst();
            } else if (acknowledged) {
                sent++;
                queue.removeFirst();
                sendNew(first, message, now);
            } else {
                sent++;
                effects.transmit().publish(message, 0, false);
                complete(first, PublishResult.ACKNOWLEDGED);
                queue.removeFirst();
            }
        }
    }

    /** Has the next page read of what waits in the log only. */
    private void refill() {
        CompletableFuture<List<StoredPublish>> page = queue.nextPage();
        if (page != null) {
            effects.expect(page);
        }
    }

    /** A page of the queue has been read. */
    void read(List<StoredPublish> page, long now) {
        for (PublishRequest lost : queue.read(page, now)) {
            dropped++;
            effects.fail(lost, new StoreException("the store has lost a message that waited", null));
        }
        queue.front().forEach(lifetime::watch);
        expire(now);
    }

    /** It could not be read; it is tried again. */
    void notRead(long now) {
        queue.notRead();
        timers.set(Timers.Timer.READ, now + READ_AGAIN_NANOS);
    }

    /** Drops what has waited for too long. */
    void expire(long now) {
        lifetime.looked(now);
        queue.removeIf(request -> {
            boolean over = lifetime.isOver(request, now);
            if (over) {
                drop(request, Rule.EXPIRED, lifetime.objection(request, now));
            }
            return over;
        });
        queue.front().forEach(lifetime::watch);
        pump(now);
    }

    /** The log can make nothing safe: what is not safe yet is not accepted. */
    void rollback(StoreException cause) {
        long lastSafe = log.rollback();
        List<PublishRequest> unsafe = new ArrayList<>(
                inFlight().filter(r -> r.logged && r.sequence > lastSafe).toList());
        unsafe.forEach(request -> ids.remove(request.packetId));
        unsafe.addAll(queue.rollback(lastSafe));
        for (PublishRequest request : unsafe) {
            dropped++;
            effects.fail(request, cause);
        }
        effects.rolledBack(lastSafe, cause);
    }

    /** What is to be sent of a message now, or null if nothing is: it has expired, or the connection cannot carry it. */
    private @Nullable Message sendable(PublishRequest request, long now) {
        Message message = request.message();
        MqttException objection = capabilities.objectionTo(message);
        if (objection != null) {
            refuse(request, objection);
            return null;
        }
        if (lifetime.isOver(request, now)) {
            drop(request, Rule.EXPIRED, lifetime.objection(request, now));
            return null;
        }
        return capabilities.adapted(Lifetime.countedDown(request, now));
    }

    private void refuse(PublishRequest request, MqttException cause) {
        dropped++;
        fail(request, cause);
    }

    private void sendNew(PublishRequest request, Message message, long now) {
        request.packetId = ids.next();
        ids.put(request.packetId, request);
        if (request.logged) {
            log.sent(request);
        }
        onWire(request, now);
        effects.transmit().publish(message, request.packetId, false);
    }

    private void onWire(PublishRequest request, long now) {
        request.onWire = true;
        onWire++;
        if (retransmitter != null) {
            retransmitter.sent(request, now);
        }
    }

    /**
     * Sends what the state of an earlier exchange asks for: PUBREL, or the PUBLISH with DUP [MQTT-3.3.1-1].
     *
     * <p>MQTT 3.1 has a DUP for PUBREL, too, but some brokers close the connection on it (Netty's codec, which Artemis
     * uses, does), and then the same would be sent again and again: only a retransmission on a live connection has it.
     */
    void repeat(PublishRequest request, boolean live, long now) {
        if (request.released) {
            effects.transmit()
                    .pubRel(
                            request.packetId,
                            ReasonCode.SUCCESS,
                            Properties.NONE,
                            live && capabilities.version() == ProtocolVersion.MQTT_3_1);
        } else {
            sent++;
            effects.transmit().publish(capabilities.adapted(Lifetime.repeated(request, now)), request.packetId, true);
        }
    }

    void pubAck(int packetId, ReasonCode reasonCode, Properties properties, long now) {
        PublishRequest request = open("PUBACK", packetId);
        if (request == null) {
            return;
        }
        if (request.released) {
            throw outOfTurn("PUBACK", request);
        }
        // At QoS 2 too: a broker that grants QoS 1 at most answers so, and repeating would not change its mind.
        answered(request, reasonCode, properties, now);
    }

    void pubRec(int packetId, ReasonCode reasonCode, Properties properties, long now) {
        PublishRequest request = open("PUBREC", packetId);
        if (request == null) {
            if (ids.get(packetId) == null && !reasonCode.isError()) {
                // The broker waits for it, and would take the next message under this identifier for a repetition.
                ReasonCode answer = capabilities.version() == ProtocolVersion.MQTT_5
                        ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND
                        : ReasonCode.SUCCESS;
                effects.transmit().pubRel(packetId, answer, Properties.NONE, false);
            }
            return;
        }
        if (request.message().qos() != Qos.EXACTLY_ONCE) {
            throw outOfTurn("PUBREC", request);
        }
        if (reasonCode.isError()) {
            if (request.released) {
                throw outOfTurn("PUBREC with " + reasonCode, request);
            }
            answered(request, reasonCode, properties, now);
            return;
        }
        if (!request.released) {
            request.released = true;
            log.released(request);
            if (retransmitter != null) {
                retransmitter.released(request, now);
            }
        }
        effects.transmit().pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, false);
    }

    /** Also with a reason code that says the identifier is unknown: PUBREC has come, so the message has arrived. */
    void pubComp(int packetId) {
        PublishRequest request = open("PUBCOMP", packetId);
        if (request == null) {
            return;
        }
        if (!request.released) {
            throw outOfTurn("PUBCOMP", request);
        }
        succeed(request);
        leaveWire(request);
    }

    /** The broker has decided on a message: taken, refused, or too much for now. */
    private void answered(PublishRequest request, ReasonCode reasonCode, Properties properties, long now) {
        if (reasonCode == ReasonCode.QUOTA_EXCEEDED) {
            quota.exceeded(now);
            takeBack(request);
            onWire--;
            return;
        }
        if (reasonCode.isError()) {
            refuse(
                    request,
                    new RequestRejectedException(
                            "PUBLISH to '" + Utf8.printable(request.message().topic()) + "'",
                            null,
                            reasonCode,
                            properties.reasonString(),
                            properties.userProperties()));
        } else {
            quota.acknowledged();
            if (reasonCode == ReasonCode.SUCCESS && properties.isEmpty()) {
                succeed(request);
            } else {
                acknowledged++;
                complete(
                        request,
                        new PublishResult(
                                reasonCode,
                                properties.reasonString(),
                                properties.userProperties(),
                                request.possiblyDuplicated));
            }
        }
        leaveWire(request);
    }

    /** A message that is to be sent as new, before the others that wait. */
    private void takeBack(PublishRequest request) {
        ids.remove(request.packetId);
        request.packetId = 0;
        request.onWire = false;
        queue.putBack(request);
        if (request.logged) {
            log.sent(request);
        }
    }

    /** The publish that an acknowledgement is for; null for one that nobody waits for, as brokers send after a restart. */
    private @Nullable PublishRequest open(String packet, int packetId) {
        if (ids.get(packetId) instanceof PublishRequest request && request.onWire) {
            return request;
        }
        effects.tolerated(packet + " for identifier " + packetId + ", which is not in flight");
        return null;
    }

    private static ProtocolException outOfTurn(String packet, PublishRequest request) {
        return new ProtocolException(
                ReasonCode.PROTOCOL_ERROR,
                packet + " for identifier " + request.packetId + " is out of turn: the message has "
                        + request.message().qos() + (request.released ? " and waits for PUBCOMP" : "")
                        + " [MQTT-3.3.4-1]");
    }

    private void leaveWire(PublishRequest request) {
        ids.remove(request.packetId);
        request.onWire = false;
        onWire--;
    }

    private void succeed(PublishRequest request) {
        acknowledged++;
        complete(request, request.possiblyDuplicated ? POSSIBLY_DUPLICATED : PublishResult.ACKNOWLEDGED);
    }

    /** The client ends: nobody waits any more. What is logged stays logged. */
    void close(MqttException cause) {
        inFlight().sorted(Comparator.comparingLong(PublishRequest::sequence)).forEach(r -> effects.fail(r, cause));
        queue.removeAll().forEach(r -> effects.fail(r, cause));
        ids.clear();
    }

    Stream<PublishRequest> inFlight() {
        return ids.users().stream().filter(PublishRequest.class::isInstance).map(PublishRequest.class::cast);
    }

    /** The sequence of the oldest message that is not settled, or {@link Long#MAX_VALUE}. */
    long oldestSequence() {
        long oldest = inFlight().mapToLong(PublishRequest::sequence).min().orElse(Long.MAX_VALUE);
        return Math.min(oldest, queue.oldestSequence());
    }

    long lastSequence() {
        return lastSequence;
    }

    PublishQueue queue() {
        return queue;
    }

    int onWire() {
        return onWire;
    }

    long sent() {
        return sent;
    }

    long acknowledged() {
        return acknowledged;
    }

    long dropped() {
        return dropped;
    }
}
