package io.hawser.session;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A future that notices when a thread is about to wait for it, and when it has waited. */
public class WatchedFuture<T> extends CompletableFuture<T> {
    /** The calling thread is about to wait; may throw to refuse. What it returns goes to {@link #waitEnds}. */
    protected @Nullable Object waitBegins() {
        return null;
    }

    protected void waitEnds(@Nullable Object begun) {}

    @Override
    public T get() throws InterruptedException, ExecutionException {
        if (isDone()) {
            return super.get();
        }
        Object begun = waitBegins();
        try {
            return super.get();
        } finally {
            waitEnds(begun);
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        if (isDone()) {
            return super.get(timeout, unit);
        }
        Object begun = waitBegins();
        try {
            return super.get(timeout, unit);
        } finally {
            waitEnds(begun);
        }
    }

    @Override
    public T join() {
        if (isDone()) {
            return super.join();
        }
        Object begun = waitBegins();
        try {
            return super.join();
        } finally {
            waitEnds(begun);
        }
    }
}
