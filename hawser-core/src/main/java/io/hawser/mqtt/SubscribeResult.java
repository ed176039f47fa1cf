package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;

/**
 * The broker's answer to a subscription that it granted.
 *
 * @param subscription the subscription that was asked for
 * @param granted the highest quality of service at which messages will come; may be lower than asked for
 * @param reasonString the reason string of the answering packet; empty if there is none
 * @param userProperties the user properties of the answering packet
 */
public record SubscribeResult(
        Subscription subscription, Qos granted, String reasonString, List<UserProperty> userProperties) {
    public SubscribeResult {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(granted, "granted");
        Objects.requireNonNull(reasonString, "reasonString");
        userProperties = List.copyOf(userProperties);
    }
}
