package io.hawser.client;

/** A client that publishes and subscribes. */
public interface MqttClient extends MqttPublisher, MqttSubscriber {
    /**
     * Options of a client for these servers, tried in turn: {@code mqtt://host[:1883]} or {@code mqtts://host[:8883]}.
     *
     * @throws IllegalArgumentException if none is given or one cannot be understood
     */
    static SubscriberBuilder<MqttClient> builder(String... servers) {
        return SubscriberBuilder.ofClient(servers);
    }

    /** A connected client with default options. On failure it is closed before the exception leaves. */
    static MqttClient connect(String server) {
        return Waiting.connected(builder(server).build());
    }
}
