package io.hawser.client.delivery;

import io.hawser.session.WatchedFuture;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The future of an asynchronous call. A wait for it, or for a future derived from it, throws on the event loop; and
 * while a handler waits, the reading goes on that the handler waits for.
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
