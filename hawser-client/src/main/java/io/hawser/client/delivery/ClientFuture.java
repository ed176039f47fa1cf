package io.hawser.client.delivery;

import io.hawser.session.WatchedFuture;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What asynchronous calls return: waiting for it, or for what is derived from it, is refused on the event loop, and a
 * handler that waits does not stop the reading that it waits for.
 */
public final class ClientFuture<T> extends WatchedFuture<T> {
    private final Dispatcher dispatcher;

    public ClientFuture(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new ClientFuture<>(dispatcher);
    }

    @Override
    protected @Nullable Object waitBegins() {
        return Waits.begin(dispatcher);
    }

    @Override
    protected void waitEnds(@Nullable Object begun) {
        Waits.end(begun);
    }
}
