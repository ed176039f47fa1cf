package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import java.util.concurrent.CompletableFuture;

/** A client that publishes. */
public interface MqttPublisher extends MqttEndpoint {
    /**
     * Options of a publisher for these servers, tried in turn: {@code mqtt://host[:1883]}, {@code mqtts://host[:8883]},
     * {@code ws://host[:80][/path]}, {@code wss://host[:443][/path]} (default path: {@code /mqtt}), or {@code unix:/path}.
     *
     * @throws IllegalArgumentException if none is given or one cannot be understood
     */
    static PublisherBuilder builder(String... servers) {
        return new PublisherBuilder(servers);
    }

    /** A connected publisher with default options. On failure it is closed before the exception leaves. */
    static MqttPublisher connect(String server) {
        return Blocking.connected(builder(server).build());
    }

    /**
     * Publishes a message: at once if the acknowledgement window has room, else when its turn comes, also over any number of
     * reconnects. Never blocks and never fails because the window is full.
     *
     * @return settles exactly once: the broker's acknowledgement (QoS 1: PUBACK, QoS 2: PUBCOMP; QoS 0: handed to the
     *     network), or a {@code RequestRejectedException}, {@code MessageDroppedException} (the queue's bound) or
     *     {@code ClientClosedException}. Cancelling it does not call the message back. What depends on it runs on the
     *     event loop and must not block.
     * @throws IllegalArgumentException if the message is too large for any broker
     */
    CompletableFuture<PublishResult> publishAsync(Message message);

    /**
     * As {@link #publishAsync}, and waits for the broker's acknowledgement.
     *
     * @throws io.hawser.mqtt.OperationTimeoutException if it takes too long; the message stays accepted
     */
    default PublishResult publish(Message message) {
        return Blocking.on(this, () -> publishAsync(message), timeout(), "publish");
    }

    /**
     * Accepts a message for sending: settles as soon as the message is as safe as the session store promises (at once with
     * the store in memory), whether a broker can be reached or not.
     *
     * @return fails with a {@code MessageDroppedException} if the queue is full, or a {@code ClientClosedException}
     */
    CompletableFuture<Void> enqueueAsync(Message message);

    /**
     * As {@link #enqueueAsync(Message)}; the outcome is told to the builder's {@code outcomes} listener, in this process or a
     * later one, by {@code key}: at most 65,535 bytes in UTF-8, need not be unique.
     *
     * @throws IllegalStateException if the builder was given no such listener
     */
    CompletableFuture<Void> enqueueAsync(Message message, String key);

    /** As {@link #enqueueAsync(Message, String)}, and waits until the message is safe. */
    default void enqueue(Message message, String key) {
        Blocking.on(this, () -> enqueueAsync(message, key), timeout(), "enqueue");
    }

    /** As {@link #enqueueAsync(Message)}, and waits until the message is safe. */
    default void enqueue(Message message) {
        Blocking.on(this, () -> enqueueAsync(message), timeout(), "enqueue");
    }

    /**
     * Settles once nothing waits or is in flight: everything accepted before this call has been acknowledged, dropped or
     * refused. Fails with a {@code ClientClosedException} if the client closes before.
     */
    CompletableFuture<Void> flushAsync();

    /** As {@link #flushAsync}, and waits. */
    default void flush() {
        Blocking.on(this, this::flushAsync, timeout(), "flush");
    }
}
