package io.hawser.client.transport;

import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One of Netty's event loops. */
final class NettyEventLoop implements EventLoop {
    private final io.netty.channel.EventLoop loop;
    private final Resolver resolver;

    NettyEventLoop(io.netty.channel.EventLoop loop, Resolver resolver) {
        this.loop = loop;
        this.resolver = resolver;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public boolean inEventLoop() {
        return loop.inEventLoop();
    }

    @Override
    public Runnable schedule(Runnable task, long delayNanos) {
        ScheduledFuture<?> scheduled = loop.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public Runnable connect(Target target, ConnectionHandler handler) {
        Attempt attempt = new Attempt(loop, resolver, target, handler);
        loop.execute(attempt::start);
        return attempt::cancel;
    }
}
