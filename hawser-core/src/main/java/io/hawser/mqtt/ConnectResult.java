package io.hawser.mqtt;

import java.util.Objects;

/**
 * What a broker said to CONNECT when it accepted.
 *
 * @param version the protocol version of this connection
 * @param clientId the client identifier of this connection
 * @param sessionPresent whether the broker still had the session; always false in MQTT 3.1, whose CONNACK cannot say
 */
public record ConnectResult(ProtocolVersion version, String clientId, boolean sessionPresent) {
    public ConnectResult {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(clientId, "clientId");
    }

    /** As every record's, control characters escaped. */
    @Override
    public String toString() {
        return "ConnectResult[version=" + version + ", clientId=" + Utf8.printable(clientId) + ", sessionPresent="
                + sessionPresent + "]";
    }
}
