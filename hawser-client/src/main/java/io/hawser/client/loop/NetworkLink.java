package io.hawser.client.loop;

import io.hawser.client.auth.ClientExchange;
import io.hawser.client.transport.Connection;
import io.hawser.client.transport.ConnectionHandler;
import io.hawser.client.transport.EventLoop;
import io.hawser.client.transport.Target;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Will;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The life of one network connection: the contents of its CONNECT, the attempt to open it, reading and its pauses, and
 * the reason for its end. After the client has left the connection, its callbacks do nothing. On the event loop.
 */
final class NetworkLink implements ConnectionHandler {
    /** Words of operating systems, and of TLS, for a connection that the other side has reset or ended. */
    private static final List<String> ENDS_BY_PEER =
            List.of("reset", "broken pipe", "forcibly closed by the remote host", "close_notify");

    /** The listener of connections that the client has not left. */
    interface Listener {
        void opened(NetworkLink opened, Connection connection);

        void received(ByteBuffer bytes);

        /** Notes that the network has taken these bytes, and gives their buffer back. */
        void written(ByteBuffer bytes);

        /** Notes that the network has taken a part of the output. */
        void progressed();

        /** Notes that all bytes received together have been passed on: the answers can leave. */
        void endTurn();

        /**
         * Notes that the connection is gone, or could not be opened; also told of a connection that the client has
         * left.
         *
         * @param expected whether the client had left the connection
         */
        void closed(NetworkLink closed, boolean expected);

        /**
         * Notes that nothing is left of a connection that was open.
         *
         * @param unsentBytes what was written and had not been sent when the connection was closed in order and gave up
         * @param doubt why it gave up, or null
         */
        void gone(NetworkLink gone, long unsentBytes, @Nullable String doubt);
    }

    private final Listener listener;
    private @Nullable Connection connection;
    private @Nullable Will will;
    private @Nullable Credentials credentials;
    private @Nullable ClientExchange authentication;
    private @Nullable Instant expiresAt;
    private volatile EventLoop.@Nullable Connecting abort;
    private volatile boolean left;
    private boolean paused;
    private @Nullable Throwable cause;

    NetworkLink(Listener listener) {
        this.listener = listener;
    }

    /** Sets the contents of CONNECT, before the attempt begins. */
    void greetWith(
            @Nullable Will will,
            @Nullable Credentials credentials,
            @Nullable ClientExchange authentication,
            @Nullable Instant expiresAt) {
        this.expiresAt = expiresAt;
        this.will = will;
        this.credentials = credentials;
        this.authentication = authentication;
    }

    @Nullable
    Will will() {
        return will;
    }

    @Nullable
    Credentials credentials() {
        return credentials;
    }

    @Nullable
    ClientExchange authentication() {
        return authentication;
    }

    /** When what the connection was made with expires, or null if nobody has said so. */
    @Nullable
    Instant expiresAt() {
        return expiresAt;
    }

    /** Begins to connect. */
    void connect(EventLoop loop, Target target) {
        EventLoop.Connecting attempt = loop.connect(target, this);
        abort = attempt;
        if (left) {
            attempt.run();
        }
    }

    /** Where the connection is: what its opening waits for, in words, or its address. */
    String whereabouts() {
        EventLoop.Connecting attempt = abort;
        return connection != null
                ? connection.address()
                : attempt != null ? attempt.awaited() : "the program's suppliers have not answered";
    }

    /** Whether the client has left this connection. */
    boolean isLeft() {
        return left;
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    /** Pauses or resumes reading; returns whether that is a change. */
    boolean pause(boolean pause) {
        Connection open = connection;
        if (open == null || pause == paused) {
            return false;
        }
        paused = pause;
        open.pause(pause);
        return true;
    }

    /** Leaves the connection: its callbacks do nothing from now on. */
    void leave(boolean close) {
        left = true;
        Runnable attempt = abort;
        if (connection == null && attempt != null) {
            attempt.run();
        } else if (close && connection != null) {
            connection.close();
        }
    }

    @Override
    public void opened(Connection opened) {
        connection = opened;
        // From now on, Connection.close() ends the connection, and no longer the attempt's cancellation.
        abort = null;
        if (left) {
            opened.close();
        } else {
            listener.opened(this, opened);
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (!left) {
            listener.received(bytes);
            if (left) {
                // The session has left the connection within this call, so receivedAll() will not end the turn.
                listener.endTurn();
            }
        }
    }

    @Override
    public void receivedAll() {
        if (!left) {
            listener.endTurn();
        }
    }

    @Override
    public void written(ByteBuffer bytes) {
        if (!left) {
            listener.written(bytes);
        }
        OutputBuffer.giveBack(bytes);
    }

    @Override
    public void progressed() {
        if (!left) {
            listener.progressed();
        }
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        boolean expected = left;
        left = true;
        this.cause = cause;
        listener.closed(this, expected);
    }

    @Override
    public void gone(long unsentBytes, @Nullable String doubt) {
        listener.gone(this, unsentBytes, doubt);
    }

    /**
     * Whether the peer ended the connection, in order or by a reset, rather than the network; judged by the system's
     * words.
     */
    boolean endedByPeer() {
        Throwable root = cause;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        if (root == null || root instanceof EOFException || root instanceof ClosedChannelException) {
            return true;
        }
        String words = String.valueOf(root.getMessage()).toLowerCase(Locale.ROOT);
        return root instanceof IOException && ENDS_BY_PEER.stream().anyMatch(words::contains);
    }

    /** The reason for the end of the connection, with this many publishes in flight. */
    MqttException lostBecause(int inflight) {
        if (cause instanceof MqttException known) {
            return known;
        }
        return cause == null
                ? new ConnectionException("the broker closed the connection, with " + inflight + " publishes in flight")
                : new ConnectionException("the connection was lost: " + cause.getMessage(), cause);
    }
}
