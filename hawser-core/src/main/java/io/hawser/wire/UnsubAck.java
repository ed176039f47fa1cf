package io.hawser.wire;

import io.hawser.mqtt.ReasonCode;
import java.util.List;

/** UNSUBACK. {@code reasonCodes} is empty before MQTT 5.0, which answers no filter separately. */
public record UnsubAck(int packetId, List<ReasonCode> reasonCodes, Properties properties) {
    public UnsubAck {
        reasonCodes = List.copyOf(reasonCodes);
    }
}
