package io.hawser.client;

import io.hawser.client.delivery.HandlerContext;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.client.loop.AdmissionControl;
import io.hawser.client.loop.ClientConfig;
import io.hawser.client.loop.Driver;
import io.hawser.client.loop.LoopListener;
import io.hawser.client.loop.NoLog;
import io.hawser.client.request.Messaging;
import io.hawser.client.request.ReplyTopic;
import io.hawser.client.request.Requests;
import io.hawser.client.transport.EventLoop;
import io.hawser.client.transport.EventLoops;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UnsubscribeResult;
import io.hawser.mqtt.UserProperty;
import io.hawser.session.Command;
import io.hawser.session.PublishRequest;
import io.hawser.session.SessionFigures;
import io.hawser.session.WatchedFuture;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.text.Utf8;
import io.hawser.wire.PacketEncoder;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one implementation of {@link MqttClient}, {@link MqttPublisher} and {@link MqttSubscriber}: takes calls from any
 * thread and hands them to its {@link Driver}.
 */
final class HawserClient implements MqttClient, LoopListener, Messaging, Blocking.Explaining {
    /** The largest packet that MQTT allows: 256 MiB − 1 of remaining length, and five bytes of fixed header. */
    private static final int LARGEST_PACKET = 268_435_460;
    /** The bound on bytes that wait in memory on their way to a queue on disk: a second of a fast disk. */
    private static final long MOST_HANDED_OVER = 64L * 1024 * 1024;

    private final ClientConfig config;
    private final AdmissionControl admission;
    private final Driver driver;
    private volatile Duration timeout;
    private volatile Duration closeTimeout;
    /** The client's requests; null until the first. */
    private volatile @Nullable Requests requests;

    private final ClientStatus status;
    private final ClientListeners listeners;
    private final Streams streams;
    /** How many times as long as its patience each half of a close lasts at most: publishes, then the connection. */
    private static final int MOST_PATIENCES = 10;

    private final WatchedFuture<Void> closed;

    HawserClient(ClientConfig config) {
        this.config = config;
        timeout = config.timeout;
        closeTimeout = config.closeTimeout();
        status = new ClientStatus(config.session.clientId);
        // The listeners are there before anything can have an event.
        listeners = new ClientListeners(config, printableId());
        SessionStore store = config.store;
        SessionLog log = store == null ? NoLog.INSTANCE : Blocking.uninterrupted(() -> store.open(clientId()));
        this.admission = new AdmissionControl(handedOver(config.session.queue, log));
        EventLoop loop = null;
        try {
            loop = EventLoops.next();
            this.driver = new Driver(config, log, this, loop);
        } catch (Throwable e) {
            if (loop != null) {
                loop.leave();
            }
            log.close();
            throw e;
        }
        listeners.begin(driver.handlers());
        streams = new Streams(driver, driver.handlers());
        closed = new WatchedFuture<>(driver.dispatcher());
    }

    /**
     * The bounds for publishes on their way to the event loop: the queue's, but for a queue on disk at most
     * {@link #MOST_HANDED_OVER}.
     */
    private static QueuePolicy handedOver(QueuePolicy queue, SessionLog log) {
        return log.readsBack() && queue.bytes() > MOST_HANDED_OVER
                ? new QueuePolicy(queue.messages(), MOST_HANDED_OVER, false, null)
                : queue;
    }

    @Override
    public CompletableFuture<ConnectResult> connectAsync() {
        return connect(new WatchedFuture<>(driver.dispatcher()));
    }

    @Override
    public ConnectResult connect() {
        WatchedFuture<ConnectResult> ready = new WatchedFuture<>(driver.dispatcher());
        try {
            return Blocking.on(this, () -> connect(ready), timeout(), "connect");
        } finally {
            // If the future has not completed, nobody waits for it any more.
            ready.cancel(false);
        }
    }

    private CompletableFuture<ConnectResult> connect(WatchedFuture<ConnectResult> ready) {
        status.askedToConnect();
        driver.submit(() -> {
            status.awaitReady(ready);
            driver.connect();
        });
        return ready;
    }

    @Override
    public void connectNow() {
        driver.submit(driver::connectNow);
    }

    @Override
    public CompletableFuture<Void> reauthenticateAsync() {
        WatchedFuture<Void> done = new WatchedFuture<>(driver.dispatcher());
        driver.submit(() -> driver.reauthenticate(done));
        return done;
    }

    @Override
    public void pace(int publishesPerSecond, long bytesPerSecond) {
        BrokerProfile checked =
                config.session.broker.publishesPerSecond(publishesPerSecond).bytesPerSecond(bytesPerSecond);
        driver.submit(() -> driver.pace(checked));
    }

    @Override
    public OperationTimeoutException late(String what) {
        return status.late(what);
    }

    @Override
    public ConnectionState state() {
        return status.state();
    }

    @Override
    public @Nullable Negotiated negotiated() {
        return status.negotiated();
    }

    @Override
    public void negotiated(Negotiated granted) {
        status.negotiated(granted);
    }

    @Override
    public Statistics statistics() {
        // A program that asks again and again must see what the event loop has written since.
        VarHandle.acquireFence();
        SessionFigures figures = driver.figures();
        return new Statistics(
                figures.queued() + admission.messages(),
                figures.queuedBytes(),
                figures.setAside(),
                figures.unanswered(),
                figures.sent(),
                figures.acknowledged(),
                figures.dropped() + admission.rejected(),
                figures.receivedCount(),
                figures.unacknowledged(),
                figures.droppedInbound() + driver.effects().dropped(),
                figures.beyondReceiveMaximum(),
                figures.connections(),
                driver.oldestUnanswered());
    }

    @Override
    public String clientId() {
        return status.clientId();
    }

    @Override
    public String printableId() {
        return Utf8.printable(clientId());
    }

    @Override
    public Duration timeout() {
        return timeout;
    }

    @Override
    public void timeout(Duration timeout) {
        this.timeout = MqttBuilder.requireTimeout(timeout);
    }

    @Override
    public void closeTimeout(Duration closeTimeout) {
        this.closeTimeout = MqttBuilder.requireCloseTimeout(closeTimeout);
    }

    @Override
    public void connectTimeout(Duration connectTimeout) {
        long nanos = MqttBuilder.nanos("connectTimeout", connectTimeout);
        driver.change((session, now) -> session.changeConnectTimeout(nanos));
    }

    @Override
    public void pingTimeout(Duration pingTimeout) {
        long nanos = MqttBuilder.nanos("pingTimeout", pingTimeout);
        driver.change((session, now) -> session.changePingTimeout(nanos));
    }

    @Override
    public void unansweredAfter(Duration unansweredAfter) {
        long nanos = MqttBuilder.requireUnansweredAfter(unansweredAfter).toNanos();
        driver.change((session, now) -> session.changeUnansweredAfter(nanos, now));
    }

    @Override
    public void sendWindow(int messages) {
        int checked = MqttBuilder.requireSendWindow(messages);
        driver.change((session, now) -> session.changeSendWindow(checked, now));
    }

    @Override
    public CompletableFuture<PublishResult> publishAsync(Message message) {
        Objects.requireNonNull(message, "message").requireSendable();
        PublishRequest publish = new PublishRequest(message, null, null, driver.dispatcher());
        submit(publish);
        return publish;
    }

    @Override
    public CompletableFuture<Void> enqueueAsync(Message message) {
        return accept(message, null);
    }

    @Override
    public CompletableFuture<Void> enqueueAsync(Message message, String key) {
        Objects.requireNonNull(message, "message").requireSendable();
        Utf8.length("key", Objects.requireNonNull(key, "key"));
        if (config.outcomes == null) {
            throw new IllegalStateException(
                    "key '" + Utf8.printable(key) + "' needs somebody who hears of it: onOutcome(...) on the builder");
        }
        return accept(message, key);
    }

    private CompletableFuture<Void> accept(Message message, @Nullable String key) {
        Objects.requireNonNull(message, "message").requireSendable();
        WatchedFuture<Void> acceptance = new WatchedFuture<>(driver.dispatcher());
        submit(new PublishRequest(message, key, acceptance, driver.dispatcher()));
        return acceptance;
    }

    @Override
    public void concluded(PublishRequest request, Runnable heard) {
        listeners.concluded(request, heard);
    }

    private void submit(PublishRequest publish) {
        Message message = publish.message();
        long size = PacketEncoder.publishSize(message, config.session.versions.get(0));
        if (size > LARGEST_PACKET) {
            throw new IllegalArgumentException(
                    "message makes a packet of " + size + " bytes, must be at most " + LARGEST_PACKET);
        }
        if (admission.admit(publish.size())) {
            driver.submit(publish);
        } else {
            publish.fail(new MessageDroppedException(
                    MessageDroppedException.Rule.QUEUE_FULL,
                    "publishing is faster than the client can take it, " + config.session.queue));
        }
    }

    @Override
    public void taken(PublishRequest publish) {
        admission.taken(publish.size());
    }

    @Override
    public CompletableFuture<Void> flushAsync() {
        WatchedFuture<Void> flushed = new WatchedFuture<>(driver.dispatcher());
        driver.submit(() -> driver.flush(flushed));
        return flushed;
    }

    @Override
    public CompletableFuture<SubscribeResult> subscribeAsync(Subscription subscription, MessageHandler handler) {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(handler, "handler");
        return streams.subscribe(subscription, handler);
    }

    @Override
    public CompletableFuture<List<SubscribeResult>> subscribeAsync(
            List<Subscription> subscriptions, List<UserProperty> userProperties, MessageHandler handler) {
        return streams.subscribe(
                List.copyOf(Objects.requireNonNull(subscriptions, "subscriptions")),
                List.copyOf(Objects.requireNonNull(userProperties, "userProperties")),
                Objects.requireNonNull(handler, "handler"));
    }

    @Override
    public CompletableFuture<UnsubscribeResult> unsubscribeAsync(TopicFilter filter) {
        return streams.unsubscribe(Objects.requireNonNull(filter, "filter"));
    }

    @Override
    public CompletableFuture<List<UnsubscribeResult>> unsubscribeAsync(
            List<TopicFilter> filters, List<UserProperty> userProperties) {
        return streams.unsubscribe(
                List.copyOf(Objects.requireNonNull(filters, "filters")),
                List.copyOf(Objects.requireNonNull(userProperties, "userProperties")));
    }

    @Override
    public DeliveryStream stream(Subscription subscription) {
        return streams.open(Objects.requireNonNull(subscription, "subscription"));
    }

    @Override
    public CompletableFuture<Message> requestAsync(Message message, Duration timeout) {
        Objects.requireNonNull(message, "message").requireSendable();
        Objects.requireNonNull(timeout, "timeout");
        Requests made = requests;
        return (made == null ? makeRequests() : made).request(message, timeout);
    }

    @Override
    public InboundDelivery delivery(HandlerContext context, Message message, int packetId, boolean duplicate) {
        return new ReceivedDelivery(context, message, packetId, duplicate);
    }

    @Override
    public Object[] takeReply(InboundDelivery delivery, Object[] handlers) {
        // Without requests there are no replies.
        return requests == null ? handlers : ReplyTopic.takeReply(delivery.message(), handlers);
    }

    private Requests makeRequests() {
        synchronized (driver) {
            Requests made = requests;
            if (made == null) {
                made = new Requests(this, driver.dispatcher(), new AdmissionControl(config.session.queue));
                requests = made;
            }
            return made;
        }
    }

    @Override
    public CompletableFuture<?> subscribeToReplies(Subscription subscription, Object replies) {
        return streams.subscribe(subscription, replies);
    }

    @Override
    public void submit(Command command) {
        driver.submit(command);
    }

    @Override
    public Runnable schedule(Runnable task, long delayNanos) {
        return driver.schedule(task, delayNanos);
    }

    @Override
    public void tolerated(String what) {
        driver.effects().tolerated(what);
    }

    @Override
    public @Nullable ConnectResult accepted() {
        return status.accepted();
    }

    @Override
    public @Nullable ClientClosedException end() {
        return status.end();
    }

    @Override
    public CompletableFuture<SubscribeResult> respondAsync(
            Subscription subscription, Function<? super Delivery, ? extends @Nullable Message> responder) {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(responder, "responder");
        return subscribeAsync(
                subscription, new Responder(this, subscription.filter(), responder, driver.effects()::event));
    }

    @Override
    public CompletableFuture<Void> closeAsync() {
        return closeAsync(Disconnect.normal());
    }

    @Override
    public CompletableFuture<Void> closeAsync(Duration sessionExpiry) {
        return closeAsync(Disconnect.normal().sessionExpiry(sessionExpiry));
    }

    @Override
    public CompletableFuture<Void> closeAsync(Disconnect how) {
        Duration expiry = Objects.requireNonNull(how, "how").sessionExpiry();
        if (config.session.cleanSession && expiry != null && !expiry.isZero()) {
            throw new IllegalArgumentException("session expiry is " + expiry
                    + ", must be 0 for a session that is not kept (MQTT 5.0, 3.14.2.2.2)");
        }
        driver.submit(() -> driver.leave(how, patience(how)));
        return closed.copy();
    }

    @Override
    public void close() {
        close(Disconnect.normal());
    }

    @Override
    public void close(Disconnect how) {
        Blocking.forClose(closeAsync(how), timeout().plus(patience(how).multipliedBy(2L * MOST_PATIENCES)));
    }

    /** The time for which closing waits until earlier publishes are settled. */
    private Duration patience(Disconnect how) {
        Duration given = how.timeout();
        return given == null ? closeTimeout : given;
    }

    @Override
    public void event(ConnectionEvent event) {
        listeners.log(event);
        status.follow(event);
        Requests waiting = requests;
        if (event instanceof ConnectionEvent.Connected now && waiting != null) {
            waiting.connected(now.result());
        } else if (event instanceof ConnectionEvent.Closed closing) {
            streams.endAll(closing.cause());
            if (waiting != null) {
                waiting.closed(Driver.closedBecause(closing.cause()));
            }
        } else if (event instanceof ConnectionEvent.SubscriptionRefused refused) {
            streams.refused(refused.subscription(), refused.cause());
            if (waiting != null) {
                waiting.refused(refused.subscription(), refused.cause());
            }
        }
        listeners.tell(event);
    }

    @Override
    public void closed() {
        closed.complete(null);
    }

    @Override
    public String toString() {
        return "MqttClient[" + printableId() + ", " + status.state() + "]";
    }
}
