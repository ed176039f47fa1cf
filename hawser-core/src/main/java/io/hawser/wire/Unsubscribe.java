package io.hawser.wire;

import io.hawser.mqtt.TopicFilter;
import java.util.List;

/**
 * UNSUBSCRIBE: at least one filter [MQTT-3.10.3-2].
 *
 * @param duplicate whether the packet is sent again; on the wire in MQTT 3.1 only
 */
public record Unsubscribe(int packetId, List<TopicFilter> filters, Properties properties, boolean duplicate) {
    public Unsubscribe {
        filters = List.copyOf(filters);
    }
}
