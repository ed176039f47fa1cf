package io.hawser.store.file;

import io.hawser.store.SessionLog;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The listener of a log that calls back when what was logged is safe, as a turn of a client waits for it. */
final class Syncs implements SessionLog.Listener {
    private record Waiting(long position, Runnable call) {}

    private final SessionLog log;
    private final Runnable healthChanged;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean rose;

    Syncs(SessionLog log, Runnable healthChanged) {
        this.log = log;
        this.healthChanged = healthChanged;
        log.listen(this);
    }

    static void awaitSafe(SessionLog log) {
        CompletableFuture<Void> safe = new CompletableFuture<>();
        Syncs syncs = new Syncs(log, () -> {});
        if (!syncs.sync(() -> safe.complete(null))) {
            safe.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    /**
     * Calls back when everything logged is safe, unless it returns true.
     *
     * @return whether everything is safe without the work of the store's thread
     */
    synchronized boolean sync(Runnable whenSafe) {
        rose = false;
        long end = log.sync();
        if (log.safePosition() >= end && !rose) {
            return true;
        }
        waiting.add(new Waiting(end, whenSafe));
        release();
        return false;
    }

    @Override
    public synchronized void safePositionRose() {
        rose = true;
        release();
    }

    private void release() {
        while (!waiting.isEmpty() && waiting.element().position <= log.safePosition()) {
            waiting.remove().call.run();
        }
    }

    @Override
    public void healthChanged() {
        healthChanged.run();
    }
}
