package io.hawser.benchmarks;

import java.io.Closeable;
import java.io.IOException;

/** One client library with one connection, used in the fastest way that its documentation offers. */
interface Contestant extends Closeable {
    /** Connects, and waits until the broker has accepted. */
    void connect() throws Exception;

    /** Publishes one message; the gate is left when it has been acknowledged, at QoS 0 when it is with the network. */
    void publishOne(Gate gate) throws Exception;

    /** Publishes until the gate says stop. */
    default void publish(Gate gate) throws Exception {
        while (gate.enter()) {
            publishOne(gate);
        }
    }

    /** Subscribes; the gate is left for each message, then it is acknowledged. Returns when the broker has granted it. */
    void subscribe(String filter, Gate gate) throws Exception;

    @Override
    void close() throws IOException;
}
