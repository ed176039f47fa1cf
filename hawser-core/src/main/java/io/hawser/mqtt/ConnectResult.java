package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The broker's answer to a CONNECT that it accepted.
 *
 * @param version the protocol version of this connection
 * @param clientId the client identifier of this connection, which the broker may have assigned
 * @param sessionPresent whether the broker still had the session; always false in MQTT 3.1, whose CONNACK cannot say so
 * @param negotiated the terms of the connection
 * @param reasonString the reason string of CONNACK; empty if there is none
 * @param userProperties the user properties of CONNACK
 */
public record ConnectResult(
        ProtocolVersion version,
        String clientId,
        boolean sessionPresent,
        Negotiated negotiated,
        String reasonString,
        List<UserProperty> userProperties) {
    /**
     * The terms of a connection: the broker's grants in CONNACK of MQTT 5.0, or the fixed values of MQTT 3.1 and 3.1.1.
     *
     * @param keepAlive the longest silence of this client; the broker's value wins
     * @param sessionExpiry how long the broker keeps the session after the connection; 0: not at all; null on MQTT 3.x,
     *     where the broker does not say
     * @param receiveMaximum how many QoS 1 and 2 messages the broker takes at a time, 1 to 65,535
     * @param maximumQos the highest quality of service that the broker takes
     * @param maximumPacketSize the largest packet that the broker takes, in bytes
     * @param topicAliasMaximum how many topic aliases the broker takes; 0: none
     * @param retainAvailable whether the broker keeps retained messages
     * @param wildcardSubscriptions whether filters may have wildcards
     * @param subscriptionIdentifiers whether subscriptions may have identifiers
     * @param sharedSubscriptions whether the broker takes {@code $share/…}; on MQTT 3.x, where it cannot say, true
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

    public ConnectResult {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(negotiated, "negotiated");
        Objects.requireNonNull(reasonString, "reasonString");
        userProperties = List.copyOf(userProperties);
    }

    /** The components that are short, with control characters escaped. */
    @Override
    public String toString() {
        return "ConnectResult[version=" + version + ", clientId=" + Utf8.printable(clientId) + ", sessionPresent="
                + sessionPresent + "]";
    }
}
