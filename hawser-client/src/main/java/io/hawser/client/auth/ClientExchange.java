package io.hawser.client.auth;

import io.hawser.mqtt.Authentication;
import io.hawser.session.AuthenticationExchange;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An exchange of enhanced authentication with the program's {@link Authentication}; its steps run on threads that they
 * may block.
 */
public final class ClientExchange extends AuthenticationExchange {
    private final Authentication authentication;
    private final CompletableFuture<Void> done;

    private ClientExchange(Authentication authentication, CompletableFuture<Void> done) throws Exception {
        super(authentication.method(), authentication.begin());
        this.authentication = authentication;
        this.done = done;
    }

    /** Begins an exchange: takes the first step on the calling thread, which the step may block. */
    public static ClientExchange begin(Authentication authentication, CompletableFuture<Void> done) throws Exception {
        return new ClientExchange(authentication, done);
    }

    /** The future of the exchange, which completes when the exchange is over. */
    public CompletableFuture<Void> done() {
        return done;
    }

    /** Takes a step for which the broker has asked, on a thread that the step may block. */
    public void step(Executor background, ExchangeListener to, byte[] data, boolean last) {
        background.execute(() -> answer(to, data, last));
    }

    private void answer(ExchangeListener to, byte[] data, boolean last) {
        byte @Nullable [] answer = null;
        try {
            if (last) {
                authentication.complete(data);
            } else {
                answer = requireFitting(authentication.challenge(data));
            }
        } catch (Throwable e) {
            to.unauthenticated(this, e);
            return;
        }
        to.authenticated(this, answer);
    }
}
