package io.hawser.cli;

import io.hawser.client.MqttPublisher;
import io.hawser.client.PublisherBuilder;
import io.hawser.client.Statistics;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One run of {@code hawser pub --store}: messages go into the store whether a broker can be reached or not, and from there to
 * the broker, together with what earlier runs have left.
 */
final class StoredPubRun {
    /** Only the disk is a bound: what standard input brings waits there, not in memory. */
    private static final QueuePolicy QUEUE =
            new QueuePolicy(QueuePolicy.MAXIMUM_MESSAGES, QueuePolicy.MAXIMUM_BYTES, false, null);

    private static final long GOODBYE_SECONDS = 5;

    private final PubCommand options;
    private final @Nullable TopicName topic;
    private final ConnectionWatch watch;
    private final MqttPublisher publisher;
    private final Pipeline pipeline;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile @Nullable Failure firstRefusal;
    private final AtomicBoolean ended = new AtomicBoolean();
    /** A signal has come: nothing more is read. */
    private volatile boolean ending;

    private long number;

    /** Where payloads come from, one after the other. */
    @FunctionalInterface
    interface Source {
        /** The next payload, or null at the end. */
        byte @Nullable [] next() throws IOException;
    }

    /**
     * Opens the session.
     *
     * @param topic may be missing if there is nothing new to be published
     * @throws io.hawser.mqtt.StoreException if that cannot be done, as when another client has it open
     */
    StoredPubRun(PubCommand options, @Nullable TopicName topic) {
        this.options = options;
        this.topic = topic;
        this.watch = new ConnectionWatch(options.session);
        PublisherBuilder builder = MqttPublisher.builder(options.server.server());
        options.server.applyTo(builder);
        options.session.applyTo(builder);
        options.store.applyTo(builder, options.session);
        // On the event loop, so that every outcome has been heard when the client says that it is drained.
        builder.queue(QUEUE).handlerExecutor(Runnable::run).onOutcome(this::concluded);
        this.publisher = builder.onEvent(watch).build();
        this.pipeline = new Pipeline(this::enqueue);
    }

    int run(Source source) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endOnSignal, "signal"));
        if (!options.enqueueOnly) {
            connect();
        }
        // On a thread of its own: standard input may be silent when the client gives up.
        Thread sender = new Thread(() -> send(source), "sender");
        sender.setDaemon(true);
        sender.start();
        int code = exit.join();
        close();
        finished.complete(null);
        return code;
    }

    private void connect() {
        watch.onClosed(e -> end(Failure.ofConnect(e)));
        CompletableFuture<ConnectResult> unused = watch.connect(publisher).whenComplete((result, e) -> {
            if (e != null && !ended.get()) {
                say(Failure.ofConnect(e).text());
                say("Messages are stored, and sent as soon as there is a connection.");
            }
        });
    }

    private void send(Source source) {
        try {
            for (byte[] next = source.next(); next != null; next = source.next()) {
                if (ending || pipeline.failure() != null) {
                    break;
                }
                Message message = messageOf(next);
                if (message != null) {
                    pipeline.publish(message);
                }
            }
            Throwable failure = pipeline.flush();
            if (failure != null) {
                end(Failure.of(failure));
            } else if (!ending) {
                if (!options.enqueueOnly) {
                    publisher.flushAsync().join();
                }
                end(firstRefusal);
            }
        } catch (IOException | RuntimeException e) {
            pipeline.flush();
            end(Failure.of(e));
        }
    }

    /** Null if the line is wrong, which is told with the first other one that comes to nothing. */
    private @Nullable Message messageOf(byte[] line) {
        number++;
        try {
            return options.message(topic, line);
        } catch (IllegalArgumentException e) {
            if (!options.readsLines()) {
                throw e;
            }
            refused(Long.toString(number), e);
            return null;
        }
    }

    private CompletableFuture<Void> enqueue(Message message) {
        return publisher.enqueueAsync(message, Long.toString(number)).whenComplete((done, e) -> {
            if (e == null) {
                accepted.incrementAndGet();
            }
        });
    }

    /** Also of messages that earlier runs have left. */
    private void concluded(String key, CompletableFuture<PublishResult> outcome) {
        try {
            outcome.join();
        } catch (CompletionException e) {
            refused(key, e);
        }
    }

    private void refused(String key, Throwable e) {
        if (refused.getAndIncrement() == 0) {
            Failure cause = Failure.of(e);
            firstRefusal = new Failure(Failure.ERROR, cause.text() + " (message " + key + ")");
        }
    }

    /** The first reason to end is the one that counts. It is told before the process may end. */
    private void end(@Nullable Failure failure) {
        if (ended.getAndSet(true)) {
            return;
        }
        if (failure != null) {
            failure.report(options.session.quiet);
            if (refused.get() > 1) {
                say("Error: so many messages came to nothing: " + refused);
            }
            tellWhatWaits();
        }
        exit.complete(failure == null ? 0 : failure.exitCode());
    }

    private void tellWhatWaits() {
        Statistics now = publisher.statistics();
        String sent = now.inFlight() == 0 ? "" : ", and " + now.inFlight() + " in flight, which go out again";
        say(accepted + " accepted in this run, " + now.queued() + " waiting in " + options.store.directory + sent);
    }

    private void say(String text) {
        if (!options.session.quiet) {
            System.err.println(text);
        }
    }

    private void close() {
        publisher
                .closeAsync()
                .completeOnTimeout(null, GOODBYE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** What has been read becomes safe before the process ends as signals end processes. */
    private void endOnSignal() {
        if (finished.isDone()) {
            return;
        }
        ending = true;
        CompletableFuture.runAsync(pipeline::flush)
                .completeOnTimeout(null, GOODBYE_SECONDS, TimeUnit.SECONDS)
                .join();
        if (!ended.getAndSet(true)) {
            say("Interrupted.");
            tellWhatWaits();
        }
        close();
    }
}
