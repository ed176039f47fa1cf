package io.hawser.testing;

import java.nio.ByteBuffer;

/** One network connection of a {@link ModelBroker}, seen from the network: what the client sent goes in here. */
public interface Peer {
    /** The client's next bytes, cut anywhere. They are read at once; the buffer is not kept. */
    void received(ByteBuffer bytes);

    /** The network connection has ended. Without a DISCONNECT before, the broker publishes the will [MQTT-3.1.2-8]. */
    void closed();
}
