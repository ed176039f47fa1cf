package io.hawser.client.loop;

import io.hawser.client.auth.ClientExchange;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.ConnectionException;
import io.hawser.session.ClientSession;
import io.hawser.session.WatchedFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Re-authentication on an open connection: one exchange at a time, on the event loop. */
final class Reauthentication {
    private final Turns turns;
    private final Executor background;
    private final ClientSession session;
    private final @Nullable Supplier<Authentication> authentication;
    private @Nullable WatchedFuture<Void> running;

    Reauthentication(
            Turns turns,
            Executor background,
            ClientSession session,
            @Nullable Supplier<Authentication> authentication) {
        this.turns = turns;
        this.background = background;
        this.session = session;
        this.authentication = authentication;
    }

    void begin(WatchedFuture<Void> done) {
        Supplier<Authentication> supplier = authentication;
        if (supplier == null) {
            done.completeExceptionally(
                    new IllegalStateException("authentication is not set, must be to authenticate again"));
        } else if (running != null && !running.isDone()) {
            done.completeExceptionally(new IllegalStateException("the client is authenticating again already"));
        } else if (!session.isAccepted()) {
            done.completeExceptionally(lost());
        } else {
            running = done;
            long connection = session.figures().connections();
            background.execute(() -> prepare(supplier, connection, done));
        }
    }

    private void prepare(Supplier<Authentication> supplier, long connection, WatchedFuture<Void> done) {
        try {
            ClientExchange exchange = ClientExchange.begin(supplier.get(), done);
            turns.submit(() -> start(exchange, connection));
        } catch (Throwable e) {
            done.completeExceptionally(new ConnectionException("cannot prepare to authenticate again", e));
        }
    }

    private void start(ClientExchange exchange, long connection) {
        if (!session.isAccepted() || session.figures().connections() != connection) {
            exchange.done().completeExceptionally(lost());
            return;
        }
        try {
            session.reauthenticate(exchange, turns.now());
        } catch (IllegalStateException | IllegalArgumentException e) {
            exchange.done().completeExceptionally(e);
        }
    }

    private ConnectionException lost() {
        return new ConnectionException(
                "there is no connection to authenticate again on, the client is " + session.state());
    }
}
