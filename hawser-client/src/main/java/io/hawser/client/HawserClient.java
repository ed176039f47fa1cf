package io.hawser.client;

import org.jspecify.annotations.Nullable;

/** The one implementation behind the three profiles. */
abstract class HawserClient implements MqttClient {
    static HawserClient create(MqttBuilder<?, ?> options, @Nullable SubscriberBuilder<?> receiving) {
        options.requireConsistent();
        throw new AssertionError(receiving);
    }
}
