/** The vocabulary, the wire format, the session machine and its stores. */
module io.hawser.core {
    requires static org.jspecify;

    exports io.hawser.mqtt;
    exports io.hawser.wire to
            io.hawser.client,
            io.hawser.testing;
}
