package io.hawser.client;

import io.hawser.client.transport.Connection;
import io.hawser.client.transport.EventLoop;
import io.hawser.client.transport.EventLoops;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.MqttException;
import io.hawser.session.ClientSession;
import io.hawser.session.PublishRequest;
import io.hawser.session.SessionFigures;
import io.hawser.session.SubscriptionRequest;
import io.hawser.store.SessionLog;
import io.hawser.store.StoredPublish;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link ClientSession}, whose {@link Outputs} become I/O. What is not said to be for any thread runs on the client's event
 * loop, in turns: input goes into the session, and at the end of the turn what it wants done leaves in one piece.
 */
final class Driver {
    private static final Logger LOG = LoggerFactory.getLogger(Driver.class);
    /** How long closing waits, for a handler that runs and for the store: longer than either should take. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final HawserClient client;
    private final EventLoop loop;
    private final SessionLog log;
    private final ClientSession session;
    private final Options options;
    private @Nullable Reauthentication reauthentication;
    private final HandlerLane lane;
    private final Outbox outbox;
    private final Outputs outputs;
    private final Submissions submissions = new Submissions(() -> execute(this::drainSubmissions));
    private @Nullable Drains drains;
    private final long origin = System.nanoTime();
    /** When the clock was looked at last: for publishes, once for all that are taken together. */
    private long lookedAt;

    private boolean readingPaused;
    /** Until the log has caught up. */
    private boolean submissionsWait;

    private boolean closing;
    /** What the broker is told about the session when the client closes, if that differs from what CONNECT said. */
    private @Nullable Duration farewellExpiry;

    private boolean ended;
    private boolean released;
    private boolean logClosed;
    private long wakeAt = Long.MAX_VALUE;
    private Runnable cancelWake = () -> {};

    Driver(Options options, SessionLog log, HawserClient client) {
        this.client = client;
        this.options = options;
        this.log = log;
        loop = EventLoops.next(options.usesTls());
        lane = new HandlerLane(this, options, log.lags());
        outbox = new Outbox(log, this);
        outputs = new Outputs(this, options, client, loop, lane, outbox);
        log.watch(() -> execute(this::storeChanged));
        session = new ClientSession(options.session(), log, outputs, options.defaultHandler());
        options.subscriptions()
                .forEach((subscription, handler) -> session.declare(new SubscriptionRequest(subscription, handler)));
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

    Outputs outputs() {
        return outputs;
    }

    SessionFigures figures() {
        return session.figures();
    }

    void resumeReading() {
        execute(() -> {
            pauseReading(false);
            endTurn();
        });
    }

    // Submissions, on the event loop.

    private void drainSubmissions() {
        // Behind, it calls back when it is no longer; unless it has caught up meanwhile.
        submissionsWait = log.behind() && !log.sync(() -> execute(this::logMoved));
        if (submissionsWait) {
            return;
        }
        look();
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
        session.publish(request, lookedAt);
    }

    void request(SubscriptionFuture request) {
        session.request(request, now());
    }

    void reauthenticate(ClientFuture<Void> done) {
        if (ended) {
            done.completeExceptionally(closedBecause(null));
        } else {
            if (reauthentication == null) {
                reauthentication = new Reauthentication(this, session, options.authentication());
            }
            reauthentication.begin(done);
        }
    }

    void authenticated(ClientExchange exchange, byte @Nullable [] answer) {
        session.authenticated(exchange, answer, now());
    }

    void unauthenticated(ClientExchange exchange, Throwable why) {
        session.unauthenticated(exchange, why, now());
    }

    /** Tells an outcome by its key. */
    void concluded(PublishRequest request) {
        client.concluded(request, () -> submit(Submission.of(driver -> driver.heard(request))));
    }

    void heard(PublishRequest request) {
        session.heard(request, now());
    }

    /** A page of the queue has been read, or could not be. */
    void read(@Nullable List<StoredPublish> page, @Nullable Throwable failure) {
        turn(() -> session.read(page, failure, now()));
    }

    void drain(ClientFuture<Void> drained) {
        if (ended) {
            drained.completeExceptionally(closedBecause(null));
        } else {
            drains = drains == null ? new Drains() : drains;
            drains.add(session.lastSequence(), drained);
        }
    }

    void acknowledge(ReceivedDelivery delivery) {
        if (!ended) {
            session.acknowledge(delivery, now());
        }
    }

    /** Acknowledges what handlers have returned from. */
    private void acknowledgeHandled() {
        Handled handled = lane.handled();
        if (handled == null) {
            return;
        }
        if (ended) {
            handled.clear();
            return;
        }
        ReceivedDelivery delivery = handled.next();
        if (delivery != null) {
            long now = now();
            for (; delivery != null; delivery = handled.next()) {
                if (delivery.hasReturned()) {
                    session.acknowledge(delivery, now);
                }
            }
        }
        handled.lookAgain();
    }

    /** Lets the lane go on when it is safe that its last QoS 2 message was handled. */
    void confirmLane() {
        acknowledgeHandled();
        outbox.confirmLane();
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
        turn(() -> {
            acknowledgeHandled();
            session.close(farewellExpiry, now());
        });
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
            acknowledgeHandled();
            if (outbox.hasPackets()) {
                session.transmitted(now());
            }
            if (drains != null) {
                outbox.drained(drains.takeSettled(session));
            }
            outbox.endTurn();
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
        look();
        return lookedAt;
    }

    private void look() {
        lookedAt = System.nanoTime() - origin;
    }

    /** A mistake of ours, or of a store: the client cannot know its state any more. */
    private void broken(RuntimeException cause) {
        LOG.error("client '{}' cannot go on", client.printableId(), cause);
        if (!ended) {
            session.fail(
                    cause instanceof MqttException known
                            ? known
                            : new ConnectionException("internal error: " + cause, cause),
                    now());
        }
    }

    // The network connection.

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
        if (!expected && outputs.lost(closed)) {
            turn(() -> session.lost(lostBecause(cause), now()));
        }
        outputs.left(closed);
        closedIfNothingIsLeft();
    }

    private MqttException lostBecause(@Nullable Throwable cause) {
        if (cause instanceof MqttException known) {
            return known;
        }
        return cause == null
                ? new ConnectionException("the broker closed the connection, with "
                        + session.figures().inflight() + " publishes in flight")
                : new ConnectionException("the connection was lost: " + cause.getMessage(), cause);
    }

    private void pauseReading(boolean pause) {
        Connection connection = outputs.connection();
        if (connection != null && pause != readingPaused) {
            readingPaused = pause;
            connection.pause(pause);
            session.readingPaused(pause, now());
        }
    }

    /** The session has ended, in the turn that runs. */
    void ended(@Nullable MqttException cause) {
        ended = true;
        if (drains != null) {
            drains.fail(cause);
        }
        execute(() -> release(cause));
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
        outputs.hurry();
        // A store may have much to write before it is closed.
        HandlerExecutors.SHARED.execute(this::closeLog);
    }

    private void closeLog() {
        try {
            log.close();
        } catch (RuntimeException e) {
            LOG.error("client '{}': the session's log does not close", client.printableId(), e);
        }
        execute(() -> {
            logClosed = true;
            closedIfNothingIsLeft();
        });
    }

    private static ClientClosedException closedBecause(@Nullable RuntimeException cause) {
        return new ClientClosedException(
                cause == null ? "the client is closed" : "the client closed itself: " + cause.getMessage(), cause);
    }

    private void closedIfNothingIsLeft() {
        if (logClosed && !outputs.isLeaving()) {
            client.closed();
        }
    }
}
