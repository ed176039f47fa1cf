package io.hawser.client.transport;

import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event loops that all clients of a JVM share: those for TCP alone on the JDK's selectors, those that can do TLS as well
 * on Netty, which a program without TLS never loads.
 *
 * <p>Of each kind there are as many as processors, at most {@value #MOST}, made when they are first needed, on daemon threads
 * named {@code hawser-io-N} and {@code hawser-io-tls-N}. A loop is for ever; its thread, and what that has of the system, ends
 * {@linkplain LoopClients#REST_NANOS some seconds} after the loop's last client has left, and starts again with the next.
 */
public final class EventLoops {
    private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);
    /** One loop moves millions of messages a second; more of them only spread the same work over more selectors. */
    private static final int MOST = 8;

    private static final int COUNT = Math.min(Runtime.getRuntime().availableProcessors(), MOST);
    private static final @Nullable PlainEventLoop[] PLAIN = new PlainEventLoop[COUNT];
    private static int turn;

    private EventLoops() {}

    /**
     * The event loop for the next client, each in turn; its thread runs until the client has {@linkplain EventLoop#leave left} it.
     *
     * @param tls whether any of the client's connections may need TLS
     * @throws UncheckedIOException if the system has no selector for a loop that is not running
     */
    public static EventLoop next(boolean tls) {
        return joined(tls ? Tls.next() : nextPlain());
    }

    /** A loop of its own that looks names up in its own way. */
    static EventLoop next(boolean tls, Resolver resolver) {
        LoopClients clients = new LoopClients(LoopClients.REST_NANOS);
        return joined(
                tls
                        ? new NettyEventLoop(resolver, "hawser-io-tls-1", clients)
                        : new PlainEventLoop(resolver, "hawser-io-1", clients));
    }

    private static EventLoop joined(Opener loop) {
        loop.join();
        return loop;
    }

    private static synchronized PlainEventLoop nextPlain() {
        int index = turn;
        turn = (index + 1) % COUNT;
        PlainEventLoop loop = PLAIN[index];
        if (loop == null) {
            loop = new PlainEventLoop(
                    Resolver.SYSTEM, "hawser-io-" + (index + 1), new LoopClients(LoopClients.REST_NANOS));
            PLAIN[index] = loop;
        }
        return loop;
    }

    /** Whether the calling thread is one of the event loops' threads, on which nothing may wait. */
    public static boolean onEventLoop() {
        return Thread.currentThread() instanceof IoThread;
    }

    /** Nothing may end a loop, not even the report of what else has failed: without memory, that fails as well. */
    static void report(String what, Throwable failure) {
        try {
            LOG.error(what, failure);
        } catch (Throwable e) {
            // There is nobody left to tell.
        }
    }

    /** The thread of an event loop. */
    interface IoThread {}

    /** A class of its own, so that who needs no TLS loads nothing of Netty. */
    private static final class Tls {
        private static final @Nullable NettyEventLoop[] LOOPS = new NettyEventLoop[COUNT];
        private static int turn;

        static synchronized NettyEventLoop next() {
            int index = turn;
            turn = (index + 1) % COUNT;
            NettyEventLoop loop = LOOPS[index];
            if (loop == null) {
                loop = new NettyEventLoop(
                        Resolver.SYSTEM, "hawser-io-tls-" + (index + 1), new LoopClients(LoopClients.REST_NANOS));
                LOOPS[index] = loop;
            }
            return loop;
        }
    }
}
