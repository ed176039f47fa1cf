package io.hawser.session;

import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Properties;
import java.util.List;

/**
 * The error that PUBACK or PUBREC gives for a received message, and what explains it (MQTT 5.0).
 *
 * @param properties reason string and user properties
 */
public record Rejection(ReasonCode reasonCode, Properties properties) {
    /** The rejection of a program that gives no reason. */
    public static final Rejection UNSPECIFIED = new Rejection(ReasonCode.UNSPECIFIED_ERROR, Properties.NONE);
    /** The rejection of a message of which nothing can be delivered. */
    static final Rejection UNREADABLE = new Rejection(ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR, Properties.NONE);

    /** The errors that PUBACK and PUBREC may carry (MQTT 5.0, 3.4.2.1 and 3.5.2.1). */
    private static final ReasonCode[] ALLOWED = {
        ReasonCode.UNSPECIFIED_ERROR,
        ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR,
        ReasonCode.NOT_AUTHORIZED,
        ReasonCode.TOPIC_NAME_INVALID,
        ReasonCode.PACKET_IDENTIFIER_IN_USE,
        ReasonCode.QUOTA_EXCEEDED,
        ReasonCode.PAYLOAD_FORMAT_INVALID
    };

    /**
     * A rejection as a program gives it.
     *
     * @param reasonString empty for none
     * @throws IllegalArgumentException if no acknowledgement may carry the code, or a string cannot be sent
     */
    public static Rejection of(ReasonCode reasonCode, String reasonString, List<UserProperty> userProperties) {
        if (!reasonCode.isOneOf(ALLOWED)) {
            throw new IllegalArgumentException("reason code is " + reasonCode + ", must be one of " + List.of(ALLOWED)
                    + " [MQTT-3.4.2-1] [MQTT-3.5.2-1]");
        }
        return new Rejection(reasonCode, Properties.explaining(reasonString, userProperties));
    }
}
