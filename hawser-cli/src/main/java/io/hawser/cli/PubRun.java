package io.hawser.cli;

import io.hawser.client.MqttPublisher;
import io.hawser.client.PublisherBuilder;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of {@code hawser pub}, from the connection to the exit code. */
final class PubRun {
    private final PubCommand options;
    private final TopicName topic;

    /** What is sent while connected. */
    @FunctionalInterface
    private interface Work {
        @Nullable
        Throwable send(MqttPublisher publisher) throws IOException;
    }

    PubRun(PubCommand options, TopicName topic) {
        this.options = options;
        this.topic = topic;
    }

    int publish(byte[] payload) {
        Message message = options.message(topic, payload);
        int times = options.repeat == null ? 1 : options.repeat;
        return connected(publisher -> {
            for (int i = 0; i < times; i++) {
                if (i > 0) {
                    options.pause();
                }
                publisher.publishAsync(message).join();
            }
            return null;
        });
    }

    int publishLines(InputStream in) {
        return connected(publisher -> {
            Pipeline pipeline = new Pipeline(publisher::publishAsync);
            Payloads.Lines lines = new Payloads.Lines(in);
            for (byte[] line = lines.next(); line != null && pipeline.failure() == null; line = lines.next()) {
                pipeline.publish(options.message(topic, line));
            }
            return pipeline.drain();
        });
    }

    private int connected(Work work) {
        ConnectionWatch watch = new ConnectionWatch(options.session.debug);
        MqttPublisher publisher = publisher(watch);
        boolean quiet = options.session.quiet;
        CompletableFuture<ConnectResult> connected = watch.connect(publisher);
        try {
            connected.join();
        } catch (CompletionException e) {
            CompletableFuture<Void> unused = publisher.closeAsync();
            Failure failure = Failure.ofConnect(e);
            failure.report(quiet);
            if (failure.refusedByBroker() && !quiet) {
                System.err.println("Error: The connection was refused.");
            }
            return failure.exitCode();
        }
        // On a thread of its own: standard input may be silent when the client gives up.
        CompletableFuture<Integer> code = new CompletableFuture<>();
        Thread sender = new Thread(() -> code.complete(outcome(work, publisher, quiet)), "sender");
        sender.setDaemon(true);
        sender.start();
        watch.onClosed(e -> code.complete(Failure.ofConnect(e).report(quiet)));
        int result = code.join();
        publisher.closeAsync().completeOnTimeout(null, 5, TimeUnit.SECONDS).join();
        return result;
    }

    private MqttPublisher publisher(ConnectionWatch watch) {
        PublisherBuilder builder = MqttPublisher.builder(options.server.server());
        options.server.applyTo(builder);
        options.session.applyTo(builder);
        // This program bounds what is on its way itself; the queue's own bound must not refuse one large file.
        builder.queue(QueuePolicy.bounded(QueuePolicy.MAXIMUM_MESSAGES).megabytes(1024));
        return builder.listener(watch).build();
    }

    private static int outcome(Work work, MqttPublisher publisher, boolean quiet) {
        try {
            Throwable failure = work.send(publisher);
            return failure == null ? 0 : Failure.of(failure).report(quiet);
        } catch (IOException | RuntimeException e) {
            return Failure.of(e).report(quiet);
        }
    }
}
