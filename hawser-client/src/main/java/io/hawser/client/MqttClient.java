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
     * Options of a client for these servers, tried in turn: {@code mqtt://host[:1883]}, {@code mqtts://host[:8883]}, {@code mqtt+srv://domain}, {@code mqtts+srv://domain},
     * {@code ws://host[:80][/path]}, {@code wss://host[:443][/path]} (default path: {@code /mqtt}), or {@code unix:/path}.
     *
     * @throws IllegalArgumentException if none is given or one cannot be understood
     */
    static ClientBuilder<MqttClient> builder(String... servers) {
        return ClientBuilder.ofClient(servers);
    }

    /** A connected client with default options. On failure it is closed before the exception leaves. */
    static MqttClient connect(String server) {
        return Blocking.connected(builder(server).build());
    }

    /**
     * Publishes a request and waits for its reply. All requests of a client share one subscription, made with the first: to
     * the response information of the broker followed by {@code /hawser} if it offers any, else to {@code hawser/replies/}
     * and the client identifier. Response topic and correlation data are added to the message, and the timeout as its expiry
     * if it has none, so that nobody acts on a request that nobody waits for. A message with a response topic of its own
     * gets its reply there; that topic is subscribed to as long as requests wait for it, and must not be otherwise.
     *
     * <p>MQTT 3.x cannot carry a response topic. There the message must have one, which the responder knows by convention and
     * which is not sent: the first message that comes there answers the request, and further requests with this response
     * topic wait in line. A reply that comes after the timeout may be taken for that of the next.
     *
     * <p>Before connecting, it waits for the connection; a connection that is lost in between changes nothing. At QoS 1 and 2
     * the request is not lost then, and the reply is not if the session is kept. The reply is acknowledged by the client. It is
     * taken outside the handlers' order, so that a handler may wait for it; not for one that a handler of the same client
     * gives.
     *
     * @param timeout until the reply, from now on: more than 0, at most 365 days
     * @return the reply, or an {@code OperationTimeoutException}; a {@code RequestRejectedException} if the broker refuses the
     *     message or the subscription; a {@code MessageDroppedException} if the queue is full, or MQTT 3.x is spoken and the
     *     message has no response topic; a {@code ClientClosedException}. Cancelling it gives the reply up. What depends on it
     *     runs on the event loop and must not block.
     * @throws IllegalArgumentException if the timeout is out of range, or the response topic cannot be subscribed to
     */
    CompletableFuture<Message> requestAsync(Message message, Duration timeout);

    /** As {@link #requestAsync}, and waits. */
    default Message request(Message message, Duration timeout) {
        Objects.requireNonNull(timeout, "timeout");
        return Blocking.on(this, () -> requestAsync(message, timeout), timeout.plus(timeout()), "request");
    }

    /**
     * Subscribes, and answers each message with what the function makes of it. The reply goes to the response topic of the
     * request, with its correlation data and quality of service; topic, retain flag, response topic and correlation data of
     * what the function returns do not matter then. A request without response topic, as every one of MQTT 3.x, is answered
     * at the topic of what the function returns, unless the subscription's own filter matches that, by which
     * {@code Message.of(request.topic(), text)} answers only those who named a response topic.
     *
     * <p>The function runs as a handler does: it may block and may call the client, and if it throws, there is no reply and the
     * client's {@link FailurePolicy} decides. If it returns null, the request is acknowledged without a reply. Else the request
     * is acknowledged when the broker has acknowledged the reply, without anybody waiting: a request at QoS 1 is not lost with
     * the responder, and may be handled twice. A reply that cannot be sent refuses the request and is told as
     * {@code DeliveryFailed}.
     *
     * @return what the broker granted, as from {@link #subscribeAsync}
     */
    CompletableFuture<SubscribeResult> respondAsync(
            Subscription subscription, Function<? super Delivery, ? extends @Nullable Message> responder);

    /** As {@link #respondAsync}, and waits for the broker's answer. */
    default SubscribeResult respond(
            Subscription subscription, Function<? super Delivery, ? extends @Nullable Message> responder) {
        return Blocking.on(this, () -> respondAsync(subscription, responder), timeout(), "respond");
    }

    /** Responds to what comes to {@code filter}, at up to QoS 2, and waits for the broker's answer. */
    default SubscribeResult respond(String filter, Function<? super Delivery, ? extends @Nullable Message> responder) {
        return respond(Subscription.to(filter), responder);
    }
}
