package io.hawser.session;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Retransmission;
import java.time.Duration;
import java.util.List;

/** A {@link SessionConfig} in the making: a kept session of MQTT 3.1.1 with one server, unless told otherwise. */
final class Options {
    String clientId = "client";
    List<ProtocolVersion> versions = List.of(ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1);
    List<String> servers = List.of("mqtt://a");
    boolean cleanSession;
    int keepAliveSeconds;
    Duration pingTimeout = Duration.ofSeconds(10);
    Duration connectTimeout = Duration.ofSeconds(30);
    int inflight = 64;
    QueuePolicy queue = QueuePolicy.bounded(1_000);
    ReconnectPolicy reconnect = ReconnectPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(2));
    Retransmission retransmission;
    boolean republishAmbiguous = true;
    boolean freshCredentials;
    long seed = 1;
    Object defaultHandler;

    SessionConfig config() {
        return new SessionConfig(
                clientId,
                versions,
                servers,
                cleanSession,
                keepAliveSeconds,
                pingTimeout.toNanos(),
                connectTimeout.toNanos(),
                inflight,
                queue,
                reconnect,
                retransmission,
                republishAmbiguous,
                freshCredentials,
                seed);
    }
}
