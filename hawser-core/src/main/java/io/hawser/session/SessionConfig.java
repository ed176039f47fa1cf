package io.hawser.session;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Retransmission;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session is told once; checked where it was given.
 *
 * @param versions to be tried, the highest first; at least one
 * @param servers the names of those to be tried in turn; at least one
 * @param cleanSession whether the session ends with its connection
 * @param keepAliveSeconds 0 is off
 * @param connectTimeoutNanos from the decision to connect to CONNACK
 * @param inflight the acknowledgement window
 * @param retransmission null is off
 * @param republishAmbiguous whether a QoS 2 message goes out again when the broker lost the session before its PUBREC
 * @param freshCredentials whether new credentials can be had for the next attempt
 * @param seed of the randomness in waiting times
 */
public record SessionConfig(
        String clientId,
        List<ProtocolVersion> versions,
        List<String> servers,
        boolean cleanSession,
        int keepAliveSeconds,
        long pingTimeoutNanos,
        long connectTimeoutNanos,
        int inflight,
        QueuePolicy queue,
        ReconnectPolicy reconnect,
        @Nullable Retransmission retransmission,
        boolean republishAmbiguous,
        boolean freshCredentials,
        long seed) {
    public SessionConfig {
        versions = List.copyOf(versions);
        servers = List.copyOf(servers);
    }
}
