package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A connection on one of the JDK's channels: plain TCP. It keeps no memory while it has nothing to send.
 *
 * <p>It is closed in three steps: what was written is sent; this side of the connection is shut down and the handler told; what the
 * peer still sends is thrown away until it closes, too. Closing at once would answer bytes that nobody has read with a reset, upon
 * which the peer may drop what it has not read: a DISCONNECT, for one.
 */
final class SocketConnection implements Candidate {
    /** So many chunks are read before other connections get their turn. */
    private static final int MOST_READS = 16;
    /** Where there is more, reads become larger. */
    private static final int FIRST_READ = 64 * 1024;

    /** Never added to. */
    private static final ArrayDeque<ByteBuffer> NOTHING = new ArrayDeque<>(0);

    private final SocketEventLoop loop;
    private final SocketChannel channel;
    private final String host;
    private final InetSocketAddress remote;
    private final ConnectionHandler handler;
    private @Nullable Opening opening;
    private @Nullable SelectionKey key;

    /** Written and not yet given back. The last {@link #dropped} of them never went to the network. */
    private ArrayDeque<ByteBuffer> unsent = NOTHING;

    private int dropped;
    /** How many bytes of the first of them have been sent. */
    private int sentOfFirst;
    /** How many bytes have been sent at all. */
    private long sent;

    private boolean flushing;
    /** The network takes no more for now. */
    private boolean blocked;

    private boolean paused;
    private boolean failed;
    private boolean closing;
    private boolean told;
    private @Nullable Throwable cause;
    private @Nullable Runnable cancelLinger;
    private int lingers;
    private long unsentBytes = Long.MAX_VALUE;

    SocketConnection(
            SocketEventLoop loop, Opening opening, Target target, InetAddress address, ConnectionHandler handler)
            throws IOException {
        this.loop = loop;
        this.channel = SocketChannel.open();
        this.host = target.host();
        this.remote = loop.remote(address, target.port());
        this.handler = handler;
        this.opening = opening;
    }

    @Override
    public void connect() {
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            boolean connected = channel.connect(remote);
            key = loop.register(channel, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, this);
            if (connected) {
                connected();
            }
        } catch (IOException | RuntimeException e) {
            openingFailed(e);
        }
    }

    private void connected() {
        if (opening != null) {
            opening.succeeded(this);
        }
    }

    private void openingFailed(Throwable failure) {
        if (opening != null) {
            opening.failed(this, failure);
        }
    }

    @Override
    public String address() {
        return remote.getAddress().getHostAddress();
    }

    @Override
    public boolean isConnected() {
        return channel.isConnected();
    }

    @Override
    public void open() {
        opening = null;
        handler.opened(this);
    }

    @Override
    public void abandon() {
        opening = null;
        closing = true;
        told = true;
        closeNow();
    }

    /** The selector has found something that can be done. */
    void ready() {
        try {
            if (key != null && key.isValid() && key.isConnectable() && channel.finishConnect()) {
                interested();
                connected();
            }
            if (key != null && key.isValid() && key.isWritable()) {
                blocked = false;
                interested();
                long before = sent;
                flush();
                if (sent > before && blocked && !closing) {
                    handler.progressed();
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
        if (opening != null) {
            openingFailed(failure);
        } else {
            lost(failure);
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
            if (count > 0 && !closing) {
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
    private void received(ByteBuffer bytes) {
        try {
            handler.received(bytes);
        } finally {
            if (!closing) {
                handler.receivedAll();
            }
        }
    }

    @Override
    public void write(ByteBuffer bytes, boolean last) {
        if (last && unsent == NOTHING && !failed && !closing && sendsAtOnce(bytes)) {
            handler.written(bytes);
            return;
        }
        if (unsent == NOTHING) {
            unsent = new ArrayDeque<>(2);
        }
        unsent.add(bytes);
        if (closing) {
            dropped++;
            giveBackDropped();
        } else if (last) {
            flush();
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

    private void giveBackDropped() {
        while (dropped > 0 && unsent.size() == dropped) {
            dropped--;
            handler.written(unsent.remove());
        }
    }

    private void flush() {
        if (flushing || blocked || failed) {
            return;
        }
        flushing = true;
        try {
            while (!blocked && unsent.size() > dropped) {
                sent(loop.gathering);
            }
        } catch (IOException e) {
            brokenOff(e);
        } finally {
            flushing = false;
        }
        if (!failed && unsent.size() == dropped) {
            giveBackDropped();
            if (unsent.isEmpty()) {
                unsent = NOTHING;
            }
            if (closing) {
                shutDown();
            }
        }
    }

    /** Not closed at once, in the middle of what the handler does. */
    private void brokenOff(IOException cause) {
        failed = true;
        lost(cause);
        loop.execute(this::closeNow);
    }

    private void sent(Gathering gathering) throws IOException {
        blocked = !gathering.write(channel, unsent, unsent.size() - dropped, sentOfFirst);
        if (blocked) {
            interested();
        }
        sentOfFirst += gathering.written();
        sent += gathering.written();
        for (ByteBuffer first = unsent.peek();
                unsent.size() > dropped && sentOfFirst >= first.remaining();
                first = unsent.peek()) {
            sentOfFirst -= first.remaining();
            handler.written(unsent.remove());
        }
    }

    @Override
    public long sent() {
        return sent;
    }

    @Override
    public void pause(boolean paused) {
        if (!closing && paused != this.paused) {
            this.paused = paused;
            interested();
        }
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        pause(false);
        closing = true;
        flush();
        linger();
        if (unsent.isEmpty()) {
            shutDown();
        }
    }

    private void linger() {
        long bytes = -sentOfFirst;
        for (ByteBuffer buffer : unsent) {
            bytes += buffer.remaining();
        }
        if (bytes < unsentBytes && lingers++ < LINGERS) {
            unsentBytes = bytes;
            cancelLinger = loop.schedule(this::linger, LINGER_NANOS);
        } else {
            closeNow();
        }
    }

    private void shutDown() {
        if (!told && !failed) {
            try {
                channel.shutdownOutput();
                tell();
            } catch (IOException e) {
                closeNow();
            }
        }
    }

    /** Without waiting for anything that is still to be sent. */
    void closeNow() {
        failed = true;
        if (cancelLinger != null) {
            cancelLinger.run();
        }
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone all the same.
        }
        dropped = 0;
        try {
            while (!unsent.isEmpty()) {
                handler.written(unsent.remove());
            }
        } finally {
            tell();
        }
    }

    /** What went wrong, or null as long as nothing has. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    private void lost(Throwable failure) {
        if (cause == null && !closing) {
            cause = failure;
        }
    }

    private void tell() {
        if (!told) {
            told = true;
            closing = true;
            handler.closed(cause == null ? null : Failures.lost(host, remote.getPort(), address(), cause));
        }
    }
}
