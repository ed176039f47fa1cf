package io.hawser.client;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import java.util.concurrent.CompletableFuture;

/** A client that publishes. */
public interface MqttPublisher extends MqttEndpoint {
    /**
     * The options of a publisher for these servers, tried in turn: {@code mqtt://host[:1883]},
     * {@code mqtts://host[:8883]}, {@code mqtt+srv://domain}, {@code mqtts+srv://domain},
     * {@code ws://host[:80][/path]}, {@code wss://host[:443][/path]} (default path: {@code /mqtt}), or
     * {@code unix:/path}.
     *
     * @throws IllegalArgumentException if no server is given, or a URL cannot be understood
     */
    static PublisherBuilder builder(String... servers) {
        return new PublisherBuilder(servers);
    }

    /**
     * A connected publisher with default options. If connecting fails, the publisher is closed before the exception is
     * thrown.
     */
    static MqttPublisher connect(String server) {
        return Blocking.connected(builder(server).build());
    }

    /**
     * Publishes a message: at once if the send window has room, else later from the queue, also over any number of
     * reconnects. Never blocks, and never fails because the send window is full.
     *
     * @return completes exactly once: with the result (QoS 1: PUBACK, QoS 2: PUBCOMP, QoS 0: handed to the network), or
     *     with a {@code RequestRejectedException} (refused), a {@code MessageDroppedException} (the queue is full) or a
     *     {@code ClientClosedException}. Cancelling the future does not call the message back. Dependents of the future
     *     run on the event loop and must not block.
     * @throws IllegalArgumentException if the message is too large for any broker
     */
    CompletableFuture<PublishResult> publishAsync(Message message);

    /**
     * Publishes as {@link #publishAsync} does, and waits for the broker's acknowledgement.
     *
     * @throws io.hawser.mqtt.OperationTimeoutException if that takes longer than {@link #timeout}; the message stays
     *     accepted
     */
    default PublishResult publish(Message message) {
        return Blocking.on(this, () -> publishAsync(message), timeout(), "publish");
    }

    /**
     * Enqueues a message. The future completes as soon as the message is accepted, that is, as safe as the session
     * store promises (with the store in memory at once), whether a broker can be reached or not.
     *
     * @return completes when the message is accepted; fails with a {@code MessageDroppedException} if the queue is
     *     full, or a {@code ClientClosedException}
     */
    CompletableFuture<Void> enqueueAsync(Message message);

    /**
     * Enqueues a message as {@link #enqueueAsync(Message)} does; the listener of {@link MqttBuilder#onOutcome} is told
     * the outcome under {@code key}, in this process or a later one.
     *
     * @param key at most 65,535 bytes in UTF-8; need not be unique
     * @throws IllegalStateException if the builder was given no such listener
     */
    CompletableFuture<Void> enqueueAsync(Message message, String key);

    /** Enqueues as {@link #enqueueAsync(Message, String)} does, and waits until the message is safe. */
    default void enqueue(Message message, String key) {
        Blocking.on(this, () -> enqueueAsync(message, key), timeout(), "enqueue");
    }

    /** Enqueues as {@link #enqueueAsync(Message)} does, and waits until the message is safe. */
    default void enqueue(Message message) {
        Blocking.on(this, () -> enqueueAsync(message), timeout(), "enqueue");
    }

    /**
     * Waits for the end of every publish accepted before this call.
     *
     * @return completes when each of them is settled, with a result or an exception; fails with a
     *     {@code ClientClosedException} if the client closes before
     */
    CompletableFuture<Void> flushAsync();

    /** Waits as {@link #flushAsync} does, and blocks. */
    default void flush() {
        Blocking.on(this, this::flushAsync, timeout(), "flush");
    }

    /**
     * Changes {@link MqttBuilder#sendWindow} on a living client, at once. With a larger window, messages that wait go
     * out now, within what the broker grants; with a smaller one, those in flight stay so, and no more go out until
     * there are fewer. May be called on any thread; does nothing on a client that is closed.
     *
     * @throws IllegalArgumentException if the window is not 1 to 65,535
     */
    void sendWindow(int messages);
}
