package io.hawser.wire;

import io.hawser.mqtt.Subscription;
import java.util.List;

/**
 * SUBSCRIBE: at least one subscription [MQTT-3.8.3-3].
 *
 * @param duplicate whether it is sent again; on the wire in MQTT 3.1 only
 */
public record Subscribe(int packetId, List<Subscription> subscriptions, boolean duplicate) {
    public Subscribe {
        subscriptions = List.copyOf(subscriptions);
    }
}
