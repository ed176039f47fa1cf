package io.hawser.benchmarks;

import io.netty.handler.codec.mqtt.MqttQoS;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.mqtt.MqttClient;
import io.vertx.mqtt.MqttClientOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** vertx-mqtt, on its event loop, where its handlers run. */
final class VertxContestant implements Contestant {
    /** Held, so that its level is not forgotten. */
    private static final Logger LOGGER = Logger.getLogger("io.vertx");

    private static final int MOST_AT_ONCE = 4_096;
    private static @Nullable Vertx shared;

    private final Course course;
    private final Buffer payload;
    private final MqttQoS qos;
    private final Context context;
    private final MqttClient client;
    private @Nullable Gate watched;
    private boolean pumping;

    VertxContestant(Course course) {
        // It reports every connection.
        LOGGER.setLevel(Level.WARNING);
        this.course = course;
        this.payload = Buffer.buffer(course.payload());
        this.qos = MqttQoS.valueOf(course.qos());
        Vertx vertx = vertx();
        this.context = vertx.getOrCreateContext();
        this.client = MqttClient.create(
                vertx,
                new MqttClientOptions()
                        .setMaxInflightQueue(65_535)
                        .setMaxMessageSize(16 * 1024 * 1024)
                        .setAutoKeepAlive(true));
    }

    private static Vertx vertx() {
        Vertx vertx = shared;
        if (vertx == null) {
            vertx = Vertx.vertx();
            shared = vertx;
        }
        return vertx;
    }

    @Override
    public void connect() {
        Future<?> unused = onLoop(() -> client.connect(course.port(), "127.0.0.1"));
    }

    /** Runs it on the event loop, and waits for what it returns. */
    private <T> Future<T> onLoop(Supplier<Future<T>> action) {
        CompletableFuture<Future<T>> done = new CompletableFuture<>();
        context.runOnContext(ignored -> {
            Future<T> future = action.get();
            future.onComplete(result -> done.complete(future));
        });
        Future<T> future = done.join();
        if (future.failed()) {
            throw new IllegalStateException(future.cause());
        }
        return future;
    }

    @Override
    public void publishOne(Gate gate) {
        if (watched == null) {
            watched = gate;
            client.publishCompletionHandler(identifier -> gate.leaveInTurn(1));
        }
        context.runOnContext(ignored -> send(gate));
    }

    private void send(Gate gate) {
        Future<Integer> sent = client.publish(Course.TOPIC, payload, qos, false, false);
        if (course.qos() == 0) {
            sent.onComplete(result -> left(gate));
        }
    }

    @Override
    public void publish(Gate gate) throws InterruptedException {
        client.publishCompletionHandler(identifier -> left(gate));
        context.runOnContext(ignored -> pump(gate));
        gate.awaitStop();
        CountDownLatch last = new CountDownLatch(1);
        context.runOnContext(ignored -> last.countDown());
        last.await();
    }

    private void left(Gate gate) {
        gate.leaveInTurn(1);
        if (!pumping && gate.room() > gate.bound() / 2) {
            pump(gate);
        }
    }

    /** At QoS 0, what is published may be done at once; then the event loop must have its turn. */
    private void pump(Gate gate) {
        pumping = true;
        int turn = 0;
        while (turn < MOST_AT_ONCE && gate.room() > 0 && !gate.isStopped()) {
            gate.enterAtOnce(1);
            send(gate);
            turn++;
        }
        pumping = false;
        if (turn == MOST_AT_ONCE) {
            context.runOnContext(ignored -> pump(gate));
        }
    }

    @Override
    public void subscribe(String filter, Gate gate) {
        client.publishHandler(message -> gate.leaveInTurn(1));
        Future<?> unused = onLoop(() -> client.subscribe(filter, course.qos()));
    }

    @Override
    public void close() {
        Future<?> unused = onLoop(client::disconnect);
    }
}
