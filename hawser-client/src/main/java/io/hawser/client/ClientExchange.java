package io.hawser.client;

import io.hawser.mqtt.Authentication;
import io.hawser.session.AuthenticationExchange;

/** An exchange of enhanced authentication with the program's object for it; its steps run where they may block. */
final class ClientExchange extends AuthenticationExchange {
    private final Authentication authentication;
    private final ClientFuture<Void> done;

    private ClientExchange(Authentication authentication, ClientFuture<Void> done) throws Exception {
        super(authentication.method(), authentication.begin());
        this.authentication = authentication;
        this.done = done;
    }

    /** Takes the first step, on the calling thread, which it may block. */
    static ClientExchange begin(Authentication authentication, ClientFuture<Void> done) throws Exception {
        return new ClientExchange(authentication, done);
    }

    /** Settled when the exchange is over. */
    ClientFuture<Void> done() {
        return done;
    }

    /** Takes a step that the broker has asked for, on a thread of its own. */
    void step(Driver driver, byte[] data, boolean last) {
        // Not on the program's executor, whose threads may all be waiting for this connection.
        driver.background().execute(() -> driver.submit(answer(data, last)));
    }

    private Submission answer(byte[] data, boolean last) {
        try {
            if (last) {
                authentication.complete(data);
                return Submission.of(driver -> driver.authenticated(this, null));
            }
            byte[] answer = requireFitting(authentication.challenge(data));
            return Submission.of(driver -> driver.authenticated(this, answer));
        } catch (Throwable e) {
            return Submission.of(driver -> driver.unauthenticated(this, e));
        }
    }
}
