package io.hawser.client.transport;

import java.util.concurrent.Executor;

/**
 * One thread that does the network I/O of many clients and runs what belongs to them. Tasks and callbacks of one loop
 * never overlap. Nothing on it may block.
 *
 * <p>A client has joined its loop ({@link EventLoops#next}) and leaves it when it is closed. Some seconds after the last one the thread
 * ends; a task that comes later still, from somebody who keeps using a closed client, starts it for as long.
 */
public interface EventLoop extends Executor {
    /** Whether the calling thread is this loop's. */
    boolean inEventLoop();

    /** Runs the task on this loop after the delay; the returned call cancels it, if it has not begun. */
    Runnable schedule(Runnable task, long delayNanos);

    /**
     * Opens a connection to the target and tells the handler how it went, always later and on this loop. Every address
     * of the host name, resolved anew for this call, is tried in turn; TLS is part of opening.
     *
     * @return closes the attempt or the connection it led to, with the same effect as {@link Connection#close}
     */
    Connecting connect(Target target, ConnectionHandler handler);

    /** An attempt to connect. Running it from any thread closes it, or the connection it led to. */
    interface Connecting extends Runnable {
        /** Says what the attempt waits for, and what has failed so far; on the loop, until it is over. */
        String awaited();
    }

    /** The client is closed; once for each client, from any thread. */
    void leave();
}
