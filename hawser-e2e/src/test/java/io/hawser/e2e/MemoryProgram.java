package io.hawser.e2e;

import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttClient;
import io.hawser.client.SubscriberBuilder;
import io.hawser.client.Tls;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A client in a process with a small heap, which a broker does its worst to. Arguments: the row, the URL, and the certificate
 * of the authority or nothing. Says {@code ready}, then waits for a line of input, then says what it holds.
 */
final class MemoryProgram {
    private static final int PUBLISHES = 80_000;

    /** Long enough that the messages do not all fit into the buffers of the kernel. */
    private static final String TOPIC = "t".repeat(100);

    private final AtomicInteger handled = new AtomicInteger();
    private final AtomicReference<@Nullable MqttClient> self = new AtomicReference<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private final List<CompletableFuture<?>> published = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        new MemoryProgram()
                .run(arguments[0], arguments[1], arguments.length > 2 ? Path.of(arguments[2]) : null);
        System.exit(0);
    }

    private void run(String row, String url, @Nullable Path authority) throws Exception {
        SubscriberBuilder<MqttClient> options =
                MqttClient.builder(url).queue(QueuePolicy.bounded(PUBLISHES * 2).megabytes(8));
        if (authority != null) {
            options.tls(Tls.trusting(authority));
        }
        switch (row) {
            case "bridge" -> options.subscription("x", delivery -> {
                MqttClient client = self.get();
                if (client != null) {
                    client.publish(Message.of("y", "z"));
                }
                handled.incrementAndGet();
            });
            case "properties", "topics" -> options.subscription("x/#", delivery -> never.await());
            case "repeated" -> options.subscription("x", delivery -> {
                if (handled.getAndIncrement() > 0) {
                    never.await();
                }
            });
            case "events" -> options.failure(FailurePolicy.attempts(1))
                    .subscription("x", delivery -> {
                        throw new IllegalStateException("the handler fails");
                    })
                    .listener(event -> {
                        if (event instanceof ConnectionEvent.DeliveryFailed) {
                            waitForEver();
                        }
                    });
            default -> options.subscription("other", delivery -> handled.incrementAndGet());
        }
        MqttClient client = options.build();
        self.set(client);
        client.connectAsync().get();
        say("ready");
        if (row.equals("stalled")) {
            publish(client);
        }
        System.in.read();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        say("heap " + (runtime.totalMemory() - runtime.freeMemory()));
        say("direct " + direct());
        say("queued " + client.statistics().queuedBytes());
        say("state " + client.state());
        System.in.read();
        for (CompletableFuture<?> future : published) {
            future.get();
        }
        say("settled " + published.size());
    }

    /** One message a turn, as far as that can be brought about from outside: each waits until the loop has been round. */
    private void publish(MqttClient client) {
        for (int i = 0; i < PUBLISHES; i++) {
            published.add(client.publishAsync(Message.of(TOPIC, new byte[20]).qos(Qos.AT_MOST_ONCE)));
            if (i % 8 == 0) {
                Thread.yield();
            }
        }
        say("published");
    }

    private void waitForEver() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
