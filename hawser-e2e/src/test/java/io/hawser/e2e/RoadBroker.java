package io.hawser.e2e;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** The brokers to which roads are tested: which roads lead there, and what is spoken there. */
enum RoadBroker {
    MOSQUITTO("Mosquitto", EnumSet.allOf(Road.class)),
    /** The broker in this process has no certificate, and no Unix domain socket. */
    ARTEMIS("Artemis", EnumSet.of(Road.TCP, Road.WS, Road.HTTP_PROXY, Road.SOCKS5)),
    RABBITMQ("RabbitMQ", EnumSet.of(Road.TCP, Road.WS), ForeignBroker::rabbitMq),
    EJABBERD("ejabberd", EnumSet.of(Road.TCP, Road.WS), ForeignBroker::ejabberd),
    AEDES("aedes", EnumSet.of(Road.TCP, Road.WS), ForeignBroker::aedes);

    final String words;
    private final Set<Road> roads;
    /** Null for a broker that starts quickly. */
    final Supplier<ForeignBroker> foreign;

    RoadBroker(String words, Set<Road> roads) {
        this(words, roads, null);
    }

    RoadBroker(String words, Set<Road> roads, Supplier<ForeignBroker> foreign) {
        this.words = words;
        this.roads = roads;
        this.foreign = foreign;
    }

    boolean has(Road road) {
        return roads.contains(road);
    }

    Set<ProtocolVersion> versions() {
        return switch (this) {
            case MOSQUITTO, ARTEMIS -> EnumSet.allOf(ProtocolVersion.class);
            case RABBITMQ, AEDES -> EnumSet.of(ProtocolVersion.MQTT_3_1, ProtocolVersion.MQTT_3_1_1);
            case EJABBERD -> EnumSet.of(ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_5);
        };
    }

    /** RabbitMQ 3.10 has no QoS 2. */
    Qos highest() {
        return this == RABBITMQ ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE;
    }
}
