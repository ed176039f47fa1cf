package io.hawser.client.transport;

import io.hawser.mqtt.ConnectionException;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens one connection: looks the name up, then tries one address after the other until one is open, TLS included. Each
 * address may use an equal share of the time that is left, so that one that never answers leaves time for the others.
 *
 * <p>Lives on its event loop; only {@link #cancel} may be called from anywhere.
 */
final class Attempt {
    private static final InetAddress[] NONE = {};

    private final EventLoop loop;
    private final Resolver resolver;
    private final Target target;
    private final ConnectionHandler handler;
    private final long deadlineNanos;

    private @Nullable SslContext tls;
    private InetAddress[] addresses = NONE;
    private int tried;
    /** What is being opened or, when it is all over, what it led to. */
    private @Nullable NettyConnection current;

    private @Nullable Future<?> timer;
    private final StringBuilder failures = new StringBuilder();
    private @Nullable Throwable cause;
    private boolean over;

    Attempt(EventLoop loop, Resolver resolver, Target target, ConnectionHandler handler) {
        this.loop = loop;
        this.resolver = resolver;
        this.target = target;
        this.handler = handler;
        this.deadlineNanos = System.nanoTime() + target.timeoutNanos();
    }

    void start() {
        if (over) {
            return;
        }
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(target.host());
        if (literal != null && target.tls() == null) {
            try {
                prepared(null, new InetAddress[] {InetAddress.getByAddress(literal)});
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
            return;
        }
        timer = loop.schedule(this::lookupTimedOut, target.timeoutNanos(), TimeUnit.NANOSECONDS);
        Workers.LOOKUP.execute(this::prepare);
    }

    /** Off the loop, since both the lookup and the platform's trust store block. */
    private void prepare() {
        try {
            TlsSettings settings = target.tls();
            SslContext context = settings == null ? null : TlsContexts.of(settings);
            InetAddress[] found = resolver.resolve(target.host());
            loop.execute(() -> prepared(context, found));
        } catch (UnknownHostException e) {
            loop.execute(() -> giveUp("no address is known for this name", e));
        } catch (RuntimeException e) {
            loop.execute(() -> giveUp(Failures.words(e), e));
        }
    }

    private void prepared(@Nullable SslContext context, InetAddress[] found) {
        if (!over) {
            tls = context;
            addresses = found;
            tryNext();
        }
    }

    private void lookupTimedOut() {
        giveUp("looking up the name took longer than " + Failures.time(target.timeoutNanos()), null);
    }

    private void tryNext() {
        stopTimer();
        if (tried == addresses.length) {
            giveUp(addresses.length == 0 ? "no address is known for this name" : failures.toString(), cause);
            return;
        }
        long left = deadlineNanos - System.nanoTime();
        long share = left / (addresses.length - tried);
        InetAddress address = addresses[tried++];
        Channel channel;
        try {
            channel = Pipelines.newChannel();
        } catch (RuntimeException e) {
            // No socket was to be had; another address will not change that.
            giveUp(Failures.words(e), e);
            return;
        }
        NettyConnection connection = new NettyConnection(channel, target, address, handler, this);
        current = connection;
        timer = loop.schedule(() -> timedOut(connection, share), share, TimeUnit.NANOSECONDS);
        Pipelines.assemble(channel, target, tls, connection);
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(new InetSocketAddress(address, target.port()))
                        .addListener(connected -> failedIfNot(connected, connection));
            } else {
                failedIfNot(registered, connection);
            }
        });
    }

    private void failedIfNot(Future<?> done, NettyConnection connection) {
        Throwable failure = done.cause();
        if (failure != null) {
            failed(connection, Failures.words(failure), failure);
        }
    }

    private void timedOut(NettyConnection connection, long share) {
        String stage = connection.isConnected() ? "the TLS handshake did not end" : "no answer";
        long waited = addresses.length == 1 ? target.timeoutNanos() : share;
        failed(connection, stage + " within " + Failures.time(waited), null);
    }

    /** Called by the connection, or for it, when it could not be opened. */
    void failed(NettyConnection connection, String words, @Nullable Throwable failure) {
        if (over || connection != current) {
            return;
        }
        current = null;
        connection.abandon();
        if (failures.length() > 0) {
            failures.append("; ");
        }
        String address = connection.address();
        failures.append(address.equals(target.host()) ? "" : address + ": ").append(words);
        if (cause == null) {
            cause = failure;
        } else if (failure != null && failure != cause) {
            cause.addSuppressed(failure);
        }
        tryNext();
    }

    /** Called by the connection when it is open. */
    void opened(NettyConnection connection) {
        if (over || connection != current) {
            return;
        }
        over = true;
        stopTimer();
        addresses = NONE;
        connection.open();
    }

    private void giveUp(String reason, @Nullable Throwable failure) {
        if (over) {
            return;
        }
        over = true;
        stopTimer();
        current = null;
        handler.closed(new ConnectionException("cannot connect to " + Failures.name(target) + ": " + reason, failure));
    }

    /** Closes whatever there is by now. */
    void cancel() {
        if (!loop.inEventLoop()) {
            loop.execute(this::cancel);
        } else if (!over) {
            over = true;
            stopTimer();
            if (current != null) {
                current.abandon();
                current = null;
            }
            loop.execute(() -> handler.closed(null));
        } else if (current != null) {
            current.close();
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }
}
