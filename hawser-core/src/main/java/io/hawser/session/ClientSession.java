package io.hawser.session;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Will;
import io.hawser.session.Timers.Timer;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.wire.Properties;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The protocol machine of one client, over any number of connections. It does no I/O and has no clock: bytes, requests and
 * the time come in as arguments, and everything it wants done goes out through {@link Effects}.
 *
 * <p>Calls must not overlap. Time is in nanoseconds from an origin of the caller's, never negative, never falling. After any
 * call, {@link #nextDeadline} says when {@link #tick} is due.
 */
public final class ClientSession {
    final SessionConfig config;
    private final StoreWatch store;
    final Effects effects;
    private final Timers timers = new Timers();
    final Reconnector reconnector;
    final KeepAlive keepAlive;
    private final Suspects suspects = new Suspects();
    final SuspectTrials trials;
    final @Nullable Retransmitter retransmitter;
    final OutboundFlow outbound;
    final SubscriptionFlow subscriptions;
    final InboundFlow inbound;
    private final Unanswered unanswered;
    private final Deadlines deadlines;
    private final ConnectionContext connection;
    private long now;
    /** An acknowledgement has come, and others may be behind it. */
    private boolean pumpDue;
    /** Whether the application has asked for a connection. */
    private boolean wanted;

    /** Why the client closed itself, if it did. */
    private @Nullable MqttException end;

    /** What DISCONNECT says when the client closes. */
    private Disconnect farewell = Disconnect.normal();

    /**
     * A session as the log has it.
     *
     * @param defaultHandler gets the messages that match no subscription, or null to hold them
     */
    public ClientSession(SessionConfig config, SessionLog log, Effects effects, @Nullable Object defaultHandler) {
        this.config = config;
        this.store = new StoreWatch(log, effects);
        this.effects = effects;
        reconnector = new Reconnector(config, effects, timers);
        keepAlive = new KeepAlive(timers, config.pingTimeoutNanos);
        retransmitter =
                config.retransmission == null ? null : new Retransmitter(config.retransmission, timers, ~config.seed);
        PacketIds<Object> ids = new PacketIds<>();
        outbound = new OutboundFlow(config, log, effects, ids, timers, retransmitter, suspects);
        Subscriptions known =
                new Subscriptions(log, defaultHandler, Capabilities.unlimited(config.versions.get(0), config));
        subscriptions = new SubscriptionFlow(config, known, effects, ids, timers, retransmitter, suspects);
        trials = new SuspectTrials(config, effects, timers, keepAlive, suspects, outbound, subscriptions);
        inbound = new InboundFlow(log, effects, known, config, timers);
        unanswered = new Unanswered(outbound, subscriptions, effects);
        connection = new ConnectionContext(this);
        deadlines = new Deadlines(this, timers, connection);
        log.replay(this::restore, inbound::restore, known::restore);
        outbound.restored();
    }

    private PublishRequest restore(StoredPublish publish) {
        PublishRequest request = new PublishRequest(publish);
        outbound.restore(request);
        return request;
    }

    /** Tells of a request that has been waiting for its answer for so long ({@link ConnectionEvent.RequestUnanswered}). */
    public void tellOfUnanswered(Duration age) {
        unanswered.limit(age.toNanos());
    }

    /** Changes the limit on messages in flight: at once, though what is in flight stays so. */
    public void changeSendWindow(int messages, long nowNanos) {
        now = nowNanos;
        config.sendWindow = messages;
        outbound.window().changed();
        outbound.pump(now);
        trials.pumped(now);
    }

    /** Changes the time for connecting, from the next attempt or re-authentication on. */
    public void changeConnectTimeout(long nanos) {
        config.connectTimeoutNanos = nanos;
    }

    /** Changes the time for PINGRESP, from the next PINGREQ on. */
    public void changePingTimeout(long nanos) {
        config.pingTimeoutNanos = nanos;
        keepAlive.timeout(nanos);
    }

    /** Changes the age from which on a request without an answer is told, at once; 0 is never. */
    public void changeUnansweredAfter(long nanos, long nowNanos) {
        now = nowNanos;
        unanswered.changeLimit(nanos == 0 ? Timers.NEVER : nanos, now);
    }

    /** Wants this subscription in every session; to be called before {@link #connect}. */
    public void declare(SubscriptionRequest request) {
        subscriptions.declare(request);
    }

    /** Wants a connection from now on; at once, if the session waits to connect again. */
    public void connect(long nowNanos) {
        now = nowNanos;
        if (reconnector.state() == ConnectionState.DISCONNECTED) {
            store.tellOfDamage();
            outbound.started(now);
            unanswered.watch(now);
            wanted = true;
            reconnector.connect(now);
        }
        connectNow(now);
    }

    /** Ends the wait before the next attempt to connect, if there is one. */
    public void connectNow(long nowNanos) {
        now = nowNanos;
        if (reconnector.state() == ConnectionState.WAITING) {
            reconnector.connect(now);
        }
    }

    /** The network connection that was asked for is open. An exchange needs MQTT 5.0 to be pinned. */
    public void opened(
            @Nullable Will will,
            @Nullable Credentials credentials,
            @Nullable AuthenticationExchange authentication,
            long nowNanos) {
        now = nowNanos;
        if (reconnector.state() != ConnectionState.CONNECTING) {
            return;
        }
        if (credentials != null && credentials.userName() == null && reconnector.version() != ProtocolVersion.MQTT_5) {
            drop(RequestRejectedException.notSent(
                    "CONNECT to " + reconnector.serverName() + " with MQTT " + reconnector.version(),
                    null,
                    ReasonCode.BAD_USER_NAME_OR_PASSWORD,
                    "a password without a user name needs MQTT 5.0"));
            return;
        }
        connection.open(will, credentials, authentication, reconnector.version());
        keepAlive.opened(now);
    }

    /** Bytes have come. */
    public void received(ByteBuffer bytes, long nowNanos) {
        now = nowNanos;
        if (connection.isOpen()) {
            keepAlive.received(now);
            connection.received(bytes);
        }
    }

    /** Whether there is a connection that the broker has accepted. */
    public boolean isAccepted() {
        ConnectionState state = state();
        return state == ConnectionState.CONNECTED || state == ConnectionState.READY;
    }

    /** Whether what comes from the network cannot be used yet: the application has to look at CONNACK first. */
    public boolean isSuspended() {
        return connection.isSuspended();
    }

    /**
     * Begins to authenticate again, on the connection that is accepted, while everything else goes on.
     *
     * @throws IllegalStateException without such a connection, during another exchange, or with another method
     * @throws IllegalArgumentException if what is said first is larger than the broker takes
     */
    public void reauthenticate(AuthenticationExchange exchange, long nowNanos) {
        now = nowNanos;
        connection.reauthenticate(exchange);
        timers.set(Timer.CONNECT, now + config.connectTimeoutNanos);
    }

    /** The application's answer to {@link Effects#authenticate}; {@code answer} means nothing after the last step. */
    public void authenticated(AuthenticationExchange exchange, byte @Nullable [] answer, long nowNanos) {
        now = nowNanos;
        if (connection.authenticated(exchange, answer) && connection.isEstablished()) {
            timers.stop(Timer.CONNECT);
        }
    }

    /** The application refuses to go on with an exchange, which ends the connection. */
    public void unauthenticated(AuthenticationExchange exchange, Throwable why, long nowNanos) {
        now = nowNanos;
        connection.unauthenticated(exchange, why);
    }

    /**
     * The network connection could not be opened, or has ended. Not to be told of one that {@link Effects#close} ended.
     *
     * @param byPeer whether the peer ended the connection in order or reset it, so that what it got last may be the reason;
     *     not if the network failed
     */
    public void lost(MqttException cause, boolean byPeer, long nowNanos) {
        now = nowNanos;
        if (!reconnector.isConnecting()) {
            return;
        }
        boolean silently = connection.isUnanswered();
        MqttException told = cause;
        if (silently && byPeer) {
            String connect = connection.connect();
            told = new ConnectionException(cause.getMessage() + ", and did not answer " + connect, cause);
            trials.connectClosed(connect, told, now);
        }
        disconnected(told, silently ? Ending.UNANSWERED : Ending.CUT, byPeer ? Evidence.PEER : Evidence.NONE);
    }

    public void publish(PublishRequest request, long nowNanos) {
        now = nowNanos;
        if (reconnector.state() == ConnectionState.CLOSED) {
            effects.fail(request, Farewell.closed(end));
            return;
        }
        outbound.publish(request, now);
        trials.pumped(now);
        unanswered.watch(now);
    }

    public void request(SubscriptionRequest request, long nowNanos) {
        request(List.of(request), nowNanos);
    }

    /** Takes the requests of one call; either all of them subscribe, or none does. */
    public void request(List<SubscriptionRequest> call, long nowNanos) {
        now = nowNanos;
        if (reconnector.state() == ConnectionState.CLOSED) {
            call.forEach(request -> effects.fail(request, Farewell.closed(end)));
            return;
        }
        subscriptions.request(call, now);
        unanswered.watch(now);
        inbound.handlersChanged();
    }

    public void acknowledge(InboundMessage message, long nowNanos) {
        now = nowNanos;
        if (reconnector.state() != ConnectionState.CLOSED) {
            inbound.acknowledge(message);
            renewIfSettled();
        }
    }

    public void refuse(InboundMessage message, Rejection rejection, long nowNanos) {
        now = nowNanos;
        inbound.refuse(message, rejection);
        renewIfSettled();
    }

    /**
     * The program's handlers have failed on a message for good.
     *
     * @param keep whether it stays unacknowledged where it cannot be refused (MQTT 3.x), to come again with the next connection
     */
    public void fail(InboundMessage message, boolean keep, long nowNanos) {
        now = nowNanos;
        if (reconnector.state() != ConnectionState.CLOSED) {
            inbound.fail(message, keep);
            renewIfSettled();
        }
    }

    public void defer(InboundMessage message, long nowNanos) {
        now = nowNanos;
        inbound.defer(message);
    }

    /** Sets other limits on PUBLISH packets and their bytes in a second than the broker's profile has. */
    public void pace(int publishesPerSecond, long bytesPerSecond, long nowNanos) {
        now = nowNanos;
        outbound.pace(publishesPerSecond, bytesPerSecond, now);
        trials.pumped(now);
    }

    /** {@link Effects#writable} is true again. */
    public void writable(long nowNanos) {
        now = nowNanos;
        outbound.pump(now);
        trials.pumped(now);
    }

    /** What {@link Effects#expect} asked for: a page, or why it could not be read. */
    public void read(@Nullable List<StoredPublish> page, @Nullable Throwable failure, long nowNanos) {
        now = nowNanos;
        if (reconnector.state() == ConnectionState.CLOSED) {
            return;
        }
        if (page != null) {
            outbound.read(page, now);
        } else {
            effects.event(new ConnectionEvent.StoreFailed(
                    new StoreException("waiting messages cannot be read from the store: " + failure, failure)));
            outbound.notRead(now);
        }
    }

    /** The listener of outcomes has heard of this one. */
    public void heard(PublishRequest request, long nowNanos) {
        now = nowNanos;
        if (reconnector.state() != ConnectionState.CLOSED) {
            outbound.heard(request);
        }
    }

    /** {@link SessionLog#failure} or {@link SessionLog#damage} has changed. */
    public void storeChanged(long nowNanos) {
        now = nowNanos;
        if (reconnector.state() == ConnectionState.CLOSED) {
            return;
        }
        StoreException failure = store.changed();
        if (failure != null) {
            // What was encoded and is held back tells of messages that are given up now.
            if (reconnector.isConnecting()) {
                drop(failure);
            }
            outbound.rollback(failure);
        }
    }

    /** Whether reading from the network is paused, so that silence proves nothing. */
    public void readingPaused(boolean paused, long nowNanos) {
        now = nowNanos;
        keepAlive.paused(paused, now);
    }

    /** Everything that has been transmitted has left at once: called once for all packets of a turn. */
    public void transmitted(long nowNanos) {
        keepAlive.sent(nowNanos);
    }

    /**
     * How far what was transmitted on this connection is, in bytes since it was opened: called at the end of a turn in which
     * something was transmitted, and when the network takes more of what waits.
     *
     * @param encoded everything that was transmitted
     * @param given what the network has been given; the rest waits on this side, for the store for one
     * @param left what the network has taken
     */
    public void output(long encoded, long given, long left, long nowNanos) {
        keepAlive.output(encoded, given, left, nowNanos);
    }

    /**
     * Ends the session's client: DISCONNECT if connected, everything unanswered fails. Only a session that is kept can be kept for another time than CONNECT
     * said (3.14.2.2.2).
     */
    public void close(Disconnect how, long nowNanos) {
        now = nowNanos;
        farewell = how;
        close((MqttException) null);
    }

    /**
     * Something that is neither the broker's nor the network's doing has failed on the way between network and session: what was
     * said on the connection is not known any more, so it is given up, and another made if the client reconnects.
     */
    public void broken(MqttException cause, long nowNanos) {
        now = nowNanos;
        if (reconnector.isConnecting()) {
            effects.close(cause);
            disconnected(cause, Ending.BROKEN, Evidence.NONE);
        } else if (wanted
                && reconnector.state() == ConnectionState.DISCONNECTED
                && timers.deadline(Timer.RECONNECT) == Timers.NEVER) {
            disconnected(cause, Ending.BROKEN, Evidence.NONE);
        }
    }

    /** Ends the session's client for a reason. */
    public void fail(MqttException cause, long nowNanos) {
        now = nowNanos;
        close(cause);
    }

    private void close(@Nullable MqttException cause) {
        if (reconnector.state() == ConnectionState.CLOSED) {
            return;
        }
        if (connection.isEstablished() && cause == null) {
            Farewell.say(farewell, reconnector.version(), effects.transmit());
        }
        end = cause;
        ClientClosedException closed = Farewell.closed(cause);
        leaveConnection(closed);
        if (reconnector.isConnecting()) {
            effects.close(cause);
        }
        int givenUp = outbound.close(
                cause == null ? Farewell.unacknowledged(false) : closed,
                cause == null ? Farewell.unacknowledged(true) : closed);
        if (givenUp > 0) {
            effects.event(new ConnectionEvent.PublishesGivenUp(givenUp));
        }
        subscriptions.close(closed);
        trials.close();
        unanswered.stop();
        reconnector.closed(cause);
    }

    /** When {@link #tick} is due, or {@link Long#MAX_VALUE}. */
    public long nextDeadline() {
        return Math.min(timers.next(), unanswered.deadline());
    }

    /** Time has passed. */
    public void tick(long nowNanos) {
        now = nowNanos;
        unanswered.look(now);
        deadlines.passed(now);
    }

    /** The broker has not said what it knows of identifiers of earlier clients. */
    void unreleased(boolean silent, String how) {
        StalePacketIds staleIds = outbound.window().staleIds();
        if (staleIds != null) {
            staleIds.unanswered(silent, how, now);
        }
    }

    void drop(MqttException cause) {
        boolean tells = connection.isOpen() && reconnector.version() == ProtocolVersion.MQTT_5;
        boolean unreadable = cause instanceof ProtocolException && connection.isUnanswered();
        if (tells && cause instanceof ProtocolException violation) {
            effects.transmit().disconnect(violation.reasonCode(), Properties.NONE);
        }
        effects.close(cause);
        disconnected(
                cause,
                unreadable ? Ending.UNREADABLE : Ending.DROPPED,
                cause instanceof BrokerDisconnectException disconnect
                        ? Evidence.of(disconnect.reasonCode())
                        : Evidence.NONE);
    }

    private void disconnected(MqttException cause, Ending ending, Evidence evidence) {
        boolean outstanding = outbound.isOutstanding() || !subscriptions.settled();
        if (ending == Ending.CUT) {
            unreleased(false, "the connection ended before the answer to PUBREL");
        }
        List<List<Object>> unanswered = trials.unanswered();
        leaveConnection(cause);
        if (trials.ended(evidence, unanswered, cause, now)) {
            reconnector.stable();
        }
        MqttException reason = reconnector.lost(cause, ending, outstanding, now);
        if (reason != null) {
            close(reason);
        }
    }

    private void leaveConnection(MqttException cause) {
        suspects.hold(false);
        timers.stop(Timer.RENEW);
        connection.end(cause);
        outbound.disconnected();
        inbound.disconnected();
        subscriptions.disconnected();
    }

    /** An identifier is free. Subscriptions come first: there are few, and a queue would leave them none. */
    void pump() {
        subscriptions.pump(now);
        outbound.pump(now);
        trials.pumped(now);
        becomeReadyIfSettled();
    }

    /** As {@link #pump}, once for all packets that have come together. */
    void pumpLater() {
        pumpDue = true;
    }

    void pumpIfDue() {
        boolean due = pumpDue;
        pumpDue = false;
        if (due && connection.isEstablished()) {
            pump();
            renewIfSettled();
        }
    }

    /**
     * Makes another connection in place of this one, whose credentials are about to expire. No request is sent meanwhile, and the
     * connection is left when the broker has answered all of them, and all that was received is acknowledged, or after
     * {@code patienceNanos}.
     */
    public void renew(long patienceNanos, long nowNanos) {
        now = nowNanos;
        if (isAccepted()) {
            suspects.hold(true);
            timers.set(Timer.RENEW, now + patienceNanos);
            renewIfSettled();
        }
    }

    /** Leaves a connection that is to be renewed as soon as nothing is open on it. */
    void renewIfSettled() {
        if (timers.deadline(Timer.RENEW) != Timers.NEVER
                && outbound.window().onWire() == 0
                && subscriptions.nothingSent()
                && inbound.unacknowledged() == 0) {
            renewNow();
        }
    }

    void renewNow() {
        MqttException why = new ConnectionException("what the connection was made with is about to expire");
        Farewell.say(Disconnect.normal(), reconnector.version(), effects.transmit());
        effects.close(null);
        List<List<Object>> unanswered = trials.unanswered();
        leaveConnection(why);
        trials.ended(Evidence.NONE, unanswered, why, now);
        reconnector.renew(why, now);
    }

    void becomeReadyIfSettled() {
        if (reconnector.state() == ConnectionState.CONNECTED && subscriptions.settled()) {
            reconnector.ready(now);
            subscriptions.ready(now);
            inbound.ready(now);
        }
    }

    /** PINGRESP has come, which shows that the connection is sound. */
    void pingResp() {
        keepAlive.pingResp(now);
        if (!suspects.isQuiet()) {
            trials.pingResp(now);
            pump();
        }
    }

    long now() {
        return now;
    }

    /** The broker has said DISCONNECT, to which nothing is said in return [MQTT-3.14.4-3]. */
    void disconnectedByBroker(BrokerDisconnectException cause) {
        connection.fallSilent();
        drop(cause);
    }

    public ConnectionState state() {
        return reconnector.state();
    }

    /** The sequence of the message accepted last. */
    public long lastSequence() {
        return outbound.lastSequence();
    }

    /** The sequence of the oldest message that is not settled, or {@link Long#MAX_VALUE}. */
    public long oldestSequence() {
        return outbound.oldestSequence();
    }

    /** What received messages that no handler wants so far take, in bytes; on the thread of the session. */
    public long heldBytes() {
        return inbound.heldBytes();
    }

    /** What this session has counted, and counts at the moment. */
    public SessionFigures figures() {
        return new SessionFigures(outbound, inbound, subscriptions, connection, suspects);
    }
}
