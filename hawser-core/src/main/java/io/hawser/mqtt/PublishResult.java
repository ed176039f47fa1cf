package io.hawser.mqtt;

import java.util.Objects;

/**
 * How a publish ended well: at QoS 1 and 2 the broker has acknowledged it, at QoS 0 it was handed to the network.
 *
 * @param reasonCode {@link ReasonCode#SUCCESS}
 * @param possiblyDuplicated true if the broker lost the session in between and a QoS 2 message was published again, so
 *     that it may have arrived twice
 */
public record PublishResult(ReasonCode reasonCode, boolean possiblyDuplicated) {
    /** Acknowledged, and nothing more to say. */
    public static final PublishResult ACKNOWLEDGED = new PublishResult(ReasonCode.SUCCESS, false);

    public PublishResult {
        Objects.requireNonNull(reasonCode, "reasonCode");
    }
}
