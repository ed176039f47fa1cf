package io.hawser.client.auth;

import io.hawser.session.AuthenticationExchange;
import org.jspecify.annotations.Nullable;

/** A listener of the program's answers to steps of enhanced authentication; on any thread. */
public interface ExchangeListener {
    /** @param answer null if the exchange is complete */
    void authenticated(AuthenticationExchange exchange, byte @Nullable [] answer);

    /** Notes that the program has rejected the broker, or has failed. */
    void unauthenticated(AuthenticationExchange exchange, Throwable why);
}
