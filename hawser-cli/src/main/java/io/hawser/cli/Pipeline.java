package io.hawser.cli;

import io.hawser.mqtt.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Publishes message after message without waiting for each: at most 8,192 messages, or 8 MiB of them, are on their way at a
 * time. A single larger message goes alone.
 */
final class Pipeline {
    private static final int UNITS = 8192;
    private static final int BYTES_PER_UNIT = 1024;

    private final Function<Message, ? extends CompletableFuture<?>> operation;
    private final Semaphore room = new Semaphore(UNITS);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    /** @param operation what is done with each message, such as {@code publisher::publishAsync} */
    Pipeline(Function<Message, ? extends CompletableFuture<?>> operation) {
        this.operation = operation;
    }

    void publish(Message message) {
        int units = Math.min(UNITS, 1 + message.payloadSize() / BYTES_PER_UNIT);
        room.acquireUninterruptibly(units);
        CompletableFuture<?> unused = operation.apply(message).whenComplete((result, error) -> {
            if (error != null) {
                failure.compareAndSet(null, error);
            }
            room.release(units);
        });
    }

    /** Waits until nothing is on its way; returns what made the first publish fail, if one did. */
    @Nullable
    Throwable flush() {
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
