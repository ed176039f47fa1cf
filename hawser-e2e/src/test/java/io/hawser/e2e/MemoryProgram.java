package io.hawser.e2e;

import io.hawser.client.ClientBuilder;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttClient;
import io.hawser.client.Tls;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client in a process with a small heap, which a broker does its worst to. Arguments: the row, the URL, how many messages are
 * to be handled in the end, and the certificate of the authority or nothing. Says {@code ready}; at a line of input it says what it holds, and at the next one it lets
 * everything go on and says how that ended.
 */
final class MemoryProgram {
    /** Of the row {@code queue}: three times the heap. */
    static final int LARGE_PUBLISHES = 20_000;

    static final String SMALL_TOPIC = "t";
    static final int SMALL_PAYLOAD = 20;

    /** So many the network takes at any time; what is made once is made by then. */
    private static final int FIRST = 30_000;
    /** A message that has not gone to the output for so long waits in the queue. */
    private static final long STALL_NANOS = 2_000_000_000L;
    /** The broker's stop is the test's doing, however slow the machine is, so the client must not leave because of it. */
    private static final Duration LONGER_THAN_THE_TEST = Duration.ofMinutes(10);

    private final AtomicInteger handled = new AtomicInteger();
    private final AtomicReference<@Nullable MqttClient> self = new AtomicReference<>();
    private final CountDownLatch goesOn = new CountDownLatch(1);

    private final AtomicInteger settled = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private int published;

    private long memoryBefore;

    public static void main(String[] arguments) throws Exception {
        Path authority = arguments.length > 3 ? Path.of(arguments[3]) : null;
        new MemoryProgram().run(arguments[0], arguments[1], Integer.parseInt(arguments[2]), authority);
        System.exit(0);
    }

    private void run(String row, String url, int expected, @Nullable Path authority) throws Exception {
        ClientBuilder<MqttClient> options = MqttClient.builder(url)
                .queue(QueuePolicy.bounded(1_000_000).megabytes(8))
                .connectTimeout(LONGER_THAN_THE_TEST)
                .pingTimeout(LONGER_THAN_THE_TEST)
                .onEvent(event -> hear(row, event));
        if (authority != null) {
            options.tls(Tls.trusting(authority));
        }
        handlers(row, options);
        MqttClient client = options.build();
        self.set(client);
        client.connectAsync().get();
        say("ready");
        switch (row) {
            case "stalled" -> publishSmall(client);
            case "queue" -> publishLarge(client);
            default -> {
                // The broker does it all.
            }
        }
        say("published " + published);
        awaitLine();
        say("more " + (memory() - memoryBefore));
        System.gc();
        say("heap " + heap());
        say("direct " + direct());
        say("state " + client.state());
        awaitLine();
        goesOn.countDown();
        client.flushAsync().get();
        client.publishAsync(Message.of("alive", "x").qos(Qos.AT_LEAST_ONCE)).get();
        while (settled.get() + failed.get() < published || handled.get() < expected) {
            Thread.onSpinWait();
        }
        say("failed " + failed);
        say("handled " + handled);
    }

    private void handlers(String row, ClientBuilder<MqttClient> options) {
        switch (row) {
            case "bridge" ->
                options.subscription("x", delivery -> {
                    MqttClient client = self.get();
                    if (client != null) {
                        client.publishAsync(Message.of("y", "z")).get();
                    }
                    handled.incrementAndGet();
                });
            case "properties", "pairs", "identifiers", "topics" ->
                options.subscription("x/#", delivery -> {
                    goesOn.await();
                    handled.incrementAndGet();
                });
            case "huge" -> options.subscription("x/#", delivery -> handled.incrementAndGet());
            case "repeated" ->
                options.subscription("x", delivery -> {
                    if (handled.getAndIncrement() > 0) {
                        goesOn.await();
                    }
                });
            case "events" ->
                options.onHandlerFailure(FailurePolicy.attempts(1)).subscription("x", delivery -> {
                    handled.incrementAndGet();
                    throw new IllegalStateException("the handler fails");
                });
            default -> options.subscription("other", delivery -> handled.incrementAndGet());
        }
    }

    private void hear(String row, ConnectionEvent event) {
        if (event instanceof ConnectionEvent.Disconnected) {
            say("event " + event);
        } else if (row.equals("events") && event instanceof ConnectionEvent.DeliveryFailed) {
            waitToGoOn();
        }
    }

    /**
     * One message in each turn of the event loop, until the output holds as much as it may, so that the queue has to hold the next.
     * No future of them is kept: what is measured is the memory of the client.
     */
    private void publishSmall(MqttClient client) {
        Message message = Message.of(SMALL_TOPIC, new byte[SMALL_PAYLOAD]).qos(Qos.AT_MOST_ONCE);
        while (published < FIRST) {
            count(client.publishAsync(message));
        }
        while (settled.get() < published) {
            Thread.onSpinWait();
        }
        memoryBefore = memory();
        while (settled.get() == published) {
            count(client.publishAsync(message));
            long patience = System.nanoTime() + STALL_NANOS;
            while (settled.get() < published && System.nanoTime() < patience) {
                Thread.onSpinWait();
            }
        }
    }

    private void publishLarge(MqttClient client) {
        while (published < LARGE_PUBLISHES) {
            Message message = Message.of("t", "x").userProperty("k", "v".repeat(9_990) + published);
            count(client.publishAsync(message));
        }
    }

    private void count(CompletableFuture<?> publish) {
        published++;
        CompletableFuture<?> unused =
                publish.whenComplete((result, failure) -> (failure == null ? settled : failed).incrementAndGet());
    }

    private void waitToGoOn() {
        try {
            goesOn.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long memory() {
        System.gc();
        return heap() + direct();
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    /** Beside the heap. */
    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static void awaitLine() throws Exception {
        int unused = System.in.read();
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
