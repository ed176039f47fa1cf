package io.hawser.wire;

import io.hawser.mqtt.ReasonCode;
import java.util.List;

/**
 * SUBACK: one code for each subscription of the SUBSCRIBE, in its order [MQTT-3.9.3-1]: {@code SUCCESS} (QoS 0
 * granted), {@code GRANTED_QOS_1}, {@code GRANTED_QOS_2}, or a refusal, which MQTT 3.1 does not have.
 */
public record SubAck(int packetId, List<ReasonCode> reasonCodes, Properties properties) {
    public SubAck {
        reasonCodes = List.copyOf(reasonCodes);
    }
}
