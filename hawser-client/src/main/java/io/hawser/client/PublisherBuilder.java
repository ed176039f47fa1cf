package io.hawser.client;

/** The options of a publisher. */
public final class PublisherBuilder extends MqttBuilder<MqttPublisher, PublisherBuilder> {
    PublisherBuilder(String... servers) {
        super(servers);
        // A publisher has no handlers: it drops the QoS 0 messages that a broker sends all the same.
        config.receiveBuffer(1, 1);
        config.dropsQos0 = true;
    }

    @Override
    PublisherBuilder self() {
        return this;
    }

    @Override
    public MqttPublisher build() {
        return new HawserClient(config());
    }
}
