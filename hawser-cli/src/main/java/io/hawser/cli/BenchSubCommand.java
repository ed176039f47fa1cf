package io.hawser.cli;

import io.hawser.client.Delivery;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.Subscription;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hawser bench sub}: how fast messages arrive that somebody else publishes. */
@Command(
        name = "sub",
        sortOptions = false,
        description = "Subscribe, and count what arrives: from the first measured message to the last.")
final class BenchSubCommand implements Callable<Integer> {
    private static final int COUNT = 100_000;
    private static final int INFLIGHT = 64;

    @Mixin
    BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        int inflight = options.inflight(INFLIGHT);
        int count = options.count(COUNT);
        int warmup = options.warmup(0);
        String filter = options.topic == null ? "hawser/bench/#" : options.topic;
        try (Bench<MqttSubscriber> bench = new Bench<>(options, "sub", inflight)) {
            Counter counter = new Counter(bench, warmup, warmup + count);
            Subscription subscription = Subscription.to(filter).qos(options.qos);
            bench.connect(i -> options.applyTo(MqttSubscriber.builder(options.server.server()), inflight)
                    .subscription(subscription, counter::count));
            bench.await("received", counter.done, counter::received, warmup + count);
            return bench.report(count, counter.averageSize());
        } catch (Bench.BenchFailure e) {
            return e.failure().report(false);
        }
    }

    /** Counts deliveries of all clients together, and starts and stops the clock. */
    private static final class Counter {
        private final Bench<MqttSubscriber> bench;
        private final long first;
        private final long last;
        private final java.util.concurrent.atomic.AtomicLong received = new java.util.concurrent.atomic.AtomicLong();
        private final LongAdder bytes = new LongAdder();
        private final CompletableFuture<Void> done = new CompletableFuture<>();

        Counter(Bench<MqttSubscriber> bench, long first, long last) {
            this.bench = bench;
            this.first = first;
            this.last = last;
        }

        void count(Delivery delivery) {
            long number = received.getAndIncrement();
            if (number >= last) {
                return;
            }
            if (number == first) {
                bench.startMeasuring();
            }
            bytes.add(delivery.message().payloadSize());
            if (number + 1 == last) {
                bench.stopMeasuring();
                done.complete(null);
            }
        }

        long received() {
            return Math.min(received.get(), last);
        }

        long averageSize() {
            return Math.round((double) bytes.sum() / last);
        }
    }
}
