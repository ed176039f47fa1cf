package io.hawser.client;

import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.ConnectionException;
import io.hawser.session.ClientSession;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Authenticating again on a connection that is there: one at a time, on the event loop of one driver. */
final class Reauthentication {
    private final Driver driver;
    private final ClientSession session;
    private final @Nullable Supplier<Authentication> authentication;
    private @Nullable ClientFuture<Void> running;

    Reauthentication(Driver driver, ClientSession session, @Nullable Supplier<Authentication> authentication) {
        this.driver = driver;
        this.session = session;
        this.authentication = authentication;
    }

    void begin(ClientFuture<Void> done) {
        Supplier<Authentication> supplier = authentication;
        if (supplier == null) {
            done.completeExceptionally(
                    new IllegalStateException("authentication is not set, must be to authenticate again"));
        } else if (running != null && !running.isDone()) {
            done.completeExceptionally(new IllegalStateException("the client is authenticating again already"));
        } else if (!driver.isAccepted()) {
            done.completeExceptionally(lost());
        } else {
            running = done;
            long connection = session.figures().connections();
            driver.background().execute(() -> prepare(supplier, connection, done));
        }
    }

    private void prepare(Supplier<Authentication> supplier, long connection, ClientFuture<Void> done) {
        try {
            ClientExchange exchange = ClientExchange.begin(supplier.get(), done);
            driver.submit(Submission.of(on -> start(exchange, connection)));
        } catch (Throwable e) {
            done.completeExceptionally(new ConnectionException("cannot prepare to authenticate again", e));
        }
    }

    private void start(ClientExchange exchange, long connection) {
        if (!driver.isAccepted() || session.figures().connections() != connection) {
            exchange.done().completeExceptionally(lost());
            return;
        }
        try {
            session.reauthenticate(exchange, driver.now());
        } catch (IllegalStateException | IllegalArgumentException e) {
            exchange.done().completeExceptionally(e);
        }
    }

    private ConnectionException lost() {
        return new ConnectionException(
                "there is no connection to authenticate again on, the client is " + session.state());
    }
}
