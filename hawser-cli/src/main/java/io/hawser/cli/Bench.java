package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.client.MqttEndpoint;
import io.hawser.mqtt.ConnectResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What every benchmark does: connect its clients, let them warm up, measure while a line on standard error tells how far it
 * is, and stop when all is done or nothing moves any more.
 *
 * @param <C> the clients
 */
final class Bench<C extends MqttEndpoint> implements AutoCloseable {
    private static final long TICK_MILLIS = 200;

    private final BenchOptions options;
    private final String mode;
    private final int inflight;
    private final List<C> clients = new ArrayList<>();
    private final Screen screen = Screen.on(System.err, 5);
    private final ProcessMeter meter = new ProcessMeter();
    private final Histogram latency = new ConcurrentHistogram(3);

    private final HtmlReport.Samples samples = new HtmlReport.Samples();
    private long startNanos;
    private long endNanos;
    private long cpuNanos;
    private long allocatedBytes;

    Bench(BenchOptions options, String mode, int inflight) {
        this.options = options;
        this.mode = mode;
        this.inflight = inflight;
    }

    /** Connects the clients; as with {@code pub}, the first attempt of each must succeed. */
    <B extends MqttBuilder<C, B>> List<C> connect(Function<Integer, B> builders) {
        List<CompletableFuture<ConnectResult>> connecting = new ArrayList<>();
        for (int i = 0; i < options.clients; i++) {
            ConnectionWatch watch = new ConnectionWatch(false, System.err::println, System::nanoTime);
            C client = builders.apply(i).onEvent(watch).build();
            clients.add(client);
            connecting.add(watch.connect(client));
        }
        try {
            connecting.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            throw new BenchFailure(Failure.ofConnect(e));
        }
        return clients;
    }

    Histogram latency() {
        return latency;
    }

    /** The part of {@code total} that falls to one client. */
    int share(int total, int client) {
        return total / options.clients + (client < total % options.clients ? 1 : 0);
    }

    /** Shows progress until {@code done} settles; fails if {@code moved} stands still for too long. */
    void await(String phase, CompletableFuture<?> done, LongSupplier moved, long goal) throws InterruptedException {
        long last = -1;
        long lastMoveNanos = System.nanoTime();
        while (!settled(done)) {
            long now = System.nanoTime();
            long count = moved.getAsLong();
            samples.add((now - startNanos) / 1e9, (double) count);
            if (count != last) {
                last = count;
                lastMoveNanos = now;
            } else if (now - lastMoveNanos > TimeUnit.SECONDS.toNanos(options.timeout)) {
                String text = String.format(
                        Locale.ROOT,
                        "Error: %d of %d messages, and nothing has moved for %d s",
                        count,
                        goal,
                        options.timeout);
                throw new BenchFailure(new Failure(Failure.TIMED_OUT, text));
            }
            screen.status(String.format(
                    Locale.ROOT,
                    "bench %s: %s %,d of %,d (%d %%), %.1f s",
                    mode,
                    phase,
                    count,
                    goal,
                    count * 100 / Math.max(1, goal),
                    screen.seconds()));
        }
    }

    private static boolean settled(CompletableFuture<?> done) throws InterruptedException {
        try {
            done.get(TICK_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (java.util.concurrent.TimeoutException e) {
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new BenchFailure(Failure.ofConnect(e));
        }
    }

    /** The measured part begins here. */
    void startMeasuring() {
        latency.reset();
        allocatedBytes = meter.allocatedBytes();
        cpuNanos = meter.cpuNanos();
        samples.clear();
        startNanos = System.nanoTime();
        samples.add(0, 0);
    }

    /** And ends here. */
    void stopMeasuring() {
        endNanos = System.nanoTime();
        cpuNanos = meter.cpuNanos() - cpuNanos;
        allocatedBytes = meter.allocatedBytes() - allocatedBytes;
    }

    /** Prints the result and returns the exit code. */
    int report(long count, long size) {
        screen.done();
        BenchResult result = new BenchResult(
                mode,
                options.qos.level(),
                count,
                size,
                inflight,
                options.clients,
                (endNanos - startNanos) / 1e9,
                cpuNanos / 1e3 / count,
                (double) allocatedBytes / count,
                latency);
        samples.add((endNanos - startNanos) / 1e9, (double) count);
        if (options.report != null) {
            result.report(options.server.shown(), samples).write(options.report);
        }
        if (options.json) {
            System.out.println(result.json());
        } else {
            System.out.print(result.text());
        }
        return 0;
    }

    @Override
    public void close() {
        screen.done();
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        clients.forEach(client -> closing.add(client.closeAsync().completeOnTimeout(null, 5, TimeUnit.SECONDS)));
        closing.forEach(CompletableFuture::join);
    }

    /** Ends a benchmark with an exit code and a text. */
    static final class BenchFailure extends RuntimeException {
        private final transient Failure failure;

        BenchFailure(Failure failure) {
            super(failure.text());
            this.failure = failure;
        }

        Failure failure() {
            return failure;
        }
    }
}
