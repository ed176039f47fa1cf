package io.hawser.client.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS: the units of this filter are records, which the JDK's engine makes and reads.
 *
 * <p>The reckoning of a handshake runs on {@link Workers#HANDSHAKE}; the filter is suspended meanwhile.
 */
final class TlsFilter extends Filter {
    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};
    /** Content type, version and length: RFC 8446, section 5.1. */
    private static final int HEADER = 5;

    private static final int LENGTH_AT = 3;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;

    private final SSLEngine engine;
    private boolean firstBytes = true;

    TlsFilter(SocketEventLoop loop, Target target, Layer below, SSLEngine engine) {
        super(loop, target, below);
        this.engine = engine;
    }

    @Override
    void begin() {
        // Choosing keys is most of the work of a handshake.
        reckon(engine::beginHandshake);
    }

    @Override
    String handshake() {
        return "TLS handshake";
    }

    @Override
    int unitSize(ByteBuffer from) {
        int length = from.position() + LENGTH_AT;
        return from.remaining() < HEADER
                ? HEADER
                : HEADER + ((from.get(length) & 0xff) << 8 | from.get(length + 1) & 0xff);
    }

    @Override
    void decode(ByteBuffer from) throws IOException {
        requireRecord(from);
        FilterBuffers buffers = loop.filterBuffers();
        ByteBuffer text = buffers.takeText();
        try {
            decipher(from, text);
        } finally {
            buffers.giveBackText(text);
        }
        hearGoodbye();
    }

    private void requireRecord(ByteBuffer from) throws NotTlsException {
        if (firstBytes) {
            firstBytes = false;
            int type = from.get(from.position());
            if (type != ALERT && type != HANDSHAKE) {
                throw new NotTlsException();
            }
        }
    }

    /** Reads whole records, as long as that has not to wait for anything. */
    private void decipher(ByteBuffer from, ByteBuffer text) throws IOException {
        boolean whole = true;
        while (whole && from.hasRemaining() && !isStopped() && !engine.isInboundDone()) {
            SSLEngineResult result = engine.unwrap(from, text);
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                if (text.position() == 0) {
                    throw new SSLException("a record is larger than TLS allows");
                }
                handOn(text);
            } else if (result.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                handOn(text);
                shakeHands();
            }
            whole = result.getStatus() != Status.BUFFER_UNDERFLOW;
        }
        handOn(text);
    }

    private void handOn(ByteBuffer text) throws IOException {
        requireMqtt(text.flip());
        deliver(text);
        text.clear();
    }

    private void hearGoodbye() {
        if (engine.isInboundDone() && !isStopped()) {
            endedByPeer(null);
        }
    }

    /** Does what the engine asks for. */
    private void shakeHands() throws SSLException {
        while (!isStopped()) {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NOT_HANDSHAKING) {
                openingSucceeded();
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
        if (!isOpening()
                && !engine.isInboundDone()
                && engine.getSession().getProtocol().equals("TLSv1.2")) {
            throw new SSLException("the server asks for a new handshake, which is refused");
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** Does what takes its time, and must not take that of the loop. */
    private void reckon(Step reckoning) {
        suspend();
        Workers.HANDSHAKE.execute(() -> {
            Throwable failure = null;
            try {
                reckoning.run();
            } catch (Throwable e) {
                failure = e;
            }
            Throwable failed = failure;
            loop.execute(() -> resume(() -> reckoned(failed)));
        });
    }

    private void reckoned(@Nullable Throwable failure) throws SSLException {
        if (failure == null) {
            shakeHands();
            hearGoodbye();
        } else {
            broken(failure);
        }
    }

    @Override
    int encode(ByteBuffer[] sources, int count, long bytes, ByteBuffer records) throws SSLException {
        int taken = 0;
        boolean more = bytes > 0;
        while (more) {
            SSLEngineResult result = engine.wrap(sources, 0, count, records);
            taken += result.bytesConsumed();
            if (records.position() == 0) {
                throw new SSLException("the peer has ended the connection");
            }
            more = result.getStatus() == Status.OK && taken < bytes;
        }
        return taken;
    }

    /** Sends a record without anything of the program's: a step of the handshake, an alert, new keys. Returns whether there was one. */
    private boolean sendRecord() throws SSLException {
        ByteBuffer records = takeUnits();
        int size = engine.wrap(NOTHING, records).bytesProduced();
        if (size == 0) {
            loop.filterBuffers().giveBack(records);
            return false;
        }
        sendUnits(records);
        return true;
    }

    /** Sends close_notify, or the alert that tells what was wrong. */
    @Override
    void farewell() throws IOException {
        engine.closeOutbound();
        boolean said = true;
        while (said && !engine.isOutboundDone()) {
            said = sendRecord();
        }
    }
}
