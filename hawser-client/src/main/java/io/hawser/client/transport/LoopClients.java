package io.hawser.client.transport;

import java.util.concurrent.TimeUnit;

/**
 * Counts the clients of one event loop, and says when the loop's thread may end: some time after the last client has left, and after
 * the last late task, of a client that was closed before. Clients join and leave under the lock of their loop.
 */
final class LoopClients {
    /**
     * How long a loop waits for another client: a program that makes a client for each message then starts no thread for each, and what a
     * closed client still hears of (a lookup, a handler, a store that closes) mostly finds the thread. A server that replaces an
     * application waits longer than that before it looks whether anything of the application is left.
     */
    static final long REST_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** What {@link #restNanos} is as long as there are clients. */
    static final long NO_REST = Long.MAX_VALUE;

    private final long restNanos;
    private volatile int count;
    private volatile long usedAt;

    LoopClients(long restNanos) {
        this.restNanos = restNanos;
    }

    void join() {
        change(1);
    }

    /** Returns whether nobody is left. */
    boolean leave() {
        usedAt = System.nanoTime();
        return change(-1) == 0;
    }

    private int change(int by) {
        int changed = count + by;
        count = changed;
        return changed;
    }

    /** A task has come: without clients, the rest begins anew. From any thread. */
    void used() {
        if (count == 0) {
            usedAt = System.nanoTime();
        }
    }

    /** How long the loop has to wait before it may end: {@link #NO_REST} if it has clients, 0 or less if it may. */
    long restNanos() {
        return count > 0 ? NO_REST : restNanos - (System.nanoTime() - usedAt);
    }
}
