package io.hawser.client.loop;

import io.hawser.client.delivery.ClientFuture;
import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.transport.Connection;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.StoreException;
import io.hawser.session.ClientSession;
import io.hawser.session.PublishRequest;
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
 * What leaves at the end of a turn of the event loop: encoded packets, the acceptance of enqueued messages, and outcomes that
 * are told by key. Nothing leaves before what the turn logged is safe, and turns leave in their order; that is the whole of
 * durable before visible.
 */
final class CommitGate {
    /** With more output unsent than this, payloads apart, nothing is read that may have to be answered. */
    private static final long MOST_BYTES = 1024 * 1024;
    /** Above this, publishes wait in the queue: enough to keep any network busy, and they alone never stop the reading. */
    private static final long HIGH_BYTES = MOST_BYTES - 128 * 1024;
    /** Below this again, both go on. */
    private static final long LOW_BYTES = 256 * 1024;

    /**
     * A turn's packets begin to leave when so many bytes are there, so that broker and client work at the same time: with
     * less, calls of the system cost more than that saves. Not if the log is behind at the moment: then a turn becomes safe as a
     * whole.
     */
    private static final long EARLY = 40 * 1024;

    private final SessionLog log;
    private final Dispatcher dispatcher;
    private final Consumer<PublishRequest> outcomes;
    private final OutputBuffer buffer = new OutputBuffer();
    // Lists that cannot be added to until there is something.
    private List<PublishFuture> acceptances = Collections.emptyList();
    private List<PublishRequest> conclusions = Collections.emptyList();
    private List<ClientFuture<Void>> drained = List.of();
    private boolean confirms;
    private final ArrayDeque<Turn> held = new ArrayDeque<>(1);
    private @Nullable Connection connection;
    /** The memory that is held by output on its way to the open connection or the network. */
    private long waitingMemory;
    /** What of that are payloads. */
    private long waitingPayloads;

    private boolean full;
    private boolean stopsReading;
    /** Of the open connection, in bytes: what left {@link #buffer}, and what the connection was given of that. */
    private long taken;

    private long given;
    /** What the session was told last of the output. */
    private long toldEncoded;

    private long toldLeft;
    /** Whether the network did not take everything at the end of the last turn. */
    private boolean blocked;
    /** Whether what was logged last was safe at once. */
    private boolean prompt;
    /** Whether the end of a turn has failed halfway, and the next one has to go on with it. */
    private boolean unfinished;

    private Runnable whenEmpty = () -> {};

    /** A turn whose log entries are not safe yet, or that comes after one. */
    private static final class Turn {
        static final long UNKNOWN = -1;

        /** Null once the connection is gone. */
        final @Nullable Connection connection;

        final ArrayDeque<ByteBuffer> pieces;
        final List<PublishFuture> acceptances;
        final List<PublishRequest> conclusions;
        final List<ClientFuture<Void>> drained;
        final boolean confirms;
        final boolean closes;
        /** The position of the log from which on the turn may leave; {@link #UNKNOWN} until the log has told. */
        long end = UNKNOWN;

        Turn(
                @Nullable Connection connection,
                ArrayDeque<ByteBuffer> pieces,
                List<PublishFuture> acceptances,
                List<PublishRequest> conclusions,
                List<ClientFuture<Void>> drained,
                boolean confirms,
                boolean closes) {
            this.connection = connection;
            this.pieces = pieces;
            this.acceptances = acceptances;
            this.conclusions = conclusions;
            this.drained = drained;
            this.confirms = confirms;
            this.closes = closes;
        }

        boolean isSafe(long safePosition) {
            return end != UNKNOWN && end <= safePosition;
        }
    }

    /** @param outcomes is told what is to be told by key */
    CommitGate(SessionLog log, Dispatcher dispatcher, Consumer<PublishRequest> outcomes) {
        this.log = log;
        this.dispatcher = dispatcher;
        this.outcomes = outcomes;
        this.prompt = !log.isAsynchronous();
    }

    OutputBuffer buffer() {
        return buffer;
    }

    void accepted(PublishFuture publish) {
        if (acceptances.isEmpty()) {
            acceptances = new ArrayList<>();
        }
        acceptances.add(publish);
    }

    /** The outcome is to be told by key: not before it is safe, for until then its message may be given up. */
    void concluded(PublishRequest publish) {
        if (conclusions.isEmpty()) {
            conclusions = new ArrayList<>();
        }
        conclusions.add(publish);
    }

    /** The handlers go on when everything up to now is safe. */
    void confirm() {
        confirms = true;
    }

    /** Who waits until all is done may end the process then: not before what was done is safe, and its outcomes told. */
    void drained(List<ClientFuture<Void>> settled) {
        drained = settled;
    }

    /** Between two packets of a long turn: lets out those before, if that takes nothing from its order. */
    void letOutEarly() {
        if (buffer.size() >= EARLY && prompt && !isBlocked() && acceptances.isEmpty() && conclusions.isEmpty()) {
            endTurn(false);
        }
    }

    /** Whether there is room for one more packet; if not, {@link #resumes} will tell. */
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

    /** Whether the connection has something that the network has not taken yet. */
    private boolean isBlocked() {
        return connection != null && given > connection.sent();
    }

    /** Tells the session how far the output is, if that has changed. */
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

    /** At the end of a turn: whether so much is unsent that reading has to wait. */
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

    /** The connection is gone: what was meant for it is dropped. */
    void disconnected() {
        Connection gone = connection;
        if (gone != null) {
            for (Turn turn : held) {
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

    /** The last packets of the connection are in the buffer; it closes behind them. */
    void closeInOrder() {
        endTurn(true);
        connection = null;
    }

    void endTurn() {
        endTurn(false);
    }

    private void endTurn(boolean closes) {
        boolean waitedFor = !acceptances.isEmpty() || !conclusions.isEmpty() || !drained.isEmpty() || confirms;
        // What the network does not take yet is collected, instead of waiting in a piece of its own for each turn.
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
        Turn turn = new Turn(connection, pieces, acceptances, conclusions, drained, confirms, closes);
        confirms = false;
        drained = List.of();
        acceptances = Collections.emptyList();
        conclusions = Collections.emptyList();
        held.add(turn);
        unfinished = true;
        long end = log.sync();
        for (Turn waiting : held) {
            // A turn that the log could not be asked about leaves with the next.
            waiting.end = waiting.end == Turn.UNKNOWN ? end : waiting.end;
        }
        prompt = log.safePosition() >= end;
        if (!prompt) {
            compact(turn.pieces);
        }
        releaseSafe();
        unfinished = false;
    }

    /** A turn that is not safe yet waits in no more memory than it needs. */
    private void compact(ArrayDeque<ByteBuffer> pieces) {
        ByteBuffer last = pieces.peekLast();
        if (last != null) {
            charge(last, -1);
            OutputBuffer.compact(pieces);
            charge(pieces.getLast(), 1);
        }
    }

    /** The log's safe position has risen: turns may leave. */
    void safePositionRose() {
        unfinished = true;
        releaseSafe();
        unfinished = false;
    }

    private void releaseSafe() {
        long safe = log.safePosition();
        for (Turn turn = held.peek(); turn != null && turn.isSafe(safe); turn = held.peek()) {
            held.remove();
            turn.acceptances.forEach(PublishFuture::accept);
            turn.conclusions.forEach(outcomes);
            try {
                send(turn);
            } finally {
                turn.drained.forEach(done -> done.complete(null));
                if (turn.confirms) {
                    dispatcher.confirmed();
                }
            }
        }
        if (held.isEmpty()) {
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
            target.close();
        }
    }

    /** Of the messages that wait to be accepted, those with a higher sequence never will be. */
    void rollback(long lastSafe, StoreException cause) {
        fail(acceptances, lastSafe, cause);
        conclusions.removeIf(publish -> publish.sequence() > lastSafe);
        held.forEach(turn -> {
            fail(turn.acceptances, lastSafe, cause);
            turn.conclusions.removeIf(publish -> publish.sequence() > lastSafe);
        });
    }

    private static void fail(List<PublishFuture> acceptances, long lastSafe, MqttException cause) {
        acceptances.removeIf(publish -> {
            boolean unsafe = publish.sequence() > lastSafe;
            if (unsafe) {
                publish.fail(cause);
            }
            return unsafe;
        });
    }

    /** The open connection gives back what it has sent. Returns whether somebody waits for that. */
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
     * The client ends: what was enqueued and is not safe yet fails. Packets go on waiting until they may leave.
     *
     * @param empty called when nothing waits any more: at once, or later
     */
    void close(ClientClosedException cause, Runnable empty) {
        fail(acceptances, 0, cause);
        held.forEach(turn -> {
            fail(turn.acceptances, 0, cause);
            turn.drained.forEach(waiting -> waiting.completeExceptionally(cause));
        });
        whenEmpty = empty;
        releaseSafe();
    }
}
