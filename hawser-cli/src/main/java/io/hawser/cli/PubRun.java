package io.hawser.cli;

import io.hawser.client.MqttPublisher;
import io.hawser.client.PublisherBuilder;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One run of {@code hawser pub}, from the connection to the exit code. */
final class PubRun {
    private static final int GOODBYE_SECONDS = 5;

    private final PubCommand options;
    private final @Nullable TopicName topic;
    private final boolean quiet;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    /** A signal has come: nothing more is read. */
    private volatile boolean ending;

    /** What is sent while connected. */
    @FunctionalInterface
    private interface Work {
        @Nullable
        Throwable send(MqttPublisher publisher) throws IOException;
    }

    PubRun(PubCommand options, @Nullable TopicName topic) {
        this.options = options;
        this.topic = topic;
        this.quiet = options.session.quiet;
    }

    int publish(byte[] payload) {
        Message message = options.message(topic, payload);
        int times = options.repeat == null ? 1 : options.repeat;
        return connected(publisher -> {
            for (int i = 0; i < times && !ending; i++) {
                if (i > 0) {
                    options.pause();
                }
                published.incrementAndGet();
                answered(publisher.publishAsync(message)).join();
            }
            return null;
        });
    }

    /** A line that is refused is told with its number, and costs no other. */
    int publishLines(InputStream in) {
        return connected(publisher -> {
            Pipeline pipeline = new Pipeline(message -> {
                long line = published.get();
                return answered(publisher.publishAsync(message)).handle((result, e) -> {
                    lineAnswered(line, e);
                    return null;
                });
            });
            Payloads.Lines lines = new Payloads.Lines(in);
            for (byte[] line = lines.next();
                    line != null && pipeline.failure() == null && !ending;
                    line = lines.next()) {
                published.incrementAndGet();
                Message message = messageOf(line);
                if (message != null) {
                    pipeline.publish(message);
                }
            }
            return pipeline.flush();
        });
    }

    /** Null if the line is wrong, which has been told then. */
    private @Nullable Message messageOf(byte[] line) {
        try {
            return options.message(topic, line);
        } catch (IllegalArgumentException e) {
            if (!options.readsLines()) {
                throw e;
            }
            answered.incrementAndGet();
            lineAnswered(published.get(), e);
            return null;
        }
    }

    private <T> CompletableFuture<T> answered(CompletableFuture<T> publish) {
        return publish.whenComplete((result, e) -> answered.incrementAndGet());
    }

    private void lineAnswered(long line, @Nullable Throwable e) {
        if (e == null) {
            return;
        }
        Failure failure = Failure.of(e);
        Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
        if (cause instanceof ClientClosedException) {
            throw new CompletionException(cause);
        }
        refused.incrementAndGet();
        say(failure.text() + " (line " + line + ")");
    }

    private int connected(Work work) {
        ConnectionWatch watch = new ConnectionWatch(options.session);
        MqttPublisher publisher = publisher(watch);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endOnSignal(publisher), "signal"));
        CompletableFuture<ConnectResult> connected = watch.connect(publisher);
        try {
            connected.join();
        } catch (CompletionException e) {
            CompletableFuture<Void> unused = publisher.closeAsync();
            Failure failure = Failure.ofConnect(e);
            failure.report(quiet);
            if (failure.refusedByBroker()) {
                say("Error: The connection was refused.");
            }
            finished.complete(null);
            return failure.exitCode();
        }
        // On a thread of its own: standard input may be silent when the client gives up.
        CompletableFuture<Integer> code = new CompletableFuture<>();
        Thread sender = new Thread(() -> code.complete(outcome(work, publisher)), "sender");
        sender.setDaemon(true);
        sender.start();
        watch.onClosed(e -> code.complete(Failure.ofConnect(e).report(quiet)));
        int result = code.join();
        finished.complete(null);
        publisher
                .closeAsync()
                .completeOnTimeout(null, GOODBYE_SECONDS, TimeUnit.SECONDS)
                .join();
        return result;
    }

    private MqttPublisher publisher(ConnectionWatch watch) {
        PublisherBuilder builder = MqttPublisher.builder(options.server.server());
        options.server.applyTo(builder);
        options.session.applyTo(builder);
        // This program bounds what is on its way itself; the queue's own bound must not refuse one large file.
        builder.queue(QueuePolicy.bounded(QueuePolicy.MAXIMUM_MESSAGES).megabytes(1024));
        return builder.onEvent(watch).build();
    }

    private int outcome(Work work, MqttPublisher publisher) {
        try {
            Throwable failure = work.send(publisher);
            if (failure != null) {
                return Failure.of(failure).report(quiet);
            }
        } catch (IOException | RuntimeException e) {
            return Failure.of(e).report(quiet);
        }
        if (refused.get() == 0) {
            return 0;
        }
        say("Error: " + refused + " of " + published + " lines came to nothing.");
        return Failure.ERROR;
    }

    private void say(String text) {
        if (!quiet) {
            System.err.println(text);
        }
    }

    /** What is on its way gets its acknowledgement if the broker is there; what is given up is told. */
    private void endOnSignal(MqttPublisher publisher) {
        if (finished.isDone()) {
            return;
        }
        ending = true;
        ConnectionState state = publisher.state();
        if (published.get() > answered.get()
                && (state == ConnectionState.CONNECTED || state == ConnectionState.READY)) {
            publisher
                    .flushAsync()
                    .exceptionally(e -> null)
                    .completeOnTimeout(null, GOODBYE_SECONDS, TimeUnit.SECONDS)
                    .join();
        }
        long sent = published.get();
        say("Interrupted: " + (sent - answered.get()) + " of " + sent
                + " messages were not acknowledged and are given up.");
    }
}
