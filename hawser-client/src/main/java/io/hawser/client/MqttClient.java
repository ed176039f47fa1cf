package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A client that publishes and subscribes. */
public interface MqttClient extends MqttPublisher, MqttSubscriber {
    /**
     * The options of a client for these servers, tried in turn: {@code mqtt://host[:1883]},
     * {@code mqtts://host[:8883]}, {@code mqtt+srv://domain}, {@code mqtts+srv://domain},
     * {@code ws://host[:80][/path]}, {@code wss://host[:443][/path]} (default path: {@code /mqtt}), or
     * {@code unix:/path}.
     *
     * @throws IllegalArgumentException if no server is given, or a URL cannot be understood
     */
    static ClientBuilder<MqttClient> builder(String... servers) {
        return ClientBuilder.ofClient(servers);
    }

    /**
     * A connected client with default options. If connecting fails, the client is closed before the exception is
     * thrown.
     */
    static MqttClient connect(String server) {
        return Blocking.connected(builder(server).build());
    }

    /**
     * Publishes a request and receives its reply. All requests of a client share one subscription, made with the first
     * request: to the broker's response information followed by {@code /hawser} if the broker offers any, else to
     * {@code hawser/replies/} and the client identifier. The client adds response topic and correlation data to the
     * message, and the timeout as its expiry if the message has none, so that nobody acts on a request that nobody
     * waits for. A message with a response topic of its own gets its reply there; the client subscribes to that topic
     * as long as requests wait for it, and the program must not subscribe to it.
     *
     * <p>MQTT 3.x cannot carry a response topic. There the message must have a response topic, which the responder
     * knows by convention and which is not sent: the first message that comes there answers the request, and further
     * requests with this response topic wait in line. A reply that comes after the timeout may be taken for the next
     * request's reply.
     *
     * <p>Without a connection, the request waits for one; a connection that is lost in between changes nothing. At QoS
     * 1 and 2 the request is not lost then, and the reply is not lost if the session is kept. The client acknowledges
     * the reply, and takes it outside the handlers' order, so that a handler may wait for a reply; not for a reply that
     * a handler of the same client gives.
     *
     * @param timeout the longest wait for the reply, from now on: more than 0, at most 365 days
     * @return completes with the reply, or fails: with an {@code OperationTimeoutException}; a
     *     {@code RequestRejectedException} if the broker refuses the message or the subscription; a
     *     {@code MessageDroppedException} if the queue is full, or the connection speaks MQTT 3.x and the message has
     *     no response topic; a {@code ClientClosedException}. Cancelling the future gives the reply up. Dependents of
     *     the future run on the event loop and must not block.
     * @throws IllegalArgumentException if the timeout is out of range, or the response topic cannot be subscribed to
     */
    CompletableFuture<Message> requestAsync(Message message, Duration timeout);

    /** Requests as {@link #requestAsync} does, and waits for the reply. */
    default Message request(Message message, Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        return Blocking.on(this, () -> requestAsync(message, timeout), timeout.plus(timeout()), "request");
    }

    /**
     * Subscribes, and answers each message with the result of a function. The reply goes to the response topic of the
     * request, with the request's correlation data and quality of service; topic, retain flag, response topic and
     * correlation data of the function's result are ignored then. A request without a response topic, as every one in
     * MQTT 3.x, is answered at the topic of the function's result, unless the subscription's own filter matches that
     * topic; so {@code Message.of(request.topic(), text)} answers only requests with a response topic.
     *
     * <p>The function runs as a handler does: it may block and may call the client; if it throws, there is no reply and
     * the client's {@link FailurePolicy} decides. If the function returns null, the request is acknowledged without a
     * reply. Otherwise the request is acknowledged when the broker has acknowledged the reply, and no thread waits for
     * that: a request at QoS 1 is not lost with the responder, and may be handled twice. If a reply cannot be sent, its
     * request is rejected, and {@code DeliveryFailed} tells of it.
     *
     * @return completes or fails as {@link #subscribeAsync(Subscription, MessageHandler)} does
     */
    CompletableFuture<SubscribeResult> respondAsync(
            Subscription subscription, Function<? super Delivery, ? extends @Nullable Message> responder);

    /** Responds as {@link #respondAsync} does, and waits for the broker's answer to the subscription. */
    default SubscribeResult respond(
            Subscription subscription, Function<? super Delivery, ? extends @Nullable Message> responder) {
        return Blocking.on(this, () -> respondAsync(subscription, responder), timeout(), "respond");
    }

    /**
     * Responds to the messages of {@code filter}, at up to QoS 2, and waits for the broker's answer to the
     * subscription.
     */
    default SubscribeResult respond(String filter, Function<? super Delivery, ? extends @Nullable Message> responder) {
        return respond(Subscription.to(filter), responder);
    }
}
