package io.hawser.client;

/** The options of a publisher. */
public final class PublisherBuilder extends MqttBuilder<MqttPublisher, PublisherBuilder> {
    PublisherBuilder(String... servers) {
        super(servers);
    }

    @Override
    PublisherBuilder self() {
        return this;
    }

    @Override
    public MqttPublisher build() {
        requireConsistent();
        return new HawserClient(Options.of(this));
    }
}
