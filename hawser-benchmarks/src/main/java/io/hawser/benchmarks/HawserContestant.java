package io.hawser.benchmarks;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionStore;
import io.hawser.store.SessionStore.Durability;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hawser with everything on: a future per message, the handler on its executor, the acknowledgement after the handler. Messages
 * come from a thread of the application's, or, since {@code publishAsync} never blocks, from what depends on their futures.
 */
final class HawserContestant implements Contestant {
    private final Course course;
    private final MqttClient client;
    private final @Nullable Path directory;
    private final Message message;
    private final boolean chained;
    private @Nullable BiConsumer<@Nullable PublishResult, @Nullable Throwable> settled;
    /** The event loop's, if it publishes. */
    private boolean pumping;

    HawserContestant(Course course, boolean chained) throws IOException {
        this.course = course;
        this.chained = chained;
        this.message = Message.of(TopicName.of(Course.TOPIC), course.payload(), Qos.of(course.qos()), false);
        ClientBuilder<MqttClient> builder = MqttClient.builder("mqtt://127.0.0.1:" + course.port())
                .version(course.protocolVersion())
                .sendWindow(Math.max(course.inflight(), 1))
                .queue(QueuePolicy.bounded(1_000_000).megabytes(2_000));
        if (course.stores()) {
            directory = Scratch.directory();
            builder.clientId("racer").session(store(course.store(), directory), Duration.ofHours(1));
        } else {
            directory = null;
        }
        this.client = builder.build();
    }

    private static SessionStore store(String name, Path directory) {
        return switch (name) {
            case "memory" -> SessionStore.inMemory();
            case "process" -> FileSessionStore.at(directory).durability(Durability.PROCESS);
            case "power" -> FileSessionStore.at(directory).durability(Durability.POWER);
            case "lazy" -> FileSessionStore.at(directory).durability(Durability.LAZY);
            default ->
                throw new IllegalArgumentException(
                        "--store is '" + name + "', must be none, memory, process, power or lazy");
        };
    }

    @Override
    public void connect() {
        client.connect();
    }

    @Override
    public void publishOne(Gate gate) {
        BiConsumer<@Nullable PublishResult, @Nullable Throwable> action = settled;
        if (action == null) {
            action = settled = settling(gate, () -> {});
        }
        CompletableFuture<PublishResult> unused = client.publishAsync(message).whenComplete(action);
    }

    private static BiConsumer<@Nullable PublishResult, @Nullable Throwable> settling(Gate gate, Runnable then) {
        return (result, error) -> {
            if (error != null && !gate.isStopped()) {
                gate.fail(error);
            }
            gate.leaveInTurn(1);
            then.run();
        };
    }

    @Override
    public void publish(Gate gate) throws Exception {
        if (!chained) {
            Contestant.super.publish(gate);
            return;
        }
        settled = settling(gate, () -> pump(gate));
        gate.enterAtOnce(1);
        publishOne(gate);
        gate.awaitStop();
    }

    private void pump(Gate gate) {
        if (!pumping && gate.isWorthFilling()) {
            pumping = true;
            for (long room = gate.room(); room > 0 && !gate.isStopped(); room--) {
                gate.enterAtOnce(1);
                publishOne(gate);
            }
            pumping = false;
        }
    }

    @Override
    public void subscribe(String filter, Gate gate) {
        List<CompletableFuture<?>> further = new ArrayList<>();
        for (int i = 0; i < course.filters(); i++) {
            further.add(client.subscribeAsync(
                    Subscription.to("site/" + i + "/+/temp").qos(Qos.of(course.qos())), delivery -> {}));
        }
        further.forEach(CompletableFuture::join);
        client.subscribe(Subscription.to(filter).qos(Qos.of(course.qos())), delivery -> gate.leaveInTurn(1));
    }

    @Override
    public void close() throws IOException {
        client.close();
        if (directory != null) {
            Scratch.delete(directory);
        }
    }
}
