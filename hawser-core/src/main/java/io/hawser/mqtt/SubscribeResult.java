package io.hawser.mqtt;

import java.util.Objects;

/**
 * What the broker granted a subscription.
 *
 * @param subscription what was asked for
 * @param granted the highest quality of service at which messages will come; may be lower than asked for
 */
public record SubscribeResult(Subscription subscription, Qos granted) {
    public SubscribeResult {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(granted, "granted");
    }
}
