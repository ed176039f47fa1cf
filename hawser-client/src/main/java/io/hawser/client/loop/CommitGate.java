package io.hawser.client.loop;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.transport.Connection;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.StoreException;
import io.hawser.session.ClientSession;
import io.hawser.session.PublishRequest;
import io.hawser.session.WatchedFuture;
import io.hawser.store.SessionLog;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The gate for the output of turns: encoded packets, the acceptance of enqueued messages, and outcomes that are told by
 * key. No turn's output leaves before the turn's log entries are safe, and turns leave in their order; that is the
 * whole of durable before visible.
 */
final class CommitGate {
    /**
     * The bound on unsent output, payloads apart, above which reading stops, since the packets that are read may have
     * to be answered.
     */
    private static final long MOST_BYTES = 1024 * 1024;
    /**
     * The bound on output above which publishes stay in the queue: enough to keep any network busy, and below
     * {@link #MOST_BYTES}, so that publishes alone never stop the reading.
     */
    private static final long HIGH_BYTES = MOST_BYTES - 128 * 1024;
    /** The bound below which publishes and reading go on. */
    private static final long LOW_BYTES = 256 * 1024;

    /**
     * The size at which a turn's packets begin to leave before its end, so that broker and client work at the same
     * time; for fewer bytes, the calls of the system would cost more than that saves. Not while the log is behind: then
     * a turn becomes safe as a whole.
     */
    private static final long EARLY = 40 * 1024;

    private final SessionLog log;
    private final Dispatcher dispatcher;
    private final Consumer<PublishRequest> outcomes;
    private final OutputBuffer buffer = new OutputBuffer();
    // The lists of the current turn; immutable and empty until there is an element.
    private List<PublishRequest> acceptances = Collections.emptyList();
    private List<PublishRequest> conclusions = Collections.emptyList();
    private List<WatchedFuture<Void>> flushed = List.of();
    private boolean confirms;
    private final ArrayDeque<Turn> unsafeTurns = new ArrayDeque<>(1);
    private @Nullable Connection connection;
    /** The memory of output on its way to the open connection or the network. */
    private long waitingMemory;
    /** The part of {@link #waitingMemory} that payloads take. */
    private long waitingPayloads;

    private boolean full;
    private boolean stopsReading;
    /**
     * The bytes of the open connection that have left {@link #buffer}, and those of them that the connection was given.
     */
    private long taken;

    private long given;
    /** The last report to the session: bytes encoded, and bytes that have left. */
    private long toldEncoded;

    private long toldLeft;
    /** Whether the network did not take everything at the end of the last turn. */
    private boolean blocked;
    /** Whether the last log entries were safe at once. */
    private boolean prompt;
    /** Whether the end of a turn has failed halfway, so that the next end must go on with it. */
    private boolean unfinished;

    private Runnable whenEmpty = () -> {};
    /** How long the close of a connection behind its last packets is patient. */
    private long closePatienceNanos = Connection.PATIENCE_NANOS;

    /** A turn whose log entries are not safe yet, or that comes after such a turn. */
    private static final class Turn {
        static final long UNKNOWN = -1;

        /** The connection of the turn's packets; null if there was none. */
        final @Nullable Connection connection;

        final ArrayDeque<ByteBuffer> pieces;
        final List<PublishRequest> acceptances;
        final List<PublishRequest> conclusions;
        final List<WatchedFuture<Void>> flushed;
        final boolean confirms;
        final boolean closes;
        /** The log position at which the turn may leave; {@link #UNKNOWN} until the log has given it. */
        long end = UNKNOWN;

        Turn(
                @Nullable Connection connection,
                ArrayDeque<ByteBuffer> pieces,
                List<PublishRequest> acceptances,
                List<PublishRequest> conclusions,
                List<WatchedFuture<Void>> flushed,
                boolean confirms,
                boolean closes) {
            this.connection = connection;
            this.pieces = pieces;
            this.acceptances = acceptances;
            this.conclusions = conclusions;
            this.flushed = flushed;
            this.confirms = confirms;
            this.closes = closes;
        }

        boolean isSafe(long safePosition) {
            return end != UNKNOWN && end <= safePosition;
        }
    }

    /** @param outcomes tells an outcome by its key */
    CommitGate(SessionLog log, Dispatcher dispatcher, Consumer<PublishRequest> outcomes) {
        this.log = log;
        this.dispatcher = dispatcher;
        this.outcomes = outcomes;
        this.prompt = !log.isAsynchronous();
    }

    OutputBuffer buffer() {
        return buffer;
    }

    void accepted(PublishRequest publish) {
        if (acceptances.isEmpty()) {
            acceptances = new ArrayList<>();
        }
        acceptances.add(publish);
    }

    /** Adds an outcome that is told by key: not before it is safe, since until then its message may be rolled back. */
    void concluded(PublishRequest publish) {
        if (conclusions.isEmpty()) {
            conclusions = new ArrayList<>();
        }
        conclusions.add(publish);
    }

    /** Confirms to the dispatcher when all log entries up to now are safe. */
    void confirm() {
        confirms = true;
    }

    /**
     * Adds futures of {@code flush}: their callers may end the process then, so they complete after the turn is safe
     * and its outcomes are told.
     */
    void flushed(List<WatchedFuture<Void>> settled) {
        flushed = settled;
    }

    /** Lets out the packets of a long turn between two packets, if that does not change the turn's order. */
    void letOutEarly() {
        if (buffer.size() >= EARLY && prompt && !isBlocked() && acceptances.isEmpty() && conclusions.isEmpty()) {
            endTurn(false);
        }
    }

    /** Whether there is room for one more packet; if not, {@link #resumes} is true later. */
    boolean writable() {
        if (waitingMemory + buffer.memory() >= HIGH_BYTES) {
            full = true;
        }
        return !full;
    }

    void opened(Connection opened) {
        connection = opened;
        waitingMemory = 0;
        waitingPayloads = 0;
        full = false;
        stopsReading = false;
        taken = 0;
        given = 0;
        toldEncoded = 0;
        toldLeft = 0;
        blocked = false;
    }

    /** Whether the network has not taken all bytes that the connection was given. */
    private boolean isBlocked() {
        return connection != null && given > connection.sent();
    }

    /** Tells the session how far the output has got, if that has changed. */
    void tell(ClientSession session, LongSupplier clock) {
        if (connection == null) {
            return;
        }
        long encoded = taken + buffer.size();
        long left = connection.sent();
        blocked = given > left;
        if (encoded != toldEncoded || left != toldLeft) {
            toldEncoded = encoded;
            toldLeft = left;
            session.output(encoded, given, left, clock.getAsLong());
        }
    }

    /** Whether so much output is unsent at the end of a turn that reading has to stop. */
    boolean stopsReading() {
        long answers = waitingMemory - waitingPayloads + buffer.memory();
        stopsReading = connection != null && answers > (stopsReading ? LOW_BYTES : MOST_BYTES);
        return stopsReading;
    }

    /** Whether publishes that waited for the network can go on; true once. */
    boolean resumes() {
        if (full && waitingMemory + buffer.memory() < LOW_BYTES) {
            full = false;
            return true;
        }
        return false;
    }

    /** Drops the output for the connection, which is gone. */
    void disconnected() {
        Connection gone = connection;
        if (gone != null) {
            for (Turn turn : unsafeTurns) {
                if (turn.connection == gone) {
                    turn.pieces.forEach(OutputBuffer::giveBack);
                    turn.pieces.clear();
                }
            }
        }
        connection = null;
        buffer.takePieces().forEach(OutputBuffer::giveBack);
        full = false;
    }

    /** Sets how long the close of a connection is patient with a peer that takes nothing; 0 for one that matters to nobody. */
    void closesWithin(long patienceNanos) {
        closePatienceNanos = patienceNanos;
    }

    /** How many bytes of the open connection the network has taken. */
    long sent() {
        return connection == null ? 0 : connection.sent();
    }

    /** Closes the connection behind its last packets, which are in the buffer. */
    void closeInOrder() {
        endTurn(true);
        connection = null;
    }

    void endTurn() {
        endTurn(false);
    }

    private void endTurn(boolean closes) {
        boolean waitedFor = !acceptances.isEmpty() || !conclusions.isEmpty() || !flushed.isEmpty() || confirms;
        // While the network does not take bytes, turns collect in one piece, instead of one piece for each turn.
        boolean collects = !closes && isBlocked();
        if ((collects ? !buffer.hasFullPieces() : buffer.isEmpty()) && !waitedFor && !closes && !unfinished) {
            log.flush();
            return;
        }
        ArrayDeque<ByteBuffer> pieces = collects ? buffer.takeFullPieces() : buffer.takePieces();
        for (ByteBuffer piece : pieces) {
            taken += piece.remaining();
            charge(piece, 1);
        }
        Turn turn = new Turn(connection, pieces, acceptances, conclusions, flushed, confirms, closes);
        confirms = false;
        flushed = List.of();
        acceptances = Collections.emptyList();
        conclusions = Collections.emptyList();
        unsafeTurns.add(turn);
        unfinished = true;
        long end = log.sync();
        for (Turn waiting : unsafeTurns) {
            // A turn whose end the log could not give, because it threw, leaves with the next turn.
            waiting.end = waiting.end == Turn.UNKNOWN ? end : waiting.end;
        }
        prompt = log.safePosition() >= end;
        if (!prompt) {
            compact(turn.pieces);
        }
        letOutSafe();
        unfinished = false;
    }

    /** Moves a turn that is not safe yet into no more memory than it needs. */
    private void compact(ArrayDeque<ByteBuffer> pieces) {
        ByteBuffer last = pieces.peekLast();
        if (last != null) {
            charge(last, -1);
            OutputBuffer.compact(pieces);
            charge(pieces.getLast(), 1);
        }
    }

    /** Lets out turns, because the log's safe position has risen. */
    void safePositionRose() {
        unfinished = true;
        letOutSafe();
        unfinished = false;
    }

    private void letOutSafe() {
        long safe = log.safePosition();
        for (Turn turn = unsafeTurns.peek(); turn != null && turn.isSafe(safe); turn = unsafeTurns.peek()) {
            unsafeTurns.remove();
            turn.acceptances.forEach(PublishRequest::accept);
            turn.conclusions.forEach(outcomes);
            try {
                send(turn);
            } finally {
                turn.flushed.forEach(done -> done.complete(null));
                if (turn.confirms) {
                    dispatcher.confirmed();
                }
            }
        }
        if (unsafeTurns.isEmpty()) {
            whenEmpty.run();
        }
    }

    private void send(Turn turn) {
        Connection target = turn.connection;
        for (ByteBuffer piece = turn.pieces.poll(); piece != null; piece = turn.pieces.poll()) {
            if (target == null) {
                OutputBuffer.giveBack(piece);
            } else {
                if (target == connection) {
                    given += piece.remaining();
                }
                target.write(piece, turn.pieces.isEmpty());
            }
        }
        if (turn.closes && target != null) {
            target.close(closePatienceNanos);
        }
    }

    /**
     * Fails the enqueued messages with a higher sequence than {@code lastSafe}, which will never be accepted, and
     * forgets their outcomes.
     */
    void rollback(long lastSafe, StoreException cause) {
        fail(acceptances, lastSafe, cause);
        conclusions.removeIf(publish -> publish.sequence() > lastSafe);
        unsafeTurns.forEach(turn -> {
            fail(turn.acceptances, lastSafe, cause);
            turn.conclusions.removeIf(publish -> publish.sequence() > lastSafe);
        });
    }

    private static void fail(List<PublishRequest> acceptances, long lastSafe, MqttException cause) {
        acceptances.removeIf(publish -> {
            boolean unsafe = publish.sequence() > lastSafe;
            if (unsafe) {
                publish.fail(cause);
            }
            return unsafe;
        });
    }

    /**
     * Notes that the open connection has sent this piece. Returns whether publishes, reading or the session wait for
     * that.
     */
    boolean written(ByteBuffer piece) {
        charge(piece, -1);
        return blocked || (full || stopsReading) && waitingMemory < LOW_BYTES;
    }

    private void charge(ByteBuffer piece, int sign) {
        int memory = sign * OutputBuffer.memory(piece);
        waitingMemory += memory;
        if (OutputBuffer.isPayload(piece)) {
            waitingPayloads += memory;
        }
    }

    /**
     * Ends the gate with the client: enqueued messages that are not safe yet fail. Packets still leave when they may.
     *
     * @param empty run when no turn waits any more: at once, or later
     */
    void close(ClientClosedException cause, Runnable empty) {
        fail(acceptances, 0, cause);
        unsafeTurns.forEach(turn -> {
            fail(turn.acceptances, 0, cause);
            turn.flushed.forEach(waiting -> waiting.completeExceptionally(cause));
        });
        whenEmpty = empty;
        letOutSafe();
    }
}
