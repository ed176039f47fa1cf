package io.hawser.client.transport;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a {@link Road}: the socket, or a {@link Filter} over another layer. A connection that may come to be open: it belongs to
 * whoever waits for its {@link Opening} until that opens it. On the event loop.
 *
 * <p>The order of closing is the same in every layer: what was written is sent, as long as the peer takes some of it in each time that the close is patient; then
 * the peer is told that nothing follows, and the handler that the connection is closed. What is written from the beginning of the
 * close on is dropped, and given back behind everything that was written before.
 */
abstract class Layer implements Connection {
    /** How many times as long a close waits for a peer that takes a little each time. */
    private static final int LINGERS = 10;

    /** Never added to. */
    private static final ArrayDeque<ByteBuffer> NOTHING = new ArrayDeque<>(0);

    final SocketEventLoop loop;
    final Target target;
    /** Who waits for the end of opening; null before it begins and when it is over. */
    private @Nullable Opening opening;

    /** There from {@link #connect} on, which is before anything can be told. */
    @SuppressWarnings("NullAway.Init")
    private ConnectionHandler handler;

    /** Written and not yet given back. The last {@link #dropped} of them are never sent. */
    private ArrayDeque<ByteBuffer> unsent = NOTHING;

    private int dropped;
    private boolean closing;
    private boolean told;
    private @Nullable Throwable cause;
    /** Nothing has come yet, and MQTT is what should. */
    private boolean expectsMqtt;

    private boolean wasOpened;
    private boolean gone;
    /** How long a close by this side waits for a peer that takes nothing. */
    private long patienceNanos = PATIENCE_NANOS;
    /** This side has closed it, not the peer or an error. */
    private boolean closedHere;
    /** Why a close by this side has given up, and how much had not been sent then. */
    private @Nullable String doubt;

    private long givenUpBytes;
    private @Nullable Runnable cancelLinger;
    private int lingers;
    private long movedAtLinger = -1;

    Layer(SocketEventLoop loop, Target target) {
        this.loop = loop;
        this.target = target;
    }

    /** Begins to open it; {@code opening} hears how that went, perhaps before this call returns. */
    final void connect(Opening opening, ConnectionHandler handler) {
        this.opening = opening;
        this.handler = handler;
        start();
    }

    abstract void start();

    /** The next bytes are for MQTT, and for no filter. */
    final void expectMqtt() {
        expectsMqtt = true;
    }

    /** Looks at the first bytes that are for MQTT: another protocol is told by its name. */
    final void requireMqtt(ByteBuffer bytes) throws NotMqttException {
        if (expectsMqtt && bytes.hasRemaining()) {
            expectsMqtt = false;
            NotMqttException.require(bytes);
        }
    }

    /** Lets go of a connection that has opened: from now on the handler hears of it. */
    final void open() {
        opening = null;
        wasOpened = true;
        handler.opened(this);
    }

    /** Closes a connection that was not opened; the handler hears nothing of it. */
    final void abandon() {
        opening = null;
        closing = true;
        told = true;
        release();
    }

    /** Closes what has been opened so far. */
    abstract void release();

    /** What has not happened yet, in words, while the connection is being opened. */
    abstract String awaited();

    /** Whether somebody has answered beneath all filters, though their handshakes may last. */
    abstract boolean isConnected();

    /** Closes the connection without waiting for anything that is still to be sent. */
    abstract void closeNow();

    /** Sends what waits, and lets the peer know of the end if this layer {@linkplain #isClosing closes} and nothing waits any more. */
    abstract void flush();

    /** How many bytes of this layer have gone to the network; a close waits as long as they become more. */
    abstract long moved();

    /** How many bytes at the front of what was written and not given back have been sent. */
    abstract long sentOfUnsent();

    /** How many bytes, at most, the system holds that the peer may not have got. */
    abstract long heldBySystem();

    final boolean isOpening() {
        return opening != null;
    }

    final boolean isClosing() {
        return closing;
    }

    /** Whether the handler has been told of the end, or is never told of anything. */
    final boolean isTold() {
        return told;
    }

    final ConnectionHandler handler() {
        return handler;
    }

    final void openingSucceeded() {
        if (opening != null) {
            opening.succeeded(this);
        }
    }

    final void openingFailed(Throwable failure) {
        if (opening != null) {
            opening.failed(this, failure);
        }
    }

    @Override
    public void write(ByteBuffer bytes, boolean last) {
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

    /** What was written and not given back, in order; of which the first {@link #waiting} are to be sent. */
    final ArrayDeque<ByteBuffer> unsent() {
        return unsent;
    }

    final int waiting() {
        return unsent.size() - dropped;
    }

    final void giveBackFirst() {
        handler.written(unsent.remove());
    }

    final void giveBackDropped() {
        while (dropped > 0 && unsent.size() == dropped) {
            dropped--;
            giveBackFirst();
        }
    }

    /** Lets go of the memory of an empty queue. */
    final void releaseQueue() {
        if (unsent.isEmpty()) {
            unsent = NOTHING;
        }
    }

    @Override
    public final void close(long patienceNanos) {
        if (!closing) {
            pause(false);
            this.patienceNanos = patienceNanos;
            closing = true;
            closedHere = true;
            flush();
            linger();
        }
    }

    final long patienceNanos() {
        return patienceNanos;
    }

    /** Closes without sending any of what waits behind the first {@code kept}: the peer takes no more. */
    final void closeDropping(int kept) {
        closing = true;
        dropped = unsent.size() - kept;
    }

    private void linger() {
        long moved = moved();
        if (gone) {
            return;
        }
        if (patienceNanos > 0 && moved > movedAtLinger && lingers++ < LINGERS) {
            movedAtLinger = moved;
            cancelLinger = loop.schedule(this::linger, patienceNanos);
        } else {
            giveUp(whyGivenUp());
            closeNow();
        }
    }

    private String whyGivenUp() {
        String time = Failures.time(patienceNanos);
        return lingers > LINGERS
                ? target.name() + " takes too little each " + time
                : waiting() > 0
                        ? target.name() + " has taken nothing for " + time
                        : target.name() + " has not closed its side for " + time
                                + ", so that it may not have got the last bytes, at most " + heldBySystem();
    }

    /** A close by this side ends before everything is sent, or before the peer has said that it has got it. */
    final void giveUp(String reason) {
        if (closedHere && doubt == null && !gone) {
            doubt = reason;
            givenUpBytes = -sentOfUnsent();
            int left = waiting();
            for (ByteBuffer each : unsent) {
                givenUpBytes += left-- > 0 ? each.remaining() : 0;
            }
            handler.givesUp(reason);
        }
    }

    /** The socket beneath is gone. */
    final void tellGone() {
        if (!gone) {
            gone = true;
            if (cancelLinger != null) {
                cancelLinger.run();
            }
            if (wasOpened) {
                handler.gone(Math.max(0, givenUpBytes), doubt);
            }
        }
    }

    /** Remembers what the connection was lost by, unless it is being closed anyway. */
    final void lost(Throwable failure) {
        if (cause == null && !closing) {
            cause = failure;
        }
    }

    /** What went wrong, or null as long as nothing has. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    /** The connection is gone: everything is given back. */
    final void ended(@Nullable Throwable failure) {
        closing = true;
        dropped = 0;
        try {
            while (!unsent.isEmpty()) {
                giveBackFirst();
            }
        } finally {
            tell(failure);
        }
    }

    /**
     * Tells the handler that the connection is closed, once.
     *
     * @param failure what is to blame if this layer is not
     */
    final void tell(@Nullable Throwable failure) {
        if (!told) {
            told = true;
            closing = true;
            handler.closed(cause == null ? failure : Failures.lost(target, address(), cause));
        }
    }
}
