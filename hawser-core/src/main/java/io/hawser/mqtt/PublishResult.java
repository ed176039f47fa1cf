package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;

/**
 * How a publish ended well: at QoS 1 and 2 the broker has acknowledged it, at QoS 0 it was handed to the network.
 *
 * @param reasonCode {@link ReasonCode#SUCCESS}; {@link ReasonCode#NO_MATCHING_SUBSCRIBERS} if the broker says that nobody is
 *     subscribed (MQTT 5.0; it need not say it); {@link ReasonCode#GRANTED_QOS_1} if the broker took a QoS 2 message as one of
 *     QoS 1, with PUBACK, so that it may arrive more than once; {@link ReasonCode#PACKET_IDENTIFIER_NOT_FOUND} if the broker had
 *     a QoS 2 message, and did not know its identifier any more when it was released, as after a lost connection
 * @param reasonString what the broker added in words, to PUBREC or else to PUBCOMP at QoS 2; empty if nothing
 * @param userProperties what the broker added in names and values, to PUBREC and then to PUBCOMP at QoS 2
 * @param possiblyDuplicated true if a QoS 2 message was published again because nobody could know whether it had arrived: the
 *     broker lost the session before PUBCOMP. It may have arrived twice
 */
public record PublishResult(
        ReasonCode reasonCode, String reasonString, List<UserProperty> userProperties, boolean possiblyDuplicated) {
    /** Acknowledged, and nothing more to say. */
    public static final PublishResult ACKNOWLEDGED = new PublishResult(ReasonCode.SUCCESS, "", List.of(), false);

    public PublishResult {
        Objects.requireNonNull(reasonCode, "reasonCode");
        Objects.requireNonNull(reasonString, "reasonString");
        userProperties = List.copyOf(userProperties);
    }
}
