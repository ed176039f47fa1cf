package io.hawser.client;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one subscription, taken by the program at its own pace: one by one here, in a {@code for} loop, or as a
 * {@link Flow.Publisher} with one subscriber. Take from it in one of these ways only. When the program falls behind, the
 * broker is slowed down, not the memory filled.
 */
public interface DeliveryStream extends Iterable<Delivery>, Flow.Publisher<Delivery>, AutoCloseable {
    /**
     * Takes the next message, waiting for it without limit.
     *
     * @return the message, or null if the stream has ended
     * @throws io.hawser.mqtt.MqttException why the stream ended, if the broker refused the subscription
     */
    @Nullable
    Delivery take() throws InterruptedException;

    /** Takes the next message if it comes within {@code timeout}; null if none came or the stream has ended. */
    @Nullable
    Delivery poll(Duration timeout) throws InterruptedException;

    /** Takes message after message; ends with the stream. An interrupt ends it too, and stays set. */
    @Override
    Iterator<Delivery> iterator();

    /** Unsubscribes and ends the stream: what was not taken stays unacknowledged. Idempotent. */
    @Override
    void close();
}
