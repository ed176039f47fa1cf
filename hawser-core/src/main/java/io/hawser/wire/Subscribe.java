package io.hawser.wire;

import io.hawser.mqtt.Subscription;
import java.util.List;

/**
 * SUBSCRIBE: at least one subscription [MQTT-3.8.3-3]. All subscriptions have the same subscription identifier, which
 * {@code properties} do not repeat.
 *
 * @param duplicate whether the packet is sent again; on the wire in MQTT 3.1 only
 */
public record Subscribe(int packetId, List<Subscription> subscriptions, Properties properties, boolean duplicate) {
    public Subscribe {
        subscriptions = List.copyOf(subscriptions);
    }
}
