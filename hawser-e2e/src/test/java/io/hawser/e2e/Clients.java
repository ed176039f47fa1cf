package io.hawser.e2e;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttEndpoint;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReconnectPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes clients for one test, and closes them. */
final class Clients implements AutoCloseable {
    private static final AtomicInteger MADE = new AtomicInteger();

    private final List<MqttEndpoint> made = new ArrayList<>();
    /** The events of all clients made here. */
    final List<ConnectionEvent> events = new CopyOnWriteArrayList<>();

    /** An identifier, short enough for every version, that no other test uses. */
    static String id() {
        return "e2e" + ProcessHandle.current().pid() + "n" + MADE.incrementAndGet();
    }

    /** Options for a client that reconnects without delay. */
    ClientBuilder<MqttClient> options(String url) {
        return MqttClient.builder(url)
                .clientId(id())
                .reconnect(ReconnectPolicy.exponential(Duration.ofMillis(50), Duration.ofMillis(200)))
                .onEvent(events::add);
    }

    ClientBuilder<MqttClient> options(String url, ProtocolVersion version) {
        return options(url).version(version);
    }

    MqttClient connect(String url) {
        return connect(options(url));
    }

    MqttClient connect(ClientBuilder<MqttClient> options) {
        MqttClient client = build(options);
        client.connect();
        return client;
    }

    MqttClient build(ClientBuilder<MqttClient> options) {
        MqttClient client = options.build();
        made.add(client);
        return client;
    }

    @Override
    public void close() {
        made.forEach(MqttEndpoint::close);
    }
}
