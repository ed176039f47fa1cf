package io.hawser.client.loop;

import io.hawser.mqtt.ConnectionState;
import io.hawser.session.ClientSession;
import java.util.function.LongSupplier;

/**
 * The closing of a client: publishes accepted before may still be settled, as long as a connection gives hope and there
 * is progress. On the event loop.
 */
final class Closing {
    /** How many times as long a close waits in all, as long as there is progress: a peer that takes a byte now and then must not hold it. */
    private static final int MOST_LOOKS = 10;

    private final Turns turns;
    private final ClientSession session;
    private final Runnable goodbye;
    private final LongSupplier sent;
    private final long patienceNanos;
    /** The output and the oldest message when progress was looked for last. */
    private long sentBefore;

    private long oldestBefore;
    private int looks;
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
     * @param sent how many bytes the network has taken
     * @param goodbye sends DISCONNECT, and ends the session
     * @param patienceNanos how long to wait without progress
     */
    Closing(Turns turns, ClientSession session, LongSupplier sent, Runnable goodbye, long patienceNanos) {
        this.turns = turns;
        this.session = session;
        this.goodbye = goodbye;
        this.sent = sent;
        this.patienceNanos = patienceNanos;
    }

    /** Begins to wait for publishes only, because no handler runs any more or a handler has taken too long. */
    void letOut() {
        if (lettingOut) {
            return;
        }
        lettingOut = true;
        lastSequence = session.lastSequence();
        if (hurried || patienceNanos <= 0 || session.state() == ConnectionState.WAITING) {
            end();
        } else {
            turns.endTurn();
            waitOn();
        }
    }

    /** Waits as long as each look finds that more has left or more is settled. */
    private void waitOn() {
        long sentNow = sent.getAsLong();
        long oldest = session.oldestSequence();
        boolean moves = looks == 0 || sentNow != sentBefore || oldest != oldestBefore;
        sentBefore = sentNow;
        oldestBefore = oldest;
        if (!moves || looks++ == MOST_LOOKS) {
            end();
        } else if (!over) {
            cancelDeadline = turns.schedule(this::waitOn, patienceNanos);
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
