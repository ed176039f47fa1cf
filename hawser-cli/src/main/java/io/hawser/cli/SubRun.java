package io.hawser.cli;

import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of {@code hawser sub}, from the connection to the exit code. */
final class SubRun {
    private static final TopicFilter NOT_SUBSCRIBED = TopicFilter.of("hawser/sub/goodbye");
    private static final Duration GOODBYE = Duration.ofSeconds(5);
    /** How long saying goodbye may take when time is up, or something has failed. */
    private static final Duration HURRY = Duration.ofSeconds(1);

    private final SubCommand options;
    private final ConnectionWatch watch;
    private final OutputStream out;
    private final DeliveryWriter writer;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final CompletableFuture<Integer> finished = new CompletableFuture<>();

    /** A signal has come: nobody is waited for who does not read. */
    private volatile boolean interrupted;

    private @Nullable MqttClient client;
    /** Written by the handler alone, whose calls follow each other. */
    private volatile long printed;

    private @Nullable Message last;

    SubRun(SubCommand options, MessageFormat format, OutputStream out) {
        this.options = options;
        this.watch = new ConnectionWatch(options.session);
        this.out = out;
        this.writer = new DeliveryWriter(out, format);
    }

    int run() throws InterruptedException {
        if (options.timeout != null) {
            CompletableFuture<Integer> unused =
                    exit.completeOnTimeout(Failure.TIMED_OUT, options.timeout, TimeUnit.SECONDS);
        }
        writer.onFailure(() -> exit.complete(Failure.OUTPUT));
        if (out instanceof StandardOutput standard) {
            standard.onReaderGone(() -> exit.complete(Failure.OUTPUT));
        }
        ClientBuilder<MqttClient> builder = MqttClient.builder(options.server.server());
        options.server.applyTo(builder);
        options.session.applyTo(builder);
        options.store.applyTo(builder, options.session);
        builder.onEvent(watch).defaultHandler(this::handle);
        for (TopicFilter filter : options.filters) {
            Subscription subscription =
                    new Subscription(filter, options.qos).retainAsPublished(options.retainAsPublished);
            if (options.retainHandling != null) {
                subscription = subscription.retainHandling(options.retainHandling);
            }
            builder.subscription(options.session.properties.on(subscription), this::handle);
        }
        MqttClient subscriber = builder.build();
        client = subscriber;
        Thread hook = new Thread(this::endOnSignal, "signal");
        Runtime.getRuntime().addShutdownHook(hook);
        writer.start();
        int code = Failure.ERROR;
        try {
            CompletableFuture<ConnectResult> connected = watch.connect(subscriber);
            CompletableFuture.anyOf(connected, exit).join();
            code = listen(subscriber);
            code = goodbye(subscriber, code);
        } catch (CompletionException e) {
            CompletableFuture<Void> unused = subscriber.closeAsync();
            code = Failure.ofConnect(e).report(options.session.quiet);
        } finally {
            finished.complete(code);
        }
        return code;
    }

    private int listen(MqttClient subscriber) {
        CompletableFuture<?>[] unsubscribed =
                options.unsubscribed.stream().map(subscriber::unsubscribeAsync).toArray(CompletableFuture<?>[]::new);
        watch.onReady(() -> subscribed(CompletableFuture.allOf(unsubscribed)));
        watch.onClosed(e -> exit.complete(Failure.ofConnect(e).report(options.session.quiet)));
        int code = exit.join();
        if (code == Failure.TIMED_OUT && !options.session.quiet) {
            System.err.println("Timed out");
        }
        return code;
    }

    private void subscribed(CompletableFuture<Void> unsubscribed) {
        if (watch.refusedAll(options.filters)) {
            System.err.println("All subscription requests were denied.");
            exit.complete(Failure.ERROR);
        } else if (options.exitWhenSubscribed) {
            CompletableFuture<Void> unused = unsubscribed.whenComplete((done, e) -> exit.complete(0));
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same message, not an equal one
    private void handle(Delivery delivery) throws InterruptedException {
        Message message = delivery.message();
        if (message == last) {
            return; // it matches several filters, and each of them calls
        }
        last = message;
        if (exit.isDone()) {
            delivery.reject();
        } else if (wanted(message)) {
            writer.write(delivery);
            long count = printed + 1;
            printed = count;
            if (options.count != null && count >= options.count) {
                exit.complete(0);
            }
        }
    }

    private boolean wanted(Message message) {
        for (TopicFilter filter : options.filteredOut) {
            if (filter.matches(message.topicName())) {
                return false;
            }
        }
        if (options.removeRetained && message.retain() && client != null) {
            CompletableFuture<PublishResult> unused =
                    client.publishAsync(Message.of(message.topicName(), new byte[0], Qos.AT_LEAST_ONCE, true));
        }
        if (options.retainedOnly && !message.retain()) {
            exit.complete(0);
            return false;
        }
        if (options.noRetained && message.retain()) {
            return false;
        }
        return options.randomFilter == null || ThreadLocalRandom.current().nextDouble(100) < options.randomFilter;
    }

    /** Success only if everything has left; who reads no more, or not in time, is not waited for. */
    private int goodbye(MqttClient subscriber, int code) {
        Duration patience = code == 0 ? GOODBYE : HURRY;
        writer.close(code == 0 && !interrupted ? 0 : patience.toMillis());
        CompletableFuture<Void> cleared =
                options.removeRetained ? subscriber.flushAsync() : CompletableFuture.completedFuture(null);
        CompletableFuture.allOf(cleared, acknowledged(subscriber))
                .exceptionally(e -> null)
                .completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS)
                .thenCompose(done -> subscriber.closeAsync())
                .completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        IOException failure = writer.failure();
        boolean told = code != 0 && code != Failure.OUTPUT;
        return failure == null || told ? code : Failure.ofOutput(failure).report(options.session.quiet);
    }

    /**
     * Settles when the broker knows of the acknowledgements. It would otherwise send a QoS 2 message of a kept session again,
     * to a next run that cannot know it. Since packets are handled in order, the answer to any request after them will do.
     */
    private CompletableFuture<?> acknowledged(MqttClient subscriber) {
        boolean matters =
                options.session.keepSession && !options.store.given() && options.qos == Qos.EXACTLY_ONCE && printed > 0;
        ConnectionState state = subscriber.state();
        boolean possible = state == ConnectionState.CONNECTED || state == ConnectionState.READY;
        return matters && possible
                ? subscriber.unsubscribeAsync(NOT_SUBSCRIBED)
                : CompletableFuture.completedFuture(null);
    }

    /** SIGINT and SIGTERM are the usual way to end; they say goodbye to the broker, and the exit code is 0. */
    private void endOnSignal() {
        if (finished.isDone()) {
            return;
        }
        interrupted = true;
        exit.complete(0);
        Runtime.getRuntime()
                .halt(finished.completeOnTimeout(0, 2 * GOODBYE.toSeconds(), TimeUnit.SECONDS)
                        .join());
    }
}
