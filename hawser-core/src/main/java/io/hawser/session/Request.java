package io.hawser.session;

import io.hawser.mqtt.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * A request of a caller: the future of its answer, and its own node of the one list in which it waits, in one object. The session
 * never completes the future; it asks {@link Effects} to.
 */
public abstract class Request<T> extends WatchedFuture<T> implements Command {
    private @Nullable Command next;

    protected Request(@Nullable Watch watch) {
        super(watch);
    }

    /** Fails the request. */
    public void fail(MqttException cause) {
        completeExceptionally(cause);
    }

    @Override
    public void interrupted(MqttException cause) {
        fail(cause);
    }

    @Override
    public final @Nullable Command next() {
        return next;
    }

    @Override
    public final void next(@Nullable Command next) {
        this.next = next;
    }
}
