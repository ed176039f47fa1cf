package io.hawser.session;

import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UnsubscribeResult;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Properties;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request to subscribe to one filter, which completes with a {@link SubscribeResult}, or to unsubscribe from it, which completes with an
 * {@link UnsubscribeResult}.
 */
public class SubscriptionRequest extends Request<Object> {
    private final TopicFilter filter;
    private final @Nullable Subscription subscription;
    private final @Nullable Object handler;
    /** The call of several filters, or with user properties, that this request is of; null for a call of its own. */
    private final @Nullable SubscriptionCall call;
    /** The result for the call, a refusal included; null until it is there, and without a call. */
    @Nullable
    Object result;

    /** Since when it has been waiting for its answer; {@link Timers#NEVER} until that counts. */
    long askedAtNanos = Timers.NEVER;

    private SubscriptionRequest(
            TopicFilter filter,
            @Nullable Subscription subscription,
            @Nullable Object handler,
            @Nullable SubscriptionCall call,
            @Nullable Watch watch) {
        super(watch);
        this.filter = filter;
        this.subscription = subscription;
        this.handler = handler;
        this.call = call;
    }

    /** Subscribes, with a handler that {@link Effects#deliver} gets; null leaves a handler that is there. */
    public SubscriptionRequest(Subscription subscription, @Nullable Object handler, @Nullable Watch watch) {
        this(subscription.filter(), subscription, handler, null, watch);
    }

    /** Subscribes for nobody who waits. */
    public SubscriptionRequest(Subscription subscription, @Nullable Object handler) {
        this(subscription, handler, (Watch) null);
    }

    /** Subscribes as a part of a call. */
    SubscriptionRequest(Subscription subscription, @Nullable Object handler, SubscriptionCall call) {
        this(subscription.filter(), subscription, handler, call, null);
    }

    /** Unsubscribes. */
    public SubscriptionRequest(TopicFilter filter, @Nullable Watch watch) {
        this(filter, null, null, null, watch);
    }

    /** Unsubscribes for nobody who waits. */
    public SubscriptionRequest(TopicFilter filter) {
        this(filter, (Watch) null);
    }

    /** Unsubscribes as a part of a call. */
    SubscriptionRequest(TopicFilter filter, SubscriptionCall call) {
        this(filter, null, null, call, null);
    }

    /** The same wish, for which nobody waits, and which leaves the handler that is there. */
    final SubscriptionRequest again() {
        return new SubscriptionRequest(filter, subscription, null, call, null);
    }

    @Override
    public final void run(Intake intake) {
        intake.request(List.of(this));
    }

    /** Completes the request with the broker's code for it, and what explains the whole answer. */
    public final void complete(ReasonCode code, Properties answer) {
        Object answered = result(code, answer.reasonString(), answer.userProperties(), null);
        complete(answered);
        if (call != null) {
            result = answered;
            call.answered();
        }
    }

    @Override
    public final void fail(MqttException cause) {
        super.fail(cause);
        if (call != null && cause instanceof RequestRejectedException refusal) {
            result = result(refusal.reasonCode(), refusal.reasonString(), refusal.userProperties(), refusal);
            call.answered();
        } else if (call != null) {
            call.fail(cause);
        }
    }

    private Object result(
            ReasonCode code,
            String text,
            List<UserProperty> userProperties,
            @Nullable RequestRejectedException refusal) {
        return subscription == null
                ? new UnsubscribeResult(filter, code, text, userProperties, refusal)
                : new SubscribeResult(subscription, code, text, userProperties, refusal);
    }

    /** The future of a request to subscribe. */
    @SuppressWarnings("unchecked")
    public final CompletableFuture<SubscribeResult> subscribed() {
        return (CompletableFuture<SubscribeResult>) (CompletableFuture<?>) this;
    }

    /** The future of a request to unsubscribe. */
    @SuppressWarnings("unchecked")
    public final CompletableFuture<UnsubscribeResult> unsubscribed() {
        return (CompletableFuture<UnsubscribeResult>) (CompletableFuture<?>) this;
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

    final @Nullable SubscriptionCall call() {
        return call;
    }

    /** The user properties of the request's packet. */
    final Properties properties() {
        return call == null ? Properties.NONE : call.properties();
    }

    final String text() {
        return (subscribes() ? "SUBSCRIBE to '" : "UNSUBSCRIBE from '") + filter + "'";
    }

    final boolean subscribes() {
        return subscription != null;
    }
}
