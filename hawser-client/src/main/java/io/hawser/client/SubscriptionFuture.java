package io.hawser.client;

import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.session.SubscriptionRequest;
import io.hawser.wire.Properties;
import org.jspecify.annotations.Nullable;

/** A request to subscribe or to unsubscribe, and the futures of its outcome. */
final class SubscriptionFuture extends SubscriptionRequest implements Submission {
    private final ClientFuture<SubscribeResult> subscribed;
    private final ClientFuture<Void> unsubscribed;
    private @Nullable Submission next;

    SubscriptionFuture(Subscription subscription, Object handler, HandlerLane lane) {
        super(subscription, handler);
        subscribed = new ClientFuture<>(lane);
        unsubscribed = new ClientFuture<>(lane);
    }

    SubscriptionFuture(TopicFilter filter, HandlerLane lane) {
        super(filter);
        subscribed = new ClientFuture<>(lane);
        unsubscribed = new ClientFuture<>(lane);
    }

    ClientFuture<SubscribeResult> subscribed() {
        return subscribed;
    }

    ClientFuture<Void> unsubscribed() {
        return unsubscribed;
    }

    void granted(@Nullable Qos granted, Properties answer) {
        Subscription subscription = subscription();
        if (subscription != null && granted != null) {
            subscribed.complete(
                    new SubscribeResult(subscription, granted, answer.reasonString(), answer.userProperties()));
        }
        unsubscribed.complete(null);
    }

    @Override
    public void fail(MqttException cause) {
        subscribed.completeExceptionally(cause);
        unsubscribed.completeExceptionally(cause);
    }

    @Override
    public void perform(Driver driver) {
        driver.request(this);
    }

    @Override
    public @Nullable Submission nextSubmission() {
        return next;
    }

    @Override
    public void nextSubmission(@Nullable Submission next) {
        this.next = next;
    }
}
