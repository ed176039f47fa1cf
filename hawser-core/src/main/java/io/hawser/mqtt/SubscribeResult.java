package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The broker's answer to a subscription.
 *
 * @param subscription the subscription that was asked for
 * @param reasonCode the code for this subscription in SUBACK
 * @param reasonString the reason string of the answering packet; empty if there is none
 * @param userProperties the user properties of the answering packet
 * @param refusal the reason why there is no subscription, by the broker or because the connection cannot carry it; null
 *     for a subscription that is granted. Only a call of several subscriptions has results with a refusal
 */
public record SubscribeResult(
        Subscription subscription,
        ReasonCode reasonCode,
        String reasonString,
        List<UserProperty> userProperties,
        @Nullable RequestRejectedException refusal) {
    public SubscribeResult {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(reasonCode, "reasonCode");
        Objects.requireNonNull(reasonString, "reasonString");
        userProperties = List.copyOf(userProperties);
    }

    /**
     * The highest quality of service at which messages will come; may be lower than asked for.
     *
     * @throws RequestRejectedException the {@link #refusal}, if there is one
     */
    public Qos granted() {
        if (refusal != null) {
            throw refusal;
        }
        return Qos.of(reasonCode.code());
    }
}
