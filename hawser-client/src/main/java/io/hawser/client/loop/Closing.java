package io.hawser.client.loop;

import io.hawser.mqtt.ConnectionState;
import io.hawser.session.ClientSession;

/**
 * The end of a client that was asked to close: what was published before may still be acknowledged, as long as there is hope and
 * time. On the event loop.
 */
final class Closing {
    private final Turns turns;
    private final ClientSession session;
    private final Runnable goodbye;
    private final long deadline;
    /** Whether no handler runs any more, so that nothing but what was published counts. */
    private boolean lettingOut;
    /** The last message that is waited for. */
    private long lastSequence;
    /** Whether a connection that was lost meanwhile may be made once more. */
    private boolean mayReconnect = true;

    /** Whether nothing is waited for but a handler that runs. */
    private boolean hurried;

    private boolean over;
    private Runnable cancelDeadline = () -> {};

    /**
     * @param goodbye says it, and ends the session
     * @param deadline by the clock of the turns
     */
    Closing(Turns turns, ClientSession session, Runnable goodbye, long deadline) {
        this.turns = turns;
        this.session = session;
        this.goodbye = goodbye;
        this.deadline = deadline;
    }

    /** No handler runs any more, or one has taken too long. */
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

    /** Waits no longer for what was published. */
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

    /** Once, a connection that was lost is made again. */
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
