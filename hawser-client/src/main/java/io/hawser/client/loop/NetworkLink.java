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
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The life of one network connection: what its CONNECT will say, the attempt to open it, reading and its pauses, and why it ended. Once
 * the client has left it, it is deaf. On the event loop.
 */
final class NetworkLink implements ConnectionHandler {
    /** What operating systems, and TLS, say of a connection that the other side has reset or ended. */
    private static final List<String> ENDS_BY_PEER =
            List.of("reset", "broken pipe", "forcibly closed by the remote host", "close_notify");

    /** Hears of connections that the client has not left. */
    interface Listener {
        void opened(NetworkLink opened, Connection connection);

        void received(ByteBuffer bytes);

        /** The network gives back what it has taken. */
        void written(ByteBuffer bytes);

        /** The network has taken a part of what waits. */
        void progressed();

        /** What was received can be answered. */
        void endTurn();

        /**
         * The connection is gone, or could not be opened; also one that the client has left.
         *
         * @param expected whether the client had left it
         */
        void closed(NetworkLink closed, boolean expected);
    }

    private final Listener listener;
    private @Nullable Connection connection;
    private @Nullable Will will;
    private @Nullable Credentials credentials;
    private @Nullable ClientExchange authentication;
    private volatile @Nullable Runnable abort;
    private volatile boolean left;
    private boolean paused;
    private @Nullable Throwable cause;

    NetworkLink(Listener listener) {
        this.listener = listener;
    }

    /** What CONNECT will say; before the attempt begins. */
    void greetWith(@Nullable Will will, @Nullable Credentials credentials, @Nullable ClientExchange authentication) {
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

    /** Begins to connect. */
    void connect(EventLoop loop, Target target) {
        Runnable attempt = loop.connect(target, this);
        abort = attempt;
        if (left) {
            attempt.run();
        }
    }

    /** Whether the client has left it. */
    boolean isLeft() {
        return left;
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    /** Pauses reading, or goes on; returns whether that is a change. */
    boolean pause(boolean pause) {
        Connection open = connection;
        if (open == null || pause == paused) {
            return false;
        }
        paused = pause;
        open.pause(pause);
        return true;
    }

    /** The client wants nothing more of this connection. */
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
        // The connection is closed by itself from now on.
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
                // Nothing more will come of it, and what was decided must be done.
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

    /** Whether the peer ended the connection, in order or by a reset, rather than the network: as the system says it. */
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

    /** Why the connection has ended, with so many publishes in flight. */
    MqttException lostBecause(int inflight) {
        if (cause instanceof MqttException known) {
            return known;
        }
        return cause == null
                ? new ConnectionException("the broker closed the connection, with " + inflight + " publishes in flight")
                : new ConnectionException("the connection was lost: " + cause.getMessage(), cause);
    }
}
