package io.hawser.client;

import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.util.concurrent.CompletableFuture;

/** A client that subscribes. */
public interface MqttSubscriber extends MqttEndpoint {
    /**
     * Options of a subscriber for these servers, tried in turn: {@code mqtt://host[:1883]}, {@code mqtts://host[:8883]},
     * {@code ws://host[:80][/path]}, {@code wss://host[:443][/path]} (default path: {@code /mqtt}), or {@code unix:/path}.
     *
     * @throws IllegalArgumentException if none is given or one cannot be understood
     */
    static ClientBuilder<MqttSubscriber> builder(String... servers) {
        return ClientBuilder.ofSubscriber(servers);
    }

    /** A connected subscriber with default options. On failure it is closed before the exception leaves. */
    static MqttSubscriber connect(String server) {
        return Blocking.connected(builder(server).build());
    }

    /**
     * Subscribes, and keeps the subscription over reconnects until {@link #unsubscribeAsync}. A message that matches several
     * subscriptions goes to the handler of each, once per message that the broker sends. The same filter again replaces
     * quality of service and handler [MQTT-3.8.4-3]. Before connecting, it waits for the connection.
     *
     * @return what the broker granted, or a {@code RequestRejectedException}, after which the handler is gone
     */
    CompletableFuture<SubscribeResult> subscribeAsync(Subscription subscription, MessageHandler handler);

    /** As {@link #subscribeAsync}, and waits for the broker's answer. */
    default SubscribeResult subscribe(Subscription subscription, MessageHandler handler) {
        return Blocking.on(this, () -> subscribeAsync(subscription, handler), timeout(), "subscribe");
    }

    /** Subscribes to {@code filter} at up to QoS 2, and waits for the broker's answer. */
    default SubscribeResult subscribe(String filter, MessageHandler handler) {
        return subscribe(Subscription.to(filter), handler);
    }

    /** Ends a subscription; messages that come all the same are held like any without a handler. */
    CompletableFuture<Void> unsubscribeAsync(TopicFilter filter);

    /** As {@link #unsubscribeAsync}, and waits for the broker's answer. */
    default void unsubscribe(String filter) {
        Blocking.on(this, () -> unsubscribeAsync(TopicFilter.of(filter)), timeout(), "unsubscribe");
    }

    /**
     * Subscribes, and lets the program take the messages one by one; each must be settled ({@link Delivery#ack}). The
     * subscription is made by this call, without waiting for the answer, and ended by {@link DeliveryStream#close}.
     */
    DeliveryStream stream(Subscription subscription);
}
