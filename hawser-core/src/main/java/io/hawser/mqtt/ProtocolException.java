package io.hawser.mqtt;

/** The broker sent what the protocol does not allow: a malformed packet, or one that is out of turn. */
public final class ProtocolException extends MqttException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reasonCode;

    /** @param reasonCode what MQTT 5.0 calls the error, such as {@link ReasonCode#MALFORMED_PACKET} */
    public ProtocolException(ReasonCode reasonCode, String message) {
        super(message, null);
        this.reasonCode = reasonCode;
    }

    /** What MQTT 5.0 calls the error. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }

    @Override
    public Fault fault() {
        return Fault.BROKER;
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
