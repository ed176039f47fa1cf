package io.hawser.client.transport;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An event loop on Netty's. One of Netty's loops that has ended does not start again, so another follows it; each begins when the
 * thread of the one before it has run its last task.
 *
 * <p>What was joined and not left always has a loop of Netty's that runs: joining, leaving and {@link #end} exclude each other, and the
 * end comes only where nobody has joined.
 */
final class NettyEventLoop implements Opener {
    /** Whether the end was rehearsed. */
    private static final AtomicBoolean REHEARSAL = new AtomicBoolean();

    private static final int PRACTICE_BYTES = 1024;
    /** It takes a millisecond; a machine that is so slow that it takes longer than this loads what it loads. */
    private static final long PRACTICE_SECONDS = 1;

    private final Resolver resolver;
    private final String name;
    /** Joins and leaves under this object's lock. */
    private final LoopClients clients;

    /** Null while there is no thread; changed under the lock. */
    private volatile @Nullable Running running;
    /** The end of the last one; under the lock. */
    private @Nullable Future<?> lastEnd;

    NettyEventLoop(Resolver resolver, String name, LoopClients clients) {
        this.resolver = resolver;
        this.name = name;
        this.clients = clients;
    }

    /** One of Netty's loops, with the thread it has for its life. */
    private static final class Running extends SingleThreadIoEventLoop {
        private final @Nullable Future<?> before;
        /** Whether somebody looks when it may end. */
        private boolean watched;

        Running(NettyEventLoop of, @Nullable Future<?> before) {
            super(null, threads(of), NioIoHandler.newFactory());
            this.before = before;
        }

        private static ThreadFactory threads(NettyEventLoop of) {
            return task -> Workers.daemon(new LoopThread(of, task));
        }

        @Override
        protected void run() {
            if (before != null) {
                before.awaitUninterruptibly();
            }
            boolean over = false;
            while (!over) {
                try {
                    super.run();
                    over = true;
                } catch (Throwable e) {
                    EventLoops.report("an event loop goes on after a mistake", e);
                }
            }
        }

        /** Netty does that when the end comes from outside, but not before a loop that ends itself at once. */
        void closeChannels() {
            ioHandler().prepareToDestroy();
        }
    }

    private static final class LoopThread extends FastThreadLocalThread implements EventLoops.IoThread {
        final NettyEventLoop loop;

        LoopThread(NettyEventLoop loop, Runnable task) {
            super(task, loop.name);
            this.loop = loop;
        }
    }

    @Override
    public synchronized void join() {
        clients.join();
        boolean joined = false;
        try {
            // Starts the thread, if that is possible.
            running().execute(() -> {});
            joined = true;
        } finally {
            if (!joined) {
                leave();
            }
        }
    }

    @Override
    public synchronized void leave() {
        Running of = running;
        if (clients.leave() && of != null) {
            watch(of);
            rehearseEnd();
        }
    }

    /**
     * Ends one of Netty's loops for practice, once. Who has closed the last client may close the class loader next, and then nothing can
     * be loaded any more: a thread whose end needs a class for the first time would end with an error, and leave its memory behind.
     */
    private void rehearseEnd() {
        synchronized (REHEARSAL) {
            if (REHEARSAL.compareAndSet(false, true)) {
                Running practice = new Running(this, null);
                practice.execute(() -> {
                    ByteBufAllocator.DEFAULT.directBuffer(PRACTICE_BYTES).release();
                    ByteBufAllocator.DEFAULT.heapBuffer(PRACTICE_BYTES).release();
                });
                boolean unused = practice.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS)
                        .awaitUninterruptibly(PRACTICE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    /** Under the lock. */
    private void watch(Running of) {
        if (!of.watched) {
            Future<?> unused = of.schedule(() -> end(of), Math.max(0, clients.restNanos()), TimeUnit.NANOSECONDS);
            of.watched = true;
        }
    }

    private synchronized Running running() {
        Running now = running;
        if (now == null) {
            now = new Running(this, lastEnd);
            running = now;
            if (clients.restNanos() != LoopClients.NO_REST) {
                watch(now);
            }
        }
        return now;
    }

    /**
     * On the loop's thread: ends it, if there have been no clients for long enough. A channel that is left by then was on its way to be
     * closed, and is closed with the loop.
     */
    private synchronized void end(Running of) {
        of.watched = false;
        long rest = clients.restNanos();
        if (rest == LoopClients.NO_REST) {
            return;
        }
        if (rest > 0) {
            Future<?> unused = of.schedule(() -> end(of), rest, TimeUnit.NANOSECONDS);
            of.watched = true;
            return;
        }
        running = null;
        of.closeChannels();
        // What it has been given runs first; what is given to it from now on is rejected, and goes to the next.
        lastEnd = of.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
    }

    /** Does something with the loop that runs, which may have ended when that happens: then with the next. */
    private <T> T with(Function<Running, T> use) {
        clients.used();
        while (true) {
            Running now = running;
            if (now == null) {
                now = running();
            }
            try {
                return use.apply(now);
            } catch (RejectedExecutionException e) {
                if (now == running) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        Running unused = with(now -> {
            now.execute(task);
            return now;
        });
    }

    @Override
    public boolean inEventLoop() {
        return Thread.currentThread() instanceof LoopThread at && at.loop == this;
    }

    @Override
    public Runnable schedule(Runnable task, long delayNanos) {
        ScheduledFuture<?> scheduled = with(now -> now.schedule(task, delayNanos, TimeUnit.NANOSECONDS));
        return () -> scheduled.cancel(false);
    }

    @Override
    public Resolver resolver() {
        return resolver;
    }

    @Override
    public Candidate candidate(Attempt attempt, InetAddress address, @Nullable SslContext tls) throws IOException {
        Channel channel;
        try {
            channel = Pipelines.newChannel();
        } catch (RuntimeException e) {
            throw new IOException(Failures.words(e), e);
        }
        NettyConnection connection = new NettyConnection(running(), channel, attempt, address);
        Pipelines.assemble(channel, attempt.target(), tls, connection);
        return connection;
    }
}
