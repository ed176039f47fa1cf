package io.hawser.mqtt;

import io.hawser.text.Utf8;
import org.jspecify.annotations.Nullable;

/** The broker ended the connection with a DISCONNECT that says why (MQTT 5.0). */
public final class BrokerDisconnectException extends MqttException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reasonCode;
    private final String reasonString;
    private final @Nullable String serverReference;

    public BrokerDisconnectException(ReasonCode reasonCode, String reasonString, @Nullable String serverReference) {
        super(
                "the broker disconnected: " + reasonCode
                        + (reasonString.isEmpty() ? "" : ", " + Utf8.printable(reasonString)),
                null,
                Fault.BROKER,
                true);
        this.reasonCode = reasonCode;
        this.reasonString = reasonString;
        this.serverReference = serverReference;
    }

    public ReasonCode reasonCode() {
        return reasonCode;
    }

    /** What the broker added in words; empty if nothing. */
    public String reasonString() {
        return reasonString;
    }

    /** Where the broker says to go instead, or null. */
    public @Nullable String serverReference() {
        return serverReference;
    }
}
