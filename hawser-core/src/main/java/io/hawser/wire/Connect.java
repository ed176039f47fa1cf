package io.hawser.wire;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Will;
import org.jspecify.annotations.Nullable;

/**
 * CONNECT: the first packet of a connection.
 *
 * @param cleanSession clean session, or clean start in MQTT 5.0
 * @param keepAliveSeconds 0 (off) to 65,535
 */
public record Connect(
        ProtocolVersion version,
        String clientId,
        boolean cleanSession,
        int keepAliveSeconds,
        @Nullable Will will,
        @Nullable Credentials credentials,
        Properties properties) {}
