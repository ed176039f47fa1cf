package io.hawser.client.loop;

import io.hawser.client.transport.Connection;
import io.hawser.session.ClientSession;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The network connections of a client: the one that counts, whose bytes go into the session, and the last one while it closes. On the
 * event loop.
 */
final class Network implements NetworkLink.Listener {
    private final Turns turns;
    private final CommitGate gate;
    private final Preparation preparation;
    private final Runnable gone;
    private final Runnable progress = this::progress;
    private final LongSupplier clock;
    /** Null until it is made. */
    private @Nullable ClientSession session;

    private @Nullable NetworkLink current;
    /** The last connection, while it closes. */
    private @Nullable NetworkLink leaving;

    private boolean progresses;

    /** @param gone is told that a connection is gone, perhaps the last */
    Network(Turns turns, CommitGate gate, Preparation preparation, Runnable gone) {
        this.turns = turns;
        this.gate = gate;
        this.preparation = preparation;
        this.gone = gone;
        clock = turns::now;
    }

    /** What is received goes into this session. */
    void begin(ClientSession input) {
        session = input;
    }

    private ClientSession session() {
        return Objects.requireNonNull(session, "session");
    }

    /** Begins to connect. */
    void open(Server server, @Nullable String reference) {
        NetworkLink attempt = new NetworkLink(this);
        current = attempt;
        preparation.open(attempt, server, reference);
    }

    /** Leaves the connection, if there is one: behind what is written already, or at once. */
    void close(boolean inOrder) {
        NetworkLink left = current;
        current = null;
        if (left == null) {
            return;
        }
        // Before anything is closed: the connection may say at once that it is.
        leaving = left.connection() == null ? null : left;
        left.leave(!inOrder);
        if (inOrder) {
            gate.closeInOrder();
        }
        gate.disconnected();
    }

    boolean isLeaving() {
        return leaving != null;
    }

    /** Waits no longer for the last packets to leave. */
    void hurry() {
        if (leaving != null) {
            leaving.leave(true);
        }
    }

    /** Pauses reading, or goes on, if that is a change. */
    void pauseReading(boolean pause) {
        if (current != null && current.pause(pause)) {
            session().readingPaused(pause, turns.now());
        }
    }

    /** Tells the session how far the output is. */
    void tellOutput() {
        gate.tell(session(), clock);
    }

    @Override
    public void opened(NetworkLink opened, Connection connection) {
        gate.opened(connection);
        turns.turn(() -> session().opened(opened.will(), opened.credentials(), opened.authentication(), turns.now()));
    }

    @Override
    public void received(ByteBuffer bytes) {
        try {
            session().received(bytes, turns.now());
        } catch (Throwable e) {
            turns.broken(e);
        }
    }

    @Override
    public void endTurn() {
        turns.endTurn();
    }

    @Override
    public void written(ByteBuffer piece) {
        if (gate.written(piece)) {
            progressed();
        }
    }

    /** The network takes of what waits: in a turn of its own, for this may be the middle of one. */
    @Override
    public void progressed() {
        if (!progresses) {
            turns.execute(progress);
            progresses = true;
        }
    }

    private void progress() {
        progresses = false;
        turns.turn(() -> {
            tellOutput();
            if (gate.resumes()) {
                session().writable(turns.now());
            }
        });
    }

    @Override
    public void closed(NetworkLink closed, boolean expected) {
        if (!expected && closed == current) {
            current = null;
            gate.disconnected();
            turns.turn(() -> session()
                    .lost(closed.lostBecause(session().figures().inFlight()), closed.endedByPeer(), turns.now()));
        }
        if (closed == leaving) {
            leaving = null;
        }
        gone.run();
    }
}
