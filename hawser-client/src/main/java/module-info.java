/** The MQTT client. */
module io.hawser.client {
    requires transitive io.hawser.core;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.hawser.client;
}
