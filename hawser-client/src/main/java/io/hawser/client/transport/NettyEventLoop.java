package io.hawser.client.transport;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One of Netty's event loops. */
final class NettyEventLoop implements Opener {
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
        NettyConnection connection = new NettyConnection(loop, channel, attempt, address);
        Pipelines.assemble(channel, attempt.target(), tls, connection);
        return connection;
    }
}
