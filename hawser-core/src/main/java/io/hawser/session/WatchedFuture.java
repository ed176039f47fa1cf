package io.hawser.session;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The future of an asynchronous call, whose {@link Watch} sees each wait of a thread for it or for a future derived from it. */
public class WatchedFuture<T> extends CompletableFuture<T> {
    private final @Nullable Watch watch;

    /** Who has to know that threads wait. Called on the threads that wait. */
    public interface Watch {
        /**
         * The calling thread is about to wait; throws to refuse that.
         *
         * @return whether {@link #waitEnds} is to be called
         */
        boolean waitBegins();

        void waitEnds();
    }

    /** @param watch null if nobody has to know */
    public WatchedFuture(@Nullable Watch watch) {
        this.watch = watch;
    }

    @Override
    public final <U> CompletableFuture<U> newIncompleteFuture() {
        return new WatchedFuture<>(watch);
    }

    private boolean begin() {
        return watch != null && !isDone() && watch.waitBegins();
    }

    private void end(boolean begun) {
        if (begun && watch != null) {
            watch.waitEnds();
        }
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        boolean begun = begin();
        try {
            return super.get();
        } finally {
            end(begun);
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        boolean begun = begin();
        try {
            return super.get(timeout, unit);
        } finally {
            end(begun);
        }
    }

    @Override
    public T join() {
        boolean begun = begin();
        try {
            return super.join();
        } finally {
            end(begun);
        }
    }
}
