package io.hawser.client.loop;

import io.hawser.mqtt.ConnectionState;
import io.hawser.session.ClientSession;

/**
 * The closing of a client: publishes accepted before may still be settled, as long as a connection gives hope and there
 * is time. On the event loop.
 */
final class Closing {
    private final Turns turns;
    private final ClientSession session;
    private final Runnable goodbye;
    private final long deadline;
    /** Whether no handler runs any more, so that only publishes are waited for. */
    private boolean lettingOut;
    /** The sequence of the last message that is waited for. */
    private long lastSequence;
    /** Whether a connection that is lost during the wait may be made once more. */
    private boolean mayReconnect = true;

    /** Whether publishes are not waited for, only a handler that runs. */
    private boolean hurried;

    private boolean over;
    private Runnable cancelDeadline = () -> {};

    /**
     * @param goodbye sends DISCONNECT, and ends the session
     * @param deadline by the clock of the turns
     */
    Closing(Turns turns, ClientSession session, Runnable goodbye, long deadline) {
        this.turns = turns;
        this.session = session;
        this.goodbye = goodbye;
        this.deadline = deadline;
    }

    /** Begins to wait for publishes only, because no handler runs any more or a handler has taken too long. */
    void letOut() {
        if (lettingOut) {
            return;
        }
        lettingOut = true;
        lastSequence = session.lastSequence();
        long left = deadline - turns.now();
        if (hurried || left <= 0 || session.state() == ConnectionState.WAITING) {
            end();
        } else {
            cancelDeadline = turns.schedule(this::end, left);
            turns.endTurn();
        }
    }

    /** Ends the wait for publishes. */
    void hurry() {
        hurried = true;
        if (lettingOut) {
            turns.execute(this::end);
        }
    }

    void turnEnded() {
        if (lettingOut && !over && !isWorthWaiting()) {
            // Not within the turn, whose packets have yet to leave.
            turns.execute(this::end);
        }
    }

    private boolean isWorthWaiting() {
        if (session.oldestSequence() > lastSequence) {
            return false;
        }
        return switch (session.state()) {
            case CONNECTING, CONNECTED, READY -> true;
            case WAITING -> reconnects();
            default -> false;
        };
    }

    /** Makes a lost connection again, once; returns whether it does. */
    private boolean reconnects() {
        boolean now = mayReconnect;
        mayReconnect = false;
        if (now) {
            session.connectNow(turns.now());
        }
        return now;
    }

    private void end() {
        if (!over) {
            over = true;
            cancelDeadline.run();
            goodbye.run();
        }
    }
}
