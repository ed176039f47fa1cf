/** The MQTT client. */
module io.hawser.client {
    requires transitive io.hawser.core;
    requires org.slf4j;
    // Only for servers that SRV records of the DNS name.
    requires static java.naming;
    requires static org.jspecify;

    exports io.hawser.client;
}
