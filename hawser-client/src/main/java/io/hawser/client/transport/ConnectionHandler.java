package io.hawser.client.transport;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Hears of one connection, on its event loop: {@code opened}, then any number of the others, then {@code closed}. */
public interface ConnectionHandler {
    /** The connection is open, TLS included. */
    void opened(Connection connection);

    /** Bytes have arrived. The buffer is the callee's until it returns. */
    void received(ByteBuffer bytes);

    /** What was read at once has been handed over, perhaps in pieces: what was put together from it can leave. */
    void receivedAll();

    /**
     * These bytes have been handed to the operating system, or were dropped because the connection is gone. Called once for
     * each write, in their order.
     */
    void written(ByteBuffer bytes);

    /** The network has taken a part of what was written and is not given back yet. */
    default void progressed() {}

    /** A close by this side gives up, for this reason; what has not been sent by now never is. */
    default void givesUp(String reason) {}

    /**
     * The socket of a connection that was opened is gone; after {@code closed}, once. Between the two, the peer may still take what the
     * system holds for it.
     *
     * @param unsentBytes how many bytes that were written before a close by this side had not been sent when it gave up
     * @param doubt why the close gave up; null if the peer has got everything, or the connection was not closed by this side
     */
    default void gone(long unsentBytes, @Nullable String doubt) {}

    /**
     * The connection is closed or could not be opened; nothing follows but {@code written} and {@code gone}. Called once, also after a
     * close from this side.
     *
     * @param cause what went wrong, or null if the peer or this side closed it in order
     */
    void closed(@Nullable Throwable cause);
}
