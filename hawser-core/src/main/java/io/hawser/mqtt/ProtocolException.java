package io.hawser.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * The broker sent what the protocol does not allow: a malformed packet, or one that is out of turn; or what the program's
 * {@link Authentication} does not accept, whose exception is the cause then.
 */
public final class ProtocolException extends MqttException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reasonCode;

    /** @param reasonCode what MQTT 5.0 calls the error, such as {@link ReasonCode#MALFORMED_PACKET} */
    public ProtocolException(ReasonCode reasonCode, String message) {
        this(reasonCode, message, null);
    }

    /** An error that something else has found. */
    public ProtocolException(ReasonCode reasonCode, String message, @Nullable Throwable cause) {
        super(message, cause, Fault.BROKER, true);
        this.reasonCode = reasonCode;
    }

    /** What MQTT 5.0 calls the error. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }
}
