package io.hawser.client.transport;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A filter over bytes: a connection to what is above it, and the handler of the layer beneath. What filters have in common is here; a
 * kind of filter adds how its handshake goes, how bytes become units of its protocol (records, frames), and bytes again.
 *
 * <ul>
 *   <li>Opening: when the layer beneath is open, {@link #begin}; when the handshake is through, {@link #openingSucceeded}. The
 *       deadline for all of it is the {@link Attempt}'s.
 *   <li>Sending: what is written waits as it is until the layer beneath has taken the units before it, so that a filter never holds
 *       more than one buffer of units, and bytes are given back when the last unit with some of them is sent. What the filter has
 *       to say by itself goes beneath by {@link #sendUnits} at once.
 *   <li>Receiving: a unit that has come in part is kept, and nothing else.
 *   <li>Errors: whatever {@link #decode} and the others throw ends the connection with that cause.
 *   <li>Closing: as {@link Layer} says; {@link #farewell} goes before the layer beneath is closed.
 * </ul>
 */
abstract class Filter extends Layer implements Opening, ConnectionHandler {
    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final Layer below;
    private boolean isOpen;
    /** Nothing is read or sent until {@link #resume}. */
    private boolean suspended;

    private boolean paused;
    private boolean delivered;

    /** Received and not read: a unit that has come in part, or what came while the filter was suspended. */
    private ByteBuffer unread = EMPTY;

    /** How many buffers, the first of those that were written, are wholly in the units that the layer beneath has. */
    private int encoded;
    /** How many bytes of the buffer behind those are in units, of now or before. */
    private int encodedOfNext;
    /** The bytes of the units that the layer beneath has, and what it had sent before. */
    private int unitBytes;

    private long sentBelowBefore;
    /** How many bytes that were written are in those units, and how many were sent before. */
    private int bytesInUnits;

    private long sentBefore;
    /** How many bytes of those that were sent have been given back. */
    private long givenBack;

    private boolean sending;
    private boolean saidFarewell;

    Filter(SocketEventLoop loop, Target target, Layer below) {
        super(loop, target);
        this.below = below;
    }

    /** The layer beneath is open: begins the handshake. */
    abstract void begin() throws IOException;

    /** The handshake's name, such as "TLS handshake". */
    abstract String handshake();

    /** How many bytes the unit at the front has, as far as what has come of it tells that; at least 1. */
    abstract int unitSize(ByteBuffer from);

    /**
     * Reads the units that have come, as far as they are complete and the filter is not {@linkplain #isStopped stopped}, and hands on what
     * is in them by {@link #deliver}.
     */
    abstract void decode(ByteBuffer from) throws IOException;

    /**
     * Puts bytes into units, as many as there are or as the units have room for.
     *
     * @param bytes how many there are in the first {@code count} sources; at least 0
     * @return how many have been put into units
     */
    abstract int encode(ByteBuffer[] sources, int count, long bytes, ByteBuffer units) throws IOException;

    /** Whether there is something of the filter's own to be put into the next units, when the layer beneath takes some. */
    boolean speaks() {
        return false;
    }

    /** Sends what tells the peer that nothing follows, or why; called once. */
    abstract void farewell() throws IOException;

    @Override
    final void start() {
        below.connect(this, this);
    }

    @Override
    public final void succeeded(Layer below) {
        below.open();
    }

    @Override
    public final void failed(Layer below, Throwable failure) {
        openingFailed(failure);
    }

    @Override
    public final void opened(Connection below) {
        isOpen = true;
        try {
            begin();
        } catch (IOException | RuntimeException e) {
            broken(e);
        }
    }

    @Override
    final void release() {
        if (isOpen) {
            sayFarewell();
            below.close();
        } else {
            below.abandon();
        }
    }

    @Override
    public final String address() {
        return below.address();
    }

    @Override
    final String awaited() {
        return isOpen ? "the " + handshake() + " did not end" : below.awaited();
    }

    @Override
    final boolean isConnected() {
        return below.isConnected();
    }

    /** Nothing is to be decoded or encoded any more, or not now. */
    final boolean isStopped() {
        return suspended || isClosing();
    }

    /** Until {@link #resume}, nothing is read or sent: something has to be found out beside the event loop. */
    final void suspend() {
        suspended = true;
        below.pause(true);
    }

    /** A part of what a filter does. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** Goes on with the step, and then with what has come meanwhile. */
    final void resume(Step step) {
        suspended = false;
        if (isClosing()) {
            flush();
            return;
        }
        below.pause(paused);
        try {
            step.run();
            readUnread();
            send();
        } catch (IOException | RuntimeException e) {
            broken(e);
        }
        receivedAll();
    }

    @Override
    public final void received(ByteBuffer bytes) {
        if (isClosing()) {
            return;
        }
        try {
            complete(bytes);
            readUnread();
            if (!unread.hasRemaining() && !isStopped()) {
                decode(bytes);
            }
            if (bytes.hasRemaining() && !isClosing()) {
                keep(bytes);
            }
            send();
        } catch (IOException | RuntimeException e) {
            broken(e);
        }
    }

    /** Takes what the unit lacks that has come in part; everything behind it need not be copied. */
    private void complete(ByteBuffer bytes) {
        while (unread.hasRemaining() && bytes.hasRemaining()) {
            int lacking = unitSize(unread) - unread.remaining();
            if (lacking <= 0) {
                return;
            }
            int count = Math.min(lacking, bytes.remaining());
            keep(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
        }
    }

    private void readUnread() throws IOException {
        if (unread.hasRemaining() && !isStopped()) {
            decode(unread);
        }
        if (!unread.hasRemaining()) {
            unread = EMPTY;
        }
    }

    private void keep(ByteBuffer bytes) {
        int size = unread.remaining() + bytes.remaining();
        if (unread.position() + size > unread.capacity()) {
            int unit = unitSize(unread.hasRemaining() ? unread : bytes);
            unread = ByteBuffer.allocate(Math.max(size, unit)).put(unread).flip();
        }
        int end = unread.limit();
        unread.limit(end + bytes.remaining());
        unread.put(end, bytes, bytes.position(), bytes.remaining());
    }

    /** Hands on what was in units, unless the connection is being closed. */
    final void deliver(ByteBuffer bytes) {
        if (bytes.hasRemaining() && !isClosing()) {
            delivered = true;
            handler().received(bytes);
        }
    }

    @Override
    public final void receivedAll() {
        if (delivered) {
            delivered = false;
            if (!isClosing()) {
                handler().receivedAll();
            }
        }
    }

    @Override
    public final void pause(boolean paused) {
        this.paused = paused;
        if (!isStopped()) {
            below.pause(paused);
        }
    }

    @Override
    final void flush() {
        try {
            send();
        } catch (IOException | RuntimeException e) {
            // Not closed at once, in the middle of what the handler does.
            loop.execute(() -> broken(e));
        }
    }

    /** Makes units of what waits, as long as the layer beneath has none; closes that when nothing waits. */
    private void send() throws IOException {
        if (sending || suspended || isOpening()) {
            return;
        }
        sending = true;
        try {
            while (unitBytes == 0 && (waiting() > 0 || speaks())) {
                encode();
            }
        } finally {
            sending = false;
        }
        if (isClosing() && !isTold() && unsent().isEmpty()) {
            sayFarewell();
            below.close(patienceNanos());
        }
    }

    private void encode() throws IOException {
        FilterBuffers buffers = loop.filterBuffers();
        ByteBuffer units = buffers.takeUnits();
        ByteBuffer[] sources = buffers.sources(unsent(), waiting(), encodedOfNext);
        int bytes;
        try {
            bytes = encode(sources, buffers.sourceCount(), buffers.sourceBytes(), units);
        } finally {
            buffers.restoreSources();
        }
        took(bytes);
        bytesInUnits = bytes;
        sentBelowBefore = below.sent();
        sendUnits(units);
    }

    private void took(int bytes) {
        int rest = bytes + encodedOfNext;
        for (ByteBuffer buffer : unsent()) {
            if (rest < buffer.remaining() || encoded == waiting()) {
                break;
            }
            rest -= buffer.remaining();
            encoded++;
        }
        encodedOfNext = rest;
    }

    /** Memory for units of the filter's own, until {@link #sendUnits} or {@link FilterBuffers#giveBack}. */
    final ByteBuffer takeUnits() {
        return loop.filterBuffers().takeUnits();
    }

    /** Sends units from {@link #takeUnits}, as they have been put there. */
    final void sendUnits(ByteBuffer units) {
        units.flip();
        unitBytes += units.remaining();
        below.write(units, true);
    }

    @Override
    public final void written(ByteBuffer units) {
        unitBytes -= units.remaining();
        loop.filterBuffers().giveBack(units);
        if (unitBytes > 0 || isTold()) {
            return;
        }
        sentBefore += bytesInUnits;
        bytesInUnits = 0;
        boolean inSend = sending;
        // A handler that writes while it gets its bytes back must not start a second encoding.
        sending = true;
        try {
            giveBackEncoded();
        } finally {
            sending = inSend;
        }
        if (!sending) {
            flush();
        }
    }

    private void giveBackEncoded() {
        while (encoded > 0) {
            encoded--;
            givenBack += unsent().element().remaining();
            giveBackFirst();
        }
        giveBackDropped();
    }

    @Override
    public final void progressed() {
        if (!isClosing() && !isOpening()) {
            handler().progressed();
        }
    }

    /** Of the units that the layer beneath has, the part that it has sent counts. */
    @Override
    public final long sent() {
        long taken = Math.min(unitBytes, below.sent() - sentBelowBefore);
        return unitBytes == 0 ? sentBefore : sentBefore + taken * bytesInUnits / unitBytes;
    }

    @Override
    final long moved() {
        return below.moved();
    }

    @Override
    final long sentOfUnsent() {
        return sent() - givenBack;
    }

    @Override
    final long heldBySystem() {
        return below.heldBySystem();
    }

    @Override
    public final void givesUp(String reason) {
        giveUp(reason);
    }

    @Override
    public final void gone(long unsentBytes, @Nullable String doubt) {
        tellGone();
    }

    @Override
    final void closeNow() {
        below.closeNow();
    }

    /**
     * The peer has said in the filter's protocol that nothing follows.
     *
     * @param failure what is told as the cause, or null if it was in order
     */
    final void endedByPeer(@Nullable IOException failure) {
        if (isOpening()) {
            openingFailed(failure == null ? closedTooEarly() : failure);
        } else if (!isClosing()) {
            if (failure != null) {
                lost(failure);
            }
            closeDropping(encoded);
            sayFarewell();
            below.close();
        }
    }

    private IOException closedTooEarly() {
        return new EOFException("closed by the peer during the " + handshake());
    }

    private void sayFarewell() {
        if (!saidFarewell) {
            saidFarewell = true;
            try {
                farewell();
            } catch (IOException | RuntimeException e) {
                // A goodbye that cannot be sent is left out: the end of the connection says the same.
            }
        }
    }

    /** The filter has failed, or the handler: the peer hears of it if it can. */
    final void broken(Throwable failure) {
        if (isOpening()) {
            openingFailed(failure);
        } else if (!isTold()) {
            lost(failure);
            closeDropping(encoded);
            sayFarewell();
            below.closeNow();
        }
    }

    @Override
    final @Nullable Throwable cause() {
        Throwable own = super.cause();
        return own == null ? below.cause() : own;
    }

    @Override
    public final void closed(@Nullable Throwable failure) {
        if (isOpening()) {
            Throwable why = below.cause();
            openingFailed(why == null ? closedTooEarly() : why);
        } else {
            ended(failure);
        }
    }
}
