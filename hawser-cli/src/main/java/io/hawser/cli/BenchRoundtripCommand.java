package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hawser bench roundtrip}: how long a message takes to the broker and back. */
@Command(
        name = "roundtrip",
        sortOptions = false,
        description =
                "Publish to a topic that the same client subscribes to. Latency is from publish to delivery, of every"
                        + " message; --inflight of them are under way.")
final class BenchRoundtripCommand implements Callable<Integer> {
    private static final int COUNT = 10_000;

    @Mixin
    BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        int inflight = options.inflight(1);
        int count = options.count(COUNT);
        int warmup = options.warmup(count / 5);
        if (options.size < Long.BYTES) {
            throw new IllegalArgumentException("--size is " + options.size + ", must be at least 8 for roundtrip");
        }
        try (Bench<MqttClient> bench = new Bench<>(options, "roundtrip", inflight)) {
            // A topic of this run's own: what another run left on its way must not be counted.
            String run = Long.toHexString(ThreadLocalRandom.current().nextLong());
            List<MqttClient> clients =
                    bench.connect(i -> options.applyTo(MqttClient.builder(options.server.server()), 1_000));
            List<Echo> echoes = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                String topic = options.topic == null ? options.topicOf(i) + "/" + run : options.topicOf(i);
                echoes.add(new Echo(clients.get(i), topic, options, inflight, bench.latency()));
            }
            run(bench, echoes, "warming up", warmup);
            bench.startMeasuring();
            run(bench, echoes, "returned", count);
            bench.stopMeasuring();
            return bench.report(count, options.size);
        } catch (Bench.BenchFailure e) {
            return e.failure().report(false);
        }
    }

    private static void run(Bench<MqttClient> bench, List<Echo> echoes, String phase, int total)
            throws InterruptedException {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < echoes.size(); i++) {
            running.add(echoes.get(i).start(bench.share(total, i)));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
        bench.await(phase, all, () -> echoes.stream().mapToLong(e -> e.back).sum(), total);
    }

    /**
     * Sends the next message when one comes back. Every message carries its number, so that one that comes twice, or from
     * somebody else, is not counted.
     */
    private static final class Echo {
        private final MqttClient client;
        private final TopicName topic;
        private final BenchOptions options;
        private final Histogram latency;
        private final long[] sentNanos;
        private CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        private long first;
        private long next;
        private long end;
        /** Written under the lock; read by the line that shows progress. */
        private volatile long back;

        Echo(MqttClient client, String topic, BenchOptions options, int inflight, Histogram latency) {
            this.client = client;
            this.topic = TopicName.of(topic);
            this.options = options;
            this.latency = latency;
            this.sentNanos = new long[inflight];
            client.subscribe(Subscription.to(topic).qos(options.qos), this::returned);
        }

        synchronized CompletableFuture<Void> start(int count) {
            done = new CompletableFuture<>();
            first = next;
            end = next + count;
            back = 0;
            if (count == 0) {
                done.complete(null);
            }
            for (int i = 0; i < sentNanos.length && next < end; i++) {
                send();
            }
            return done;
        }

        /** The slot of the one that came back is free, since numbers come back in the order in which they left. */
        private void send() {
            byte[] payload = new byte[options.size];
            ByteBuffer.wrap(payload).putLong(next);
            sentNanos[(int) (next % sentNanos.length)] = System.nanoTime();
            next++;
            CompletableFuture<PublishResult> unused = client.publishAsync(
                            Message.of(topic, payload, options.qos, false))
                    .whenComplete((result, error) -> {
                        if (error != null) {
                            fail(error);
                        }
                    });
        }

        private synchronized void fail(Throwable error) {
            done.completeExceptionally(error);
        }

        private synchronized void returned(Delivery delivery) {
            long now = System.nanoTime();
            ByteBuffer payload = delivery.payload();
            if (payload.remaining() != options.size || payload.getLong() != first + back) {
                return;
            }
            latency.recordValue(now - sentNanos[(int) ((first + back) % sentNanos.length)]);
            back++;
            if (next < end) {
                send();
            } else if (first + back == end) {
                done.complete(null);
            }
        }
    }
}
