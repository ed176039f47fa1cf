package io.hawser.wire;

import io.hawser.mqtt.ReasonCode;

/**
 * CONNACK: the broker's answer to CONNECT.
 *
 * @param sessionPresent always false in MQTT 3.1, where the byte is reserved
 */
public record ConnAck(boolean sessionPresent, ReasonCode reasonCode, Properties properties) {}
