package io.hawser.client.transport;

import java.util.concurrent.TimeUnit;

/** A connection that may come to be open. It belongs to its {@link Attempt} until that opens it. */
interface Candidate extends Connection {
    /**
     * How long a close waits for a peer that takes nothing: longer than a round trip to any broker that still reads, and no
     * longer, so that one that does not (it hangs, or the network is gone) cannot hold the socket, the buffers and the next
     * attempt.
     */
    long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How many times as long it waits for one that takes a little each time. */
    int LINGERS = 10;

    /** Begins to open it; the attempt hears how that went, perhaps before this call returns. */
    void connect();

    /** The attempt lets go of it: from now on the handler hears of it. */
    void open();

    /** Closes a connection that was not opened; the handler hears nothing of it. */
    void abandon();

    /** Where it leads, in digits. */
    String address();

    /** Whether TCP is connected, and TLS perhaps not yet. */
    boolean isConnected();
}
