package io.hawser.client.loop;

import io.hawser.client.delivery.Reports;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.store.SessionLog;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps after the end of a session: its last packets leave or are dropped, the log is closed, and when the last
 * connection is gone, too, nothing of the client is left on the event loop.
 */
final class Release {
    private static final Logger LOG = LoggerFactory.getLogger(Release.class);
    /** The longest wait of the last packets for the store: longer than a store should take. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Turns turns;
    private final SessionLog log;
    private final Network network;
    private final Executor background;
    private final Runnable released;
    private Runnable cancelPatience = () -> {};
    private boolean begun;
    private boolean logClosed;
    private boolean over;

    /**
     * @param background runs tasks that may block
     * @param released called once, when nothing of the client is left
     */
    Release(Turns turns, SessionLog log, Network network, Executor background, Runnable released) {
        this.turns = turns;
        this.log = log;
        this.network = network;
        this.background = background;
        this.released = released;
    }

    /**
     * Begins, after the turn in which the session ended: the session's last packets are on their way, or wait for the
     * store.
     *
     * @param atOnce whether the last packets are not worth waiting for
     */
    void begin(CommitGate gate, ClientClosedException cause, boolean atOnce) {
        turns.stopWaking();
        cancelPatience = turns.schedule(this::closeAll, PATIENCE_NANOS);
        gate.close(cause, this::closeAll);
        if (atOnce) {
            closeAll();
        }
    }

    private void closeAll() {
        if (begun) {
            return;
        }
        begun = true;
        turns.end();
        cancelPatience.run();
        network.hurry();
        // A store may have much to write before it is closed.
        background.execute(this::closeLog);
    }

    private void closeLog() {
        try {
            log.close();
        } catch (Throwable e) {
            Reports.error(LOG, "the session's log does not close", e);
        }
        turns.execute(() -> {
            logClosed = true;
            connectionGone();
        });
    }

    /** Notes that a connection is gone, perhaps the last. */
    void connectionGone() {
        if (logClosed && !network.isLeaving() && !over) {
            over = true;
            released.run();
        }
    }
}
