package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.client.SubscriberBuilder;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
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

    private final SubCommand options;
    private final ConnectionWatch watch;
    private final DeliveryWriter writer;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();

    private @Nullable MqttClient client;
    /** Written by the handler alone, whose calls follow each other. */
    private volatile long printed;

    private @Nullable Message last;

    SubRun(SubCommand options, MessageFormat format, OutputStream out) {
        this.options = options;
        this.watch = new ConnectionWatch(options.session.debug);
        this.writer = new DeliveryWriter(out, format);
    }

    int run() throws InterruptedException {
        SubscriberBuilder<MqttClient> builder = MqttClient.builder(options.server.server());
        options.server.applyTo(builder);
        options.session.applyTo(builder);
        options.store.applyTo(builder, options.session);
        builder.listener(watch).defaultHandler(this::handle);
        for (TopicFilter filter : options.filters) {
            Subscription subscription =
                    new Subscription(filter, options.qos).retainAsPublished(options.retainAsPublished);
            builder.subscription(options.session.properties.on(subscription), this::handle);
        }
        MqttClient subscriber = builder.build();
        client = subscriber;
        Thread hook = new Thread(this::endOnSignal, "signal");
        Runtime.getRuntime().addShutdownHook(hook);
        writer.start();
        CompletableFuture<ConnectResult> connected = watch.connect(subscriber);
        try {
            CompletableFuture.anyOf(connected, exit).join();
            int code = listen(subscriber);
            goodbye(subscriber);
            return code;
        } catch (CompletionException e) {
            CompletableFuture<Void> unused = subscriber.closeAsync();
            return Failure.ofConnect(e).report(options.session.quiet);
        } finally {
            finished.complete(null);
        }
    }

    private int listen(MqttClient subscriber) {
        CompletableFuture<?>[] unsubscribed =
                options.unsubscribed.stream().map(subscriber::unsubscribeAsync).toArray(CompletableFuture<?>[]::new);
        if (options.timeout != null) {
            CompletableFuture<Integer> unused =
                    exit.completeOnTimeout(Failure.TIMED_OUT, options.timeout, TimeUnit.SECONDS);
        }
        watch.onReady(() -> subscribed(CompletableFuture.allOf(unsubscribed)));
        watch.onClosed(e -> exit.complete(Failure.ofConnect(e).report(options.session.quiet)));
        writer.onFailure(() -> exit.complete(Failure.ERROR));
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
            delivery.refuse();
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

    private void goodbye(MqttClient subscriber) {
        writer.close();
        CompletableFuture<Void> cleared =
                options.removeRetained ? subscriber.drainAsync() : CompletableFuture.completedFuture(null);
        CompletableFuture.allOf(cleared, acknowledged(subscriber))
                .exceptionally(e -> null)
                .completeOnTimeout(null, GOODBYE.toMillis(), TimeUnit.MILLISECONDS)
                .thenCompose(done -> subscriber.closeAsync())
                .completeOnTimeout(null, GOODBYE.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    /**
     * Settles when the broker knows of the acknowledgements. It would otherwise send a QoS 2 message of a kept session again,
     * to a next run that cannot know it. Since packets are handled in order, the answer to any request after them will do.
     */
    private CompletableFuture<Void> acknowledged(MqttClient subscriber) {
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
        exit.complete(0);
        finished.completeOnTimeout(null, 2 * GOODBYE.toSeconds(), TimeUnit.SECONDS)
                .join();
        Runtime.getRuntime().halt(0);
    }
}
