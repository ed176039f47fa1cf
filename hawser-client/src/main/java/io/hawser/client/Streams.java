package io.hawser.client;

import io.hawser.client.loop.Driver;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UnsubscribeResult;
import io.hawser.mqtt.UserProperty;
import io.hawser.session.Command;
import io.hawser.session.SubscriptionCall;
import io.hawser.session.SubscriptionRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The open streams by their filter: opens them, and ends a stream when its filter goes to another stream or a handler,
 * or its subscription ends. For any thread.
 */
final class Streams {
    private final Driver driver;
    private final Executor executor;
    /**
     * The stream that holds each filter. Guarded by this object, as is the submitting of a change's request, so that
     * the event loop sees requests in the order of the changes.
     */
    private final Map<TopicFilter, DeliveryQueue> current = new HashMap<>();

    Streams(Driver driver, Executor executor) {
        this.driver = driver;
        this.executor = executor;
    }

    DeliveryStream open(Subscription subscription) {
        DeliveryQueue stream =
                new DeliveryQueue(subscription, driver.dispatcher(), executor, this::unsubscribeIfCurrent);
        CompletableFuture<SubscribeResult> granted = subscribe(subscription, stream, stream);
        CompletableFuture<Void> unused = granted.handle((result, cause) -> {
            if (cause != null) {
                end(stream, cause instanceof MqttException known ? known : null);
            }
            return null;
        });
        return stream;
    }

    CompletableFuture<SubscribeResult> subscribe(Subscription subscription, Object handler) {
        return subscribe(subscription, handler, null);
    }

    private CompletableFuture<SubscribeResult> subscribe(
            Subscription subscription, Object handler, @Nullable DeliveryQueue stream) {
        SubscriptionRequest request = new SubscriptionRequest(subscription, handler, driver.dispatcher());
        submit(request, List.of(subscription), stream);
        return request.subscribed();
    }

    CompletableFuture<List<SubscribeResult>> subscribe(
            List<Subscription> subscriptions, List<UserProperty> userProperties, Object handler) {
        SubscriptionCall call =
                SubscriptionCall.subscribing(subscriptions, userProperties, handler, driver.dispatcher());
        submit(call, subscriptions, null);
        return call.subscribed();
    }

    /** Submits a call that subscribes, and ends the streams whose filters it takes. */
    private void submit(Command call, List<Subscription> subscriptions, @Nullable DeliveryQueue stream) {
        List<DeliveryQueue> replaced = new ArrayList<>(0);
        synchronized (this) {
            for (Subscription subscription : subscriptions) {
                TopicFilter filter = subscription.filter();
                DeliveryQueue before = stream == null ? current.remove(filter) : current.put(filter, stream);
                if (before != null) {
                    replaced.add(before);
                }
            }
            driver.submit(call);
        }
        replaced.forEach(before -> end(before, null));
    }

    CompletableFuture<UnsubscribeResult> unsubscribe(TopicFilter filter) {
        SubscriptionRequest request = new SubscriptionRequest(filter, driver.dispatcher());
        return submit(request, List.of(filter), request.unsubscribed());
    }

    CompletableFuture<List<UnsubscribeResult>> unsubscribe(
            List<TopicFilter> filters, List<UserProperty> userProperties) {
        SubscriptionCall call = SubscriptionCall.unsubscribing(filters, userProperties, driver.dispatcher());
        return submit(call, filters, call.unsubscribed());
    }

    /** Submits a call that unsubscribes, and ends the streams of its filters with its future. */
    private <T> CompletableFuture<T> submit(Command call, List<TopicFilter> filters, CompletableFuture<T> future) {
        List<DeliveryQueue> streams = new ArrayList<>(0);
        synchronized (this) {
            for (TopicFilter filter : filters) {
                DeliveryQueue stream = current.get(filter);
                if (stream != null) {
                    streams.add(stream);
                }
            }
            driver.submit(call);
        }
        return streams.isEmpty()
                ? future
                : future.whenComplete((done, cause) -> streams.forEach(stream -> end(stream, null)));
    }

    /**
     * Unsubscribes, unless the stream's filter has gone to another stream or a handler since: the subscription is
     * theirs then.
     */
    private synchronized void unsubscribeIfCurrent(DeliveryQueue stream) {
        TopicFilter filter = stream.subscription().filter();
        if (current.remove(filter, stream)) {
            driver.submit(new SubscriptionRequest(filter));
        }
    }

    /** Ends the stream of a subscription that the broker refused to renew on a later connection. */
    void refused(Subscription subscription, MqttException cause) {
        DeliveryQueue stream;
        synchronized (this) {
            stream = current.get(subscription.filter());
        }
        if (stream != null && stream.subscription().equals(subscription)) {
            end(stream, cause);
        }
    }

    /**
     * Ends a stream behind the messages that came while its subscription was in force, and that are still in the
     * dispatcher.
     */
    private void end(DeliveryQueue stream, @Nullable MqttException cause) {
        synchronized (this) {
            current.remove(stream.subscription().filter(), stream);
        }
        driver.submit(() -> driver.dispatcher().afterwards(() -> stream.end(cause)));
    }

    /**
     * Ends all streams at once, because the client has ended: a handler that does not return must not hold up a program
     * that ends.
     */
    void endAll(@Nullable MqttException cause) {
        Collection<DeliveryQueue> ending;
        synchronized (this) {
            ending = List.copyOf(current.values());
            current.clear();
        }
        ending.forEach(stream -> stream.end(cause));
    }
}
