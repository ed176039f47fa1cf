package io.hawser.session;

import io.hawser.mqtt.Qos;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.wire.Properties;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A request to subscribe or to unsubscribe; the latter completes with null. */
public class SubscriptionRequest extends Request<SubscribeResult> {
    private final TopicFilter filter;
    private final @Nullable Subscription subscription;
    private final @Nullable Object handler;
    /** Since when it has been waiting for its answer; {@link Timers#NEVER} until that counts. */
    long askedAtNanos = Timers.NEVER;

    private SubscriptionRequest(
            TopicFilter filter, @Nullable Subscription subscription, @Nullable Object handler, @Nullable Watch watch) {
        super(watch);
        this.filter = filter;
        this.subscription = subscription;
        this.handler = handler;
    }

    /** Subscribes, with a handler that {@link Effects#deliver} gets; null leaves a handler that is there. */
    public SubscriptionRequest(Subscription subscription, @Nullable Object handler, @Nullable Watch watch) {
        this(subscription.filter(), subscription, handler, watch);
    }

    /** Subscribes for nobody who waits. */
    public SubscriptionRequest(Subscription subscription, @Nullable Object handler) {
        this(subscription, handler, null);
    }

    /** Unsubscribes. */
    public SubscriptionRequest(TopicFilter filter, @Nullable Watch watch) {
        this(filter, null, null, watch);
    }

    /** Unsubscribes for nobody who waits. */
    public SubscriptionRequest(TopicFilter filter) {
        this(filter, null);
    }

    @Override
    public final void run(Intake intake) {
        intake.request(this);
    }

    /** Completes the request: {@code granted} is null for an UNSUBSCRIBE. */
    public final void complete(@Nullable Qos granted, Properties answer) {
        complete(
                subscription == null || granted == null
                        ? null
                        : new SubscribeResult(subscription, granted, answer.reasonString(), answer.userProperties()));
    }

    /** The future of a request to unsubscribe, whose result is always null. */
    @SuppressWarnings("unchecked")
    public final CompletableFuture<Void> unsubscribed() {
        return (CompletableFuture<Void>) (CompletableFuture<?>) this;
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
