package io.hawser.session;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Will;
import io.hawser.text.Utf8;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketSink;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is said on the network connection that is open, if one is: which phase it is in, and how far the broker is believed.
 * Here is also what one connection leaves to the next.
 */
final class ConnectionContext {
    private static final Phase OFFLINE = new Phase("without a connection") {};

    private final ClientSession session;
    private final Authenticator authenticator;
    private Phase phase = OFFLINE;
    private @Nullable PacketDecoder decoder;
    /** As given, or as a broker has assigned it. */
    private String clientId;

    /** The CONNECT that is not answered, for words about it; null without one. */
    private @Nullable Connect greeting;

    private long accepted;
    private boolean connectSent;
    /**
     * Whether a CONNECT may have gone without its answer since the last one that had it, by this client or an earlier one.
     * Then the broker may have lost the session and made a new, empty one since, which it now calls present.
     */
    private boolean sessionDoubtful = true;

    ConnectionContext(ClientSession session) {
        this.session = session;
        authenticator = new Authenticator(session.effects);
        clientId = session.config.clientId;
    }

    String clientId() {
        return clientId;
    }

    /** How many conversations a broker has accepted. */
    long accepted() {
        return accepted;
    }

    boolean isOpen() {
        return phase != OFFLINE;
    }

    boolean isEstablished() {
        return phase instanceof Established;
    }

    /** Whether CONNECT has been sent, and the broker has said nothing. */
    boolean isUnanswered() {
        return phase instanceof Handshake handshake && handshake.isSilent();
    }

    /** Whether what comes cannot be used yet: the application has to look at CONNACK first. */
    boolean isSuspended() {
        return decoder != null && decoder.isSuspended();
    }

    void open(
            @Nullable Will will,
            @Nullable Credentials credentials,
            @Nullable AuthenticationExchange authentication,
            ProtocolVersion version) {
        SessionConfig config = session.config;
        PacketDecoder fresh = new PacketDecoder(version, config.maximumPacketSize);
        fresh.tolerant();
        fresh.topicAliasMaximum(config.topicAliasMaximum);
        decoder = fresh;
        authenticator.opened(authentication);
        phase = new Handshake(session, this, authenticator);
        sessionDoubtful |= connectSent;
        connectSent = true;
        Connect connect =
                ConnectPacket.of(config, version, clientId, isCleanStart(), will, credentials, authentication);
        greeting = connect;
        session.effects.transmit().connect(connect);
    }

    /** Whether CONNECT asks the broker for a new session: always, or until a broker has accepted this client. */
    boolean isCleanStart() {
        return session.config.cleanSession || session.config.cleanStart && accepted == 0;
    }

    void received(ByteBuffer bytes) {
        PacketSink reader = session.effects.watched(phase);
        decode(current -> current.decode(bytes, reader));
    }

    private void decode(Consumer<PacketDecoder> step) {
        PacketDecoder current = decoder;
        if (current != null) {
            try {
                step.accept(current);
            } catch (ProtocolException e) {
                session.drop(e);
            }
            session.pumpIfDue();
        }
    }

    /** The application is to look at this CONNACK before anything behind it is decoded. */
    void suspend() {
        if (decoder != null) {
            decoder.suspend();
        }
    }

    /** What CONNECT carries, in words: some brokers close the connection on it without an answer. */
    String connect() {
        return greeting == null ? "CONNECT" : ConnectPacket.inWords(greeting);
    }

    /** The answer to CONNECT is a refusal, or has been accepted by both sides. */
    void answered() {
        greeting = null;
        connectSent = false;
    }

    /**
     * The broker is accepted: its packets may come.
     *
     * @param assigned the client identifier that the broker has chosen, or null
     * @return whether a session that it calls present may be another than the one that is known
     */
    boolean established(@Nullable String assigned) {
        phase = new Established(
                session,
                session.reconnector.version(),
                session.outbound.acknowledgements(),
                session.inbound,
                session.subscriptions,
                session.keepAlive,
                authenticator);
        if (decoder != null) {
            decoder.redirect(session.effects.watched(phase));
        }
        if (assigned != null) {
            if (clientId.isEmpty()) {
                clientId = assigned;
            } else {
                // Only for a client without one [MQTT-3.2.2-16]; the next CONNECT would ask for another session.
                session.effects.tolerated("the client identifier '" + Utf8.printable(assigned)
                        + "' that the broker assigned, since this client has one of its own");
            }
        }
        accepted++;
        answered();
        boolean doubtful = sessionDoubtful;
        sessionDoubtful = false;
        return doubtful;
    }

    void reauthenticate(AuthenticationExchange exchange) {
        if (!isEstablished()) {
            throw new IllegalStateException("re-authentication needs a connection that is accepted");
        }
        authenticator.begin(exchange);
    }

    /**
     * The application has taken its step.
     *
     * @return whether that was the end of the exchange
     */
    boolean authenticated(AuthenticationExchange exchange, byte @Nullable [] answer) {
        if (!authenticator.awaits(exchange)) {
            return false;
        }
        try {
            if (!authenticator.answered(exchange, answer)) {
                return false;
            }
        } catch (IllegalArgumentException e) {
            // An answer that is larger than the broker takes.
            unauthenticated(exchange, e);
            return false;
        }
        if (phase instanceof Handshake handshake) {
            handshake.confirmed();
            PacketSink reader = session.effects.watched(phase);
            decode(current -> current.resume(reader));
        }
        return true;
    }

    /** The application refuses. The client has no code of its own for that (section 3.14.2.1). */
    void unauthenticated(AuthenticationExchange exchange, Throwable why) {
        if (authenticator.awaits(exchange)) {
            session.drop(new ProtocolException(
                    ReasonCode.UNSPECIFIED_ERROR,
                    "authentication with " + exchange.method() + " failed on this side: " + why.getMessage(),
                    why));
        }
    }

    /** Nothing more is said, by either side. */
    void fallSilent() {
        phase = OFFLINE;
    }

    /** The connection is left, or gone. */
    void end(MqttException cause) {
        if (decoder != null) {
            decoder.stop();
            decoder = null;
        }
        phase = OFFLINE;
        authenticator.disconnected(cause);
    }
}
