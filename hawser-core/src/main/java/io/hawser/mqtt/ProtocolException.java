package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * An exception for a peer that broke the protocol: a malformed packet, or a packet out of turn; or for a broker that
 * the program's {@link Authentication} rejected, whose exception is then the cause.
 */
public final class ProtocolException extends MqttException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reasonCode;

    /** @param reasonCode the name of the error in MQTT 5.0, such as {@link ReasonCode#MALFORMED_PACKET} */
    public ProtocolException(ReasonCode reasonCode, String message) {
        this(reasonCode, message, null);
    }

    public ProtocolException(ReasonCode reasonCode, String message, @Nullable Throwable cause) {
        super(message, cause, Fault.BROKER, true);
        this.reasonCode = reasonCode;
    }

    /** The name of the error in MQTT 5.0. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }
}
