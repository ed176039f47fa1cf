package io.hawser.client.transport;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The event loops that all clients of a JVM share: those for TCP alone on the JDK's selectors, those that can do TLS as well
 * on Netty, which a program without TLS never loads.
 *
 * <p>Of each kind there are as many as processors, at most {@value #MOST}, made when they are first needed, on daemon threads
 * named {@code hawser-io-N} and {@code hawser-io-tls-N}.
 */
public final class EventLoops {
    /** One loop moves millions of messages a second; more of them only spread the same work over more selectors. */
    private static final int MOST = 8;

    private static final int COUNT = Math.min(Runtime.getRuntime().availableProcessors(), MOST);
    private static final @Nullable PlainEventLoop[] PLAIN = new PlainEventLoop[COUNT];
    private static int turn;

    private EventLoops() {}

    /**
     * The event loop for the next client: each in turn.
     *
     * @param tls whether any of the client's connections may need TLS
     * @throws UncheckedIOException if the system has no selector for a loop that is not running yet
     */
    public static EventLoop next(boolean tls) {
        return tls ? next(true, Resolver.SYSTEM) : nextPlain();
    }

    /** A loop that looks names up in its own way. */
    static EventLoop next(boolean tls, Resolver resolver) {
        return tls ? Tls.next(resolver) : start(resolver, "hawser-io-1");
    }

    private static synchronized EventLoop nextPlain() {
        int index = turn;
        turn = (index + 1) % COUNT;
        PlainEventLoop loop = PLAIN[index];
        if (loop == null) {
            loop = start(Resolver.SYSTEM, "hawser-io-" + (index + 1));
            PLAIN[index] = loop;
        }
        return loop;
    }

    private static PlainEventLoop start(Resolver resolver, String name) {
        try {
            return PlainEventLoop.start(resolver, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the calling thread is one of the event loops' threads, on which nothing may wait. */
    public static boolean onEventLoop() {
        return Thread.currentThread() instanceof IoThread;
    }

    /** The thread of an event loop. */
    interface IoThread {}

    /** A class of its own, so that who needs no TLS loads nothing of Netty. */
    private static final class Tls {
        private static final MultiThreadIoEventLoopGroup GROUP =
                new MultiThreadIoEventLoopGroup(COUNT, new TlsThreads(), NioIoHandler.newFactory());

        static EventLoop next(Resolver resolver) {
            return new NettyEventLoop(GROUP.next(), resolver);
        }
    }

    private static final class TlsThreads implements ThreadFactory {
        private final AtomicInteger made = new AtomicInteger();

        @Override
        public Thread newThread(Runnable task) {
            return Workers.daemon(new TlsThread(task, "hawser-io-tls-" + made.incrementAndGet()));
        }
    }

    private static final class TlsThread extends FastThreadLocalThread implements IoThread {
        TlsThread(Runnable task, String name) {
            super(task, name);
        }
    }
}
