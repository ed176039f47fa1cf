package io.hawser.client;

import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UnsubscribeResult;
import io.hawser.mqtt.UserProperty;
import java.util.List;
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
     * Subscribes, and keeps the subscription over reconnects until {@link #unsubscribeAsync(TopicFilter)}. A message that matches
     * several subscriptions goes to the handler of each, once per message that the broker sends. A subscription with
     * the same filter replaces quality of service and handler of the earlier one [MQTT-3.8.4-3]. Without a connection,
     * the request waits for one.
     *
     * @return completes with what the broker granted, or fails with a {@code RequestRejectedException} if the broker
     *     refused; the handler is removed then
     */
    CompletableFuture<SubscribeResult> subscribeAsync(Subscription subscription, MessageHandler handler);

    /** Subscribes as {@link #subscribeAsync(Subscription, MessageHandler)} does, and waits for the broker's answer. */
    default SubscribeResult subscribe(Subscription subscription, MessageHandler handler) {
        return Blocking.on(this, () -> subscribeAsync(subscription, handler), timeout(), "subscribe");
    }

    /** Subscribes to {@code filter} at up to QoS 2, and waits for the broker's answer. */
    default SubscribeResult subscribe(String filter, MessageHandler handler) {
        return subscribe(Subscription.to(filter), handler);
    }

    /**
     * Subscribes to several filters by one call, each with its own options, and one handler for all; otherwise as
     * {@link #subscribeAsync(Subscription, MessageHandler)} does. They go out in one SUBSCRIBE packet, unless it would
     * have more filters than {@code BrokerProfile.filtersPerPacket} (8 by default), more than 8 KiB or more bytes than the broker
     * takes, or the subscriptions have different identifiers. A message that matches several of them goes to the
     * handler once, per message that the broker sends. After a reconnect without a session, the user properties are
     * sent again.
     *
     * @param subscriptions at least one, each filter once
     * @param userProperties the user properties of SUBSCRIBE; left out on MQTT 3.x
     * @return completes with the broker's answer to each subscription, in the order of the call; those that were
     *     refused are among them ({@link SubscribeResult#refusal}), are not made, and are told as
     *     {@code SubscriptionRefused}. Fails if the client ends before
     * @throws IllegalArgumentException if there is no subscription, a filter is there twice, or a user property has
     *     control characters
     */
    CompletableFuture<List<SubscribeResult>> subscribeAsync(
            List<Subscription> subscriptions, List<UserProperty> userProperties, MessageHandler handler);

    /** Subscribes to several filters without user properties. */
    default CompletableFuture<List<SubscribeResult>> subscribeAsync(
            List<Subscription> subscriptions, MessageHandler handler) {
        return subscribeAsync(subscriptions, List.of(), handler);
    }

    /**
     * Subscribes as {@link #subscribeAsync(List, List, MessageHandler)} does, and waits for the broker's answers, which
     * may be refusals.
     */
    default List<SubscribeResult> subscribe(
            List<Subscription> subscriptions, List<UserProperty> userProperties, MessageHandler handler) {
        return Blocking.on(this, () -> subscribeAsync(subscriptions, userProperties, handler), timeout(), "subscribe");
    }

    /** Subscribes to several filters without user properties, and waits for the broker's answers. */
    default List<SubscribeResult> subscribe(List<Subscription> subscriptions, MessageHandler handler) {
        return subscribe(subscriptions, List.of(), handler);
    }

    /**
     * Ends a subscription. Messages that come afterwards are treated like all messages without a handler
     * ({@link ClientBuilder#holdUnhandled}).
     *
     * @return completes with the broker's answer, or fails with a {@code RequestRejectedException} if the broker
     *     refused; the subscription goes on then
     */
    CompletableFuture<UnsubscribeResult> unsubscribeAsync(TopicFilter filter);

    /** Unsubscribes as {@link #unsubscribeAsync(TopicFilter)} does, and waits for the broker's answer. */
    default UnsubscribeResult unsubscribe(String filter) {
        return Blocking.on(this, () -> unsubscribeAsync(TopicFilter.of(filter)), timeout(), "unsubscribe");
    }

    /**
     * Ends several subscriptions by one call, and one UNSUBSCRIBE packet within the limits of
     * {@link #subscribeAsync(List, List, MessageHandler)}.
     *
     * @param filters at least one, each once
     * @param userProperties the user properties of UNSUBSCRIBE; left out on MQTT 3.x
     * @return completes with the broker's answer to each filter, in the order of the call; refusals are among them
     *     ({@link UnsubscribeResult#refusal}). Fails if the client ends before
     * @throws IllegalArgumentException if there is no filter, one is there twice, or a user property has control
     *     characters
     */
    CompletableFuture<List<UnsubscribeResult>> unsubscribeAsync(
            List<TopicFilter> filters, List<UserProperty> userProperties);

    /** Unsubscribes as {@link #unsubscribeAsync(List, List)} does, and waits for the broker's answers. */
    default List<UnsubscribeResult> unsubscribe(List<TopicFilter> filters, List<UserProperty> userProperties) {
        return Blocking.on(this, () -> unsubscribeAsync(filters, userProperties), timeout(), "unsubscribe");
    }

    /**
     * Subscribes, and returns a stream from which the program takes the messages one by one; each QoS 1 or 2 message
     * must be acknowledged ({@link Delivery#ack}) or rejected. This call subscribes without waiting for the broker's
     * answer, and {@link DeliveryStream#close} unsubscribes.
     */
    DeliveryStream stream(Subscription subscription);
}
