package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;

/**
 * How a publish ended well: at QoS 1 and 2 the broker has acknowledged it, at QoS 0 it was handed to the network.
 *
 * @param reasonCode {@link ReasonCode#SUCCESS}, or {@link ReasonCode#NO_MATCHING_SUBSCRIBERS} if the broker says that nobody
 *     is subscribed (MQTT 5.0; it need not say it)
 * @param reasonString what the broker added in words; empty if nothing
 * @param userProperties what the broker added in names and values
 * @param possiblyDuplicated true if the broker lost the session in between and a QoS 2 message was published again, so
 *     that it may have arrived twice
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
