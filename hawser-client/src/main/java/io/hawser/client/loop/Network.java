package io.hawser.client.loop;

import io.hawser.client.transport.Connection;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.session.ClientSession;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The network connections of a client: the current one, whose bytes go into the session, and the last one while it
 * closes. On the event loop.
 */
final class Network implements NetworkLink.Listener {
    private final Turns turns;
    private final CommitGate gate;
    private final Preparation preparation;
    private final Consumer<ConnectionEvent> events;
    private final Runnable gone;
    private final Runnable progress = this::progress;
    private final LongSupplier clock;
    /** The session; null until {@link #begin}. */
    private @Nullable ClientSession session;

    private @Nullable NetworkLink current;
    /** The last connection, while it closes. */
    private @Nullable NetworkLink leaving;

    /** Whether it carries QoS 0 messages, of whose arrival nothing else tells, and is closed behind them. */
    private boolean leavesUnknown;

    private boolean progresses;

    /**
     * @param events told of output that a close gives up
     * @param gone is run when a connection is gone, perhaps the last
     */
    Network(Turns turns, CommitGate gate, Preparation preparation, Consumer<ConnectionEvent> events, Runnable gone) {
        this.turns = turns;
        this.gate = gate;
        this.preparation = preparation;
        this.events = events;
        this.gone = gone;
        clock = turns::now;
    }

    /** Sets the session that gets the received bytes. */
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

    /** Leaves the current connection, if there is one: after its written output ({@code inOrder}), or at once. */
    void close(boolean inOrder) {
        NetworkLink left = current;
        current = null;
        if (left == null) {
            return;
        }
        // Set before anything is closed: the connection may report at once that it is closed.
        leaving = left.connection() == null ? null : left;
        leavesUnknown = inOrder && session().figures().hasSentOnce();
        left.leave(!inOrder);
        if (inOrder) {
            gate.closeInOrder();
        }
        gate.disconnected();
    }

    /** Where the current connection is: what its opening waits for, or its address; empty without one. */
    String whereabouts() {
        return current == null ? "" : current.whereabouts();
    }

    /** When what the current connection was made with expires, or null. */
    @Nullable
    Instant expiresAt() {
        return current == null ? null : current.expiresAt();
    }

    boolean isLeaving() {
        return leaving != null;
    }

    /** Ends the wait for the last packets to leave. */
    void hurry() {
        if (leaving != null) {
            leaving.leave(true);
        }
    }

    /** Pauses or resumes reading, if that is a change. */
    void pauseReading(boolean pause) {
        if (current != null && current.pause(pause)) {
            session().readingPaused(pause, turns.now());
        }
    }

    /** Tells the session how far the output has got. */
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

    /**
     * Notes that the network has taken some of the output. The consequences come in a turn of their own, since this
     * call may come in the middle of a turn.
     */
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
        if (closed == leaving && closed.connection() == null) {
            leaving = null;
        }
        gone.run();
    }

    @Override
    public void gone(NetworkLink left, long unsentBytes, @Nullable String doubt) {
        if (left == leaving) {
            leaving = null;
            if (leavesUnknown && doubt != null) {
                events.accept(new ConnectionEvent.OutputGivenUp(unsentBytes, doubt));
            }
        }
        gone.run();
    }
}
