package io.hawser.client;

import io.hawser.client.transport.Connection;
import io.hawser.client.transport.EventLoop;
import io.hawser.client.transport.NettyTransport;
import io.hawser.client.transport.Target;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Negotiated;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.session.AuthenticationExchange;
import io.hawser.session.ClientSession;
import io.hawser.session.Effects;
import io.hawser.session.InboundMessage;
import io.hawser.session.PublishRequest;
import io.hawser.session.SubscriptionRequest;
import io.hawser.store.SessionLog;
import io.hawser.store.StoredPublish;
import io.hawser.text.Utf8;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the effects of a {@link ClientSession} into I/O. What is not said to be for any thread runs on the client's event
 * loop, in turns: input goes into the session, and at the end of the turn what it wants done leaves in one piece.
 */
final class Driver implements Effects {
    private static final Logger LOG = LoggerFactory.getLogger(Driver.class);
    /** How long closing waits, for a handler that runs and for the store: longer than either should take. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Topic aliases used of those that a broker allows: enough for the topics of a device, little memory for a gateway. */
    private static final int MOST_TOPIC_ALIASES = 256;

    private final Options options;
    private final HawserClient client;
    /** The client identifier, fit for a log. */
    private final String name;

    private final EventLoop loop;
    private final SessionLog log;
    private final ClientSession session;
    private final Reauthentication reauthentication;
    private final HandlerLane lane;
    private final Outbox outbox;
    private final Submissions submissions = new Submissions(() -> execute(this::drainSubmissions));
    private final Drains drains = new Drains();
    private final Counters counters = new Counters();
    private final long origin = System.nanoTime();

    private @Nullable Link link;
    /** The last connection, while it closes. */
    private @Nullable Link leaving;

    private @Nullable PacketEncoder encoder;
    private boolean readingPaused;
    /** Until the log has caught up. */
    private boolean submissionsWait;

    private boolean closing;
    /** What the broker is told about the session when the client closes, if that differs from what CONNECT said. */
    private @Nullable Duration farewellExpiry;

    private boolean ended;
    private boolean released;
    private long wakeAt = Long.MAX_VALUE;
    private Runnable cancelWake = () -> {};

    Driver(Options options, SessionLog log, HawserClient client) {
        this.options = options;
        this.client = client;
        this.name = Utf8.printable(client.clientId());
        this.log = log;
        loop = NettyTransport.next();
        lane = new HandlerLane(
                this,
                options.executor(),
                options.failure(),
                options.receiveBufferMessages(),
                options.receiveBufferMegabytes() * 1024L * 1024L,
                options.dropQos0());
        outbox = new Outbox(log, this);
        log.watch(() -> execute(this::storeChanged));
        session = new ClientSession(options.session(), log, this, options.defaultHandler());
        reauthentication = new Reauthentication(this, session, options.authentication());
        options.subscriptions()
                .forEach((subscription, handler) -> session.declare(new SubscriptionRequest(subscription, handler)));
        counters.update(session);
    }

    // From any thread.

    void submit(Submission submission) {
        submissions.add(submission);
    }

    void execute(Runnable task) {
        loop.execute(task);
    }

    /** Runs the task on the event loop after the delay; the returned call cancels it. */
    Runnable schedule(Runnable task, long delayNanos) {
        return loop.schedule(task, delayNanos);
    }

    boolean inEventLoop() {
        return loop.inEventLoop();
    }

    HandlerLane lane() {
        return lane;
    }

    Counters counters() {
        return counters;
    }

    void resumeReading() {
        execute(() -> {
            pauseReading(false);
            endTurn();
        });
    }

    // Submissions, on the event loop.

    private void drainSubmissions() {
        submissionsWait = log.behind();
        if (submissionsWait) {
            return;
        }
        for (Submission at = submissions.takeAll(); at != null; ) {
            Submission next = at.nextSubmission();
            at.nextSubmission(null);
            try {
                at.perform(this);
            } catch (RuntimeException e) {
                broken(e);
                at.fail(closedBecause(e));
            }
            at = next;
        }
        endTurn();
    }

    void connect() {
        session.connect(now());
    }

    void publish(PublishFuture request) {
        client.admitted(request);
        session.publish(request, now());
    }

    void request(SubscriptionFuture request) {
        session.request(request, now());
    }

    void reauthenticate(ClientFuture<Void> done) {
        if (ended) {
            done.completeExceptionally(closedBecause(null));
        } else {
            reauthentication.begin(done);
        }
    }

    void authenticated(ClientExchange exchange, byte @Nullable [] answer) {
        session.authenticated(exchange, answer, now());
    }

    void unauthenticated(ClientExchange exchange, Throwable why) {
        session.unauthenticated(exchange, why, now());
    }

    void drain(ClientFuture<Void> drained) {
        if (ended) {
            drained.completeExceptionally(closedBecause(null));
        } else {
            drains.add(session.lastSequence(), drained);
        }
    }

    void acknowledge(ReceivedDelivery delivery) {
        if (!ended) {
            session.acknowledge(delivery, now());
        }
    }

    void refuse(ReceivedDelivery delivery) {
        if (!ended) {
            session.refuse(delivery, now());
        }
    }

    void defer(ReceivedDelivery delivery) {
        if (!ended) {
            session.defer(delivery, now());
        }
    }

    /** Lets the handler that runs finish and acknowledge, then says goodbye. */
    void leave(@Nullable Duration sessionExpiry) {
        if (closing || ended) {
            return;
        }
        closing = true;
        farewellExpiry = sessionExpiry;
        Runnable cancelPatience = loop.schedule(this::end, PATIENCE_NANOS);
        lane.close(() -> submit(Submission.of(driver -> {
            cancelPatience.run();
            driver.end();
        })));
    }

    private void end() {
        turn(() -> session.close(farewellExpiry, now()));
    }

    private void storeChanged() {
        turn(() -> session.storeChanged(now()));
        logMoved();
    }

    /** Something logged is safe now, or will not be. */
    void logMoved() {
        if (submissionsWait) {
            drainSubmissions();
        }
    }

    // Turns.

    /** A turn in which the session gets this input. */
    private void turn(Runnable input) {
        try {
            input.run();
        } catch (RuntimeException e) {
            broken(e);
        }
        endTurn();
    }

    void endTurn() {
        try {
            // Not before CONNACK, which would never be read while handlers are busy with the last connection.
            pauseReading(lane.flush() && isAccepted() || session.isSuspended());
            if (outbox.hasPackets()) {
                session.transmitted(now());
            }
            // Before anybody is told, who may look.
            counters.update(session);
            outbox.endTurn();
            drains.settle(session);
            wakeInTime();
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    private void wakeInTime() {
        long deadline = session.nextDeadline();
        if (deadline < wakeAt) {
            cancelWake.run();
            wakeAt = deadline;
            cancelWake = loop.schedule(this::wake, Math.max(0, deadline - now()));
        }
    }

    private void wake() {
        wakeAt = Long.MAX_VALUE;
        turn(() -> {
            long now = now();
            if (session.nextDeadline() <= now) {
                session.tick(now);
            }
        });
    }

    boolean isAccepted() {
        ConnectionState state = session.state();
        return state == ConnectionState.CONNECTED || state == ConnectionState.READY;
    }

    long now() {
        return System.nanoTime() - origin;
    }

    /** A mistake of ours, or of a store: the client cannot know its state any more. */
    private void broken(RuntimeException cause) {
        LOG.error("client '{}' cannot go on", name, cause);
        if (!ended) {
            session.fail(
                    cause instanceof MqttException known
                            ? known
                            : new ConnectionException("internal error: " + cause, cause),
                    now());
        }
    }

    // The network connection.

    @Override
    public void open(int server, @Nullable String reference, ProtocolVersion version) {
        Link attempt = new Link(this);
        link = attempt;
        encoder = new PacketEncoder(version, outbox.buffer());
        Server given = options.servers().get(server);
        if (options.asks()) {
            // Not on the program's executor, whose threads may all be waiting for this connection.
            HandlerExecutors.SHARED.execute(() -> ask(attempt, given, reference));
        } else {
            ask(attempt, given, reference);
        }
    }

    /** Asks the suppliers, which may block, for what the next attempt uses; on any thread. */
    private void ask(Link attempt, Server given, @Nullable String reference) {
        try {
            Server server = reference == null ? given : given.referring(reference);
            Supplier<Authentication> authentication = options.authentication();
            attempt.greetWith(
                    options.will().get(),
                    options.credentials().get(),
                    authentication == null
                            ? null
                            : ClientExchange.begin(authentication.get(), new ClientFuture<>(lane)));
            Tls tls = server.tls() ? options.tls().get() : null;
            Target target = new Target(
                    server.host(),
                    server.port(),
                    tls == null ? null : tls.settings(),
                    options.session().connectTimeoutNanos());
            attempt.abortWith(loop.connect(target, attempt));
        } catch (Exception e) {
            ConnectionException cause = new ConnectionException(
                    "cannot prepare to connect to " + (reference == null ? given : reference), e);
            execute(() -> attempt.closed(cause));
        }
    }

    void opened(Link opened, Connection connection) {
        outbox.opened(connection);
        readingPaused = false;
        turn(() -> session.opened(opened.will(), opened.credentials(), opened.authentication(), now()));
    }

    void received(ByteBuffer bytes) {
        try {
            session.received(bytes, now());
        } catch (RuntimeException e) {
            broken(e);
        }
    }

    void written(int bytes) {
        if (outbox.written(bytes)) {
            execute(() -> turn(() -> session.writable(now())));
        }
    }

    void closed(Link closed, @Nullable Throwable cause, boolean expected) {
        if (!expected && closed == link) {
            link = null;
            outbox.disconnected();
            turn(() -> session.lost(lostBecause(cause), now()));
        }
        if (closed == leaving) {
            leaving = null;
            closedIfNothingIsLeft();
        }
    }

    private MqttException lostBecause(@Nullable Throwable cause) {
        if (cause instanceof MqttException known) {
            return known;
        }
        return cause == null
                ? new ConnectionException(
                        "the broker closed the connection, with " + session.inflight() + " publishes in flight")
                : new ConnectionException("the connection was lost: " + cause.getMessage(), cause);
    }

    private void pauseReading(boolean pause) {
        Connection connection = link == null ? null : link.connection();
        if (connection != null && pause != readingPaused) {
            readingPaused = pause;
            connection.pause(pause);
            session.readingPaused(pause, now());
        }
    }

    // Effects.

    @Override
    public boolean writable() {
        return outbox.writable();
    }

    @Override
    public PacketSink transmit() {
        return Objects.requireNonNull(encoder, "encoder");
    }

    @Override
    public void close(@Nullable MqttException cause) {
        Link left = link;
        link = null;
        if (left == null) {
            return;
        }
        // Before anything is closed: the connection may say at once that it is.
        leaving = left.connection() == null ? null : left;
        boolean lastWords = cause == null || cause instanceof ProtocolException;
        left.leave(!lastWords);
        if (lastWords) {
            outbox.closeInOrder();
        }
        outbox.disconnected();
    }

    @Override
    public void negotiated(Negotiated negotiated) {
        if (encoder != null) {
            encoder.topicAliasMaximum(Math.min(negotiated.topicAliasMaximum(), MOST_TOPIC_ALIASES));
            encoder.maximumPacketSize(negotiated.maximumPacketSize());
        }
        client.negotiated(negotiated);
    }

    @Override
    public InboundMessage inbound(Message message, int packetId, boolean duplicate) {
        return new ReceivedDelivery(this, message, packetId, duplicate);
    }

    @Override
    public void deliver(InboundMessage message, Object[] handlers) {
        ReceivedDelivery delivery = (ReceivedDelivery) message;
        Object[] inTurn = ReplyTopic.takeReply(delivery, handlers);
        delivery.handlers(inTurn);
        if (inTurn.length == 0) {
            delivery.ack();
        } else if (!lane.offer(delivery)) {
            counters.droppedInbound();
        }
    }

    @Override
    public void accepted(PublishRequest request) {
        if (request instanceof PublishFuture publish && publish.enqueued()) {
            outbox.accepted(publish);
        }
    }

    @Override
    public void complete(PublishRequest request, PublishResult result) {
        request.complete(result);
    }

    @Override
    public void fail(PublishRequest request, MqttException cause) {
        if (request instanceof PublishFuture publish) {
            publish.fail(cause);
        }
    }

    @Override
    public void concluded(PublishRequest request) {
        client.concluded(request, () -> submit(Submission.of(driver -> driver.session.heard(request, now()))));
    }

    @Override
    public void expect(CompletableFuture<List<StoredPublish>> page) {
        CompletableFuture<?> unused = page.whenComplete(
                (messages, failure) -> execute(() -> turn(() -> session.read(messages, failure, now()))));
    }

    @Override
    public void rolledBack(long lastSafe, StoreException cause) {
        outbox.rollback(lastSafe, cause);
    }

    @Override
    public void complete(SubscriptionRequest request, @Nullable Qos granted, Properties answer) {
        if (request instanceof SubscriptionFuture future) {
            future.granted(granted, answer);
        }
    }

    @Override
    public void fail(SubscriptionRequest request, MqttException cause) {
        if (request instanceof SubscriptionFuture future) {
            future.fail(cause);
        }
    }

    @Override
    public void authenticate(AuthenticationExchange exchange, byte[] data, boolean last) {
        ((ClientExchange) exchange).step(this, data, last);
    }

    @Override
    public void complete(AuthenticationExchange exchange) {
        ((ClientExchange) exchange).done().complete(null);
    }

    @Override
    public void fail(AuthenticationExchange exchange, MqttException cause) {
        ((ClientExchange) exchange).done().completeExceptionally(cause);
    }

    /** Also from the handlers' worker. */
    @Override
    public void event(ConnectionEvent event) {
        LOG.debug("client '{}': {}", name, event);
        client.event(event);
        if (event instanceof ConnectionEvent.Closed closed) {
            ended = true;
            drains.fail(closed.cause());
            lane.close(() -> {});
            execute(() -> release(closed.cause()));
        }
    }

    /** After the turn in which the session ended: its last packets are on their way, or wait for the store. */
    private void release(@Nullable MqttException cause) {
        cancelWake.run();
        cancelWake = loop.schedule(this::release, PATIENCE_NANOS);
        outbox.close(closedBecause(cause), this::release);
        if (cause != null) {
            release();
        }
    }

    private void release() {
        if (released) {
            return;
        }
        released = true;
        cancelWake.run();
        counters.update(session);
        if (leaving != null) {
            leaving.leave(true);
        }
        try {
            log.close();
        } catch (RuntimeException e) {
            LOG.error("client '{}': the session's log does not close", name, e);
        }
        closedIfNothingIsLeft();
    }

    private static ClientClosedException closedBecause(@Nullable RuntimeException cause) {
        return new ClientClosedException(
                cause == null ? "the client is closed" : "the client closed itself: " + cause.getMessage(), cause);
    }

    private void closedIfNothingIsLeft() {
        if (released && leaving == null) {
            client.closed();
        }
    }

    @Override
    public void tolerated(String what) {
        LOG.debug("client '{}' ignores {}", name, what);
    }
}
