package io.hawser.client.transport;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.NettyRuntime;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.InetAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The network on Netty: TCP and TLS.
 *
 * <p>All clients of a JVM share its event loops, made when the first one is asked for: as many as there are processors,
 * at most {@value #MAX_LOOPS}, on daemon threads named {@code hawser-io-N}.
 */
public final class NettyTransport {
    /** One loop moves millions of messages a second; more of them only spread the same work over more selectors. */
    private static final int MAX_LOOPS = 8;

    private NettyTransport() {}

    /** The event loop for the next client: each in turn. */
    public static EventLoop next() {
        return next(InetAddress::getAllByName);
    }

    static EventLoop next(Resolver resolver) {
        return new NettyEventLoop(Loops.GROUP.next(), resolver);
    }

    /**
     * Reads the material, so that a mistake in it shows before the first connection. May read the platform's trust store
     * from disk.
     *
     * @throws IllegalArgumentException saying which of the texts is wrong and how
     */
    public static void validate(TlsSettings settings) {
        TlsContexts.of(settings);
    }

    /** Whether the calling thread is one of the event loops' threads, on which nothing may wait. */
    public static boolean onEventLoop() {
        return Thread.currentThread() instanceof IoThread;
    }

    /** A class of its own, so that validating starts no selector. */
    private static final class Loops {
        static final MultiThreadIoEventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(
                Math.min(NettyRuntime.availableProcessors(), MAX_LOOPS), new IoThreads(), NioIoHandler.newFactory());
    }

    private static final class IoThreads implements ThreadFactory {
        private final AtomicInteger made = new AtomicInteger();

        @Override
        public Thread newThread(Runnable task) {
            return Workers.daemon(new IoThread(task, "hawser-io-" + made.incrementAndGet()));
        }
    }

    private static final class IoThread extends FastThreadLocalThread {
        IoThread(Runnable task, String name) {
            super(task, name);
        }
    }
}
