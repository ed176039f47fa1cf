package io.hawser.client;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Negotiated;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.wire.PacketEncoder;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one implementation behind the three profiles: takes calls from any thread and hands them to its {@link Driver}. */
final class HawserClient implements MqttClient {
    private static final Logger LOG = LoggerFactory.getLogger(HawserClient.class);
    /** The largest packet there is: 256 MiB − 1 of remaining length, and five bytes of fixed header. */
    private static final int LARGEST_PACKET = 268_435_460;

    private final Options options;
    private final Admission admission;
    private final Driver driver;
    private final SerialExecutor eventExecutor;
    private final ClientFuture<ConnectResult> connected = new ClientFuture<>();
    private final ClientFuture<Void> closed = new ClientFuture<>();
    private final Set<DeliveryQueue> streams = ConcurrentHashMap.newKeySet();
    private volatile @Nullable Negotiated negotiated;
    private volatile ConnectionState state = ConnectionState.DISCONNECTED;

    HawserClient(Options options) {
        this.options = options;
        this.admission = new Admission(options.session().queue());
        this.eventExecutor = new SerialExecutor(options.executor());
        SessionStore store = options.store();
        SessionLog log = store == null ? new NoLog() : store.open(clientId());
        this.driver = new Driver(options, log, this);
    }

    @Override
    public CompletableFuture<ConnectResult> connectAsync() {
        driver.submit(Submission.of(Driver::connect));
        return connected.copy();
    }

    @Override
    public ConnectionState state() {
        return state;
    }

    @Override
    public @Nullable Negotiated negotiated() {
        return negotiated;
    }

    /** CONNACK has come. */
    void negotiated(Negotiated granted) {
        negotiated = granted;
    }

    @Override
    public Statistics statistics() {
        return driver.counters().snapshot(admission.messages(), admission.refused());
    }

    @Override
    public String clientId() {
        return options.session().clientId();
    }

    @Override
    public Duration timeout() {
        return options.timeout();
    }

    @Override
    public CompletableFuture<PublishResult> publishAsync(Message message) {
        PublishFuture publish = new PublishFuture(message, null);
        submit(publish);
        return publish;
    }

    @Override
    public CompletableFuture<Void> enqueueAsync(Message message) {
        ClientFuture<Void> acceptance = new ClientFuture<>();
        submit(new PublishFuture(message, acceptance));
        return acceptance;
    }

    private void submit(PublishFuture publish) {
        Message message = publish.message();
        long size =
                PacketEncoder.publishSize(message, options.session().versions().get(0));
        if (size > LARGEST_PACKET) {
            throw new IllegalArgumentException(
                    "message makes a packet of " + size + " bytes, must be at most " + LARGEST_PACKET);
        }
        if (admission.admit(publish.size())) {
            driver.submit(publish);
        } else {
            publish.fail(new MessageDroppedException(
                    MessageDroppedException.Rule.QUEUE_FULL,
                    "publishing is faster than the client can take it, "
                            + options.session().queue()));
        }
    }

    void admitted(PublishFuture publish) {
        admission.taken(publish.size());
    }

    @Override
    public CompletableFuture<Void> drainAsync() {
        ClientFuture<Void> drained = new ClientFuture<>();
        driver.submit(Submission.of(on -> on.drain(drained)));
        return drained;
    }

    @Override
    public CompletableFuture<SubscribeResult> subscribeAsync(Subscription subscription, MessageHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return request(subscription, handler);
    }

    private CompletableFuture<SubscribeResult> request(Subscription subscription, Object handler) {
        SubscriptionFuture request = new SubscriptionFuture(subscription, handler);
        driver.submit(request);
        return request.subscribed();
    }

    @Override
    public CompletableFuture<Void> unsubscribeAsync(TopicFilter filter) {
        SubscriptionFuture request = new SubscriptionFuture(filter);
        driver.submit(request);
        return request.unsubscribed();
    }

    @Override
    public DeliveryStream stream(Subscription subscription) {
        DeliveryQueue stream = new DeliveryQueue(
                driver.lane(), options.executor(), () -> driver.submit(new SubscriptionFuture(subscription.filter())));
        streams.add(stream);
        request(subscription, stream).exceptionally(cause -> {
            stream.end(cause instanceof MqttException known ? known : null);
            return null;
        });
        return stream;
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        driver.submit(Submission.of(Driver::close));
        return closed.copy();
    }

    /** An event; on the event loop or the handlers' worker. */
    void event(ConnectionEvent event) {
        ConnectionState next = stateAfter(event);
        if (next != null) {
            state = next;
        }
        if (event instanceof ConnectionEvent.Connected now) {
            connected.complete(now.result());
        } else if (event instanceof ConnectionEvent.Closed end) {
            MqttException cause = end.cause();
            connected.completeExceptionally(
                    cause == null ? new ClientClosedException("the client is closed", null) : cause);
            streams.forEach(stream -> stream.end(cause));
        }
        Consumer<ConnectionEvent> listener = options.listener();
        if (listener != null) {
            eventExecutor.execute(() -> tell(listener, event));
        }
    }

    private static @Nullable ConnectionState stateAfter(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Connecting) {
            return ConnectionState.CONNECTING;
        } else if (event instanceof ConnectionEvent.Connected) {
            return ConnectionState.CONNECTED;
        } else if (event instanceof ConnectionEvent.Ready) {
            return ConnectionState.READY;
        } else if (event instanceof ConnectionEvent.Disconnected) {
            return ConnectionState.DISCONNECTED;
        } else if (event instanceof ConnectionEvent.Waiting) {
            return ConnectionState.WAITING;
        }
        return event instanceof ConnectionEvent.Closed ? ConnectionState.CLOSED : null;
    }

    private static void tell(Consumer<ConnectionEvent> listener, ConnectionEvent event) {
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            LOG.warn("the listener failed on {}", event, e);
        }
    }

    /** Nothing of this client is left on the event loop. */
    void closed() {
        closed.complete(null);
    }

    @Override
    public String toString() {
        return "MqttClient[" + clientId() + ", " + state + "]";
    }
}
