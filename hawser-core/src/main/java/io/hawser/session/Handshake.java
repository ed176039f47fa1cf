package io.hawser.session;

import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/**
 * CONNECT has been sent; only CONNACK may come, and AUTH before it if CONNECT began an authentication [MQTT-3.2.0-1].
 *
 * <p>A CONNACK that ends an authentication is not believed before the application has looked at what it proves. A broker may
 * send messages right behind it, which must not be delivered, nor anything queued be sent, to what may be an impostor; and
 * the application may take its time, so it cannot be asked within this call. Hence the decoder is suspended, and keeps what
 * has been read; the driver reads no more meanwhile, and the connect timeout goes on.
 */
final class Handshake extends Phase {
    private final ClientSession session;
    private final ConnectionContext connection;
    private final Authenticator authenticator;
    private final long openedAt;
    private boolean heard;
    private @Nullable ConnAck unconfirmed;

    Handshake(ClientSession session, ConnectionContext connection, Authenticator authenticator) {
        super("before CONNACK");
        this.session = session;
        this.connection = connection;
        this.authenticator = authenticator;
        this.openedAt = session.now();
    }

    /** Whether the broker has said nothing yet that could be read. */
    boolean isSilent() {
        return !heard;
    }

    @Override
    ProtocolException notAllowed(String packet) {
        heard = true;
        return super.notAllowed(packet);
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        if (!authenticator.isRunning() || reasonCode != ReasonCode.CONTINUE_AUTHENTICATION) {
            super.auth(reasonCode, properties);
        }
        heard = true;
        authenticator.challenged(properties);
    }

    @Override
    public void connAck(ConnAck packet) {
        heard = true;
        if (packet.reasonCode().isError()) {
            connection.answered();
            session.drop(refusal(packet));
            return;
        }
        if (packet.sessionPresent() && connection.isCleanStart()) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR, "CONNACK has session present after clean session [MQTT-3.2.2-1]");
        }
        requireRoom(packet.properties());
        if (authenticator.isRunning()) {
            authenticator.confirmed(packet.properties());
            unconfirmed = packet;
            connection.suspend();
        } else {
            authenticator.requireMethod(packet.properties());
            accept(packet);
        }
    }

    /** A broker that takes less than every acknowledgement has is broken, and nothing more can be said to it. */
    private void requireRoom(Properties granted) {
        long maximum = granted.number(Property.MAXIMUM_PACKET_SIZE, Capabilities.LEAST_PACKET);
        if (maximum < Capabilities.LEAST_PACKET) {
            connection.fallSilent();
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    "CONNACK has a maximum packet size of " + maximum + " bytes, every acknowledgement has "
                            + Capabilities.LEAST_PACKET);
        }
    }

    @Override
    public void tolerated(String what) {
        session.effects.tolerated(what);
    }

    private RequestRejectedException refusal(ConnAck packet) {
        Properties answer = packet.properties();
        boolean needs5 = authenticator.isRunning() && packet.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
        return new RequestRejectedException(
                "CONNECT to " + session.reconnector.serverName() + " with MQTT " + session.reconnector.version()
                        + (needs5 ? ", which authentication needs," : ""),
                null,
                packet.reasonCode(),
                answer.reasonString(),
                answer.userProperties(),
                answer.text(Property.SERVER_REFERENCE));
    }

    /** The application has accepted the broker as well. */
    void confirmed() {
        ConnAck packet = unconfirmed;
        if (packet != null) {
            accept(packet);
        }
    }

    private void accept(ConnAck packet) {
        ProtocolVersion version = session.reconnector.version();
        boolean silent = version == ProtocolVersion.MQTT_3_1;
        // CONNACK of 3.1 cannot tell. Sending again what may be a repetition is harmless, forgetting is not.
        boolean resumed = silent ? !session.config.cleanSession : packet.sessionPresent();
        if (connection.isCleanStart()) {
            session.subscriptions.dropForgotten();
        }
        boolean doubtful =
                connection.established(packet.properties().text(Property.ASSIGNED_CLIENT_IDENTIFIER)) || silent;
        Capabilities capabilities = Capabilities.of(version, session.config, packet);
        announce(packet, capabilities);
        if (session.retransmitter != null) {
            session.retransmitter.connected(version);
        }
        session.trials.connected(session.now());
        session.inbound.connected(version, resumed, doubtful, session.now());
        session.subscriptions.connected(capabilities, resumed && !doubtful, session.now());
        session.outbound.connected(
                capabilities, session.reconnector.serverName(), resumed, session.now() - openedAt, session.now());
        session.trials.pumped(session.now());
        session.becomeReadyIfSettled();
    }

    private void announce(ConnAck packet, Capabilities capabilities) {
        Reconnector reconnector = session.reconnector;
        reconnector.accepted(session.now());
        session.keepAlive.start(capabilities.negotiated().keepAlive().toSeconds(), session.now());
        session.effects.negotiated(capabilities.negotiated(), session.trials.allowAliases());
        session.effects.event(new ConnectionEvent.Connected(
                reconnector.serverName(),
                new ConnectResult(
                        reconnector.version(),
                        connection.clientId(),
                        packet.sessionPresent(),
                        capabilities.negotiated(),
                        packet.properties().reasonString(),
                        packet.properties().userProperties())));
    }
}
