package io.hawser.client.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection on one of Netty's channels, at the inner end of its pipeline.
 *
 * <p>It is closed in three steps: what was written is sent; this side of the connection is shut down and the handler
 * told; what the peer still sends is thrown away until it closes, too. Closing at once would answer bytes that nobody
 * has read with a reset, upon which the peer may drop what it has not read: a DISCONNECT, for one.
 */
final class NettyConnection extends ChannelInboundHandlerAdapter implements Candidate {
    /** So much is given to the channel at once: what the network takes of a large message shows, and little of it is copied. */
    private static final int PART = 64 * 1024;

    private final EventLoop loop;
    private final Channel channel;
    private final Target target;
    private final InetAddress address;
    private final ConnectionHandler handler;
    private @Nullable Attempt attempt;

    /** Written and not yet given back. The last {@link #dropped} of them never went to the channel. */
    private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>(4);

    private int dropped;
    /**
     * What the channel has not been given yet, at the end of {@link #unsent} and before what is dropped: as long as the network takes
     * nothing, TLS would only keep a second copy of it.
     */
    private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>(4);

    /** How many bytes of the first that waits the channel has been given. */
    private int givenOfFirst;
    /** How many bytes of the first that is unsent have been sent in parts. */
    private int sentOfFirst;

    private long sent;
    private boolean giving;
    private final ChannelFutureListener whenSent = this::sent;
    private final ChannelFutureListener whenPartSent = this::partSent;

    private boolean read;
    private boolean closing;
    private boolean told;
    private @Nullable Throwable cause;
    private @Nullable Future<?> linger;
    private int lingers;
    private long unsentBytes = Long.MAX_VALUE;

    NettyConnection(EventLoop loop, Channel channel, Attempt attempt, InetAddress address) {
        this.loop = loop;
        this.channel = channel;
        this.target = attempt.target();
        this.address = address;
        this.handler = attempt.handler();
        this.attempt = attempt;
    }

    @Override
    public void connect() {
        loop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(new InetSocketAddress(address, target.port())).addListener(this::failedUnlessDone);
            } else {
                failedUnlessDone(registered);
            }
        });
    }

    private void failedUnlessDone(Future<?> done) {
        Throwable failure = done.cause();
        if (failure != null) {
            openingFailed(failure);
        }
    }

    @Override
    public String address() {
        return address.getHostAddress();
    }

    @Override
    public boolean isConnected() {
        return channel.isActive();
    }

    @Override
    public void open() {
        attempt = null;
        handler.opened(this);
    }

    @Override
    public void abandon() {
        attempt = null;
        closing = true;
        told = true;
        closeNow();
    }

    @Override
    public void write(ByteBuffer bytes, boolean last) {
        unsent.add(bytes);
        if (closing) {
            dropped++;
            giveBackDropped();
            return;
        }
        waiting.add(bytes);
        if (last) {
            give();
        }
    }

    /** Gives the channel what waits, in parts, as long as it passes them on. */
    private void give() {
        if (giving) {
            return;
        }
        giving = true;
        try {
            int unflushed = 0;
            for (ByteBuffer first = waiting.peek(); first != null && channel.isWritable(); first = waiting.peek()) {
                int rest = first.remaining() - givenOfFirst;
                int part = Math.min(rest, PART);
                ByteBuffer bytes = first.duplicate();
                bytes.position(first.position() + givenOfFirst).limit(bytes.position() + part);
                givenOfFirst += part;
                if (part == rest) {
                    waiting.remove();
                    givenOfFirst = 0;
                }
                channel.write(Unpooled.wrappedBuffer(bytes)).addListener(part == rest ? whenSent : whenPartSent);
                unflushed += part;
                if (unflushed >= PART) {
                    unflushed = 0;
                    channel.flush();
                }
            }
            channel.flush();
        } finally {
            giving = false;
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable() && !waiting.isEmpty()) {
            if (giving) {
                // The rest of this turn's flush comes first.
                loop.execute(this::give);
            } else {
                give();
            }
        }
    }

    @Override
    public long sent() {
        return sent;
    }

    private void partSent(ChannelFuture done) {
        if (done.isSuccess()) {
            sent += PART;
            sentOfFirst += PART;
            if (!closing) {
                handler.progressed();
            }
        }
    }

    private void sent(ChannelFuture done) {
        Throwable failure = done.cause();
        if (failure != null && !(failure instanceof ClosedChannelException)) {
            lost(failure);
        }
        ByteBuffer bytes = unsent.poll();
        if (bytes == null) {
            return;
        }
        sent += bytes.remaining() - sentOfFirst;
        sentOfFirst = 0;
        handler.written(bytes);
        giveBackDropped();
        if (closing && unsent.isEmpty()) {
            shutDown();
        }
    }

    private void giveBackDropped() {
        while (dropped > 0 && unsent.size() == dropped) {
            dropped--;
            handler.written(unsent.remove());
        }
    }

    @Override
    public void pause(boolean paused) {
        if (!closing) {
            channel.config().setAutoRead(!paused);
        }
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        channel.config().setAutoRead(true);
        give();
        linger();
        if (unsent.isEmpty()) {
            shutDown();
        }
    }

    private void linger() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long bytes = (buffer == null ? 0 : buffer.totalPendingWriteBytes() - buffer.currentProgress()) - givenOfFirst;
        for (ByteBuffer piece : waiting) {
            bytes += piece.remaining();
        }
        if (bytes < unsentBytes && lingers++ < LINGERS) {
            unsentBytes = bytes;
            linger = channel.eventLoop().schedule(this::linger, LINGER_NANOS, TimeUnit.NANOSECONDS);
        } else {
            closeNow();
        }
    }

    private void shutDown() {
        if (told) {
            return;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            shutDownOutput();
        } else {
            tls.closeOutbound().addListener(notified -> shutDownOutput());
        }
    }

    private void shutDownOutput() {
        ((DuplexChannel) channel).shutdownOutput().addListener(shut -> {
            if (shut.isSuccess()) {
                tell();
            } else {
                closeNow();
            }
        });
    }

    /** Past TLS, which would wait for its farewell to be sent. */
    private void closeNow() {
        ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
        if (channel.isRegistered()) {
            ChannelFuture unused = tls == null ? channel.close() : tls.close();
        } else {
            channel.unsafe().closeForcibly();
        }
    }

    private void lost(Throwable failure) {
        if (cause == null && !closing) {
            cause = failure;
        }
    }

    private void tell() {
        if (told) {
            return;
        }
        told = true;
        closing = true;
        handler.closed(cause == null ? null : Failures.lost(target.host(), target.port(), address(), cause));
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (attempt != null && target.tls() == null) {
            attempt.opened(this);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (attempt != null && event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                attempt.opened(this);
            } else {
                openingFailed(handshake.cause());
            }
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!closing) {
                read = true;
                handler.received(bytes.nioBuffer());
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (read) {
            read = false;
            if (!closing) {
                handler.receivedAll();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (linger != null) {
            linger.cancel(false);
        }
        if (attempt != null) {
            openingFailed(new IOException("closed by the peer"));
        }
        waiting.clear();
        dropped = 0;
        try {
            for (ByteBuffer piece = unsent.poll(); piece != null; piece = unsent.poll()) {
                handler.written(piece);
            }
        } finally {
            tell();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        if (attempt != null) {
            openingFailed(failure);
        } else {
            lost(failure);
            closeNow();
        }
    }

    private void openingFailed(Throwable failure) {
        if (attempt != null) {
            attempt.failed(this, failure);
        }
    }
}
