package io.hawser.client.loop;

import io.hawser.client.delivery.ClientFuture;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.session.SubscriptionRequest;
import io.hawser.wire.Properties;
import org.jspecify.annotations.Nullable;

/** A request to subscribe or to unsubscribe, with the futures of its outcome. */
public final class SubscriptionFuture extends SubscriptionRequest implements Command {
    private final Intake intake;
    private final ClientFuture<SubscribeResult> subscribed;
    private final ClientFuture<Void> unsubscribed;
    private @Nullable Command next;

    public SubscriptionFuture(Subscription subscription, Object handler, Intake intake) {
        super(subscription, handler);
        this.intake = intake;
        subscribed = new ClientFuture<>(intake.dispatcher());
        unsubscribed = new ClientFuture<>(intake.dispatcher());
    }

    public SubscriptionFuture(TopicFilter filter, Intake intake) {
        super(filter);
        this.intake = intake;
        subscribed = new ClientFuture<>(intake.dispatcher());
        unsubscribed = new ClientFuture<>(intake.dispatcher());
    }

    public ClientFuture<SubscribeResult> subscribed() {
        return subscribed;
    }

    public ClientFuture<Void> unsubscribed() {
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
    public void interrupted(MqttException cause) {
        fail(cause);
    }

    void fail(MqttException cause) {
        subscribed.completeExceptionally(cause);
        unsubscribed.completeExceptionally(cause);
    }

    @Override
    public void run() {
        intake.request(this);
    }

    @Override
    public @Nullable Command nextCommand() {
        return next;
    }

    @Override
    public void nextCommand(@Nullable Command next) {
        this.next = next;
    }
}
