package io.hawser.client;

import io.hawser.client.auth.ScramSha256;
import io.hawser.client.loop.ClientConfig;
import io.hawser.client.loop.ClientIds;
import io.hawser.client.loop.Server;
import io.hawser.mqtt.Authentication;
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
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options that every client has. Each is checked where it is given, with an {@link IllegalArgumentException} that names
 * option, value and limit. A builder is not safe for use by several threads; clients do not see later changes.
 *
 * @param <C> what is built
 * @param <B> the builder itself
 */
public abstract sealed class MqttBuilder<C, B extends MqttBuilder<C, B>> permits PublisherBuilder, ClientBuilder {
    private static final Duration LONGEST_KEEP_ALIVE = Duration.ofSeconds(65_535);
    /** The longest time that MQTT 5.0 can say, at which it means for ever. */
    static final Duration LONGEST_EXPIRY = Duration.ofSeconds(0xFFFF_FFFFL);

    private static final Duration HOUR = Duration.ofHours(1);

    final ClientConfig config;
    /** Null until one is given. */
    private @Nullable String clientId;

    private boolean freshCredentials;
    private boolean freshAuthentication;

    MqttBuilder(String... servers) {
        if (servers.length == 0) {
            throw new IllegalArgumentException("servers is empty, must name at least one");
        }
        Server[] parsed = new Server[servers.length];
        for (int i = 0; i < servers.length; i++) {
            parsed[i] = Server.parse(Objects.requireNonNull(servers[i], "server"));
        }
        config = new ClientConfig(List.of(parsed), () -> Tls.platform().settings());
    }

    /** The client, not connected yet. */
    public abstract C build();

    abstract B self();

    /** What the client is told: a copy, which later changes do not reach. */
    ClientConfig config() {
        Consistency consistency = new Consistency(config, clientId, freshCredentials);
        consistency.require();
        ClientConfig copy = config.copy();
        copy.session.clientId = clientId == null ? ClientIds.random() : clientId;
        copy.session.versions = consistency.versions();
        copy.session.freshCredentials = freshCredentials || freshAuthentication;
        copy.session.seed = ThreadLocalRandom.current().nextLong();
        return copy;
    }

    /**
     * The client identifier under which the broker files the session (default: {@code hawser} and 16 random letters and
     * digits). MQTT 3.1 allows 1 to 23 characters, 3.1.1 up to 65,535 bytes, though a broker may allow less. Empty, the
     * broker makes one up, which MQTT 3.1 and kept sessions exclude [MQTT-3.1.3-7]; {@link #build} checks that.
     */
    public B clientId(String clientId) {
        Utf8.requireSendable("clientId", Objects.requireNonNull(clientId, "clientId"));
        this.clientId = clientId;
        return self();
    }

    /** Pins the protocol version (default: the highest that the broker accepts: 5.0, then 3.1.1, then 3.1). */
    public B version(ProtocolVersion version) {
        config.session.versions = List.of(Objects.requireNonNull(version, "version"));
        return self();
    }

    /**
     * The longest silence of this client, after which it sends PINGREQ [MQTT-3.1.2-23]: whole seconds from 0 (off) to
     * 65,535 (default 60). The broker drops a client that is silent for half as long again.
     */
    public B keepAlive(Duration keepAlive) {
        require("keepAlive", keepAlive, Duration.ZERO, LONGEST_KEEP_ALIVE);
        if (!keepAlive.equals(Duration.ofSeconds(keepAlive.toSeconds()))) {
            throw new IllegalArgumentException("keepAlive is " + keepAlive + ", must be whole seconds");
        }
        config.session.keepAliveSeconds = (int) keepAlive.toSeconds();
        return self();
    }

    /** How long a PINGRESP may take before the connection counts as dead: 10 ms to 1 h (default 10 s). */
    public B pingTimeout(Duration pingTimeout) {
        config.session.pingTimeoutNanos =
                require("pingTimeout", pingTimeout, Duration.ofMillis(10), HOUR).toNanos();
        return self();
    }

    /** How long one attempt to connect may take, from looking up the name to CONNACK: 10 ms to 1 h (default 10 s). */
    public B connectTimeout(Duration connectTimeout) {
        config.session.connectTimeoutNanos = require("connectTimeout", connectTimeout, Duration.ofMillis(10), HOUR)
                .toNanos();
        return self();
    }

    /** How long a blocking call waits: 1 ms to 10,000 days (default 30 s). */
    public B timeout(Duration timeout) {
        config.timeout = require("timeout", timeout, Duration.ofMillis(1), Duration.ofDays(10_000));
        return self();
    }

    /**
     * How long closing waits until what was published before is acknowledged: 0 (not at all) to 1 h (default 5 s; 0 with a
     * {@link #session}, which keeps it for the next client). It waits only while there is a connection, or one attempt to get one;
     * {@link MqttEndpoint#close(io.hawser.mqtt.Disconnect)} can say another time. What is not acknowledged then fails, and is told
     * as {@code PublishesGivenUp}.
     */
    public B closeTimeout(Duration closeTimeout) {
        config.closeTimeout = require("closeTimeout", closeTimeout, Duration.ZERO, HOUR);
        return self();
    }

    /**
     * How long a request may wait for its answer, sent or not, until {@code RequestUnanswered} is told, once until that is over: up to
     * 365 days, 0 for never (default 30 s). The request goes on; {@link Statistics#oldestUnanswered} is the figure.
     */
    public B unansweredAfter(Duration unansweredAfter) {
        config.unansweredAfter = require("unansweredAfter", unansweredAfter, Duration.ZERO, Duration.ofDays(365));
        return self();
    }

    /**
     * The acknowledgement window: how many QoS 1 and 2 messages may be sent and not finally acknowledged, 1 to 65,535. With 1,
     * messages arrive in order even across redelivery. A broker of MQTT 5.0 may grant less (its Receive Maximum).
     *
     * <p>Default: what the broker grants, at most 1,000. Before MQTT 5.0 a broker cannot say what it takes, and one may lose what
     * goes beyond without saying so: Mosquitto 2.0 answers the 21st unfinished QoS 2 message with PUBREC and drops it. So 1,000
     * messages may be in flight there, but only 20 of QoS 2. A window that is given counts for both: raise it no further than the
     * {@code max_inflight_messages} of such a broker.
     */
    public B sendWindow(int sendWindow) {
        config.session.sendWindow = require("sendWindow", sendWindow, 1, 65_535);
        return self();
    }

    /**
     * Whether order counts more than progress (default: false). A broker may end the connection whenever it gets a certain
     * message. By default that message is set aside, all others go on, and it is tried alone until it is answered or fails;
     * {@link ConnectionEvent.RequestSuspected} tells of each step. With strict order it keeps its place, and blocks all
     * others until the broker takes it.
     */
    public B strictOrder(boolean strict) {
        config.session.strictOrder = strict;
        return self();
    }

    /**
     * The most filters in one SUBSCRIBE or UNSUBSCRIBE packet: 1 to 65,535 (default 8, which is what AWS IoT Core takes). If
     * the broker ends connections on such packets, the client halves them by itself, down to one filter.
     */
    public B subscriptionBatch(int filters) {
        config.session.subscriptionBatch = require("subscriptionBatch", filters, 1, 65_535);
        return self();
    }

    /** How much may wait behind the window, and what gives way then (default: 65,536 messages or 64 MiB, the new one). */
    public B queue(QueuePolicy queue) {
        config.session.queue = Objects.requireNonNull(queue, "queue");
        return self();
    }

    /** When to connect again (default: up to 1 s, doubling up to 2 min). */
    public B reconnect(ReconnectPolicy reconnect) {
        config.session.reconnect = Objects.requireNonNull(reconnect, "reconnect");
        return self();
    }

    /** As {@link #retransmission(Duration, long, double)}, reckoning with 10,000 bytes per second and doubling. */
    public B retransmission(Duration initial) {
        return retransmission(initial, 10_000, 2);
    }

    /**
     * Sends again on a live connection what is not acknowledged in time (default: off, as it should be). Useful only with
     * gateways that lose packets between client and broker; TCP itself loses none. MQTT 5.0 forbids it: unless a version is
     * pinned, 3.1.1 becomes the highest that is tried.
     *
     * <p>A request waits for {@code initial}, then twice as long after every repetition. A PUBLISH waits for
     * {@code initial + k · size / bandwidth}, where {@code k} is 1 at first and is multiplied by {@code factor} after every
     * repetition. Up to a tenth is added at random, so that clients do not repeat in step. A QoS 2 PUBLISH is repeated until
     * its PUBREC, then its PUBREL until the PUBCOMP.
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
     * What becomes of a QoS 2 message whose PUBCOMP had not come when the broker lost the session, so that whether it had
     * arrived cannot be known: publish it again and mark the result {@code possiblyDuplicated} (true, the default), or fail
     * it with a {@code MessageDroppedException} (false).
     */
    public B republishAmbiguous(boolean republish) {
        config.session.republishAmbiguous = republish;
        return self();
    }

    /**
     * How long a QoS 1 or 2 message is tried again, after 1 s and then twice as long each time up to 32 s, when the broker has
     * refused it with {@link io.hawser.mqtt.ReasonCode#QUOTA_EXCEEDED} (MQTT 5.0): 0 to 10,000 days (default 1 min). Then it
     * fails with the {@code RequestRejectedException}; with 0, at once. Meanwhile nothing else above QoS 0 is sent, and a {@link
     * ConnectionEvent.QuotaExceeded} tells of it.
     */
    public B quotaPatience(Duration quotaPatience) {
        config.session.quotaPatienceNanos = require(
                        "quotaPatience", quotaPatience, Duration.ZERO, Duration.ofDays(10_000))
                .toNanos();
        return self();
    }

    /**
     * Keeps the session in {@code store}, and asks the broker to keep its side (default: neither; the session ends with the
     * connection, though what waits is kept while the client lives). Needs a {@link #clientId} that is the same every time;
     * {@link #build} checks that one is given.
     *
     * @param expiry how long the broker is to keep it: 1 s to 136 years. MQTT 3.1 and 3.1.1 cannot say it: their brokers
     *     keep sessions as long as they are configured to
     */
    public B session(SessionStore store, Duration expiry) {
        require("session expiry", expiry, Duration.ofSeconds(1), LONGEST_EXPIRY);
        config.store = Objects.requireNonNull(store, "store");
        config.session.cleanSession = false;
        config.session.sessionExpirySeconds = expiry.toSeconds();
        return self();
    }

    /** User name and password (default: none). A password without a user name needs MQTT 5.0: no other version is tried. */
    public B credentials(Credentials credentials) {
        Objects.requireNonNull(credentials, "credentials");
        config.credentials = () -> credentials;
        freshCredentials = false;
        return self();
    }

    /** User name and password, asked for before every attempt to connect, on a thread of its own that it may block. */
    public B credentials(Supplier<@Nullable Credentials> credentials) {
        config.credentials = Objects.requireNonNull(credentials, "credentials");
        freshCredentials = true;
        config.asks = true;
        return self();
    }

    /**
     * Authenticates in the steps of a method of the program's, beside or instead of {@link #credentials} (default: none). The
     * supplier is asked before every attempt to connect and every {@link MqttEndpoint#reauthenticateAsync}, each for an
     * object of its own, on a thread that it may block. Needs MQTT 5.0: no other version is tried.
     */
    public B authentication(Supplier<Authentication> authentication) {
        config.authentication = Objects.requireNonNull(authentication, "authentication");
        freshAuthentication = true;
        config.asks = true;
        return self();
    }

    /**
     * Authenticates with SCRAM-SHA-256 (RFC 7677), which never sends the password, and makes the broker prove that it knows
     * the user as well. As {@link #authentication}, it needs MQTT 5.0.
     *
     * @throws IllegalArgumentException if user name or password are missing, or hold what SCRAM does not allow
     */
    public B scramSha256(Credentials credentials) {
        ScramSha256.validate(Objects.requireNonNull(credentials, "credentials"));
        config.authentication = () -> new ScramSha256(credentials);
        freshAuthentication = false;
        config.asks = true;
        return self();
    }

    /** What the broker publishes when this client vanishes (default: nothing). */
    public B will(Will will) {
        Objects.requireNonNull(will, "will").message().requireSendable();
        config.will = () -> will;
        return self();
    }

    /** As {@link #will(Will)}, asked for before every attempt to connect, on a thread of its own that it may block. */
    public B will(Supplier<@Nullable Will> will) {
        config.will = Objects.requireNonNull(will, "will");
        config.asks = true;
        return self();
    }

    /**
     * How to do TLS with {@code mqtts} and {@code wss} servers (default: {@link Tls#platform}).
     *
     * @throws IllegalArgumentException if the material cannot be used, such as a key that does not fit its certificate
     */
    public B tls(Tls tls) {
        Objects.requireNonNull(tls, "tls").validate();
        config.tls = tls::settings;
        return self();
    }

    /** As {@link #tls(Tls)}, asked for before every attempt to connect, on a thread of its own that it may block. */
    public B tls(Supplier<Tls> tls) {
        Objects.requireNonNull(tls, "tls");
        config.tls = () -> tls.get().settings();
        config.asks = true;
        return self();
    }

    /**
     * What the request for a WebSocket says to {@code ws} and {@code wss} servers (default: {@link WebSocket#standard}): headers, other
     * subprotocols, another path.
     */
    public B webSocket(WebSocket webSocket) {
        config.webSocket = Objects.requireNonNull(webSocket, "webSocket")::settings;
        return self();
    }

    /**
     * As {@link #webSocket(WebSocket)}, asked for before every attempt to connect, on a thread of its own that it may block: a query may be
     * signed, or a token renewed, for each attempt.
     */
    public B webSocket(Supplier<WebSocket> webSocket) {
        Objects.requireNonNull(webSocket, "webSocket");
        config.webSocket = () -> webSocket.get().settings();
        config.asks = true;
        return self();
    }

    /** How TCP connections are set up (default: {@link Tcp#system}). */
    public B tcp(Tcp tcp) {
        config.tcp = Objects.requireNonNull(tcp, "tcp").options();
        return self();
    }

    /** Through which proxy servers are reached (default: {@link Proxy#none}); Unix domain sockets need none. */
    public B proxy(Proxy proxy) {
        config.proxy = Objects.requireNonNull(proxy, "proxy")::settings;
        config.asks |= proxy.isSystem();
        return self();
    }

    /** As {@link #proxy(Proxy)}, asked for before every attempt to connect, on a thread of its own that it may block. */
    public B proxy(Supplier<Proxy> proxy) {
        Objects.requireNonNull(proxy, "proxy");
        config.proxy = server -> proxy.get().settings(server);
        config.asks = true;
        return self();
    }

    /**
     * How many QoS 1 and 2 messages the broker may send before they are acknowledged: 1 to 65,535 (the default). MQTT 3.x
     * cannot say it; there all packet identifiers are the limit.
     */
    public B receiveMaximum(int receiveMaximum) {
        config.session.receiveMaximum = require("receiveMaximum", receiveMaximum, 1, 65_535);
        return self();
    }

    /** How many topic aliases the broker may use towards this client: 0 to 65,535 (default 16); MQTT 5.0 only. */
    public B topicAliasMaximum(int topicAliasMaximum) {
        config.session.topicAliasMaximum = require("topicAliasMaximum", topicAliasMaximum, 0, 65_535);
        return self();
    }

    /**
     * Whether, on a connection of MQTT 3.x, attributes of messages and options of subscriptions that only MQTT 5.0 can say are
     * left out (true), or the request is refused (false, the default), because leaving them out changes what it means.
     */
    public B dropMqtt5Attributes(boolean dropMqtt5Attributes) {
        config.session.dropMqtt5Attributes = dropMqtt5Attributes;
        return self();
    }

    /**
     * Whether to go where a broker sends its clients ("use another server", once; "server moved", for good), with the same
     * credentials and TLS (default: false; the next server of the list is tried instead). MQTT 5.0 only.
     */
    public B followServerReference(boolean follow) {
        config.session.followServerReference = follow;
        return self();
    }

    /**
     * Whether the broker may add a reason in words, and user properties, to any of its answers (default: true); else to CONNACK and
     * DISCONNECT only, which saves bytes. MQTT 5.0 only.
     */
    public B problemInformation(boolean problemInformation) {
        config.session.problemInformation = problemInformation;
        return self();
    }

    /** Adds a user property to CONNECT; left out on MQTT 3.x. */
    public B userProperty(String name, String value) {
        config.session.userProperties.add(
                new UserProperty(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value")));
        Utf8.requireSendable("user property name", name);
        Utf8.requireSendable("user property value", value);
        return self();
    }

    /**
     * The largest packet that is accepted, in bytes: 128 to 268,435,460, the protocol's own limit (default: 16,777,216, which a heap
     * of 256 MB survives). A broker of MQTT 5.0 is told and does not send larger messages; one of 3.x cannot be told: a larger
     * message is acknowledged, not delivered, and told as {@link ConnectionEvent.MessageUnreadable}.
     */
    public B maximumPacketSize(int maximumPacketSize) {
        config.session.maximumPacketSize = require("maximumPacketSize", maximumPacketSize, 128, 268_435_460);
        return self();
    }

    /** Hears of connection events, one after the other, on the handler executor but independent of handlers. */
    public B onEvent(Consumer<ConnectionEvent> listener) {
        config.listener = Objects.requireNonNull(listener, "onEvent");
        return self();
    }

    /**
     * Hears of the outcome of every message that was enqueued with a key, in this process or, with a {@link #session} that
     * outlives it, in a later one: the key, and a future that is settled as that of {@code publishAsync} would be. Until it has
     * returned normally, it may hear of the same key again, after a crash at most. Called as {@link #onEvent} is.
     */
    public B onOutcome(BiConsumer<String, CompletableFuture<PublishResult>> listener) {
        config.outcomes = Objects.requireNonNull(listener, "onOutcome");
        return self();
    }

    /**
     * Runs handlers and the listener (default: virtual threads where the JDK has them, else daemon threads). Each client
     * uses at most one thread for its handlers and one for its listener at a time. {@code Runnable::run} runs them on the
     * event loop, which is fastest, and then they must not block. What the executor rejects runs on the default one.
     */
    public B handlerExecutor(Executor executor) {
        config.handlerExecutor = Objects.requireNonNull(executor, "handlerExecutor");
        return self();
    }

    static Duration require(String option, Duration value, Duration least, Duration most) {
        Objects.requireNonNull(value, option);
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + most);
        }
        return value;
    }

    static int require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + most);
        }
        return value;
    }
}
