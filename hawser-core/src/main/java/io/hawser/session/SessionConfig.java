package io.hawser.session;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.UserProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session is told once; checked where it was given.
 *
 * @param versions to be tried, the highest first; at least one
 * @param servers those to be tried in turn, which are told of by their {@code toString}; at least one
 * @param cleanSession whether the session ends with its connection
 * @param sessionExpirySeconds how long the broker is to keep a session that is kept (MQTT 5.0)
 * @param keepAliveSeconds 0 is off
 * @param connectTimeoutNanos from the decision to connect to CONNACK
 * @param inflight the acknowledgement window; a broker of MQTT 5.0 may make it smaller
 * @param receiveMaximum how many QoS 1 and 2 messages may be received and not acknowledged (MQTT 5.0)
 * @param unhandled what becomes of received messages that no handler wants
 * @param maximumPacketSize the largest packet that may be received, in bytes
 * @param topicAliasMaximum how many topic aliases the broker may use (MQTT 5.0)
 * @param lenient whether what MQTT 3.x cannot say is left out rather than refused
 * @param followServerReference whether to go where a broker of MQTT 5.0 sends its clients
 * @param problemInformation whether the broker is to add words and user properties to any answer (MQTT 5.0)
 * @param userProperties of CONNECT (MQTT 5.0)
 * @param retransmission null is off
 * @param republishAmbiguous whether a QoS 2 message goes out again when the broker lost the session before its PUBCOMP
 * @param quotaPatienceNanos how long a publish is tried again after the broker first had no room for it; 0 is not at all
 * @param strictOrder whether a message that ends each connection blocks the others rather than being set aside
 * @param subscriptionBatch the most filters in one SUBSCRIBE or UNSUBSCRIBE
 * @param freshCredentials whether new credentials can be had for the next attempt
 * @param seed of the randomness in waiting times
 */
public record SessionConfig(
        String clientId,
        List<ProtocolVersion> versions,
        List<?> servers,
        boolean cleanSession,
        long sessionExpirySeconds,
        int keepAliveSeconds,
        long pingTimeoutNanos,
        long connectTimeoutNanos,
        int inflight,
        int receiveMaximum,
        HoldPolicy unhandled,
        int maximumPacketSize,
        int topicAliasMaximum,
        boolean lenient,
        boolean followServerReference,
        boolean problemInformation,
        List<UserProperty> userProperties,
        QueuePolicy queue,
        ReconnectPolicy reconnect,
        @Nullable Retransmission retransmission,
        boolean republishAmbiguous,
        long quotaPatienceNanos,
        boolean strictOrder,
        int subscriptionBatch,
        boolean freshCredentials,
        long seed) {
    public SessionConfig {
        versions = List.copyOf(versions);
        servers = List.copyOf(servers);
        userProperties = List.copyOf(userProperties);
    }
}
