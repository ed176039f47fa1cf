package io.hawser.client;

import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.util.concurrent.CompletableFuture;

/** A client that subscribes. */
public interface MqttSubscriber extends MqttEndpoint {
    /**
     * The options of a subscriber for these servers, tried in turn: {@code mqtt://host[:1883]},
     * {@code mqtts://host[:8883]}, {@code mqtt+srv://domain}, {@code mqtts+srv://domain},
     * {@code ws://host[:80][/path]}, {@code wss://host[:443][/path]} (default path: {@code /mqtt}), or
     * {@code unix:/path}.
     *
     * @throws IllegalArgumentException if no server is given, or a URL cannot be understood
     */
    static ClientBuilder<MqttSubscriber> builder(String... servers) {
        return ClientBuilder.ofSubscriber(servers);
    }

    /**
     * A connected subscriber with default options. If connecting fails, the subscriber is closed before the exception
     * is thrown.
     */
    static MqttSubscriber connect(String server) {
        return Blocking.connected(builder(server).build());
    }

    /**
     * Subscribes, and keeps the subscription over reconnects until {@link #unsubscribeAsync}. A message that matches
     * several subscriptions goes to the handler of each, once per message that the broker sends. A subscription with
     * the same filter replaces quality of service and handler of the earlier one [MQTT-3.8.4-3]. Without a connection,
     * the request waits for one.
     *
     * @return completes with what the broker granted, or fails with a {@code RequestRejectedException} if the broker
     *     refused; the handler is removed then
     */
    CompletableFuture<SubscribeResult> subscribeAsync(Subscription subscription, MessageHandler handler);

    /** Subscribes as {@link #subscribeAsync} does, and waits for the broker's answer. */
    default SubscribeResult subscribe(Subscription subscription, MessageHandler handler) {
        return Blocking.on(this, () -> subscribeAsync(subscription, handler), timeout(), "subscribe");
    }

    /** Subscribes to {@code filter} at up to QoS 2, and waits for the broker's answer. */
    default SubscribeResult subscribe(String filter, MessageHandler handler) {
        return subscribe(Subscription.to(filter), handler);
    }

    /**
     * Ends a subscription. Messages that come afterwards are treated like all messages without a handler
     * ({@link ClientBuilder#holdUnhandled}).
     */
    CompletableFuture<Void> unsubscribeAsync(TopicFilter filter);

    /** Unsubscribes as {@link #unsubscribeAsync} does, and waits for the broker's answer. */
    default void unsubscribe(String filter) {
        Blocking.on(this, () -> unsubscribeAsync(TopicFilter.of(filter)), timeout(), "unsubscribe");
    }

    /**
     * Subscribes, and returns a stream from which the program takes the messages one by one; each QoS 1 or 2 message
     * must be acknowledged ({@link Delivery#ack}) or rejected. This call subscribes without waiting for the broker's
     * answer, and {@link DeliveryStream#close} unsubscribes.
     */
    DeliveryStream stream(Subscription subscription);
}
