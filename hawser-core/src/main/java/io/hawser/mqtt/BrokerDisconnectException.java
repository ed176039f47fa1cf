package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An exception for a connection that the broker ended with a DISCONNECT that gives a reason (MQTT 5.0). */
public final class BrokerDisconnectException extends MqttException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reasonCode;
    private final String reasonString;
    // The list is an immutable copy of the JDK's, which is serializable, as its records are.
    @SuppressWarnings("serial")
    private final List<UserProperty> userProperties;

    private final @Nullable String serverReference;

    public BrokerDisconnectException(
            ReasonCode reasonCode,
            String reasonString,
            List<UserProperty> userProperties,
            @Nullable String serverReference) {
        super(
                "the broker disconnected: " + reasonCode
                        + (reasonString.isEmpty() ? "" : ", " + Utf8.printable(reasonString)),
                null,
                Fault.BROKER,
                true);
        this.reasonCode = reasonCode;
        this.reasonString = reasonString;
        this.userProperties = List.copyOf(userProperties);
        this.serverReference = serverReference;
    }

    /** The reason code of DISCONNECT. */
    public ReasonCode reasonCode() {
        return reasonCode;
    }

    /** The reason string of DISCONNECT; empty if there is none. */
    public String reasonString() {
        return reasonString;
    }

    /** The user properties of DISCONNECT. */
    public List<UserProperty> userProperties() {
        return userProperties;
    }

    /** The server that the broker names instead, or null. */
    public @Nullable String serverReference() {
        return serverReference;
    }
}
