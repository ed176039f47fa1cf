package io.hawser.client.delivery;

import io.hawser.client.transport.EventLoops;
import org.jspecify.annotations.Nullable;

/** Where a thread may wait for its client, and what is different while a handler does. */
public final class Waits {
    private Waits() {}

    /** @throws IllegalStateException on an event loop, which would wait for itself */
    public static void requireAllowed() {
        if (EventLoops.onEventLoop()) {
            throw new IllegalStateException("this is a client's event loop, which must not wait; use the Async form");
        }
    }

    /** The calling thread is about to wait for the client of this dispatcher. What it returns goes to {@link #end}. */
    public static @Nullable Object begin(Dispatcher dispatcher) {
        requireAllowed();
        return dispatcher.waitBegins() ? dispatcher : null;
    }

    public static void end(@Nullable Object begun) {
        if (begun instanceof Dispatcher dispatcher) {
            dispatcher.waitEnds();
        }
    }
}
