package io.hawser.cli;

import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Publishes message after message without waiting for each: at most 8,192 messages, or 8 MiB of them, are on their way at a
 * time. A single larger message goes alone.
 */
final class Pipeline {
    private static final int UNITS = 8192;
    private static final int BYTES_PER_UNIT = 1024;

    private final MqttPublisher publisher;
    private final Semaphore room = new Semaphore(UNITS);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Pipeline(MqttPublisher publisher) {
        this.publisher = publisher;
    }

    void publish(Message message) {
        int units = Math.min(UNITS, 1 + message.payloadSize() / BYTES_PER_UNIT);
        room.acquireUninterruptibly(units);
        CompletableFuture<PublishResult> unused = publisher
                .publishAsync(message)
                .whenComplete((result, error) -> {
                    if (error != null) {
                        failure.compareAndSet(null, error);
                    }
                    room.release(units);
                });
    }

    /** Waits until nothing is on its way; returns what made the first publish fail, if one did. */
    @Nullable
    Throwable drain() {
        room.acquireUninterruptibly(UNITS);
        room.release(UNITS);
        return failure.get();
    }

    /** What made the first publish fail so far, or null. */
    @Nullable
    Throwable failure() {
        return failure.get();
    }
}
