package io.hawser.cli;

import io.hawser.client.MqttEndpoint;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.TopicFilter;
import io.hawser.text.Utf8;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Hears what happens to a connection and turns it into what a command waits for. As with mosquitto's tools, the first
 * connection gets one chance; a connection that was lost is made again. Whatever keeps the command from going on is told on
 * standard error.
 */
final class ConnectionWatch implements Consumer<ConnectionEvent> {
    /** A connection that has lived so long was a good one: what fails afterwards is no repetition. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final CompletableFuture<ConnectResult> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final Set<TopicFilter> refused = ConcurrentHashMap.newKeySet();
    private final boolean debug;
    private final Consumer<String> errors;
    private final LongSupplier clock;
    private final Notices notices;
    private boolean forgiven;
    /** Attempts and connections that failed without a stable connection between them. */
    private int failures;

    private boolean live;
    private long connectedAt;

    ConnectionWatch(SessionOptions session) {
        this(session.debug, session.quiet ? text -> {} : System.err::println, System::nanoTime);
    }

    /** @param errors takes what the user must know */
    ConnectionWatch(boolean debug, Consumer<String> errors, LongSupplier clock) {
        this.debug = debug;
        this.errors = errors;
        this.clock = clock;
        this.notices = new Notices(errors, clock);
    }

    /** Connects; settles with the first answer of the broker, or with what made the first attempt fail. */
    CompletableFuture<ConnectResult> connect(MqttEndpoint client) {
        CompletableFuture<ConnectResult> unused = client.connectAsync();
        return connected;
    }

    /** Runs {@code action} when every subscription has been answered for the first time. */
    void onReady(Runnable action) {
        CompletableFuture<Void> unused = ready.thenRun(action);
    }

    /** Runs {@code action} when the client has given up, not when it was asked to end. */
    void onClosed(Consumer<Throwable> action) {
        CompletableFuture<Void> unused = closed.exceptionally(e -> {
            action.accept(e);
            return null;
        });
    }

    /** One silent close is forgiven: it may be the answer to a version that the broker does not speak. */
    private void failedBeforeConnected(MqttException cause) {
        if (Failure.isSilentClose(cause) && !forgiven) {
            forgiven = true;
        } else {
            connected.completeExceptionally(cause);
        }
    }

    /** Whether the broker has refused all of these. */
    boolean refusedAll(Collection<TopicFilter> filters) {
        return !filters.isEmpty() && refused.containsAll(filters);
    }

    /** An event that this does not know by name is told as it is: what it says may be why nothing goes on. */
    @Override
    public void accept(ConnectionEvent event) {
        if (debug) {
            System.err.println(Utf8.printable(event.toString()));
        }
        if (event instanceof ConnectionEvent.Connecting) {
            return;
        } else if (event instanceof ConnectionEvent.Connected now) {
            live = true;
            connectedAt = clock.getAsLong();
            connected.complete(now.result());
        } else if (event instanceof ConnectionEvent.Ready) {
            ready.complete(null);
        } else if (event instanceof ConnectionEvent.Disconnected) {
            boolean stable = live && clock.getAsLong() - connectedAt > STABLE_NANOS;
            failures = stable ? 1 : failures + 1;
            live = false;
        } else if (event instanceof ConnectionEvent.ReconnectScheduled waiting) {
            waiting(waiting);
        } else if (event instanceof ConnectionEvent.SubscriptionRefused refusal) {
            refused.add(refusal.subscription().filter());
            errors.accept("Error: " + refusal.cause().getMessage());
        } else if (event instanceof ConnectionEvent.StoreFailed failed) {
            errors.accept("Error: " + failed.cause().getMessage());
        } else if (event instanceof ConnectionEvent.StoreDamaged damaged) {
            errors.accept("Error: " + damaged.cause().getMessage());
        } else if (event instanceof ConnectionEvent.StoreRecovered) {
            errors.accept("The session store works again.");
        } else if (event instanceof ConnectionEvent.DeliveryFailed failed) {
            deliveryFailed(failed);
        } else if (event instanceof ConnectionEvent.Closed end) {
            if (end.cause() != null) {
                closed.completeExceptionally(end.cause());
                connected.completeExceptionally(end.cause());
            }
        } else if (!debug) {
            notices.tell(event.getClass().getName(), "Warning: " + Utf8.printable(event.toString()));
        }
    }

    private void waiting(ConnectionEvent.ReconnectScheduled waiting) {
        boolean first = !connected.isDone();
        failedBeforeConnected(waiting.cause());
        if (!first && failures > 1) {
            double seconds = waiting.delay().toMillis() / 1000.0;
            notices.tell(
                    "waiting",
                    "Warning: " + failures + " failures in a row, the last: "
                            + Utf8.printable(String.valueOf(waiting.cause().getMessage())) + "; trying again in "
                            + seconds
                            + " s");
        }
    }

    private void deliveryFailed(ConnectionEvent.DeliveryFailed failed) {
        if (failed.cause() instanceof UncheckedIOException) {
            return; // this command's own, which it has told
        }
        notices.tell(
                "delivery",
                "Warning: a message to '" + Utf8.printable(failed.message().topic()) + "' could not be handled: "
                        + Utf8.printable(String.valueOf(failed.cause())));
    }
}
