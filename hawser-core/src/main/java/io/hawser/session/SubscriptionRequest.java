package io.hawser.session;

import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import org.jspecify.annotations.Nullable;

/** A wish to subscribe or to unsubscribe. */
public class SubscriptionRequest {
    private final TopicFilter filter;
    private final @Nullable Subscription subscription;
    private final @Nullable Object handler;
    /** Since when it has been waiting for its answer; {@link Timers#NEVER} until that counts. */
    long askedAtNanos = Timers.NEVER;

    private SubscriptionRequest(TopicFilter filter, @Nullable Subscription subscription, @Nullable Object handler) {
        this.filter = filter;
        this.subscription = subscription;
        this.handler = handler;
    }

    /** Subscribes, with a handler that {@link Effects#deliver} gets; null leaves a handler that is there. */
    public SubscriptionRequest(Subscription subscription, @Nullable Object handler) {
        this(subscription.filter(), subscription, handler);
    }

    /** Unsubscribes. */
    public SubscriptionRequest(TopicFilter filter) {
        this(filter, null, null);
    }

    public final TopicFilter filter() {
        return filter;
    }

    /** What to subscribe to, or null to unsubscribe. */
    public final @Nullable Subscription subscription() {
        return subscription;
    }

    final @Nullable Object handler() {
        return handler;
    }

    final String text() {
        return (subscribes() ? "SUBSCRIBE to '" : "UNSUBSCRIBE from '") + filter + "'";
    }

    final boolean subscribes() {
        return subscription != null;
    }
}
