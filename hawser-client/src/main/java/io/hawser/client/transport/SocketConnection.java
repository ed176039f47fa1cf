package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection on one of the JDK's channels: TCP, or a Unix domain socket. It keeps no memory while it has nothing to send.
 *
 * <p>It is closed in three steps: what was written is sent; this side of the connection is shut down and the handler told; what the
 * peer still sends is thrown away until it closes, too. Closing at once would answer bytes that nobody has read with a reset, upon
 * which the peer may drop what it has not read: a DISCONNECT, for one.
 */
final class SocketConnection extends Layer {
    /** So many chunks are read before other connections get their turn. */
    private static final int MOST_READS = 16;
    /** Where there is more, reads become larger. */
    private static final int FIRST_READ = 64 * 1024;

    private final SocketChannel channel;
    private final SocketAddress remote;
    private @Nullable SelectionKey key;

    /** How many bytes of the first buffer that waits have been sent. */
    private int sentOfFirst;
    /** How many bytes have been sent at all. */
    private long sent;

    private boolean flushing;
    /** The network takes no more for now. */
    private boolean blocked;

    private boolean paused;
    private boolean failed;

    SocketConnection(SocketEventLoop loop, Target target, InetAddress address) throws IOException {
        super(loop, target);
        boolean isUnix = target.isUnix();
        // First what may be refused, for an open channel that nobody knows would stay open.
        this.remote = isUnix ? UnixDomainSocketAddress.of(target.host()) : loop.remote(address, target.firstPort());
        this.channel = isUnix ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
    }

    @Override
    void start() {
        try {
            channel.configureBlocking(false);
            if (!target.isUnix()) {
                target.tcp().apply(channel);
            }
            boolean connected = channel.connect(remote);
            key = loop.register(channel, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (connected) {
                openingSucceeded();
            }
        } catch (IOException | RuntimeException e) {
            openingFailed(e);
        }
    }

    @Override
    public String address() {
        return remote instanceof InetSocketAddress tcp ? tcp.getAddress().getHostAddress() : target.host();
    }

    @Override
    String awaited() {
        ProxySettings proxy = target.proxy();
        return target.isUnix()
                ? "no connection"
                : "no TCP connection" + (proxy == null ? "" : " to the " + proxy.name());
    }

    @Override
    boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    void release() {
        closeNow();
    }

    /** The selector has found something that can be done. */
    void ready() {
        try {
            if (key != null && key.isValid() && key.isConnectable() && channel.finishConnect()) {
                interested();
                openingSucceeded();
            }
            if (key != null && key.isValid() && key.isWritable()) {
                blocked = false;
                interested();
                long before = sent;
                flush();
                if (sent > before && blocked && !isClosing()) {
                    handler().progressed();
                }
            }
            if (key != null && key.isValid() && key.isReadable()) {
                read();
            }
        } catch (Throwable e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        if (isOpening()) {
            openingFailed(failure);
        } else {
            lost(failure);
            if (waiting() > 0) {
                giveUp(Failures.words(failure));
            }
            closeNow();
        }
    }

    private void interested() {
        if (key != null && key.isValid()) {
            key.interestOps((paused ? 0 : SelectionKey.OP_READ) | (blocked ? SelectionKey.OP_WRITE : 0));
        }
    }

    private void read() throws IOException {
        ByteBuffer chunk = loop.chunk;
        int size = FIRST_READ;
        for (int i = 0; i < MOST_READS && !paused && channel.isOpen(); i++) {
            int count = channel.read(chunk.clear().limit(size));
            if (count > 0 && !isClosing()) {
                received(chunk.flip());
            }
            if (count < 0) {
                closeNow();
            }
            if (count < size) {
                return;
            }
            size = chunk.capacity();
        }
    }

    /** What came is handed on before the next is read: handlers and acknowledgements need not wait for that. */
    private void received(ByteBuffer bytes) throws IOException {
        requireMqtt(bytes);
        try {
            handler().received(bytes);
        } finally {
            if (!isClosing()) {
                handler().receivedAll();
            }
        }
    }

    @Override
    public void write(ByteBuffer bytes, boolean last) {
        if (last && unsent().isEmpty() && !failed && !isClosing() && sendsAtOnce(bytes)) {
            handler().written(bytes);
        } else {
            super.write(bytes, last);
        }
    }

    /** What is written most: one buffer, of which the network takes all; it needs no queue then. */
    private boolean sendsAtOnce(ByteBuffer bytes) {
        int position = bytes.position();
        int size = bytes.remaining();
        if (!bytes.isDirect() || size == 0) {
            return false;
        }
        try {
            sentOfFirst = channel.write(bytes);
            sent += sentOfFirst;
        } catch (IOException e) {
            brokenOff(e);
        }
        bytes.position(position);
        if (sentOfFirst < size) {
            return false;
        }
        sentOfFirst = 0;
        return true;
    }

    @Override
    void flush() {
        if (flushing || blocked || failed) {
            return;
        }
        flushing = true;
        try {
            while (!blocked && waiting() > 0) {
                sent(loop.gathering);
            }
        } catch (IOException e) {
            brokenOff(e);
        } finally {
            flushing = false;
        }
        if (!failed && waiting() == 0) {
            giveBackDropped();
            releaseQueue();
            if (isClosing()) {
                shutDown();
            }
        }
    }

    /** Not closed at once, in the middle of what the handler does. */
    private void brokenOff(IOException cause) {
        failed = true;
        lost(cause);
        giveUp(Failures.words(cause));
        loop.execute(this::closeNow);
    }

    private void sent(Gathering gathering) throws IOException {
        blocked = !gathering.write(channel, unsent(), waiting(), sentOfFirst);
        if (blocked) {
            interested();
        }
        sentOfFirst += gathering.written();
        sent += gathering.written();
        for (ByteBuffer first = unsent().peek();
                first != null && waiting() > 0 && sentOfFirst >= first.remaining();
                first = unsent().peek()) {
            sentOfFirst -= first.remaining();
            giveBackFirst();
        }
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    long moved() {
        return sent;
    }

    @Override
    long sentOfUnsent() {
        return sentOfFirst;
    }

    @Override
    long heldBySystem() {
        try {
            return Math.min(sent, channel.getOption(StandardSocketOptions.SO_SNDBUF));
        } catch (IOException e) {
            return sent;
        }
    }

    @Override
    public void pause(boolean paused) {
        if (!isClosing() && paused != this.paused) {
            this.paused = paused;
            interested();
        }
    }

    private void shutDown() {
        if (!isTold() && !failed) {
            try {
                channel.shutdownOutput();
                tell(null);
            } catch (IOException e) {
                closeNow();
            }
        }
    }

    @Override
    void closeNow() {
        failed = true;
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone all the same.
        }
        ended(null);
        tellGone();
    }
}
