package io.hawser.cli;

import io.hawser.client.MqttConnection;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.TopicFilter;
import io.hawser.text.Utf8;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Hears what happens to a connection and turns it into what a command waits for. As with mosquitto's tools, the first
 * connection gets one chance; a connection that was lost is made again.
 */
final class ConnectionWatch implements Consumer<ConnectionEvent> {
    private final CompletableFuture<ConnectResult> connected = new CompletableFuture<>();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final Set<TopicFilter> refused = ConcurrentHashMap.newKeySet();
    private final boolean debug;
    private boolean forgiven;

    ConnectionWatch(boolean debug) {
        this.debug = debug;
    }

    /** Connects; settles with the first answer of the broker, or with what made the first attempt fail. */
    CompletableFuture<ConnectResult> connect(MqttConnection client) {
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

    @Override
    public void accept(ConnectionEvent event) {
        if (debug) {
            System.err.println(Utf8.printable(event.toString()));
        }
        if (event instanceof ConnectionEvent.Connected now) {
            connected.complete(now.result());
        } else if (event instanceof ConnectionEvent.Ready) {
            ready.complete(null);
        } else if (event instanceof ConnectionEvent.Waiting waiting) {
            failedBeforeConnected(waiting.cause());
        } else if (event instanceof ConnectionEvent.SubscriptionRefused refusal) {
            refused.add(refusal.subscription().filter());
            System.err.println("Error: " + refusal.cause().getMessage());
        } else if (event instanceof ConnectionEvent.StoreTrouble trouble && trouble.cause() != null) {
            System.err.println("Error: " + trouble.cause().getMessage());
        } else if (event instanceof ConnectionEvent.Closed end && end.cause() != null) {
            closed.completeExceptionally(end.cause());
            connected.completeExceptionally(end.cause());
        }
    }
}
