package io.hawser.client;

import io.hawser.client.loop.Driver;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.session.WatchedFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of a client, as its events tell it: for readers on any thread, and for callers that wait until the client
 * is ready. A method is for the event loop unless it is in the part for any thread.
 */
final class ClientStatus {
    /** The futures of callers that wait until the client is ready. */
    private final List<WatchedFuture<ConnectResult>> awaitReady = new ArrayList<>(0);

    /** The client identifier that the program gave; empty if the broker chooses one. */
    private final String givenId;

    private @Nullable ConnectResult accepted;
    private @Nullable ClientClosedException end;

    private volatile @Nullable Negotiated negotiated;
    private volatile ConnectionState state = ConnectionState.DISCONNECTED;
    private volatile @Nullable MqttException lastFailure;
    private volatile boolean askedToConnect;
    /** The client identifier that the broker has chosen; null if the program has. */
    private volatile @Nullable String assignedId;

    ClientStatus(String givenId) {
        this.givenId = givenId;
    }

    // For any thread.

    void askedToConnect() {
        askedToConnect = true;
    }

    ConnectionState state() {
        return state;
    }

    @Nullable
    Negotiated negotiated() {
        return negotiated;
    }

    String clientId() {
        String assigned = assignedId;
        return assigned == null ? givenId : assigned;
    }

    /** The exception for an operation that took too long: says what the client lacks, if that is known. */
    OperationTimeoutException late(String what) {
        ConnectionState where = state;
        MqttException why = lastFailure;
        if (!askedToConnect) {
            return new OperationTimeoutException(what + "; nobody has called connect()", null);
        } else if (where == ConnectionState.READY) {
            return new OperationTimeoutException(what, null);
        } else if (where == ConnectionState.CONNECTED) {
            return new OperationTimeoutException(what + "; the broker has not answered every SUBSCRIBE", null);
        }
        return new OperationTimeoutException(
                what + "; the client is " + where + (why == null ? "" : ", last: " + why.getMessage()), why);
    }

    // On the event loop.

    /** The broker's answer to the last connection that it accepted, or null. */
    @Nullable
    ConnectResult accepted() {
        return accepted;
    }

    /** The reason for the end of the client, or null. */
    @Nullable
    ClientClosedException end() {
        return end;
    }

    /** Notes what CONNACK granted. */
    void negotiated(Negotiated granted) {
        negotiated = granted;
    }

    /** Completes the future when the client is ready, or fails it when the client has ended. */
    void awaitReady(WatchedFuture<ConnectResult> ready) {
        ClientClosedException over = end;
        ConnectResult result = accepted;
        if (over != null) {
            ready.completeExceptionally(over);
        } else if (state == ConnectionState.READY && result != null) {
            ready.complete(result);
        } else {
            awaitReady.removeIf(CompletableFuture::isDone);
            awaitReady.add(ready);
        }
    }

    /** Follows an event. An event that changes no state may come on any thread, the others come on the event loop. */
    void follow(ConnectionEvent event) {
        ConnectionState next = stateAfter(event);
        if (next != null) {
            state = next;
        }
        if (event instanceof ConnectionEvent.Connected now) {
            accepted = now.result();
            if (givenId.isEmpty()) {
                assignedId = now.result().clientId();
            }
        } else if (event instanceof ConnectionEvent.Closed closing) {
            MqttException cause = closing.cause();
            ClientClosedException over = Driver.closedBecause(cause);
            end = over;
            settleReady(ready -> ready.completeExceptionally(cause == null ? over : cause));
        } else if (event instanceof ConnectionEvent.Ready) {
            lastFailure = null;
            ConnectResult result = Objects.requireNonNull(accepted, "accepted");
            settleReady(ready -> ready.complete(result));
        } else if (event instanceof ConnectionEvent.Disconnected lost) {
            lastFailure = lost.cause();
        }
    }

    private void settleReady(Consumer<WatchedFuture<ConnectResult>> settle) {
        List<WatchedFuture<ConnectResult>> settled = List.copyOf(awaitReady);
        awaitReady.clear();
        settled.forEach(settle);
    }

    private static @Nullable ConnectionState stateAfter(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Connecting) {
            return ConnectionState.CONNECTING;
        } else if (event instanceof ConnectionEvent.Connected) {
            return ConnectionState.CONNECTED;
        } else if (event instanceof ConnectionEvent.Ready) {
            return ConnectionState.READY;
        } else if (event instanceof ConnectionEvent.Disconnected) {
            return ConnectionState.DISCONNECTED;
        } else if (event instanceof ConnectionEvent.ReconnectScheduled) {
            return ConnectionState.WAITING;
        }
        return event instanceof ConnectionEvent.Closed ? ConnectionState.CLOSED : null;
    }
}
