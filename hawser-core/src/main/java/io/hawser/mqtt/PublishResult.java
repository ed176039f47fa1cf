package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;

/**
 * The result of a publish that succeeded: at QoS 1 and 2 the broker has acknowledged the message, at QoS 0 the message
 * was handed to the network.
 *
 * @param reasonCode {@link ReasonCode#SUCCESS}; {@link ReasonCode#NO_MATCHING_SUBSCRIBERS} if the broker says that
 *     nobody is subscribed (MQTT 5.0; a broker need not say so); {@link ReasonCode#GRANTED_QOS_1} if the broker
 *     answered a QoS 2 message with PUBACK, so that the message may arrive more than once;
 *     {@link ReasonCode#PACKET_IDENTIFIER_NOT_FOUND} if the broker had taken a QoS 2 message, but did not know its
 *     identifier when PUBREL came, as after a lost connection
 * @param reasonString the reason string, at QoS 2 of PUBREC or else of PUBCOMP; empty if there is none
 * @param userProperties the user properties, at QoS 2 of PUBREC and then of PUBCOMP
 * @param possiblyDuplicated whether a QoS 2 message was published again although its first copy may have arrived,
 *     because the broker lost the session before PUBCOMP
 */
public record PublishResult(
        ReasonCode reasonCode, String reasonString, List<UserProperty> userProperties, boolean possiblyDuplicated) {
    /** The result of a message that was acknowledged without anything to add. */
    public static final PublishResult ACKNOWLEDGED = new PublishResult(ReasonCode.SUCCESS, "", List.of(), false);

    public PublishResult {
        Objects.requireNonNull(reasonCode, "reasonCode");
        Objects.requireNonNull(reasonString, "reasonString");
        userProperties = List.copyOf(userProperties);
    }
}
