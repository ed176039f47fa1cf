package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The broker's answer to the end of a subscription.
 *
 * @param filter the filter of the subscription
 * @param reasonCode the code for this filter in UNSUBACK: {@code SUCCESS}, which is all that MQTT 3.x can say,
 *     {@code NO_SUBSCRIPTION_EXISTED}, or a refusal
 * @param reasonString the reason string of the answering packet; empty if there is none
 * @param userProperties the user properties of the answering packet
 * @param refusal the reason why the subscription goes on; null if there is none. Only a call of several filters has
 *     results with a refusal
 */
public record UnsubscribeResult(
        TopicFilter filter,
        ReasonCode reasonCode,
        String reasonString,
        List<UserProperty> userProperties,
        @Nullable RequestRejectedException refusal) {
    public UnsubscribeResult {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(reasonCode, "reasonCode");
        Objects.requireNonNull(reasonString, "reasonString");
        userProperties = List.copyOf(userProperties);
    }
}
