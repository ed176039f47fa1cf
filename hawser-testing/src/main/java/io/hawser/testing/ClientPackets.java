package io.hawser.testing;

import io.hawser.wire.ConnAck;
import io.hawser.wire.PacketSink;
import io.hawser.wire.SubAck;
import io.hawser.wire.UnsubAck;

/** Takes what a client may send; what only a broker sends closes the connection. */
abstract class ClientPackets implements PacketSink {
    /** Ends the connection from the broker's side. */
    abstract void close();

    @Override
    public void connAck(ConnAck packet) {
        close();
    }

    @Override
    public void subAck(SubAck packet) {
        close();
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        close();
    }

    @Override
    public void pingResp() {
        close();
    }
}
