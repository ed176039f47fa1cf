package io.hawser.client;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A stream of one subscription's messages, which the program takes at its own pace: one by one here, in a {@code for}
 * loop, or as a {@link Flow.Publisher} with one subscriber. Only one of these ways may be used on a stream. When the
 * program falls behind, the client stops reading from the network at the bound of {@link ClientBuilder#receiveBuffer}.
 */
public interface DeliveryStream extends Iterable<Delivery>, Flow.Publisher<Delivery>, AutoCloseable {
    /**
     * Takes the next message, and waits for it without limit.
     *
     * @return the message, or null if the stream has ended
     * @throws io.hawser.mqtt.MqttException if the broker refused the subscription, which ended the stream
     */
    @Nullable
    Delivery take() throws InterruptedException;

    /**
     * Takes the next message if it comes within {@code timeout}; returns null if none came or the stream has ended.
     */
    @Nullable
    Delivery poll(Duration timeout) throws InterruptedException;

    /**
     * An iterator that takes message after message, and ends with the stream. An interrupt ends the iterator, too, and
     * the thread's interrupt flag stays set.
     */
    @Override
    Iterator<Delivery> iterator();

    /**
     * Unsubscribes and ends the stream. Messages that were not taken stay unacknowledged on MQTT 3.x and are rejected
     * on MQTT 5.0. Idempotent.
     */
    @Override
    void close();
}
