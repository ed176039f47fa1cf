package io.hawser.client.transport;

import java.nio.ByteBuffer;

/** An open network connection. Every method must be called on its event loop. */
public interface Connection {
    /**
     * Sends the bytes between position and limit. The buffer belongs to the connection until
     * {@link ConnectionHandler#written} gives it back as it was, perhaps before this call returns. Several writes of one turn of the loop leave in one system call
     * where possible; {@code last} says that nothing follows in this turn, and flushes.
     */
    void write(ByteBuffer bytes, boolean last);

    /** Where the connection leads, in digits: the address of the proxy, if there is one; the path of a Unix domain socket. */
    String address();

    /** How many bytes of what was written the network has taken since the connection was opened. */
    long sent();

    /** Stops reading from the network (true) or goes on (false). What was read already may still arrive. */
    void pause(boolean paused);

    /**
     * Sends what has been written, as long as the peer takes some of it each second, for at most ten; then closes. Nothing is received any more,
     * and what is written from now on is dropped. Idempotent.
     */
    void close();
}
