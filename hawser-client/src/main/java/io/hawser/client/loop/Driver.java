package io.hawser.client.loop;

import io.hawser.client.delivery.BackPressure;
import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.delivery.HandlerExecutors;
import io.hawser.client.delivery.InboundDelivery;
import io.hawser.client.delivery.SureExecutor;
import io.hawser.client.transport.Connection;
import io.hawser.client.transport.EventLoop;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.StoreException;
import io.hawser.session.AuthenticationExchange;
import io.hawser.session.ClientSession;
import io.hawser.session.Command;
import io.hawser.session.InboundMessage;
import io.hawser.session.PublishRequest;
import io.hawser.session.Rejection;
import io.hawser.session.SessionFigures;
import io.hawser.session.SubscriptionRequest;
import io.hawser.session.WatchedFuture;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a {@link ClientSession}: every input of the session goes through it, and its {@link SessionEffects}
 * turn the outputs into I/O. Methods run on the client's event loop, in {@link Turns}, except those in the part for any
 * thread.
 */
public final class Driver implements Turns.Steps, SessionEffects.Owner {
    /** The longest wait for a handler that runs when the client closes: longer than a handler should take. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ClientConfig config;
    private final EventLoop loop;
    private final SessionLog log;
    private final LoopListener client;
    private final Turns turns;
    private final SureExecutor handlers;
    private final SureExecutor background;
    private final ClientSession session;
    private final Dispatcher dispatcher;
    private final CommitGate gate;
    private final Network network;
    private final SessionEffects effects;
    private @Nullable Reauthentication reauthentication;
    private final Renewal renewal;
    private @Nullable FlushWaiters flushWaiters;
    /** The steps after the session's end; null before. */
    private @Nullable Release release;

    /** The closing of the client; null until the client is asked to close. */
    private @Nullable Closing closing;

    private boolean ended;
    /** The reason for which the client closed itself, if it did. */
    private @Nullable MqttException endCause;

    /** @param loop the event loop that the client has joined, and leaves when nothing of it is left there */
    public Driver(ClientConfig config, SessionLog log, LoopListener client, EventLoop loop) {
        this.config = config;
        this.client = client;
        this.loop = loop;
        this.log = log;
        turns = new Turns(loop, log, this);
        handlers = new SureExecutor(config.handlerExecutor, HandlerExecutors.SHARED, loop);
        background = new SureExecutor(HandlerExecutors.SHARED, HandlerExecutors.SHARED, loop);
        BackPressure backPressure =
                new BackPressure(config.receiveBufferMessages, config.receiveBufferBytes(), config.dropsQos0);
        dispatcher = new Dispatcher(this, handlers, config.retries, backPressure, log.isAsynchronous());
        gate = new CommitGate(log, dispatcher, this::concluded);
        Preparation preparation = new Preparation(loop, background, config, dispatcher);
        network = new Network(turns, gate, preparation, this::event, this::connectionGone);
        effects = new SessionEffects(this, config, client, background, dispatcher, gate, network);
        log.listen(new StoreListener());
        session = new ClientSession(config.session, log, effects, config.defaultHandler);
        network.begin(session);
        renewal = new Renewal(
                turns,
                session,
                this::event,
                config.authentication == null ? null : () -> reauthenticate(new WatchedFuture<>(dispatcher)));
        if (!config.unansweredAfter.isZero()) {
            session.tellOfUnanswered(config.unansweredAfter);
        }
        config.subscriptions.forEach(
                (subscription, handler) -> session.declare(new SubscriptionRequest(subscription, handler)));
    }

    // From any thread.

    public void submit(Command command) {
        turns.submit(command);
    }

    public void submit(Runnable command) {
        turns.submit(command);
    }

    @Override
    public void execute(Runnable task) {
        turns.execute(task);
    }

    @Override
    public Runnable schedule(Runnable task, long delayNanos) {
        return turns.schedule(task, delayNanos);
    }

    @Override
    public boolean inEventLoop() {
        return turns.inEventLoop();
    }

    /** The executor of handlers and listeners. */
    public SureExecutor handlers() {
        return handlers;
    }

    public Dispatcher dispatcher() {
        return dispatcher;
    }

    public SessionEffects effects() {
        return effects;
    }

    /** The age of the oldest request without an answer. */
    public Duration oldestUnanswered() {
        long since = session.figures().oldestUnansweredNanos();
        return since == Long.MAX_VALUE ? Duration.ZERO : Duration.ofNanos(Math.max(0, turns.elapsed() - since));
    }

    public SessionFigures figures() {
        return session.figures();
    }

    @Override
    public String printableId() {
        return client.printableId();
    }

    @Override
    public void event(ConnectionEvent event) {
        effects.event(event);
    }

    // Requests.

    public void connect() {
        session.connect(turns.now());
    }

    public void connectNow() {
        session.connectNow(turns.now());
    }

    public void pace(BrokerProfile limits) {
        session.pace(limits.publishesPerSecond(), limits.bytesPerSecond(), turns.now());
    }

    @Override
    public void publish(PublishRequest request) {
        client.taken(request);
        session.publish(request, turns.lookedAt());
    }

    @Override
    public void request(List<SubscriptionRequest> call) {
        session.request(call, turns.now());
    }

    /** Changes an option of the session, unless that has ended; given the time as well. */
    public void change(ObjLongConsumer<ClientSession> change) {
        submit(() -> {
            if (!ended) {
                change.accept(session, turns.now());
            }
        });
    }

    public void reauthenticate(WatchedFuture<Void> done) {
        if (ended) {
            done.completeExceptionally(closedBecause(endCause));
        } else {
            if (reauthentication == null) {
                reauthentication = new Reauthentication(turns, background, session, config.authentication);
            }
            reauthentication.begin(done);
        }
    }

    @Override
    public void authenticated(AuthenticationExchange exchange, byte @Nullable [] answer) {
        submit(() -> session.authenticated(exchange, answer, turns.now()));
    }

    @Override
    public void unauthenticated(AuthenticationExchange exchange, Throwable why) {
        submit(() -> session.unauthenticated(exchange, why, turns.now()));
    }

    /** Tells an outcome by its key. */
    private void concluded(PublishRequest request) {
        client.concluded(request, () -> submit(() -> session.heard(request, turns.now())));
    }

    @Override
    public void read(@Nullable List<StoredPublish> page, @Nullable Throwable failure) {
        turns.turn(() -> session.read(page, failure, turns.now()));
    }

    public void flush(WatchedFuture<Void> flushed) {
        if (ended) {
            flushed.completeExceptionally(closedBecause(endCause));
        } else {
            flushWaiters = flushWaiters == null ? new FlushWaiters() : flushWaiters;
            flushWaiters.add(session.lastSequence(), flushed);
        }
    }

    /** The listener of the log: brings the log's calls, which come on its own thread, to the event loop. */
    private final class StoreListener implements SessionLog.Listener, Runnable {
        @Override
        public void safePositionRose() {
            turns.execute(this);
        }

        @Override
        public void run() {
            gate.safePositionRose();
            turns.logMoved();
        }

        @Override
        public void healthChanged() {
            turns.execute(Driver.this::storeChanged);
        }
    }

    private void storeChanged() {
        turns.turn(() -> session.storeChanged(turns.now()));
        turns.logMoved();
    }

    // Results of deliveries: from any thread, in the thread's order.

    @Override
    public void acknowledge(InboundMessage message) {
        submit(new DeliveryCommand() {
            @Override
            void apply(long now) {
                session.acknowledge(message, now);
            }
        });
    }

    @Override
    public void refuse(InboundMessage message, Rejection rejection) {
        submit(new DeliveryCommand() {
            @Override
            void apply(long now) {
                session.refuse(message, rejection, now);
            }
        });
    }

    @Override
    public void fail(InboundMessage message) {
        submit(new DeliveryCommand() {
            @Override
            void apply(long now) {
                session.fail(message, config.keepsFailed, now);
            }
        });
    }

    @Override
    public void defer(InboundMessage message) {
        submit(new DeliveryCommand() {
            @Override
            void apply(long now) {
                session.defer(message, now);
            }
        });
    }

    /** A command about one delivery: one object, which has the delivery and its list node. */
    private abstract class DeliveryCommand extends Command.Node {
        abstract void apply(long now);

        @Override
        public void run(Intake intake) {
            if (!ended) {
                apply(turns.now());
            }
        }
    }

    /** Acknowledges the messages whose handlers have returned. */
    private void acknowledgeHandled() {
        if (ended) {
            dispatcher.forgetUnacknowledged();
            return;
        }
        InboundDelivery delivery = dispatcher.nextHandled();
        if (delivery != null) {
            long now = turns.now();
            for (; delivery != null; delivery = dispatcher.nextHandled()) {
                if (delivery.hasReturned()) {
                    session.acknowledge(delivery, now);
                }
            }
        }
    }

    @Override
    public void confirm() {
        // The confirmation comes behind the acknowledgement, whose log entry it is about.
        submit(() -> {
            acknowledgeHandled();
            gate.confirm();
        });
    }

    @Override
    public void resumeReading() {
        execute(() -> {
            network.pauseReading(false);
            turns.endTurn();
        });
    }

    // Steps of a turn.

    @Override
    public void finishTurn() {
        boolean handlersBehind = dispatcher.flush();
        acknowledgeHandled();
        if (flushWaiters != null) {
            gate.flushed(flushWaiters.takeSettled(session));
        }
        // An interrupt flag that the program's code has left on this thread would close the channel that is written to.
        boolean unused = Thread.interrupted();
        gate.endTurn();
        network.tellOutput();
        // Reading does not pause before CONNACK, which would never be read while handlers are busy with the last
        // connection's messages.
        network.pauseReading(handlersBehind && session.isAccepted() || session.isSuspended() || gate.stopsReading());
        if (closing != null) {
            closing.turnEnded();
        }
    }

    @Override
    public long nextDeadline() {
        return session.nextDeadline();
    }

    @Override
    public void tick(long now) {
        session.tick(now);
    }

    @Override
    public void giveUp(MqttException cause, long now) {
        if (cause instanceof StoreException) {
            // A store's own exception is no accident: the store cannot keep what the client promises.
            session.fail(cause, now);
        } else {
            session.broken(cause, now);
        }
    }

    @Override
    public MqttException told(MqttException cause) {
        return ended ? closedBecause(cause) : cause;
    }

    @Override
    public void endTurn() {
        turns.endTurn();
    }

    // The end.

    private void connectionGone() {
        if (release != null) {
            release.connectionGone();
        }
    }

    /**
     * Closes: lets the running handler finish and acknowledge, waits for publishes accepted before, then sends
     * DISCONNECT. A second call without patience ends the wait.
     */
    public void leave(Disconnect how, Duration patience) {
        if (ended) {
            return;
        }
        if (closing != null) {
            if (patience.isZero()) {
                closing.hurry();
            }
            return;
        }
        long nanos = patience.toNanos();
        Closing leaving = new Closing(turns, session, gate::sent, () -> end(how, nanos), nanos);
        closing = leaving;
        Runnable cancelPatience = schedule(leaving::letOut, PATIENCE_NANOS);
        dispatcher.close(() -> submit(() -> {
            cancelPatience.run();
            leaving.letOut();
        }));
    }

    /**
     * How long the connection may take to close if nothing moves: nothing that a broker has not accepted is worth waiting for, and
     * what is acknowledged needs only DISCONNECT to arrive behind it.
     */
    private long closePatience(long givenNanos) {
        if (!session.isAccepted()) {
            return 0;
        }
        return session.figures().hasSentOnce()
                ? Math.max(Connection.PATIENCE_NANOS, givenNanos)
                : Connection.PATIENCE_NANOS;
    }

    /** Sends DISCONNECT, and ends the session. */
    private void end(Disconnect how, long patienceNanos) {
        turns.turn(() -> {
            acknowledgeHandled();
            gate.closesWithin(closePatience(patienceNanos));
            session.close(how, turns.now());
        });
    }

    @Override
    public void accepted() {
        renewal.accepted(network.expiresAt());
    }

    @Override
    public void ended(@Nullable MqttException cause) {
        ended = true;
        endCause = cause;
        ClientClosedException closed = closedBecause(cause);
        if (flushWaiters != null) {
            flushWaiters.fail(closed);
        }
        Release releasing = new Release(turns, log, network, background, this::released);
        release = releasing;
        execute(() -> releasing.begin(gate, closed, cause != null));
    }

    private void released() {
        try {
            loop.leave();
        } finally {
            client.closed();
        }
    }

    public static ClientClosedException closedBecause(@Nullable RuntimeException cause) {
        return new ClientClosedException(
                cause == null ? "the client is closed" : "the client closed itself: " + cause.getMessage(), cause);
    }
}
