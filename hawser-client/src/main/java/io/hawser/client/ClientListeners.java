package io.hawser.client;

import io.hawser.client.delivery.Reports;
import io.hawser.client.delivery.SerialExecutor;
import io.hawser.client.loop.ClientConfig;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.session.PublishRequest;
import io.hawser.text.Utf8;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listeners of a client's events: the event log, the program's listener, and its listener of outcomes. Called from
 * any thread.
 */
final class ClientListeners {
    private static final Logger LOG = LoggerFactory.getLogger(ClientListeners.class);

    private final EventLog eventLog;
    private final @Nullable Consumer<ConnectionEvent> listener;
    private final @Nullable BiConsumer<String, CompletableFuture<PublishResult>> outcomes;
    /** The executor of both listeners, one call at a time; null before {@link #begin}, or if there is no listener. */
    private @Nullable SerialExecutor executor;

    private @Nullable EventQueue events;

    /** @param clientId printable */
    ClientListeners(ClientConfig config, String clientId) {
        eventLog = new EventLog(clientId, System::nanoTime);
        listener = config.listener;
        outcomes = config.outcomes;
    }

    /** Starts the program's listeners on this executor: they are told of all later events. */
    void begin(Executor handlers) {
        if (listener != null || outcomes != null) {
            SerialExecutor serial = new SerialExecutor(handlers);
            executor = serial;
            events = listener == null ? null : new EventQueue(listener, serial);
        }
    }

    void log(ConnectionEvent event) {
        try {
            eventLog.log(event);
        } catch (Throwable e) {
            // The other listeners are told of the event, whatever the program's logging does.
            Reports.error(LOG, "an event could not be logged", e);
        }
    }

    void tell(ConnectionEvent event) {
        if (events != null) {
            events.add(event);
        }
    }

    /**
     * Tells the listener of outcomes the outcome of a message with a key, and runs {@code heard} after the listener has
     * returned.
     */
    void concluded(PublishRequest request, Runnable heard) {
        BiConsumer<String, CompletableFuture<PublishResult>> hearing = outcomes;
        String key = request.key();
        if (hearing == null || key == null || executor == null) {
            return;
        }
        PublishResult result = request.result();
        MqttException failure = request.failure();
        CompletableFuture<PublishResult> outcome =
                failure == null ? CompletableFuture.completedFuture(result) : CompletableFuture.failedFuture(failure);
        executor.execute(() -> {
            try {
                hearing.accept(key, outcome);
                heard.run();
            } catch (Throwable e) {
                Reports.warn(
                        LOG,
                        "the listener of outcomes failed on key '" + Utf8.printable(key)
                                + "', and will hear of it again",
                        e);
            }
        });
    }
}
