package io.hawser.client.transport;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * The event loops that all clients of a JVM share: as many as processors, at most {@value #MOST}, made when they are first needed, on
 * daemon threads named {@code hawser-io-N}. A loop is for ever; its thread, and what that has of the system, ends
 * {@linkplain LoopClients#REST_NANOS some seconds} after the loop's last client has left, and starts again with the next.
 */
public final class EventLoops {
    /** One loop moves millions of messages a second; more of them only spread the same work over more selectors. */
    private static final int MOST = 8;

    private static final int COUNT = Math.min(Runtime.getRuntime().availableProcessors(), MOST);
    private static final @Nullable SocketEventLoop[] LOOPS = new SocketEventLoop[COUNT];
    private static int turn;

    private EventLoops() {}

    /**
     * The event loop for the next client, each in turn; its thread runs until the client has {@linkplain EventLoop#leave left} it.
     *
     * @throws UncheckedIOException if the system has no selector for a loop that is not running
     */
    public static EventLoop next() {
        return joined(nextLoop());
    }

    /** A loop of its own that looks names up in its own way. */
    static EventLoop next(Resolver resolver) {
        return joined(new SocketEventLoop(resolver, "hawser-io-1", new LoopClients(LoopClients.REST_NANOS)));
    }

    private static EventLoop joined(SocketEventLoop loop) {
        loop.join();
        return loop;
    }

    private static synchronized SocketEventLoop nextLoop() {
        int index = turn;
        turn = (index + 1) % COUNT;
        SocketEventLoop loop = LOOPS[index];
        if (loop == null) {
            loop = new SocketEventLoop(
                    Resolver.SYSTEM, "hawser-io-" + (index + 1), new LoopClients(LoopClients.REST_NANOS));
            LOOPS[index] = loop;
        }
        return loop;
    }

    /** Whether the calling thread is one of the event loops' threads, on which nothing may wait. */
    public static boolean onEventLoop() {
        return SocketEventLoop.runsThisThread();
    }

    /** @throws IllegalStateException on an event loop, which would wait for itself */
    public static void requireWaitAllowed() {
        if (onEventLoop()) {
            throw new IllegalStateException("this is a client's event loop, which must not wait; use the Async form");
        }
    }
}
