package io.hawser.cli;

import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One run of {@code hawser respond}, from the connection to the exit code. */
final class RespondRun {
    private static final int GOODBYE_SECONDS = 5;

    private final RespondCommand options;
    private final Replies replies;
    private final OutputStream out;
    private final ConnectionWatch watch;
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final AtomicLong handled = new AtomicLong();

    RespondRun(RespondCommand options, Replies replies, OutputStream out) {
        this.options = options;
        this.replies = replies;
        this.out = out;
        this.watch = new ConnectionWatch(options.session);
    }

    int run() {
        if (options.timeout != null) {
            CompletableFuture<Integer> unused =
                    exit.completeOnTimeout(Failure.TIMED_OUT, options.timeout, TimeUnit.SECONDS);
        }
        if (out instanceof StandardOutput standard && (options.verbose || options.json)) {
            standard.onReaderGone(() -> exit.complete(Failure.OUTPUT));
        }
        ExecutorService handlers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "responder");
            thread.setDaemon(true);
            return thread;
        });
        ClientBuilder<MqttClient> builder = MqttClient.builder(options.server.server());
        options.server.applyTo(builder);
        options.session.applyTo(builder);
        builder.onEvent(watch)
                .handlerExecutor(task -> handlers.execute(() -> {
                    task.run();
                    exitIfEnough();
                }));
        MqttClient client = builder.build();
        for (TopicFilter filter : options.filters) {
            Subscription subscription = options.session.properties.on(new Subscription(filter, options.qos));
            CompletableFuture<SubscribeResult> unused = client.respondAsync(subscription, this::reply);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::endOnSignal, "signal"));
        try {
            CompletableFuture.anyOf(watch.connect(client), exit).join();
            int code = listen();
            int patience = code == 0 ? GOODBYE_SECONDS : 1;
            // Replies that are on their way, and then the acknowledgements of their requests.
            client.flushAsync()
                    .exceptionally(e -> null)
                    .completeOnTimeout(null, patience, TimeUnit.SECONDS)
                    .join();
            return code;
        } catch (CompletionException e) {
            return Failure.ofConnect(e).report(options.session.quiet);
        } finally {
            client.closeAsync()
                    .completeOnTimeout(null, GOODBYE_SECONDS, TimeUnit.SECONDS)
                    .join();
            handlers.shutdownNow();
            finished.complete(null);
        }
    }

    private int listen() {
        watch.onReady(() -> {
            if (watch.refusedAll(options.filters)) {
                System.err.println("All subscription requests were denied.");
                exit.complete(Failure.ERROR);
            }
            options.listening.complete(null);
        });
        watch.onClosed(e -> exit.complete(Failure.ofConnect(e).report(options.session.quiet)));
        int code = exit.join();
        if (code == Failure.TIMED_OUT && !options.session.quiet) {
            System.err.println("Timed out");
        }
        return code;
    }

    /** After the handler has returned, so that its reply is on its way. */
    private void exitIfEnough() {
        if (isEnough()) {
            exit.complete(0);
        }
    }

    private boolean isEnough() {
        return options.count != null && handled.get() >= options.count;
    }

    private @Nullable Message reply(Delivery request) {
        if (isEnough() || exit.isDone()) {
            // Unacknowledged it is left to the next run, or to another member of a shared subscription.
            Delivery unused = request.defer();
            return null;
        }
        try {
            Message reply = replies.to(request.message());
            print(request, reply, null);
            reply = options.session.properties.on("publish", reply);
            return options.replyTopic == null ? reply : reply.topic(replyTopic(request, options.replyTopic));
        } catch (IOException e) {
            if (!options.session.quiet) {
                System.err.println("Error: " + Utf8.printable(String.valueOf(e.getMessage())));
            }
            print(request, null, e.getMessage());
            throw new UncheckedIOException(e);
        } finally {
            handled.incrementAndGet();
        }
    }

    private static TopicName replyTopic(Delivery request, String pattern) {
        return TopicName.of(pattern.replace(RespondCommand.REQUEST_TOPIC, request.topic()));
    }

    private void print(Delivery request, @Nullable Message reply, @Nullable String error) {
        if (!options.json && !options.verbose) {
            return;
        }
        ByteSink line = new ByteSink();
        Received received =
                new Received(request.message(), request.duplicate(), ZonedDateTime.now(ZoneId.systemDefault()));
        if (options.verbose) {
            MessageFormat.verbose().write(received, line);
        } else {
            line.put(json(received, reply, error).toString());
        }
        line.put('\n');
        try {
            line.writeTo(out);
            out.flush();
        } catch (IOException e) {
            if (!exit.isDone()) {
                exit.complete(Failure.ofOutput(e).report(options.session.quiet));
            }
        }
    }

    private static Json json(Received request, @Nullable Message reply, @Nullable String error) {
        Json json = MessageFormat.jsonOf(request, null);
        if (reply != null) {
            String text = MessageProperties.utf8(reply.payloadBytes());
            if (text != null) {
                json.put("reply", text);
            } else {
                json.put("replyBase64", Base64.getEncoder().encodeToString(reply.payloadBytes()));
            }
        }
        return error == null ? json : json.put("error", error);
    }

    /** SIGINT and SIGTERM are the usual way to end; they say goodbye to the broker, and the exit code is 0. */
    private void endOnSignal() {
        if (finished.isDone()) {
            return;
        }
        exit.complete(0);
        finished.completeOnTimeout(null, 2 * GOODBYE_SECONDS, TimeUnit.SECONDS).join();
        // A command that has not come to its end would go on without anybody to answer.
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
        Runtime.getRuntime().halt(0);
    }
}
