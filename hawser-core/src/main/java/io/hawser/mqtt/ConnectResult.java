package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.List;
import java.util.Objects;

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
