package io.hawser.mqtt;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What holds for a connection: what the broker granted in CONNACK of MQTT 5.0, or what MQTT 3.1 and 3.1.1 fix.
 *
 * @param keepAlive the longest silence of this client; the broker's wish wins
 * @param sessionExpiry how long the broker keeps the session after the connection; zero: not at all; null: MQTT 3.x, where
 *     nobody says
 * @param receiveMaximum how many QoS 1 and 2 messages the broker takes at a time, 1 to 65,535
 * @param maximumQos the highest quality of service that the broker takes
 * @param maximumPacketSize the largest packet that the broker takes, in bytes
 * @param topicAliasMaximum how many topic aliases the broker takes; 0: none
 * @param retainAvailable whether the broker keeps retained messages
 * @param wildcardSubscriptions whether filters may have wildcards
 * @param subscriptionIdentifiers whether subscriptions may have identifiers
 * @param sharedSubscriptions whether {@code $share/…} is understood; on 3.x, whether nobody has said no
 * @param responseInformation the broker's base for response topics, or null
 */
public record Negotiated(
        Duration keepAlive,
        @Nullable Duration sessionExpiry,
        int receiveMaximum,
        Qos maximumQos,
        int maximumPacketSize,
        int topicAliasMaximum,
        boolean retainAvailable,
        boolean wildcardSubscriptions,
        boolean subscriptionIdentifiers,
        boolean sharedSubscriptions,
        @Nullable String responseInformation) {
    public Negotiated {
        Objects.requireNonNull(keepAlive, "keepAlive");
        Objects.requireNonNull(maximumQos, "maximumQos");
    }
}
