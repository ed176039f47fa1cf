package io.hawser.client;

import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the blocking forms have in common. */
final class Waiting {
    private Waiting() {}

    static <T> T on(CompletableFuture<T> future, Duration timeout, String operation) {
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new OperationTimeoutException(
                    operation + " has not been answered within " + timeout + "; it was accepted and goes on", null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperationTimeoutException("waiting for " + operation + " was interrupted; it goes on", e);
        }
    }

    static void forClose(CompletableFuture<Void> closing, Duration timeout) {
        on(closing, timeout, "close");
    }

    static <C extends MqttConnection> C connected(C client) {
        try {
            client.connect();
            return client;
        } catch (RuntimeException e) {
            client.close();
            throw e;
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        Throwable inner = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
        if (inner instanceof MqttException || inner instanceof IllegalStateException) {
            // The stack of the waiting thread tells more than that of the event loop.
            inner.addSuppressed(new RuntimeException("waited for here"));
            return (RuntimeException) inner;
        }
        return new CompletionException(inner);
    }
}
