package io.hawser.session;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.session.Timers.Timer;
import io.hawser.text.Utf8;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Decides when, where and with which version to connect, and when to give up. */
final class Reconnector {
    /** Closes without CONNACK after which a lower version is tried: one may be an accident. */
    private static final int SILENT_CLOSES = 2;
    /** How often in a row a server may send its client elsewhere before that counts as a failure. */
    private static final int REDIRECTS = 3;

    private static final long SECOND = 1_000_000_000L;

    private final SessionConfig config;
    private final Effects effects;
    private final Timers timers;
    /** Null until something has failed. */
    private @Nullable Backoff backoff;

    private ConnectionState state = ConnectionState.DISCONNECTED;
    private final ServerOrder order;
    private int server;
    private int version;
    private int attempt;
    /** Failures since one round through all servers began. */
    private int failuresInRound;

    private int silentCloses;
    private boolean acceptedBefore;
    private long acceptedAt;
    private final Contest contest = new Contest();
    private final ErrorLoop loop = new ErrorLoop();
    /** Where a server has sent its clients for once, or null. */
    private @Nullable String reference;
    /** Where a server has sent its clients for good: one more to be tried in turn, behind those that were given. */
    private @Nullable String moved;
    /** The server that named one of them. */
    private int referrer;
    /** Since a connection was stable, or waiting began. */
    private int redirects;
    /** The least time between two attempts, by what the broker takes in a second; 0 is none. */
    private final long distanceNanos;
    /** When the last attempt began. */
    private long attemptedAt;
    /** Why the last attempt ended; null before. */
    private @Nullable MqttException lastCause;
    /** The version that was refused before the attempt that waits for its time. */
    private @Nullable ProtocolVersion refusedBefore;

    Reconnector(SessionConfig config, Effects effects, Timers timers) {
        this.config = config;
        this.effects = effects;
        this.timers = timers;
        order = new ServerOrder(config.reconnect.servers(), config.servers.size(), config.seed);
        server = order.first();
        int connects = config.broker.connectsPerSecond();
        distanceNanos = connects == BrokerProfile.UNLIMITED ? 0 : (SECOND + connects - 1) / connects;
    }

    ConnectionState state() {
        return state;
    }

    /** Whether there is a network connection, or one has been asked for. */
    boolean isConnecting() {
        return switch (state) {
            case CONNECTING, CONNECTED, READY -> true;
            default -> false;
        };
    }

    ProtocolVersion version() {
        return config.versions.get(version);
    }

    String serverName() {
        String elsewhere = elsewhere();
        return elsewhere == null ? config.servers.get(server).toString() : Utf8.printable(elsewhere);
    }

    /** Where to connect, if that is no server that was given. */
    private @Nullable String elsewhere() {
        return reference == null && server == config.servers.size() ? moved : reference;
    }

    private int servers() {
        return config.servers.size() + (moved == null ? 0 : 1);
    }

    void connect(long now) {
        connect(null, now);
    }

    private void connect(@Nullable ProtocolVersion refused, long now) {
        ProtocolVersion refusedLast = refused == null ? refusedBefore : refused;
        if (lastCause != null && now < attemptedAt + distanceNanos) {
            refusedBefore = refusedLast;
            waitUntil(attemptedAt + distanceNanos, lastCause, now);
            return;
        }
        attemptedAt = now;
        refusedBefore = null;
        timers.stop(Timer.RECONNECT);
        timers.set(Timer.CONNECT, now + config.connectTimeoutNanos);
        state = ConnectionState.CONNECTING;
        effects.event(new ConnectionEvent.Connecting(serverName(), version(), ++attempt, refusedLast));
        String elsewhere = elsewhere();
        effects.open(elsewhere == null ? server : referrer, elsewhere, version());
    }

    void accepted(long now) {
        timers.stop(Timer.CONNECT);
        state = ConnectionState.CONNECTED;
        acceptedBefore = true;
        acceptedAt = now;
        silentCloses = 0;
        failuresInRound = 0;
        attempt = 0;
        if (elsewhere() == null) {
            order.accepted(server);
        }
    }

    void ready(long now) {
        state = ConnectionState.READY;
        timers.set(Timer.STABLE, now + config.reconnect.stableAfter().toNanos());
        effects.event(new ConnectionEvent.Ready(serverName()));
    }

    void stable() {
        if (backoff != null) {
            backoff.reset();
        }
        redirects = 0;
    }

    /**
     * A connection has ended, or could not be made.
     *
     * @param outstanding whether a request waited for its answer
     * @return why the client must give up, or null if it goes on
     */
    @Nullable
    MqttException lost(MqttException cause, Ending ending, boolean outstanding, long now) {
        boolean wasConnected = state == ConnectionState.CONNECTED || state == ConnectionState.READY;
        boolean toReference = reference != null;
        timers.stopConnecting();
        state = ConnectionState.DISCONNECTED;
        lastCause = cause;
        effects.event(new ConnectionEvent.Disconnected(cause));
        watch(cause, ending, wasConnected, outstanding, now);
        ReasonCode refusal = cause instanceof RequestRejectedException rejected ? rejected.reasonCode() : null;
        if (blamesVersion(refusal, ending)) {
            silentCloses = 0;
            ProtocolVersion refused = version();
            if (lowerVersion()) {
                connect(refused, now);
                return null;
            }
            if (refusal != null && isFinal(refusal)) {
                return cause;
            }
            // Even the lowest was not understood, so it was not the version.
            version = 0;
        }
        if (redirected(cause)) {
            connect(now);
            return null;
        }
        if (!config.reconnect.enabled() || refusal != null && isFinal(refusal)) {
            return cause;
        }
        if (!wasConnected && !toReference) {
            rest(now);
        }
        long delay = nextDelay(wasConnected, refusal != null, now);
        waitUntil(Math.max(now + delay, attemptedAt + distanceNanos), cause, now);
        return null;
    }

    /** Passes over the server for a while that could not be connected to. */
    private void rest(long now) {
        String name = serverName();
        long rest = order.failed(server, now);
        if (rest > 0 && servers() > 1) {
            effects.event(new ConnectionEvent.ServerRests(name, Duration.ofNanos(rest)));
        }
    }

    /** Leaves the connection in order, to make another at once: what it was made with is about to expire. */
    void renew(MqttException why, long now) {
        timers.stopConnecting();
        state = ConnectionState.DISCONNECTED;
        lastCause = why;
        reference = null;
        effects.event(new ConnectionEvent.Disconnected(null));
        connect(now);
    }

    private void waitUntil(long at, MqttException cause, long now) {
        boolean known = state == ConnectionState.WAITING && timers.deadline(Timer.RECONNECT) == at;
        state = ConnectionState.WAITING;
        timers.set(Timer.RECONNECT, at);
        if (!known) {
            effects.event(new ConnectionEvent.ReconnectScheduled(Duration.ofNanos(at - now), cause));
        }
    }

    /** Tells of what a single connection does not show: a contest, or an error that comes again and again. */
    private void watch(MqttException cause, Ending ending, boolean wasConnected, boolean outstanding, long now) {
        int ends = wasConnected ? contest.ended(cause, ending, now - acceptedAt, outstanding) : 0;
        if (ends > 0) {
            effects.event(new ConnectionEvent.ClientIdContested(config.clientId, ends));
        }
        if (loop.ended(cause, ending, wasConnected)) {
            effects.event(new ConnectionEvent.ErrorRepeated(serverName(), loop.connections(), cause));
        }
    }

    /**
     * Whether the end of this attempt says that the broker does not speak the version. Once a broker has accepted, silence and what
     * cannot be read are no verdict on the version: it may be a broker that is starting.
     */
    private boolean blamesVersion(@Nullable ReasonCode refusal, Ending ending) {
        if (acceptedBefore) {
            silentCloses = 0;
        } else {
            silentCloses = switch (ending) {
                case UNREADABLE -> SILENT_CLOSES;
                case UNANSWERED -> silentCloses + 1;
                default -> 0;
            };
        }
        return refusal == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION || silentCloses >= SILENT_CLOSES;
    }

    /** Whether the server has said where to go instead, and it is to be followed. */
    private boolean redirected(MqttException cause) {
        ReasonCode reasonCode = null;
        String target = null;
        if (cause instanceof BrokerDisconnectException disconnect) {
            reasonCode = disconnect.reasonCode();
            target = disconnect.serverReference();
        } else if (cause instanceof RequestRejectedException rejected) {
            reasonCode = rejected.reasonCode();
            target = rejected.serverReference();
        }
        int from = elsewhere() == null ? server : referrer;
        reference = null;
        boolean forGood = reasonCode == ReasonCode.SERVER_MOVED;
        if (!config.followServerReference
                || target == null
                || target.isBlank()
                || !forGood && reasonCode != ReasonCode.USE_ANOTHER_SERVER) {
            return false;
        }
        if (++redirects > REDIRECTS) {
            // It is followed again after a wait.
            redirects = 0;
            return false;
        }
        // A list is in order of preference; one name is enough, since the next answer may name another.
        String first = target.strip().split("\\s+", 2)[0];
        referrer = from;
        if (forGood) {
            moved = first;
            server = config.servers.size();
        } else {
            reference = first;
        }
        return true;
    }

    /** The first round through the servers is quick; waiting begins when each has failed. */
    private long nextDelay(boolean wasConnected, boolean slow, long now) {
        backoff = backoff == null ? new Backoff(config.reconnect, config.seed) : backoff;
        if (loop.isRunning()) {
            // Another server may do better, but none is tried soon: it may have accepted, and made the same error,
            // before.
            server = order.next(server, servers(), now);
            return backoff.slow();
        }
        if (wasConnected) {
            server = order.again(server, servers(), now);
            return backoff.next();
        }
        server = order.next(server, servers(), now);
        failuresInRound++;
        if (failuresInRound % servers() != 0) {
            return 0;
        }
        return slow ? backoff.slow() : backoff.next();
    }

    private boolean lowerVersion() {
        if (version + 1 == config.versions.size()) {
            return false;
        }
        ProtocolVersion lower = config.versions.get(version + 1);
        if (lower == ProtocolVersion.MQTT_3_1 && !fits31(config.clientId)) {
            return false;
        }
        version++;
        return true;
    }

    /** Whether MQTT 3.1 allows this client identifier. */
    static boolean fits31(String clientId) {
        return !clientId.isEmpty() && clientId.length() <= 23;
    }

    /**
     * Whether trying again is pointless. It never is if the program has said so, or if a broker has accepted the same CONNECT
     * before: it may only have lost its directory. Then it is tried again, slowly; so are credentials that are asked for anew.
     */
    private boolean isFinal(ReasonCode refusal) {
        if (acceptedBefore || config.reconnect.afterRefusal()) {
            return false;
        }
        if (refusal.isOneOf(ReasonCode.BAD_USER_NAME_OR_PASSWORD, ReasonCode.NOT_AUTHORIZED, ReasonCode.BANNED)) {
            return !config.freshCredentials;
        }
        return !refusal.isOneOf(
                ReasonCode.SERVER_UNAVAILABLE,
                ReasonCode.SERVER_BUSY,
                ReasonCode.QUOTA_EXCEEDED,
                ReasonCode.CONNECTION_RATE_EXCEEDED,
                ReasonCode.USE_ANOTHER_SERVER,
                ReasonCode.SERVER_MOVED,
                ReasonCode.UNSPECIFIED_ERROR,
                ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR);
    }

    void closed(@Nullable MqttException cause) {
        if (isConnecting()) {
            effects.event(new ConnectionEvent.Disconnected(cause));
        }
        timers.stopAll();
        state = ConnectionState.CLOSED;
        effects.event(new ConnectionEvent.Closed(cause));
    }
}
