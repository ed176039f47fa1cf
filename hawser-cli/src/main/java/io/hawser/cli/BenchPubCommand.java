package io.hawser.cli;

import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hawser bench pub}: how fast messages are published and acknowledged. */
@Command(
        name = "pub",
        sortOptions = false,
        description =
                "Publish as fast as the broker acknowledges. Latency is from publish to acknowledgement, of every 64th"
                        + " message; at QoS 0, to the network.")
final class BenchPubCommand implements Callable<Integer> {
    private static final int INFLIGHT = 1_000;
    private static final int COUNT = 100_000;

    @Mixin
    BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        int inflight = options.inflight(INFLIGHT);
        int count = options.count(COUNT);
        int warmup = options.warmup(count / 5);
        try (Bench<MqttPublisher> bench = new Bench<>(options, "pub", inflight)) {
            List<MqttPublisher> publishers =
                    bench.connect(i -> options.applyTo(MqttPublisher.builder(options.server.server()), inflight));
            List<Sender> senders = new ArrayList<>();
            for (int i = 0; i < publishers.size(); i++) {
                senders.add(new Sender(publishers.get(i), message(i), inflight, bench.latency()));
            }
            run(bench, senders, "warming up", warmup);
            bench.startMeasuring();
            run(bench, senders, "sent", count);
            bench.stopMeasuring();
            return bench.report(count, options.size);
        } catch (Bench.BenchFailure e) {
            return e.failure().report(false);
        }
    }

    private Message message(int client) {
        return Message.of(TopicName.of(options.topicOf(client)), new byte[options.size], options.qos, false);
    }

    private static void run(Bench<MqttPublisher> bench, List<Sender> senders, String phase, int total)
            throws InterruptedException {
        List<CompletableFuture<Void>> running = new ArrayList<>();
        for (int i = 0; i < senders.size(); i++) {
            running.add(senders.get(i).start(bench.share(total, i)));
        }
        CompletableFuture<Void> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
        bench.await(phase, all, () -> senders.stream().mapToLong(s -> s.settled).sum(), total);
    }

    /** Publishes on a thread of its own, with a bound on what is under way. */
    private static final class Sender {
        private static final int SAMPLE_MASK = 63;

        private final MqttPublisher publisher;
        private final Message message;
        private final Histogram latency;
        private final @Nullable CompletableFuture<PublishResult>[] underWay;
        /** Written by the sending thread only. */
        private volatile long settled;

        @SuppressWarnings({"unchecked", "rawtypes"})
        Sender(MqttPublisher publisher, Message message, int inflight, Histogram latency) {
            this.publisher = publisher;
            this.message = message;
            this.latency = latency;
            this.underWay = new CompletableFuture[2 * (inflight + 128)];
        }

        CompletableFuture<Void> start(int count) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            Thread thread = new Thread(
                    () -> {
                        try {
                            send(count);
                            done.complete(null);
                        } catch (RuntimeException e) {
                            done.completeExceptionally(e);
                        }
                    },
                    "bench-sender");
            thread.setDaemon(true);
            thread.start();
            return done;
        }

        /**
         * A ring of futures instead of a callback per message. When the ring is full, half of it is waited for at once, so
         * that the thread is woken once for many messages while the other half keeps the window full.
         */
        private void send(int count) {
            int next = 0;
            int oldest = 0;
            settled = 0;
            for (int i = 0; i < count; i++) {
                if (i - oldest == underWay.length) {
                    int until = oldest + underWay.length / 2;
                    while (oldest < until) {
                        take(oldest++);
                    }
                    settled = oldest;
                }
                CompletableFuture<PublishResult> future = publisher.publishAsync(message);
                if ((i & SAMPLE_MASK) == 0) {
                    sample(future);
                }
                underWay[next] = future;
                next = next + 1 == underWay.length ? 0 : next + 1;
            }
            while (oldest < count) {
                take(oldest++);
            }
            settled = oldest;
        }

        private void take(int index) {
            CompletableFuture<PublishResult> future = underWay[index % underWay.length];
            if (future != null) {
                future.join();
            }
        }

        private void sample(CompletableFuture<PublishResult> future) {
            long start = System.nanoTime();
            CompletableFuture<PublishResult> unused =
                    future.whenComplete((result, error) -> latency.recordValue(System.nanoTime() - start));
        }
    }
}
