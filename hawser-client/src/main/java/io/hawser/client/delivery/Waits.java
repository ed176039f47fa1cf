package io.hawser.client.delivery;

import io.hawser.client.transport.EventLoops;
import org.jspecify.annotations.Nullable;

/** The waits of threads for a client: forbidden on event loops, and known to the dispatcher while a handler waits. */
public final class Waits {
    private Waits() {}

    /** @throws IllegalStateException on an event loop, which would wait for itself */
    public static void requireAllowed() {
        if (EventLoops.onEventLoop()) {
            throw new IllegalStateException("this is a client's event loop, which must not wait; use the Async form");
        }
    }

    /**
     * Begins a wait of the calling thread for the client of this dispatcher. The result is the argument of
     * {@link #end}.
     */
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
