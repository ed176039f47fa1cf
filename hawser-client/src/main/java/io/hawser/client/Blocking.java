package io.hawser.client;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.client.transport.EventLoops;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationInterruptedException;
import io.hawser.mqtt.OperationTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** The waiting of the blocking forms: with a limit, never on an event loop. */
final class Blocking {
    private static final int MOST_WAITERS_TOLD = 8;

    private Blocking() {}

    /** A client that knows why something takes so long. */
    interface Explaining {
        /** A blocking form has waited as long as it may: says what the client lacks, if that is known. */
        OperationTimeoutException late(String what);
    }

    /** Makes the request, and waits for the answer; on an event loop it throws before it makes the request. */
    static <T> T on(MqttEndpoint client, Supplier<CompletableFuture<T>> request, Duration timeout, String operation) {
        EventLoops.requireWaitAllowed();
        CompletableFuture<T> future = request.get();
        try {
            return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw rethrown(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            String late = operation + " has not been answered within " + timeout + "; it was accepted and goes on";
            throw client instanceof Explaining known ? known.late(late) : new OperationTimeoutException(late, null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OperationInterruptedException("waiting for " + operation + " was interrupted; it goes on", e);
        }
    }

    /**
     * Waits for the end of a client, unless the calling thread is an event loop or runs a handler, which closing waits
     * for. An interrupt is put aside until the wait is over: the wait is bounded, and the code after it relies on the
     * end.
     */
    static void forClose(CompletableFuture<Void> closing, Duration timeout) {
        if (EventLoops.onEventLoop() || Dispatcher.current() != null) {
            return;
        }
        long until = System.nanoTime() + timeout.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    closing.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw rethrown(e.getCause() == null ? e : e.getCause());
                } catch (TimeoutException e) {
                    throw new OperationTimeoutException("closing takes longer than " + timeout + "; it goes on", null);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Runs a task, such as the use of files, that fails on an interrupted thread, and sets the interrupt flag again
     * afterwards.
     */
    static <T> T uninterrupted(Supplier<T> task) {
        boolean interrupted = Thread.interrupted();
        try {
            return task.get();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Connects the client, or closes it and throws why it could not connect. */
    static <C extends MqttEndpoint> C connected(C client) {
        try {
            client.connect();
            return client;
        } catch (RuntimeException e) {
            try {
                client.close();
            } catch (RuntimeException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private static RuntimeException rethrown(Throwable cause) {
        Throwable inner = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
        if (inner instanceof MqttException || inner instanceof IllegalStateException) {
            // The exception was made on the event loop, whose stack does not show the caller; and many callers may wait
            // for the same exception.
            if (inner.getSuppressed().length < MOST_WAITERS_TOLD) {
                inner.addSuppressed(new RuntimeException("waited for here"));
            }
            return (RuntimeException) inner;
        }
        return new CompletionException(inner);
    }
}
