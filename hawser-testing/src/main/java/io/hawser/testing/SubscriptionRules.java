package io.hawser.testing;

import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import org.jspecify.annotations.Nullable;

/** How a {@link ModelBroker} answers SUBSCRIBE, by what it has granted in CONNACK. */
final class SubscriptionRules {
    private SubscriptionRules() {}

    static Qos highestQos(Properties grants) {
        return Qos.of((int) grants.number(Property.MAXIMUM_QOS, 2));
    }

    /** What this broker has said in CONNACK that it does not do, or null. */
    static @Nullable ReasonCode refusal(Subscription subscription, Properties grants) {
        String pattern = subscription.filter().pattern();
        if (grants.number(Property.SHARED_SUBSCRIPTION_AVAILABLE, 1) == 0
                && subscription.filter().isShared()) {
            return ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED;
        }
        if (grants.number(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 1) == 0 && subscription.identifier() != 0) {
            return ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED;
        }
        boolean hasWildcard = pattern.indexOf('+') >= 0 || pattern.indexOf('#') >= 0;
        return grants.number(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 1) == 0 && hasWildcard
                ? ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED
                : null;
    }

    static boolean wantsRetained(Subscription subscription, boolean isNew) {
        return !subscription.filter().isShared()
                && switch (subscription.retainHandling()) {
                    case SEND -> true;
                    case SEND_IF_NEW -> isNew;
                    case DO_NOT_SEND -> false;
                };
    }
}
