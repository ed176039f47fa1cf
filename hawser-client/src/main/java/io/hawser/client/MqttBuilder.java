package io.hawser.client;

import io.hawser.client.auth.ScramSha256;
import io.hawser.client.loop.AttemptMaterial;
import io.hawser.client.loop.ClientConfig;
import io.hawser.client.loop.ClientIds;
import io.hawser.client.loop.Server;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import io.hawser.session.Retransmission;
import io.hawser.store.SessionStore;
import io.hawser.text.Utf8;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options that every client has. Each method checks its value, and throws an {@link IllegalArgumentException} that
 * names option, value and limit. A builder is not safe for use by several threads; later changes of a builder do not
 * reach clients that it has built.
 *
 * @param <C> the client that is built
 * @param <B> the builder's own type
 */
public abstract sealed class MqttBuilder<C, B extends MqttBuilder<C, B>> extends NetworkOptions<B>
        permits PublisherBuilder, ClientBuilder {
    private static final Duration LONGEST_KEEP_ALIVE = Duration.ofSeconds(65_535);
    /** The longest session expiry of MQTT 5.0; this value means for ever (MQTT 5.0, 3.1.2.11.2). */
    static final Duration LONGEST_EXPIRY = Duration.ofSeconds(0xFFFF_FFFFL);

    private static final Duration HOUR = Duration.ofHours(1);

    private @Nullable String clientId;

    /** The will that every CONNECT has; null if there is none or a supplier is asked. */
    private @Nullable Will givenWill;

    private boolean freshCredentials;
    private boolean freshAuthentication;

    MqttBuilder(String... servers) {
        super(servers);
    }

    /** Builds the client, which is not connected yet. */
    public abstract C build();

    /** A copy of the configuration with the options that all others decide, for one client. */
    ClientConfig config() {
        Consistency consistency = new Consistency(config, clientId, freshCredentials, givenWill);
        consistency.require();
        ClientConfig copy = config.copy();
        copy.session.clientId = clientId == null ? ClientIds.random() : clientId;
        copy.session.versions = consistency.versions();
        copy.session.freshCredentials = freshCredentials || freshAuthentication;
        copy.session.seed = ThreadLocalRandom.current().nextLong();
        return copy;
    }

    /**
     * Sets the client identifier under which the broker files the session (default: {@code hawser} and 16 random
     * letters and digits). MQTT 3.1 allows 1 to 23 characters, later versions up to 65,535 bytes, though a broker may
     * allow fewer. If it is empty, the broker assigns one, which MQTT 3.1 and kept sessions exclude [MQTT-3.1.3-7];
     * {@link #build} checks that.
     */
    public B clientId(String clientId) {
        Utf8.requireSendable("clientId", Objects.requireNonNull(clientId, "clientId"));
        this.clientId = clientId;
        return self();
    }

    /** Pins the protocol version (default: the highest that the broker accepts of 5.0, 3.1.1 and 3.1). */
    public B version(ProtocolVersion version) {
        config.session.versions = List.of(Objects.requireNonNull(version, "version"));
        return self();
    }

    /**
     * Sets the keep alive: the longest silence of this client, after which it sends PINGREQ [MQTT-3.1.2-23]; whole
     * seconds from 0 (off) to 65,535 (default 60). The broker closes the connection of a client that is silent for one
     * and a half times as long [MQTT-3.1.2-24].
     */
    public B keepAlive(Duration keepAlive) {
        require("keepAlive", keepAlive, Duration.ZERO, LONGEST_KEEP_ALIVE);
        if (!keepAlive.equals(Duration.ofSeconds(keepAlive.toSeconds()))) {
            throw new IllegalArgumentException("keepAlive is " + keepAlive + ", must be whole seconds");
        }
        config.session.keepAliveSeconds = (int) keepAlive.toSeconds();
        return self();
    }

    /** Sets how long a PINGRESP may take before the client gives the connection up: 10 ms to 1 h (default 10 s). */
    public B pingTimeout(Duration pingTimeout) {
        config.session.pingTimeoutNanos = nanos("pingTimeout", pingTimeout);
        return self();
    }

    /** Sets how long one attempt to connect may take, from the name lookup to CONNACK: 10 ms to 1 h (default 10 s). */
    public B connectTimeout(Duration connectTimeout) {
        config.session.connectTimeoutNanos = nanos("connectTimeout", connectTimeout);
        return self();
    }

    /** Sets how long a blocking form waits: 1 ms to 10,000 days (default 30 s). */
    public B timeout(Duration timeout) {
        config.timeout = requireTimeout(timeout);
        return self();
    }

    /**
     * Sets how long closing waits until the publishes accepted before are settled, if nothing moves: 0 (not at all) to
     * 1 h (default 5 s; 0 with a {@link #session}, which keeps them for the next client). As long as more is settled or
     * leaves it goes on, for at most ten times as long. It waits only while there is a connection, or
     * one attempt to get one; {@link MqttEndpoint#close(io.hawser.mqtt.Disconnect)} can give another time. Publishes
     * that are not settled then fail, and are told as {@code PublishesGivenUp}.
     */
    public B closeTimeout(Duration closeTimeout) {
        config.closeTimeout = requireCloseTimeout(closeTimeout);
        return self();
    }

    /**
     * Sets how long a request may be without its answer, sent or not, before {@code RequestUnanswered} is told, once
     * until the oldest request is younger again: up to 365 days, 0 for never (default 30 s). The request goes on;
     * {@link Statistics#oldestUnanswered} is the age of the oldest.
     */
    public B unansweredAfter(Duration unansweredAfter) {
        config.unansweredAfter = requireUnansweredAfter(unansweredAfter);
        return self();
    }

    /**
     * Sets the send window: the limit on QoS 1 and 2 messages in flight, 1 to 65,535. With 1, messages arrive in order
     * even across redelivery. A broker of MQTT 5.0 may grant less (its Receive Maximum).
     *
     * <p>Default: what the broker grants, at most 1,000. Before MQTT 5.0 a broker cannot say how many messages it
     * takes, and may silently lose those beyond its limit: Mosquitto 2.0 answers the 21st unfinished QoS 2 message with
     * PUBREC and drops it. So by default 1,000 messages may be in flight on MQTT 3.x, but only 20 of QoS 2. A send
     * window that is given counts for both: raise it no further than the {@code max_inflight_messages} of such a
     * broker.
     */
    public B sendWindow(int sendWindow) {
        config.session.sendWindow = requireSendWindow(sendWindow);
        return self();
    }

    /**
     * Sets whether order counts more than progress (default: false). A broker may end the connection whenever it gets a
     * certain message. By default that message is set aside, all others go on, and it is tried alone until it is
     * answered or fails; {@link ConnectionEvent.RequestSuspected} tells of each step. With strict order that message
     * keeps its place, and blocks all others until the broker takes it.
     */
    public B strictOrder(boolean strict) {
        config.session.strictOrder = strict;
        return self();
    }

    /**
     * Sets what the broker takes beside what it says in CONNACK (default: anything, and 8 filters in one SUBSCRIBE):
     * {@link BrokerProfile#AWS_IOT} and others, or numbers of one's own. A publish, will or subscription beyond a limit
     * fails before it is sent, with a text that names profile and limit, and PUBLISH and CONNECT are sent no faster than
     * the profile says. {@link #build} checks what CONNECT says: client identifier, keep alive, user properties.
     */
    public B broker(BrokerProfile broker) {
        config.session.broker = Objects.requireNonNull(broker, "broker");
        return self();
    }

    /**
     * Sets the bounds of the queue, and which message gives way at a bound (default: 65,536 messages, 64 MiB; the new
     * message).
     */
    public B queue(QueuePolicy queue) {
        config.session.queue = Objects.requireNonNull(queue, "queue");
        return self();
    }

    /** Sets when the client connects again (default: a reconnect delay of up to 1 s, doubling up to 2 min). */
    public B reconnect(ReconnectPolicy reconnect) {
        config.session.reconnect = Objects.requireNonNull(reconnect, "reconnect");
        return self();
    }

    /** Sets {@link #retransmission(Duration, long, double)} with 10,000 bytes per second and the factor 2. */
    public B retransmission(Duration initial) {
        return retransmission(initial, 10_000, 2);
    }

    /**
     * Repeats requests on a live connection that are not answered in time (default: off). Useful only with gateways
     * that lose packets between client and broker; TCP itself loses none. MQTT 5.0 forbids it [MQTT-4.4.0-1]: unless a
     * version is pinned, 3.1.1 becomes the highest that is tried.
     *
     * <p>A SUBSCRIBE or UNSUBSCRIBE is repeated after {@code initial}, then after twice as long each time. A PUBLISH is
     * repeated after {@code initial + k · size / bandwidth}, where {@code k} is 1 at first and is multiplied by
     * {@code factor} with every repetition. Up to a tenth is added at random, so that clients do not repeat in step. A
     * QoS 2 PUBLISH is repeated until its PUBREC, then its PUBREL until the PUBCOMP.
     *
     * @param initial 1 to 1,024 s
     * @param bandwidth the estimated bandwidth in bytes per second, at least 1
     * @param factor 1 to 1,024
     */
    public B retransmission(Duration initial, long bandwidth, double factor) {
        config.session.retransmission = new Retransmission(initial, bandwidth, factor);
        return self();
    }

    /**
     * Sets what happens to a QoS 2 message if the broker lost the session before its PUBCOMP came, so that nobody can
     * know whether the message had arrived: true (the default) publishes it again and marks the result
     * {@code possiblyDuplicated}; false fails it with a {@code MessageDroppedException}.
     */
    public B republishAmbiguous(boolean republish) {
        config.session.republishAmbiguous = republish;
        return self();
    }

    /**
     * Sets how long a QoS 1 or 2 message is tried again that the broker has refused with
     * {@link io.hawser.mqtt.ReasonCode#QUOTA_EXCEEDED} (MQTT 5.0): 0 to 10,000 days (default 1 min). The pauses are 1
     * s, then twice as long each time up to 32 s. At the end the publish fails with the
     * {@code RequestRejectedException}; with 0, at once. During a pause nothing above QoS 0 is sent, and a
     * {@link ConnectionEvent.QuotaExceeded} tells of it.
     */
    public B quotaPatience(Duration quotaPatience) {
        config.session.quotaPatienceNanos = require(
                        "quotaPatience", quotaPatience, Duration.ZERO, Duration.ofDays(10_000))
                .toNanos();
        return self();
    }

    /**
     * Keeps the session in {@code store}, and asks the broker to keep its side (default: neither; the session ends with
     * the connection, though the client keeps its queue while it lives). Needs a {@link #clientId} that is the same
     * every time; {@link #build} checks that one is given.
     *
     * @param expiry how long the broker keeps its side after the connection: 1 s to 136 years. MQTT 3.x cannot say
     *     that: its brokers keep sessions as long as they are configured to
     */
    public B session(SessionStore store, Duration expiry) {
        require("session expiry", expiry, Duration.ofSeconds(1), LONGEST_EXPIRY);
        config.store = Objects.requireNonNull(store, "store");
        config.session.cleanSession = false;
        config.session.sessionExpirySeconds = expiry.toSeconds();
        return self();
    }

    /**
     * Sets whether a {@link #session} that is kept begins anew (default: false): the first connection of this client
     * asks the broker to forget the session that it has, and to keep the new one (Clean Start 1 with a session expiry);
     * later connections resume that. Needs MQTT 5.0: no other version is tried.
     *
     * <p>What the session store holds is not discarded: it is treated as after a session that the broker lost. Messages
     * in the queue go out, unacknowledged messages go out again as new ones, those of QoS 2 as
     * {@link #republishAmbiguous} says; subscriptions of an earlier program that nobody has asked for by the time of
     * the connection are dropped and told as {@link ConnectionEvent.SubscriptionUnclaimed}. Messages that the broker
     * held for the old session are lost, as asked for. A session that is not kept always begins anew.
     */
    public B cleanStart(boolean cleanStart) {
        config.session.cleanStart = cleanStart;
        return self();
    }

    /**
     * Sets user name and password (default: none). A password without a user name needs MQTT 5.0: no other version is
     * tried.
     */
    public B credentials(Credentials credentials) {
        Objects.requireNonNull(credentials, "credentials");
        config.credentials = () -> credentials;
        freshCredentials = false;
        return self();
    }

    /**
     * Sets a supplier of user name and password, asked before every attempt to connect, on a thread that it may block.
     */
    public B credentials(Supplier<@Nullable Credentials> credentials) {
        config.credentials = Objects.requireNonNull(credentials, "credentials");
        freshCredentials = true;
        config.asks = true;
        return self();
    }

    /**
     * Sets a function that prepares each attempt to connect, in place of the suppliers of single parts (default: none).
     * It is told the server's URL, on a thread that it may block, and answers at once or later; a stage that is not
     * complete within the connect timeout fails the attempt, and the next attempt asks again. Parts that an
     * {@link Attempt} leaves out are as the other options say.
     */
    public B attempts(Function<? super String, ? extends CompletionStage<Attempt>> attempts) {
        Objects.requireNonNull(attempts, "attempts");
        config.attempts = server -> attempts.apply(server).thenApply(attempt -> attempt.material);
        config.asks = true;
        freshCredentials = true;
        return self();
    }

    /**
     * The parts of one attempt to connect. If they expire, {@link #expiresAt} lets the client renew them in time: where
     * it authenticates in steps it does so again, else it lets what is in flight and handled settle, for 5 s at most,
     * says DISCONNECT, and connects again at once. Immutable.
     */
    public static final class Attempt {
        private final AttemptMaterial material;

        private Attempt(AttemptMaterial material) {
            this.material = material;
        }

        /** An attempt with everything as the other options say. */
        public static Attempt standard() {
            return new Attempt(new AttemptMaterial(null, null, null, null, null, null));
        }

        /** This attempt with another server's URL. */
        public Attempt server(String url) {
            AttemptMaterial m = material;
            return new Attempt(new AttemptMaterial(
                    Server.parse(url), m.credentials(), m.will(), m.tls(), m.webSocket(), m.expiresAt()));
        }

        /** This attempt with user name and password. */
        public Attempt credentials(Credentials credentials) {
            AttemptMaterial m = material;
            return new Attempt(
                    new AttemptMaterial(m.server(), credentials, m.will(), m.tls(), m.webSocket(), m.expiresAt()));
        }

        /** This attempt with a will. */
        public Attempt will(Will will) {
            AttemptMaterial m = material;
            will.message().requireSendable();
            return new Attempt(
                    new AttemptMaterial(m.server(), m.credentials(), will, m.tls(), m.webSocket(), m.expiresAt()));
        }

        /** This attempt with TLS options, which count for {@code mqtts} and {@code wss} servers. */
        public Attempt tls(Tls tls) {
            AttemptMaterial m = material;
            return new Attempt(new AttemptMaterial(
                    m.server(), m.credentials(), m.will(), tls.settings(), m.webSocket(), m.expiresAt()));
        }

        /** This attempt with WebSocket options, such as a path that is signed or a header with a token. */
        public Attempt webSocket(WebSocket webSocket) {
            AttemptMaterial m = material;
            return new Attempt(new AttemptMaterial(
                    m.server(), m.credentials(), m.will(), m.tls(), webSocket.settings(), m.expiresAt()));
        }

        /**
         * This attempt with the time at which the broker stops to accept its parts. The client renews them a tenth of the
         * time that is left before it, at least 1 s and at most 5 min; {@link ConnectionEvent.Renewing} tells of it.
         */
        public Attempt expiresAt(Instant expiry) {
            AttemptMaterial m = material;
            return new Attempt(
                    new AttemptMaterial(m.server(), m.credentials(), m.will(), m.tls(), m.webSocket(), expiry));
        }
    }

    /**
     * Authenticates in steps by a method of the program's, beside or instead of {@link #credentials} (default: none).
     * The supplier is asked before every attempt to connect and every {@link MqttEndpoint#reauthenticateAsync} for a
     * new object, on a thread that it may block. Needs MQTT 5.0: no other version is tried.
     */
    public B authentication(Supplier<Authentication> authentication) {
        config.authentication = Objects.requireNonNull(authentication, "authentication");
        freshAuthentication = true;
        config.asks = true;
        return self();
    }

    /**
     * Authenticates with SCRAM-SHA-256 (RFC 7677), which never sends the password, and makes the broker prove that it
     * knows the user as well. Needs MQTT 5.0, as {@link #authentication} does.
     *
     * @throws IllegalArgumentException if user name or password are missing, or hold characters that SCRAM does not
     *     allow
     */
    public B scramSha256(Credentials credentials) {
        ScramSha256.validate(Objects.requireNonNull(credentials, "credentials"));
        config.authentication = () -> new ScramSha256(credentials);
        freshAuthentication = false;
        config.asks = true;
        return self();
    }

    /** Sets the will: the message that the broker publishes when this client vanishes (default: none). */
    public B will(Will will) {
        Objects.requireNonNull(will, "will").message().requireSendable();
        config.will = () -> will;
        givenWill = will;
        return self();
    }

    /** Sets a supplier of the will, asked before every attempt to connect, on a thread that it may block. */
    public B will(Supplier<@Nullable Will> will) {
        config.will = Objects.requireNonNull(will, "will");
        givenWill = null;
        config.asks = true;
        return self();
    }

    /**
     * Sets the receive maximum: how many QoS 1 and 2 messages the broker may send before they are acknowledged, 1 to
     * 65,535 (the default). MQTT 3.x cannot say it; there the packet identifiers are the limit.
     */
    public B receiveMaximum(int receiveMaximum) {
        config.session.receiveMaximum = require("receiveMaximum", receiveMaximum, 1, 65_535);
        return self();
    }

    /** Sets how many topic aliases the broker may use towards this client: 0 to 65,535 (default 16); MQTT 5.0 only. */
    public B topicAliasMaximum(int topicAliasMaximum) {
        config.session.topicAliasMaximum = require("topicAliasMaximum", topicAliasMaximum, 0, 65_535);
        return self();
    }

    /**
     * Sets how many topic aliases this client uses of those that the broker allows: 0 (none) to 1,024 (default 256);
     * MQTT 5.0 only. Topics that come again are then sent in two bytes.
     */
    public B topicAliases(int most) {
        config.topicAliases = require("topicAliases", most, 0, 1_024);
        return self();
    }

    /**
     * Sets what happens on MQTT 3.x to messages with attributes and subscriptions with options that only MQTT 5.0 has:
     * true drops the attributes and options, false (the default) fails the request, because it would mean something
     * else without them.
     */
    public B dropMqtt5Attributes(boolean dropMqtt5Attributes) {
        config.session.dropMqtt5Attributes = dropMqtt5Attributes;
        return self();
    }

    /**
     * Sets whether the client follows a broker that sends its clients to another server ("use another server", once;
     * "server moved", for good), with the same credentials and TLS (default: false; the next server of the list is
     * tried instead). By WebSocket, another host is asked without headers and query, unless
     * {@link WebSocket#sentToReferences} says otherwise. MQTT 5.0 only.
     */
    public B followServerReference(boolean follow) {
        config.session.followServerReference = follow;
        return self();
    }

    /**
     * Sets whether the broker may add a reason string and user properties to any of its answers (default: true); with
     * false only to PUBLISH, CONNACK and DISCONNECT, which saves bytes [MQTT-3.1.2-29]. MQTT 5.0 only.
     */
    public B problemInformation(boolean problemInformation) {
        config.session.problemInformation = problemInformation;
        return self();
    }

    /**
     * Sets whether CONNECT asks for the base of response topics (default: true), which {@link MqttClient#request} uses
     * and {@code negotiated().responseInformation()} shows if the broker has one. MQTT 5.0 only.
     */
    public B responseInformation(boolean responseInformation) {
        config.session.responseInformation = responseInformation;
        return self();
    }

    /** Adds a user property to CONNECT; MQTT 3.x has none, and it is left out there. */
    public B userProperty(String name, String value) {
        config.session.userProperties.add(
                new UserProperty(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value")));
        Utf8.requireSendable("user property name", name);
        Utf8.requireSendable("user property value", value);
        return self();
    }

    /**
     * Sets the largest packet that the client takes, in bytes: 128 to 268,435,460, the protocol's own limit (default:
     * 16,777,216, which a heap of 256 MB survives). A broker of MQTT 5.0 is told, and does not send larger packets; a
     * broker of 3.x cannot be told: a larger message is acknowledged, not delivered, and told as
     * {@link ConnectionEvent.MessageUnreadable}.
     */
    public B maximumPacketSize(int maximumPacketSize) {
        config.session.maximumPacketSize = require("maximumPacketSize", maximumPacketSize, 128, 268_435_460);
        return self();
    }

    /**
     * Sets the listener of connection events. It is called with one event after the other, on the handler executor but
     * independently of handlers.
     */
    public B onEvent(Consumer<ConnectionEvent> listener) {
        config.listener = Objects.requireNonNull(listener, "onEvent");
        return self();
    }

    /**
     * Sets the listener of outcomes: it is told the outcome of every message that was enqueued with a key, in this
     * process or, with a {@link #session} that outlives it, in a later one. The arguments are the key, and a completed
     * future as of {@code publishAsync}. Until the listener has returned normally, it may be told of the same key
     * again, after a crash at most. It runs one call at a time with the listener of {@link #onEvent}.
     */
    public B onOutcome(BiConsumer<String, CompletableFuture<PublishResult>> listener) {
        config.outcomes = Objects.requireNonNull(listener, "onOutcome");
        return self();
    }

    /**
     * Sets the executor of handlers and listeners (default: virtual threads where the JDK has them, else daemon
     * threads). Each client uses at most one of its threads for handlers and one for listeners at a time.
     * {@code Runnable::run} runs them on the event loop, which is fastest, and then they must not block. A task that
     * the executor does not take runs on the default executor.
     */
    public B handlerExecutor(Executor executor) {
        config.handlerExecutor = Objects.requireNonNull(executor, "handlerExecutor");
        return self();
    }

    // The checks of options that a living client can change, too.

    /** The nanoseconds of the connect or ping timeout. */
    static long nanos(String option, Duration timeout) {
        return require(option, timeout, Duration.ofMillis(10), HOUR).toNanos();
    }

    static Duration requireTimeout(Duration timeout) {
        return require("timeout", timeout, Duration.ofMillis(1), Duration.ofDays(10_000));
    }

    static Duration requireCloseTimeout(Duration closeTimeout) {
        return require("closeTimeout", closeTimeout, Duration.ZERO, HOUR);
    }

    static Duration requireUnansweredAfter(Duration unansweredAfter) {
        return require("unansweredAfter", unansweredAfter, Duration.ZERO, Duration.ofDays(365));
    }

    static int requireSendWindow(int sendWindow) {
        return require("sendWindow", sendWindow, 1, 65_535);
    }
}
