package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.wire.Properties;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The acknowledgement window: QoS 1 and 2 messages from their identifier to their final acknowledgement, over any number of
 * connections [MQTT-2.3.1-3], and the order in which they are sent again.
 */
final class Window {
    /** Why a message fails whose identifier is {@linkplain StalePacketIds in doubt}. */
    static final String UNRELEASED = "the broker did not say whether an earlier message still has the identifier of"
            + " this one, and so whether it took it for that message's repetition";

    private final SessionConfig config;
    private final SessionLog log;
    private final Effects effects;
    private final PacketIds<Object> ids;
    private final @Nullable Retransmitter retransmitter;
    private final PublishQueue queue;
    private final Completion completion;
    private final QuotaBackoff quota;
    private final Pace pace;
    private final Suspects suspects;
    /** In flight on an earlier connection and not sent again on this one yet, in their first order [MQTT-4.6.0-1]. */
    private final ArrayDeque<PublishRequest> resend = new ArrayDeque<>(0);

    private Capabilities capabilities;
    /** Whether the broker has accepted a connection of this client before. */
    private boolean known;
    /** Null in a session that ends with its connection. */
    private final @Nullable StalePacketIds staleIds;

    private int size;
    /** How many of the messages on the wire may be of QoS 2. */
    private int exactlyOnceSize;
    /** Sent on this connection and not finally acknowledged: at most {@link #size}. */
    private int onWire;

    private int exactlyOnceOnWire;

    private long sent;
    /** Identifiers of QoS 2 messages that were given up: the broker may take another message for a repetition of those. */
    private final BitSet buried = new BitSet(0);

    Window(
            SessionConfig config,
            SessionLog log,
            Effects effects,
            PacketIds<Object> ids,
            Timers timers,
            @Nullable Retransmitter retransmitter,
            PublishQueue queue,
            Completion completion,
            QuotaBackoff quota,
            Pace pace,
            Suspects suspects) {
        this.config = config;
        this.log = log;
        this.effects = effects;
        this.ids = ids;
        this.retransmitter = retransmitter;
        this.queue = queue;
        this.completion = completion;
        this.quota = quota;
        this.pace = pace;
        staleIds = config.cleanSession ? null : new StalePacketIds(ids, effects, timers, retransmitter, config);
        this.suspects = suspects;
        this.capabilities = Capabilities.unlimited(ProtocolVersion.MQTT_3_1_1, config);
    }

    void restore(PublishRequest request) {
        ids.put(request.packetId, request);
        suspect(request);
        ids.continueAfter(request.packetId);
    }

    /** The broker has accepted the connection. */
    void connected(Capabilities capabilities, String server, boolean sessionPresent, long roundTripNanos, long now) {
        this.capabilities = capabilities;
        resize();
        if (sessionPresent) {
            if (staleIds != null) {
                staleIds.resumed(server, !known, roundTripNanos, now);
            }
            inOrder().stream().filter(request -> !suspects.isAside(request)).forEach(resend::add);
        } else {
            if (staleIds != null) {
                staleIds.begun(server);
            }
            startOver(inOrder());
        }
        known = true;
    }

    /** The program has changed its window: what is in flight beyond the new size stays there. */
    void changed() {
        if (size > 0) {
            resize();
        }
    }

    private void resize() {
        int granted = capabilities.negotiated().receiveMaximum();
        boolean chosen = config.sendWindow != SessionConfig.BROKERS_WINDOW;
        size = Math.min(granted, chosen ? config.sendWindow : SessionConfig.LARGEST_UNASKED);
        exactlyOnceSize =
                chosen || capabilities.version() == ProtocolVersion.MQTT_5 ? size : SessionConfig.EXACTLY_ONCE_UNASKED;
    }

    /** The broker lost the session: its identifiers mean nothing any more. */
    private void startOver(List<PublishRequest> open) {
        Deque<PublishRequest> again = new ArrayDeque<>();
        for (PublishRequest request : open) {
            if (mayGoOutAgain(request, "the broker lost the session before it acknowledged this message")) {
                again.push(request);
            } else {
                gone(request);
            }
        }
        for (PublishRequest request : again) {
            takeBack(request, !suspects.isAside(request));
        }
        buried.stream().forEach(ids::remove);
        buried.clear();
    }

    /**
     * Whether a message goes out again of which nobody knows whether it has arrived. At QoS 2 that is so in every state before
     * PUBCOMP: brokers pass a message on with PUBREC or with PUBREL, and forget it with the session. If it must not be
     * repeated, it is dropped.
     */
    boolean mayGoOutAgain(PublishRequest request, String why) {
        if (!request.isExactlyOnce()) {
            return true;
        }
        if (!config.republishAmbiguous) {
            completion.drop(request, Rule.SESSION_LOST, why);
            return false;
        }
        request.possiblyDuplicated = true;
        request.released = false;
        completion.unsay(request);
        return true;
    }

    private void gone(PublishRequest request) {
        if (request.packetId != 0) {
            ids.remove(request.packetId);
        }
        suspects.gone(request);
    }

    /** What is known against a message that an earlier client left. Returns whether it is set aside. */
    boolean suspect(PublishRequest request) {
        if (request.ends >= StoredPublish.ASIDE) {
            suspects.restore(request, request.ends - StoredPublish.ASIDE);
        } else if (request.ends > 0) {
            suspects.restoreAccused(request, request.ends);
        }
        return request.ends >= StoredPublish.ASIDE;
    }

    void disconnected() {
        size = 0;
        onWire = 0;
        exactlyOnceOnWire = 0;
        if (retransmitter != null) {
            retransmitter.disconnected();
        }
        if (staleIds != null) {
            staleIds.disconnected();
        }
        resend.clear();
        inFlight().forEach(request -> request.onWire = false);
    }

    /** Whether one more message may be in flight. Mosquitto 2.0 drops even a QoS 1 message behind its limit of QoS 2 messages. */
    private boolean hasRoom() {
        return onWire < size && exactlyOnceOnWire < exactlyOnceSize;
    }

    /** Whether a message can be sent now: the window and the broker take more, and there is an identifier for it. */
    boolean takes(Qos qos, long now) {
        return hasRoom()
                && !quota.isExceeded(now)
                && !ids.exhausted()
                && (staleIds == null || qos != Qos.EXACTLY_ONCE || staleIds.takesNext(now));
    }

    /** Sends again what is next in line for that, if the window has room. Returns whether nothing is left of it. */
    boolean sendAgain(long now) {
        while (!resend.isEmpty() && hasRoom() && suspects.allows() && effects.writable()) {
            PublishRequest repeated = resend.element();
            MqttException objection = repeated.released ? null : capabilities.objectionTo(repeated.message());
            if (objection == null
                    && !repeated.released
                    && !pace.allows(repeated.message(), version(), resend.size() + queue.count(), now)) {
                return false;
            }
            resend.remove();
            if (objection == null) {
                onWire(repeated, now);
                repeat(repeated, false, now);
            } else {
                completion.refuse(repeated, objection);
                gone(repeated);
            }
        }
        return resend.isEmpty();
    }

    /** Sends a message for the first time. */
    void send(PublishRequest request, Message message, long now) {
        int packetId = staleIds == null ? ids.next() : nextBeside(staleIds, request, message);
        if (packetId == 0) {
            return;
        }
        request.packetId = (char) packetId;
        ids.put(packetId, request);
        if (request.logged) {
            log.sent(request);
        }
        sent++;
        onWire(request, now);
        pace.sent(message, version(), now);
        effects.transmit().publish(message, request.packetId, false);
    }

    /** The identifier of a message in a session that may have others in doubt; 0 if it is dropped for that. */
    private int nextBeside(StalePacketIds staleIds, PublishRequest request, Message message) {
        int last = ids.last();
        boolean exactlyOnce = message.qos() == Qos.EXACTLY_ONCE;
        int packetId = staleIds.next(exactlyOnce);
        if (exactlyOnce && staleIds.doubts(packetId) && !config.republishAmbiguous) {
            ids.continueAfter(last);
            completion.drop(request, Rule.SESSION_LOST, UNRELEASED);
            return 0;
        }
        return packetId;
    }

    private void onWire(PublishRequest request, long now) {
        request.onWire = true;
        onWire++;
        if (request.isExactlyOnce()) {
            exactlyOnceOnWire++;
        }
        suspects.sent(request.sequence);
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
            Message message = capabilities.adapted(Expiry.repeated(request, now));
            pace.sent(message, version(), now);
            effects.transmit().publish(message, request.packetId, true);
        }
    }

    /** What is known of identifiers of earlier clients; null in a session that ends with its connection. */
    @Nullable
    StalePacketIds staleIds() {
        return staleIds;
    }

    /** A message that is to be sent as new: before the others that wait, unless it is set aside. */
    private void takeBack(PublishRequest request, boolean waits) {
        if (retransmitter != null) {
            retransmitter.left(request);
        }
        ids.remove(request.packetId);
        request.packetId = 0;
        request.onWire = false;
        if (waits) {
            queue.putBack(request);
        }
        if (request.logged) {
            log.unsent(request);
        }
    }

    /** The message of an identifier has got its final acknowledgement: others may take both places. */
    void leaveWire(PublishRequest request) {
        if (retransmitter != null) {
            retransmitter.left(request);
        }
        ids.remove(request.packetId);
        request.onWire = false;
        finallyAnswered(request);
    }

    /** A message that the broker has answered is to be sent as new: it is the first of the queue then. */
    void sendAnew(PublishRequest request) {
        takeBack(request, true);
        finallyAnswered(request);
    }

    private void finallyAnswered(PublishRequest request) {
        onWire--;
        if (request.isExactlyOnce()) {
            exactlyOnceOnWire--;
        }
        suspects.left();
        if (!suspects.isQuiet()) {
            suspects.answered(request);
        }
    }

    /** Sends a message that was set aside in the middle of its exchange. */
    void sendAlone(PublishRequest request, long now) {
        MqttException objection = request.released ? null : capabilities.objectionTo(request.message());
        if (objection != null) {
            giveUp(request, objection);
        } else {
            onWire(request, now);
            repeat(request, false, now);
        }
    }

    /** Notes what is held against a message, for a later client of the session as well. */
    void note(PublishRequest request, int ends) {
        if (request.ends != ends) {
            request.ends = (byte) ends;
            if (request.logged) {
                log.suspected(request);
            }
        }
    }

    /** Fails a message that is set aside. */
    void giveUp(PublishRequest request, MqttException cause) {
        completion.refuse(request, cause);
        forgetAside(request);
    }

    /** A message that was set aside is over. */
    void forgetAside(PublishRequest request) {
        if (retransmitter != null) {
            retransmitter.left(request);
        }
        if (request.packetId != 0) {
            ids.remove(request.packetId);
            if (request.isExactlyOnce()) {
                ids.add(request.packetId, StalePacketIds.RESERVED);
                buried.set(request.packetId);
            }
        }
        request.onWire = false;
        suspects.gone(request);
    }

    /** Takes out the messages that the log has given up. */
    List<PublishRequest> rollback(long lastSafe) {
        List<PublishRequest> unsafe = inFlight().stream()
                .filter(request -> request.logged && request.sequence > lastSafe)
                .toList();
        List<PublishRequest> all = new ArrayList<>(unsafe);
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest request
                    && request.packetId == 0
                    && request.logged
                    && request.sequence > lastSafe) {
                all.add(request);
            }
        }
        all.forEach(this::gone);
        return all;
    }

    List<PublishRequest> inFlight() {
        List<PublishRequest> inFlight = new ArrayList<>(0);
        for (Object user : ids.users()) {
            if (user instanceof PublishRequest request) {
                inFlight.add(request);
            }
        }
        return inFlight;
    }

    List<PublishRequest> inOrder() {
        List<PublishRequest> inOrder = inFlight();
        if (inOrder.size() > 1) {
            inOrder.sort(Comparator.comparingLong(PublishRequest::sequence));
        }
        return inOrder;
    }

    /** The lowest sequence in flight, or {@link Long#MAX_VALUE}. */
    long oldestSequence() {
        long oldest =
                inFlight().stream().mapToLong(PublishRequest::sequence).min().orElse(Long.MAX_VALUE);
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof PublishRequest request) {
                oldest = Math.min(oldest, request.sequence);
            }
        }
        return oldest;
    }

    void clear() {
        ids.clear();
    }

    ProtocolVersion version() {
        return capabilities.version();
    }

    int onWire() {
        return onWire;
    }

    long sent() {
        return sent;
    }
}
