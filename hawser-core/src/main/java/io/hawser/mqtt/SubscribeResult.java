package io.hawser.mqtt;

import java.util.List;
import java.util.Objects;

/**
 * What the broker granted a subscription.
 *
 * @param subscription what was asked for
 * @param granted the highest quality of service at which messages will come; may be lower than asked for
 * @param reasonString what the broker added in words about the packet that held the request; empty if nothing
 * @param userProperties what the broker added in names and values
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
