package io.hawser.session;

import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.session.Timers.Timer;
import java.util.function.LongConsumer;

/** The deed for each {@link Timer} of a session that has expired. */
final class Deadlines {
    /** How soon after a failure the session looks again at what waits. */
    private static final long AGAIN_NANOS = 1_000_000_000L;

    private final ClientSession session;
    private final Timers timers;
    private final ConnectionContext connection;

    Deadlines(ClientSession session, Timers timers, ConnectionContext connection) {
        this.session = session;
        this.timers = timers;
        this.connection = connection;
    }

    /** Does what is due at this time. */
    void passed(long now) {
        if (timers.expired(Timer.CONNECT, now)) {
            connectTimedOut(now);
        }
        if (timers.expired(Timer.PING, now) && session.keepAlive.dead(now)) {
            session.unreleased(true, "no answer to PUBREL, nor to PINGREQ");
            session.drop(new ConnectionException(session.reconnector.serverName() + " has sent nothing for "
                    + session.config.pingTimeoutNanos / 1_000_000 + " ms after PINGREQ"));
        }
        if (timers.expired(Timer.STALL, now) && session.keepAlive.stalled(now)) {
            session.drop(new ConnectionException(
                    session.reconnector.serverName() + " has taken nothing of what was sent for "
                            + session.config.pingTimeoutNanos / 1_000_000 + " ms"));
        }
        if (timers.expired(Timer.KEEP_ALIVE, now) && session.keepAlive.pingDue(now)) {
            session.effects.transmit().pingReq();
        }
        if (timers.expired(Timer.QUOTA, now)) {
            session.outbound.pump(now);
        }
        if (timers.expired(Timer.RENEW, now)) {
            session.renewNow();
        }
        if (timers.expired(Timer.PACE, now) && connection.isEstablished()) {
            session.pump();
        }
        if (timers.expired(Timer.HELD, now)) {
            session.inbound.giveUpHeld(now);
            session.subscriptions.dropUnclaimed(now, session.reconnector.state() == ConnectionState.READY);
        }
        if (timers.expired(Timer.RELEASE, now)) {
            releaseTimedOut(now);
        }
        if (timers.expired(Timer.EXPIRY, now)) {
            orAgain(Timer.EXPIRY, session.outbound::expire, now);
        }
        if (timers.expired(Timer.READ, now)) {
            orAgain(Timer.READ, session.outbound::pump, now);
        }
        if (timers.expired(Timer.STABLE, now)) {
            session.reconnector.stable();
        }
        if (timers.expired(Timer.SUSPECT, now)) {
            session.trials.expired(now);
            if (connection.isEstablished()) {
                session.pump();
            }
        }
        if (session.retransmitter != null && timers.expired(Timer.RETRANSMIT, now)) {
            session.retransmitter.expired(session.outbound.window(), session.subscriptions, now);
        }
        if (timers.expired(Timer.RECONNECT, now)) {
            session.reconnector.connect(now);
        }
    }

    /** Does what a timer was for, of which nothing else would remind the session if that failed. */
    private void orAgain(Timer timer, LongConsumer work, long now) {
        boolean done = false;
        try {
            work.accept(now);
            done = true;
        } finally {
            if (!done) {
                timers.set(timer, now + AGAIN_NANOS);
            }
        }
    }

    /** The broker has not answered PUBREL, and may have stopped to answer anything. */
    private void releaseTimedOut(long now) {
        StalePacketIds staleIds = session.outbound.window().staleIds();
        if (staleIds != null) {
            String how = "no answer to PUBREL within " + staleIds.patienceMillis() + " ms";
            staleIds.unanswered(true, how, now);
            session.drop(new ConnectionException(session.reconnector.serverName() + " gave " + how));
        }
    }

    private void connectTimedOut(long now) {
        if (connection.isOpen() && session.keepAlive.paused() && !session.isSuspended()) {
            // The answer may be there, unread.
            timers.set(Timer.CONNECT, now + session.config.connectTimeoutNanos);
            return;
        }
        String what = connection.isEstablished() ? "authenticating again with " : "connecting to ";
        session.drop(new ConnectionException(what + session.reconnector.serverName() + " took longer than "
                + session.config.connectTimeoutNanos / 1_000_000 + " ms: " + awaited()));
    }

    /** Says what the session has waited for, and from whom. */
    private String awaited() {
        String words = session.effects.whereabouts();
        if (!connection.isOpen()) {
            return words.isEmpty() ? "no network connection" : words;
        }
        String missing = connection.isUnanswered() ? "no CONNACK" : "the authentication did not end";
        return words.isEmpty() ? missing : missing + ", at " + words;
    }
}
