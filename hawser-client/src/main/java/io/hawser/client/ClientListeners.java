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

/** Who hears of what happens to a client: the log, the program's listener, and its listener of outcomes. From any thread. */
final class ClientListeners {
    private static final Logger LOG = LoggerFactory.getLogger(ClientListeners.class);

    private final EventLog eventLog;
    private final @Nullable Consumer<ConnectionEvent> listener;
    private final @Nullable BiConsumer<String, CompletableFuture<PublishResult>> outcomes;
    /** Runs both listeners, one call after the other; null until they begin to hear, or if there is neither. */
    private @Nullable SerialExecutor executor;

    private @Nullable EventQueue events;

    /** @param clientId fit for a log */
    ClientListeners(ClientConfig config, String clientId) {
        eventLog = new EventLog(clientId, System::nanoTime);
        listener = config.listener;
        outcomes = config.outcomes;
    }

    /** The program's listeners hear of what comes from now on, on this executor. */
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
            // Those who wait for what has happened are told, whatever the program's logging does.
            Reports.error(LOG, "an event could not be logged", e);
        }
    }

    void tell(ConnectionEvent event) {
        if (events != null) {
            events.add(event);
        }
    }

    /** The outcome of a message with a key is known; when its listener has heard of it, {@code heard} is run. */
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
