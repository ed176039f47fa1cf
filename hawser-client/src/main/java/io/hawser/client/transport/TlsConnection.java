package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS as a filter over bytes: a connection to its client, and the handler of the connection to the network beneath it.
 *
 * <p>Records are made and read in memory that all connections of the loop share ({@link TlsBuffers}); a connection keeps the
 * record that has come in part and, while the network takes no more, one buffer of records. What more is written waits as it
 * is: nothing is enciphered before the network has taken the records before it.
 *
 * <p>The reckoning of a handshake runs on {@link Workers#HANDSHAKE}; nothing is read meanwhile.
 */
final class TlsConnection implements Candidate, Opening, ConnectionHandler {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
    private static final ByteBuffer[] NOTHING = {EMPTY};
    /** Content type, version and length: RFC 8446, section 5.1. */
    private static final int HEADER = 5;

    private static final int LENGTH_AT = 3;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;

    private final SocketEventLoop loop;
    private final Target target;
    private final ConnectionHandler handler;
    private final SSLEngine engine;
    private final SocketConnection network;
    /** Who waits for the end of the handshake; null when it is over. */
    private @Nullable Opening opening;

    /** Received and not read: a record that has come in part, or what came while the handshake was being reckoned. */
    private ByteBuffer unread = EMPTY;

    /** Whether the connection beneath is open. */
    private boolean isOpen;

    private boolean firstBytes = true;
    private boolean reckoning;
    private boolean paused;
    private boolean delivered;

    /** Written and not yet given back. The last {@link #dropped} of them are never sent. */
    private final ArrayDeque<ByteBuffer> unsent = new ArrayDeque<>(2);

    private int dropped;
    /** How many of them, the first, are wholly in the records that the network is taking. */
    private int enciphered;
    /** How many bytes of the one behind those are in records, of now or before. */
    private int encipheredOfNext;
    /** The bytes of the records that the network is taking, and what it had taken before. */
    private int recordBytes;

    private long networkBefore;
    /** How many bytes that were written are in them, and how many were sent before. */
    private int bytesInRecords;

    private long sentBefore;
    private boolean sending;

    private boolean closing;
    private boolean told;
    private @Nullable Throwable cause;
    private @Nullable Runnable cancelLinger;
    private int lingers;
    private long sentAtLinger = -1;

    TlsConnection(
            SocketEventLoop loop,
            Opening opening,
            Target target,
            InetAddress address,
            ConnectionHandler handler,
            SSLEngine engine)
            throws IOException {
        this.loop = loop;
        this.opening = opening;
        this.target = target;
        this.handler = handler;
        this.engine = engine;
        this.network = new SocketConnection(loop, this, target, address, this);
    }

    @Override
    public void connect() {
        network.connect();
    }

    @Override
    public void succeeded(Candidate below) {
        below.open();
    }

    @Override
    public void failed(Candidate below, Throwable failure) {
        if (opening != null) {
            opening.failed(this, failure);
        }
    }

    @Override
    public void opened(Connection below) {
        isOpen = true;
        // Choosing keys is most of the work of a handshake.
        reckon(engine::beginHandshake);
    }

    @Override
    public void open() {
        opening = null;
        handler.opened(this);
    }

    @Override
    public void abandon() {
        opening = null;
        told = true;
        closing = true;
        if (isOpen) {
            sayGoodbye();
            network.close();
        } else {
            network.abandon();
        }
    }

    @Override
    public String address() {
        return network.address();
    }

    @Override
    public boolean isConnected() {
        return network.isConnected();
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (closing) {
            return;
        }
        try {
            if (firstBytes) {
                firstBytes = false;
                requireRecord(bytes);
            }
            complete(bytes);
            readUnread();
            if (!unread.hasRemaining()) {
                decipher(bytes);
            }
            keep(bytes);
            goOn();
        } catch (SSLException | RuntimeException e) {
            broken(e);
        }
    }

    private static void requireRecord(ByteBuffer bytes) throws NotTlsException {
        int type = bytes.get(bytes.position());
        if (type != ALERT && type != HANDSHAKE) {
            throw new NotTlsException();
        }
    }

    /** How many bytes the record at the beginning has, as far as that has come. */
    private static int recordSize(ByteBuffer from) {
        int length = from.position() + LENGTH_AT;
        return from.remaining() < HEADER
                ? HEADER
                : HEADER + ((from.get(length) & 0xff) << 8 | from.get(length + 1) & 0xff);
    }

    /** Takes what the record lacks that has come in part; everything behind it need not be copied. */
    private void complete(ByteBuffer bytes) {
        while (unread.hasRemaining() && bytes.hasRemaining()) {
            int lacking = recordSize(unread) - unread.remaining();
            if (lacking <= 0) {
                return;
            }
            int count = Math.min(lacking, bytes.remaining());
            add(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
        }
    }

    private void readUnread() throws SSLException {
        if (unread.hasRemaining()) {
            decipher(unread);
            if (!unread.hasRemaining()) {
                unread = EMPTY;
            }
        }
    }

    private void keep(ByteBuffer bytes) {
        if (bytes.hasRemaining() && !closing) {
            add(bytes);
        }
    }

    private void add(ByteBuffer bytes) {
        int size = unread.remaining() + bytes.remaining();
        if (unread.position() + size > unread.capacity()) {
            int record = recordSize(unread.hasRemaining() ? unread : bytes);
            unread = ByteBuffer.allocate(Math.max(size, record)).put(unread).flip();
        }
        int end = unread.limit();
        unread.limit(end + bytes.remaining());
        unread.put(end, bytes, bytes.position(), bytes.remaining());
    }

    /** Reads whole records, as long as that has not to wait for anything. */
    private void decipher(ByteBuffer from) throws SSLException {
        ByteBuffer text = loop.tls().text();
        boolean whole = true;
        while (whole && from.hasRemaining() && !reckoning && !closing && !engine.isInboundDone()) {
            SSLEngineResult result = engine.unwrap(from, text);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                if (text.position() == 0) {
                    throw new SSLException("a record is larger than TLS allows");
                }
                deliver(text);
            } else if (result.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                deliver(text);
                handshake();
            }
            whole = result.getStatus() != Status.BUFFER_UNDERFLOW;
        }
        deliver(text);
    }

    private void deliver(ByteBuffer text) {
        if (text.position() > 0) {
            text.flip();
            try {
                if (!closing) {
                    delivered = true;
                    handler.received(text);
                }
            } finally {
                text.clear();
            }
        }
    }

    /** Does what the engine asks for. */
    private void handshake() throws SSLException {
        while (!reckoning && !closing) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NOT_HANDSHAKING) {
                if (opening != null) {
                    opening.succeeded(this);
                }
                return;
            }
            requireNoRenegotiation();
            if (status == HandshakeStatus.NEED_TASK) {
                reckon(this::runTasks);
            } else if (status != HandshakeStatus.NEED_WRAP || !sendRecord()) {
                return;
            }
        }
    }

    /** TLS 1.3 has none, and what it has instead is new keys and tickets. */
    private void requireNoRenegotiation() throws SSLException {
        if (opening == null
                && !engine.isInboundDone()
                && engine.getSession().getProtocol().equals("TLSv1.2")) {
            throw new SSLException("the server asks for a new handshake, which is refused");
        }
    }

    /** What takes its time, and must not take that of the loop. */
    @FunctionalInterface
    private interface Reckoning {
        void run() throws SSLException;
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    private void reckon(Reckoning reckoning) {
        this.reckoning = true;
        network.pause(true);
        Workers.HANDSHAKE.execute(() -> {
            Throwable failure = null;
            try {
                reckoning.run();
            } catch (Throwable e) {
                failure = e;
            }
            Throwable failed = failure;
            loop.execute(() -> reckoned(failed));
        });
    }

    private void reckoned(@Nullable Throwable failure) {
        reckoning = false;
        if (closing) {
            return;
        }
        network.pause(paused);
        if (failure != null) {
            broken(failure);
            return;
        }
        try {
            handshake();
            readUnread();
            goOn();
        } catch (SSLException | RuntimeException e) {
            broken(e);
        }
        receivedAll();
    }

    /** Everything that has come is read. */
    private void goOn() throws SSLException {
        if (reckoning) {
            return;
        }
        if (engine.isInboundDone() && !closing) {
            endedByPeer();
        } else {
            send();
        }
    }

    /** The peer has said close_notify. */
    private void endedByPeer() {
        if (opening != null) {
            opening.failed(this, new ClosedChannelException());
            return;
        }
        closing = true;
        dropped = unsent.size() - enciphered;
        sayGoodbye();
        network.close();
    }

    @Override
    public void receivedAll() {
        if (delivered) {
            delivered = false;
            if (!closing) {
                handler.receivedAll();
            }
        }
    }

    @Override
    public void pause(boolean paused) {
        this.paused = paused;
        if (!closing && !reckoning) {
            network.pause(paused);
        }
    }

    @Override
    public void write(ByteBuffer bytes, boolean last) {
        unsent.add(bytes);
        if (closing) {
            dropped++;
            giveBackDropped();
        } else if (last) {
            sendOrBreak();
        }
    }

    private void sendOrBreak() {
        try {
            send();
        } catch (SSLException | RuntimeException e) {
            // Not closed at once, in the middle of what the handler does.
            loop.execute(() -> broken(e));
        }
    }

    /** Makes records of what waits, as long as the network takes them. */
    private void send() throws SSLException {
        if (sending || opening != null || reckoning) {
            return;
        }
        sending = true;
        try {
            while (recordBytes == 0 && unsent.size() > dropped) {
                sendRecords();
            }
        } finally {
            sending = false;
        }
        if (closing && !told && unsent.isEmpty()) {
            sayGoodbye();
            network.close();
        }
    }

    private void sendRecords() throws SSLException {
        TlsBuffers buffers = loop.tls();
        ByteBuffer records = buffers.takeRecords();
        ByteBuffer[] sources = buffers.sources(unsent, unsent.size() - dropped, encipheredOfNext);
        int count = buffers.sourceCount();
        long all = buffers.sourceBytes();
        int bytes = 0;
        try {
            boolean more = all > 0;
            while (more) {
                SSLEngineResult result = engine.wrap(sources, 0, count, records);
                bytes += result.bytesConsumed();
                if (records.position() == 0) {
                    throw new SSLException("the peer has ended the connection");
                }
                more = result.getStatus() == Status.OK && bytes < all;
            }
        } finally {
            buffers.restoreSources();
        }
        took(bytes);
        bytesInRecords = bytes;
        records.flip();
        recordBytes = records.remaining();
        networkBefore = network.sent();
        network.write(records, true);
    }

    private void took(int bytes) {
        int rest = bytes + encipheredOfNext;
        for (ByteBuffer buffer : unsent) {
            if (rest < buffer.remaining() || enciphered == unsent.size() - dropped) {
                break;
            }
            rest -= buffer.remaining();
            enciphered++;
        }
        encipheredOfNext = rest;
    }

    /** Sends a record without anything of the program's: a step of the handshake, an alert, new keys. Returns whether there was one. */
    private boolean sendRecord() throws SSLException {
        ByteBuffer records = loop.tls().takeRecords();
        int size = engine.wrap(NOTHING, records).bytesProduced();
        if (size == 0) {
            loop.tls().giveBack(records);
            return false;
        }
        recordBytes += size;
        network.write(records.flip(), true);
        return true;
    }

    @Override
    public void written(ByteBuffer records) {
        recordBytes -= records.remaining();
        loop.tls().giveBack(records);
        if (recordBytes > 0 || told) {
            return;
        }
        sentBefore += bytesInRecords;
        bytesInRecords = 0;
        for (; enciphered > 0; enciphered--) {
            handler.written(unsent.remove());
        }
        giveBackDropped();
        if (!sending) {
            sendOrBreak();
        }
    }

    private void giveBackDropped() {
        while (dropped > 0 && unsent.size() == dropped) {
            dropped--;
            handler.written(unsent.remove());
        }
    }

    @Override
    public void progressed() {
        if (!closing && opening == null) {
            handler.progressed();
        }
    }

    /** Of the records that the network is taking, the part that it has taken counts. */
    @Override
    public long sent() {
        long taken = Math.min(recordBytes, network.sent() - networkBefore);
        return recordBytes == 0 ? sentBefore : sentBefore + taken * bytesInRecords / recordBytes;
    }

    @Override
    public void close() {
        if (closing) {
            return;
        }
        pause(false);
        closing = true;
        linger();
        sendOrBreak();
    }

    /** As {@link SocketConnection} waits for what it has itself. */
    private void linger() {
        long sent = network.sent();
        if (unsent.isEmpty() || sent > sentAtLinger && lingers++ < LINGERS) {
            sentAtLinger = sent;
            cancelLinger = loop.schedule(this::linger, LINGER_NANOS);
        } else {
            network.closeNow();
        }
    }

    /** Sends close_notify, or the alert that tells what was wrong. */
    private void sayGoodbye() {
        engine.closeOutbound();
        try {
            boolean said = true;
            while (said && !engine.isOutboundDone()) {
                said = sendRecord();
            }
        } catch (SSLException | RuntimeException e) {
            // It cannot be said: the end of the connection says it.
        }
    }

    /** TLS has failed, or the handler: the peer hears of it if it can. */
    private void broken(Throwable failure) {
        if (opening != null) {
            opening.failed(this, failure);
        } else if (!told) {
            if (cause == null && !closing) {
                cause = failure;
            }
            closing = true;
            sayGoodbye();
            network.closeNow();
        }
    }

    @Override
    public void closed(@Nullable Throwable failure) {
        closing = true;
        if (cancelLinger != null) {
            cancelLinger.run();
        }
        if (opening != null) {
            Throwable why = network.cause();
            opening.failed(this, why == null ? new ClosedChannelException() : why);
        } else if (!told) {
            told = true;
            try {
                while (!unsent.isEmpty()) {
                    handler.written(unsent.remove());
                }
            } finally {
                handler.closed(cause == null ? failure : Failures.lost(target.host(), target.port(), address(), cause));
            }
        }
    }
}
