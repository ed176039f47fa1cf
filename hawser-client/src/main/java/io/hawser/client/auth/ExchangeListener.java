package io.hawser.client.auth;

import io.hawser.session.AuthenticationExchange;
import org.jspecify.annotations.Nullable;

/** Hears what the program has answered to a step of enhanced authentication; on any thread. */
public interface ExchangeListener {
    /** @param answer null if the exchange is complete */
    void authenticated(AuthenticationExchange exchange, byte @Nullable [] answer);

    /** The program refuses the broker, or has failed. */
    void unauthenticated(AuthenticationExchange exchange, Throwable why);
}
