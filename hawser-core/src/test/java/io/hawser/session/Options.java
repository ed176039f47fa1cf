package io.hawser.session;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.UserProperty;
import java.time.Duration;
import java.util.List;

/** A {@link SessionConfig} in the making: a kept session of MQTT 3.1.1 with one server, unless told otherwise. */
final class Options {
    String clientId = "client";
    List<ProtocolVersion> versions = List.of(ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1);
    List<String> servers = List.of("mqtt://a");
    boolean cleanSession;
    long sessionExpirySeconds = 3_600;
    int keepAliveSeconds;
    Duration pingTimeout = Duration.ofSeconds(10);
    Duration connectTimeout = Duration.ofSeconds(30);
    int sendWindow = 64;
    int receiveMaximum = 65_535;
    HoldPolicy unhandled = new HoldPolicy(HoldPolicy.USUAL_GRACE_NANOS, false, 16 * 1024 * 1024);
    int maximumPacketSize = 1_000_000;
    int topicAliasMaximum;
    boolean dropMqtt5Attributes;
    boolean followServerReference = true;
    boolean problemInformation = true;
    boolean responseInformation = true;
    boolean cleanStart;
    List<UserProperty> userProperties = List.of();
    QueuePolicy queue = QueuePolicy.bounded(1_000);
    ReconnectPolicy reconnect = ReconnectPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(2));
    Retransmission retransmission;
    boolean republishAmbiguous = true;
    Duration quotaPatience = Duration.ofMinutes(1);
    boolean strictOrder;
    BrokerProfile broker = BrokerProfile.of("test").filtersPerPacket(64);
    boolean freshCredentials;
    long seed = 1;
    Object defaultHandler;

    SessionConfig config() {
        SessionConfig config = new SessionConfig();
        config.clientId = clientId;
        config.versions = versions;
        config.servers = servers;
        config.cleanSession = cleanSession;
        config.sessionExpirySeconds = sessionExpirySeconds;
        config.keepAliveSeconds = keepAliveSeconds;
        config.pingTimeoutNanos = pingTimeout.toNanos();
        config.connectTimeoutNanos = connectTimeout.toNanos();
        config.sendWindow = sendWindow;
        config.receiveMaximum = receiveMaximum;
        config.unhandled = unhandled;
        config.maximumPacketSize = maximumPacketSize;
        config.topicAliasMaximum = topicAliasMaximum;
        config.dropMqtt5Attributes = dropMqtt5Attributes;
        config.followServerReference = followServerReference;
        config.problemInformation = problemInformation;
        config.responseInformation = responseInformation;
        config.cleanStart = cleanStart;
        config.userProperties = userProperties;
        config.queue = queue;
        config.reconnect = reconnect;
        config.retransmission = retransmission;
        config.republishAmbiguous = republishAmbiguous;
        config.quotaPatienceNanos = quotaPatience.toNanos();
        config.strictOrder = strictOrder;
        config.broker = broker;
        config.freshCredentials = freshCredentials;
        config.seed = seed;
        return config;
    }
}
