/** A bridge between two MQTT brokers. */
module io.hawser.bridge {
    requires transitive io.hawser.client;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.hawser.bridge;
}
