package io.hawser.client.loop;

import io.hawser.client.delivery.HandlerExecutors;
import io.hawser.client.delivery.Retries;
import io.hawser.client.transport.ProxySettings;
import io.hawser.client.transport.TcpOptions;
import io.hawser.client.transport.TlsSettings;
import io.hawser.client.transport.WebSocketSettings;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.session.SessionConfig;
import io.hawser.store.SessionStore;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The options of a client, with their defaults: {@link SessionConfig} has those by which the session decides, this
 * class all others. A builder fills and checks them; each client works with a {@linkplain #copy copy} that nobody
 * changes any more.
 */
public final class ClientConfig implements Cloneable {
    // The defaults, shared by all clients.
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    public SessionConfig session = new SessionConfig();
    /** The servers, which the session knows by their index. */
    final List<Server> servers;
    /** The longest wait of a blocking form. */
    public Duration timeout = TIMEOUT;
    /** The longest wait for publishes when the client closes; null for the default of {@link #closeTimeout()}. */
    @Nullable
    public Duration closeTimeout;

    /**
     * The most topic aliases used of those that a broker allows: enough for the topics of a device, little memory for a
     * gateway.
     */
    public int topicAliases = 256;

    /** The age of a request without an answer from which on it is told; zero for never. */
    public Duration unansweredAfter = TIMEOUT;
    /** The store of a kept session; null if the session is not kept. */
    @Nullable
    public SessionStore store;

    // Suppliers that are asked before every attempt to connect.
    public Supplier<@Nullable Credentials> credentials = () -> null;

    @Nullable
    public Supplier<Authentication> authentication;

    public Supplier<@Nullable Will> will = () -> null;
    public Supplier<TlsSettings> tls;
    public Supplier<WebSocketSettings> webSocket = () -> WebSocketSettings.STANDARD;
    public TcpOptions tcp = TcpOptions.DEFAULT;

    /** Told which server, in a URL as the JVM's proxy selector knows them; null is no proxy. */
    public Function<URI, @Nullable ProxySettings> proxy = server -> null;
    /** Told the URL of a server, prepares an attempt to connect to it; null if the program has no such function. */
    @Nullable
    public Function<String, CompletionStage<AttemptMaterial>> attempts;

    /** Whether one of the suppliers is the program's, so that it may block. */
    public boolean asks;

    @Nullable
    public Consumer<ConnectionEvent> listener;

    @Nullable
    public BiConsumer<String, CompletableFuture<PublishResult>> outcomes;

    /** The executor of handlers and listeners. */
    public Executor handlerExecutor = HandlerExecutors.SHARED;
    /** The subscriptions that are made with every new session, and their handlers. */
    public Map<Subscription, Object> subscriptions = new LinkedHashMap<>(0);
    /** The handler of messages that match no subscription; null if there is none. */
    @Nullable
    public Object defaultHandler;

    public Retries retries = Retries.NONE;
    /** Whether a message that is given up stays unacknowledged on MQTT 3.x. */
    public boolean keepsFailed;
    /** The most messages that wait for handlers; at this bound reading pauses. */
    int receiveBufferMessages = 4096;

    /** Whether QoS 0 messages beyond the receive buffer are dropped. */
    public boolean dropsQos0;

    public ClientConfig(List<Server> servers, Supplier<TlsSettings> tls) {
        this.servers = servers;
        this.tls = tls;
        session.servers = servers;
    }

    /**
     * Sets the bound on messages that wait for handlers, at which reading pauses; held messages have the same bound in
     * bytes.
     */
    public void receiveBuffer(int messages, int megabytes) {
        receiveBufferMessages = messages;
        session.unhandled = session.unhandled.bytes(megabytes * 1024L * 1024L);
    }

    long receiveBufferBytes() {
        return session.unhandled.bytes();
    }

    /**
     * The longest wait for publishes when the client closes; zero by default for a kept session, which holds them
     * safely.
     */
    public Duration closeTimeout() {
        Duration given = closeTimeout;
        if (given != null) {
            return given;
        }
        return store == null ? CLOSE_TIMEOUT : Duration.ZERO;
    }

    /** A copy of these options, which does not follow later changes. */
    public ClientConfig copy() {
        try {
            ClientConfig copy = (ClientConfig) clone();
            copy.session = session.copy();
            copy.subscriptions = subscriptions.isEmpty() ? Map.of() : new LinkedHashMap<>(subscriptions);
            return copy;
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }
}
