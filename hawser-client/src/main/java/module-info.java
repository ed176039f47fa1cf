/** The MQTT client. */
module io.hawser.client {
    requires transitive io.hawser.core;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.resolver;
    requires io.netty.transport;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.hawser.client;
}
