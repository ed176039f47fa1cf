package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionLog;
import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import org.jspecify.annotations.Nullable;

/**
 * PUBACK, PUBREC and PUBCOMP: the answers of the broker to what is in the {@link Window}. An answer for an identifier that is not
 * in flight is tolerated, as brokers send such after a restart; for an identifier that is in use for something else, or out of
 * turn [MQTT-4.3.3-1], it breaks the protocol.
 */
final class Acknowledgements {
    private final Window window;
    private final PacketIds<Object> ids;
    private final @Nullable StalePacketIds staleIds;
    private final @Nullable Retransmitter retransmitter;
    private final Completion completion;
    private final QuotaBackoff quota;
    private final SessionLog log;
    private final Effects effects;

    Acknowledgements(
            Window window,
            PacketIds<Object> ids,
            @Nullable Retransmitter retransmitter,
            Completion completion,
            QuotaBackoff quota,
            SessionLog log,
            Effects effects) {
        this.window = window;
        this.ids = ids;
        this.staleIds = window.staleIds();
        this.retransmitter = retransmitter;
        this.completion = completion;
        this.quota = quota;
        this.log = log;
        this.effects = effects;
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
        boolean exactlyOnce = request.isExactlyOnce();
        boolean lowered = exactlyOnce && reasonCode == ReasonCode.SUCCESS;
        if (exactlyOnce && staleIds != null) {
            staleIds.withoutQos2();
        }
        answered(request, lowered ? ReasonCode.GRANTED_QOS_1 : reasonCode, properties, now);
    }

    void pubRec(int packetId, ReasonCode reasonCode, Properties properties, long now) {
        PublishRequest request = open("PUBREC", packetId);
        if (request == null) {
            if (ids.get(packetId) == null && !reasonCode.isError()) {
                // The broker waits for it, and would take the next message under this identifier for a repetition.
                ReasonCode answer = window.version() == ProtocolVersion.MQTT_5
                        ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND
                        : ReasonCode.SUCCESS;
                effects.transmit().pubRel(packetId, answer, Properties.NONE, false);
            }
            return;
        }
        if (!request.isExactlyOnce()) {
            throw outOfTurn("PUBREC", request);
        }
        if (reasonCode.isError()) {
            if (request.released) {
                refused(request, reasonCode, properties);
            } else {
                answered(request, reasonCode, properties, now);
            }
            return;
        }
        completion.said(request, reasonCode, properties);
        if (!request.released) {
            quota.acknowledged();
            request.released = true;
            log.released(request);
            if (retransmitter != null) {
                retransmitter.released(request, now);
            }
        }
        effects.transmit().pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, false);
    }

    /** If the broker says that the identifier is unknown, that is success: PUBREC has come, so the message has arrived. */
    void pubComp(int packetId, ReasonCode reasonCode, Properties properties, long now) {
        if (staleIds != null && staleIds.completed(packetId, now)) {
            return;
        }
        PublishRequest request = open("PUBCOMP", packetId);
        if (request == null) {
            return;
        }
        if (!request.released) {
            if (retransmitter == null) {
                throw outOfTurn("PUBCOMP", request);
            }
            // PUBREL of the message before went twice, and that message is over since the first answer.
            effects.tolerated("a second PUBCOMP for identifier " + packetId);
            return;
        }
        if (reasonCode.isError() && reasonCode != ReasonCode.PACKET_IDENTIFIER_NOT_FOUND) {
            refused(request, reasonCode, properties);
            return;
        }
        if (staleIds != null && staleIds.doubted(packetId)) {
            if (window.mayGoOutAgain(request, Window.UNRELEASED)) {
                window.sendAnew(request);
            } else {
                window.leaveWire(request);
            }
            return;
        }
        completion.succeed(request, reasonCode, properties);
        window.leaveWire(request);
    }

    /** The broker has decided on a message: taken, refused, or too much for now. */
    private void answered(PublishRequest request, ReasonCode reasonCode, Properties properties, long now) {
        if (reasonCode.isError()) {
            if (reasonCode == ReasonCode.QUOTA_EXCEEDED
                    && waitsForQuota(request, refusal(request, reasonCode, properties), now)) {
                return;
            }
            refused(request, reasonCode, properties);
            return;
        }
        quota.acknowledged();
        completion.succeed(request, reasonCode, properties);
        window.leaveWire(request);
    }

    private void refused(PublishRequest request, ReasonCode reasonCode, Properties properties) {
        completion.unsay(request);
        completion.refuse(request, refusal(request, reasonCode, properties));
        window.leaveWire(request);
    }

    private static RequestRejectedException refusal(
            PublishRequest request, ReasonCode reasonCode, Properties properties) {
        return new RequestRejectedException(
                "PUBLISH to '" + Utf8.printable(request.message().topic()) + "'",
                null,
                reasonCode,
                properties.reasonString(),
                properties.userProperties());
    }

    /** Whether a message for which the broker had no room is tried again later, and not refused. */
    private boolean waitsForQuota(PublishRequest request, RequestRejectedException refusal, long now) {
        if (quota.exceeded(now)) {
            effects.event(new ConnectionEvent.QuotaExceeded(refusal, quota.patience()));
        }
        if (!quota.triesAgain(request, now)) {
            return false;
        }
        window.sendAnew(request);
        window.note(request, 0);
        return true;
    }

    /** The publish that an acknowledgement is for; null for one that nobody waits for, as brokers send after a restart. */
    private @Nullable PublishRequest open(String packet, int packetId) {
        Object user = ids.get(packetId);
        if (user instanceof PublishRequest request) {
            if (request.onWire) {
                return request;
            }
        } else if (user != null && user != StalePacketIds.RESERVED) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    packet + " for identifier " + packetId + ", which is in use for another kind of request");
        }
        effects.tolerated(packet + " for identifier " + packetId + ", which is not in flight");
        return null;
    }

    private static ProtocolException outOfTurn(String packet, PublishRequest request) {
        return new ProtocolException(
                ReasonCode.PROTOCOL_ERROR,
                packet + " for identifier " + request.packetId() + " is out of turn: the message has "
                        + request.message().qos() + (request.released ? " and waits for PUBCOMP" : "")
                        + " [MQTT-3.3.4-1]");
    }
}
