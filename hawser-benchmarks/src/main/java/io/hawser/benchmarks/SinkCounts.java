package io.hawser.benchmarks;

/**
 * What a {@link Sink} has seen between its first connection and the end of its last.
 *
 * @param qos0 PUBLISH packets received at QoS 0, {@code qos1} and {@code qos2} alike
 * @param released PUBREL packets received
 * @param sent PUBLISH packets sent
 * @param settled how many of those the client has finally acknowledged
 * @param disordered acknowledgements that came out of order [MQTT-4.6.0-2]
 * @param reads how often something was read: what has been received by how many of these is the size of a batch
 */
record SinkCounts(
        long connections,
        long qos0,
        long qos1,
        long qos2,
        long released,
        long sent,
        long settled,
        long disordered,
        long reads) {
    long received() {
        return qos0 + qos1 + qos2;
    }

    /** The form in which a sink of its own process tells it. */
    String line() {
        return "connections=" + connections + " qos0=" + qos0 + " qos1=" + qos1 + " qos2=" + qos2 + " released="
                + released + " sent=" + sent + " settled=" + settled + " disordered=" + disordered + " reads=" + reads;
    }
}
