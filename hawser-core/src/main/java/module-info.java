/** The vocabulary, the wire format, the session machine and its stores. */
@SuppressWarnings("module") // the modules that see wire and session are built after this one
module io.hawser.core {
    requires static org.jspecify;

    exports io.hawser.mqtt;
    exports io.hawser.store;
    exports io.hawser.store.file;
    exports io.hawser.session to
            io.hawser.client,
            io.hawser.testing;
    exports io.hawser.text to
            io.hawser.cli,
            io.hawser.client,
            io.hawser.testing;
    exports io.hawser.wire to
            io.hawser.client,
            io.hawser.testing;
}
