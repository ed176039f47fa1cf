package io.hawser.client.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

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

    /** How long a close by this side that nobody waits for is patient. */
    long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Closes as {@link #close(long)} does, with a second's patience. */
    default void close() {
        close(PATIENCE_NANOS);
    }

    /**
     * Sends what has been written, as long as the peer takes some of it in each such time, for at most ten of them; then tells the peer that
     * nothing follows, and waits as long for it to close its side, which says that it has got everything. Nothing is received any more,
     * and what is written from now on is dropped. Idempotent.
     *
     * @param patienceNanos 0 to send what the network takes at once, and wait for nothing
     */
    void close(long patienceNanos);
}
