package io.hawser.session;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.SubAck;
import io.hawser.wire.Unreadable;
import io.hawser.wire.UnsubAck;

/** The broker has accepted the connection: the packets of a session may come. */
final class Established extends Phase {
    private final ClientSession session;
    private final ProtocolVersion version;
    private final Acknowledgements acknowledgements;
    private final InboundFlow inbound;
    private final SubscriptionFlow subscriptions;
    private final KeepAlive keepAlive;
    private final Authenticator authenticator;

    Established(
            ClientSession session,
            ProtocolVersion version,
            Acknowledgements acknowledgements,
            InboundFlow inbound,
            SubscriptionFlow subscriptions,
            KeepAlive keepAlive,
            Authenticator authenticator) {
        super("on an accepted connection");
        this.session = session;
        this.version = version;
        this.acknowledgements = acknowledgements;
        this.inbound = inbound;
        this.subscriptions = subscriptions;
        this.keepAlive = keepAlive;
        this.authenticator = authenticator;
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        inbound.publish(message, packetId, duplicate, session.now());
    }

    @Override
    public void unreadable(Unreadable packet) {
        if (packet.refused()) {
            inbound.unreadable(packet.qos(), packet.packetId(), packet.duplicate());
        }
        session.effects.event(new ConnectionEvent.MessageUnreadable(packet.topic(), packet.reason(), packet.refused()));
    }

    @Override
    public void tolerated(String what) {
        session.effects.tolerated(what);
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        keepAlive.answered(session.now());
        acknowledgements.pubAck(packetId, reasonCode, properties, session.now());
        session.pumpLater();
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        keepAlive.answered(session.now());
        acknowledgements.pubRec(packetId, reasonCode, properties, session.now());
        if (reasonCode.isError()) {
            session.pumpLater();
        }
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        keepAlive.answered(session.now());
        inbound.pubRel(packetId);
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        keepAlive.answered(session.now());
        acknowledgements.pubComp(packetId, reasonCode, properties, session.now());
        session.pumpLater();
    }

    @Override
    public void subAck(SubAck packet) {
        keepAlive.answered(session.now());
        subscriptions.subAck(packet);
        session.pump();
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        keepAlive.answered(session.now());
        subscriptions.unsubAck(packet);
        inbound.handlersChanged();
        session.pump();
    }

    @Override
    public void pingResp() {
        session.pingResp();
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        // Brokers before MQTT 5.0 have no DISCONNECT, but what one means by it is plain.
        String words = version == ProtocolVersion.MQTT_5
                ? properties.reasonString()
                : "which is no packet of a broker in MQTT " + version;
        session.disconnectedByBroker(new BrokerDisconnectException(
                reasonCode, words, properties.userProperties(), properties.text(Property.SERVER_REFERENCE)));
    }

    /** The broker's part of a re-authentication, which only the client begins [MQTT-4.12.1-1]. */
    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        if (!authenticator.isRunning() || reasonCode == ReasonCode.REAUTHENTICATE) {
            super.auth(reasonCode, properties);
        }
        if (reasonCode == ReasonCode.SUCCESS) {
            authenticator.confirmed(properties);
        } else {
            authenticator.challenged(properties);
        }
    }
}
