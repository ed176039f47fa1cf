package io.hawser.client;

import io.hawser.client.transport.Connection;
import io.hawser.client.transport.EventLoop;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.StoreException;
import io.hawser.session.ClientSession;
import io.hawser.session.PublishRequest;
import io.hawser.session.SessionFigures;
import io.hawser.session.SubscriptionRequest;
import io.hawser.store.SessionLog;
import io.hawser.store.StoredPublish;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
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
    /** How long after a mistake the next turn comes, which does what the failed one has left undone. */
    private static final long RECOVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** What operating systems, and TLS, say of a connection that the other side has reset or ended. */
    private static final List<String> ENDS_BY_PEER =
            List.of("reset", "broken pipe", "forcibly closed by the remote host", "close_notify");

    private final HawserClient client;
    private final EventLoop loop;
    private final SureExecutor handlers;
    private final SureExecutor background;
    private final SessionLog log;
    private final ClientSession session;
    private final ClientConfig config;
    private @Nullable Reauthentication reauthentication;
    private final HandlerLane lane;
    private final Outbox outbox;
    private final Outputs outputs;
    private final Submissions submissions = new Submissions(() -> execute(this::drainSubmissions));
    private @Nullable Drains drains;
    private final long origin = System.nanoTime();
    /** When the clock was looked at last: for publishes, once for all that are taken together. */
    private long lookedAt;

    private final Runnable progress = this::progress;
    private final LongSupplier clock = this::now;
    private boolean progresses;
    private boolean readingPaused;
    /** Until the log has caught up. */
    private boolean submissionsWait;

    /** Null until the client is asked to close. */
    private @Nullable Closing closing;

    private boolean ended;
    /** Why the client closed itself, if it did. */
    private @Nullable MqttException endCause;

    private boolean released;
    private boolean logClosed;
    /** Whether the client has left the event loop, on which only what comes late runs since. */
    private boolean left;

    private long wakeAt = Long.MAX_VALUE;
    private Runnable cancelWake = () -> {};

    /** What went wrong and has not ended the connection, because that went wrong, too. */
    private @Nullable Throwable unrecovered;

    private boolean recovers;

    /** @param loop which the client has joined, and leaves when nothing of it is left there */
    Driver(ClientConfig config, SessionLog log, HawserClient client, EventLoop loop) {
        this.client = client;
        this.config = config;
        this.log = log;
        this.loop = loop;
        handlers = new SureExecutor(config.handlerExecutor, HandlerExecutors.SHARED, loop);
        background = new SureExecutor(HandlerExecutors.SHARED, HandlerExecutors.SHARED, loop);
        lane = new HandlerLane(this, config, log.lags());
        outbox = new Outbox(log, this);
        outputs = new Outputs(this, config, client, loop, lane, outbox);
        log.watch(() -> execute(this::storeChanged));
        session = new ClientSession(config.session, log, outputs, config.defaultHandler);
        if (!config.unansweredAfter.isZero()) {
            session.tellOfUnanswered(config.unansweredAfter);
        }
        config.subscriptions.forEach(
                (subscription, handler) -> session.declare(new SubscriptionRequest(subscription, handler)));
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

    /** Where handlers and listeners run. */
    SureExecutor handlers() {
        return handlers;
    }

    /** Where runs what may block: not on the program's executor, whose threads may all wait for this client. */
    SureExecutor background() {
        return background;
    }

    HandlerLane lane() {
        return lane;
    }

    Outputs outputs() {
        return outputs;
    }

    /** How long the oldest request has been waiting for its answer. */
    Duration oldestUnanswered() {
        long since = session.figures().oldestUnansweredNanos();
        return since == Long.MAX_VALUE
                ? Duration.ZERO
                : Duration.ofNanos(Math.max(0, System.nanoTime() - origin - since));
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
        try {
            // Behind, it calls back when it is no longer; unless it has caught up meanwhile.
            submissionsWait = log.behind() && !log.sync(() -> execute(this::logMoved));
        } catch (Throwable e) {
            broken(e);
        }
        if (submissionsWait) {
            return;
        }
        look();
        for (Submission at = submissions.takeAll(); at != null; ) {
            Submission next = at.nextSubmission();
            at.nextSubmission(null);
            try {
                at.perform(this);
            } catch (Throwable e) {
                broken(e);
                failed(at, e);
            }
            at = next;
        }
        endTurn();
    }

    private void failed(Submission submission, Throwable cause) {
        try {
            MqttException told = ended ? closedBecause(internal(cause)) : internal(cause);
            if (submission instanceof PublishFuture publish) {
                publish.interrupted(told);
            } else {
                submission.fail(told);
            }
        } catch (Throwable e) {
            Reports.error(LOG, "a caller could not be told that its request failed", e);
        }
    }

    void connect() {
        session.connect(now());
    }

    void connectNow() {
        session.connectNow(now());
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
            done.completeExceptionally(closedBecause(endCause));
        } else {
            if (reauthentication == null) {
                reauthentication = new Reauthentication(this, session, config.authentication);
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
            drained.completeExceptionally(closedBecause(endCause));
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

    /** The handlers have failed on a message for good. */
    void fail(ReceivedDelivery delivery) {
        if (!ended) {
            session.fail(delivery, config.keepsFailed, now());
        }
    }

    void defer(ReceivedDelivery delivery) {
        if (!ended) {
            session.defer(delivery, now());
        }
    }

    /**
     * Lets the handler that runs finish and acknowledge, and what was published before leave; then says goodbye. A second call that
     * has no patience ends the waiting.
     */
    void leave(Disconnect how, Duration patience) {
        if (ended) {
            return;
        }
        if (closing != null) {
            if (patience.isZero()) {
                closing.hurry();
            }
            return;
        }
        Closing leaving = new Closing(this, session, how, now() + patience.toNanos());
        closing = leaving;
        Runnable cancelPatience = loop.schedule(leaving::letOut, PATIENCE_NANOS);
        lane.close(() -> submit(Submission.of(driver -> {
            cancelPatience.run();
            leaving.letOut();
        })));
    }

    /** Says goodbye, and ends. */
    void end(Disconnect how) {
        turn(() -> {
            acknowledgeHandled();
            session.close(how, now());
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
        } catch (Throwable e) {
            broken(e);
        }
        endTurn();
    }

    void endTurn() {
        try {
            boolean handlersBehind = lane.flush();
            acknowledgeHandled();
            if (drains != null) {
                outbox.drained(drains.takeSettled(session));
            }
            // A flag that code of the program has left on this thread would close the channel that is written to.
            boolean unused = Thread.interrupted();
            outbox.endTurn();
            outbox.tell(session, clock);
            // Not before CONNACK, which would never be read while handlers are busy with the last connection.
            pauseReading(handlersBehind && isAccepted() || session.isSuspended() || outbox.stopsReading());
            if (closing != null) {
                closing.turnEnded();
            }
            wakeInTime();
        } catch (Throwable e) {
            broken(e);
        }
    }

    private void wakeInTime() {
        long deadline = session.nextDeadline();
        if (deadline < wakeAt) {
            Runnable cancel = loop.schedule(this::wake, Math.max(0, deadline - now()));
            cancelWake.run();
            cancelWake = cancel;
            wakeAt = deadline;
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

    /**
     * A mistake of ours, of a store or of the program, or too little memory: the connection is given up, for what was said on it
     * is not known any more, and a client that reconnects makes another.
     */
    private void broken(Throwable cause) {
        try {
            LOG.error("client '{}' gives up its connection", client.printableId(), cause);
        } catch (Throwable e) {
            // Without memory, there may be none for this line.
        }
        recover(cause);
        recoverSoon();
    }

    private void recover(Throwable cause) {
        unrecovered = cause;
        try {
            if (cause instanceof StoreException) {
                // What a store says about itself is no accident: it cannot keep what the client promises.
                session.fail(internal(cause), now());
            } else {
                session.broken(internal(cause), now());
            }
            unrecovered = null;
        } catch (Throwable e) {
            Reports.error(LOG, "a connection is given up again", e);
        }
    }

    /** One more turn, for what this one has left undone. */
    private void recoverSoon() {
        if (recovers || released) {
            return;
        }
        try {
            Runnable unused = loop.schedule(this::recovery, RECOVERY_NANOS);
            recovers = true;
        } catch (Throwable e) {
            Reports.error(LOG, "the next turn has to do what this one has left undone", e);
        }
    }

    private void recovery() {
        recovers = false;
        Throwable cause = unrecovered;
        if (cause != null) {
            recover(cause);
            if (unrecovered != null) {
                recoverSoon();
            }
        }
        drainSubmissions();
    }

    private static MqttException internal(Throwable cause) {
        return cause instanceof MqttException known
                ? known
                : new ConnectionException("internal error: " + cause, cause);
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
        } catch (Throwable e) {
            broken(e);
        }
    }

    void written(ByteBuffer piece) {
        if (outbox.written(piece)) {
            progressed();
        }
    }

    /** The network takes of what waits: in a turn of its own, for this may be the middle of one. */
    void progressed() {
        if (!progresses) {
            execute(progress);
            progresses = true;
        }
    }

    private void progress() {
        progresses = false;
        turn(() -> {
            outbox.tell(session, clock);
            if (outbox.resumes()) {
                session.writable(now());
            }
        });
    }

    void closed(Link closed, @Nullable Throwable cause, boolean expected) {
        if (!expected && outputs.lost(closed)) {
            turn(() -> session.lost(lostBecause(cause), isEndByPeer(cause), now()));
        }
        outputs.left(closed);
        closedIfNothingIsLeft();
    }

    /** Whether the peer ended the connection, in order or by a reset, rather than the network: as the system says it. */
    private static boolean isEndByPeer(@Nullable Throwable cause) {
        Throwable root = cause;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root == null || root instanceof EOFException || root instanceof ClosedChannelException) {
            return true;
        }
        String words = String.valueOf(root.getMessage()).toLowerCase(Locale.ROOT);
        return root instanceof IOException && ENDS_BY_PEER.stream().anyMatch(words::contains);
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
        endCause = cause;
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
        background.execute(this::closeLog);
    }

    private void closeLog() {
        try {
            log.close();
        } catch (Throwable e) {
            Reports.error(LOG, "the session's log does not close", e);
        }
        execute(() -> {
            logClosed = true;
            closedIfNothingIsLeft();
        });
    }

    static ClientClosedException closedBecause(@Nullable RuntimeException cause) {
        return new ClientClosedException(
                cause == null ? "the client is closed" : "the client closed itself: " + cause.getMessage(), cause);
    }

    private void closedIfNothingIsLeft() {
        if (logClosed && !outputs.isLeaving() && !left) {
            left = true;
            try {
                loop.leave();
            } finally {
                client.closed();
            }
        }
    }
}
