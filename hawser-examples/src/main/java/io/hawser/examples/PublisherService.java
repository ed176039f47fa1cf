package io.hawser.examples;

import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A thermometer: publishes a reading at a fixed interval, whether the broker can be reached or not. What cannot be sent waits
 * and arrives later; if the broker stays away for very long, the oldest readings give way.
 */
public final class PublisherService implements AutoCloseable {
    private static final String TOPIC = "plant/boiler/celsius";

    private final MqttPublisher publisher;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    private PublisherService(String broker) {
        publisher = MqttPublisher.builder(broker)
                .clientId("plant-boiler")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .queue(QueuePolicy.bounded(10_000).dropOldest())
                .reconnect(ReconnectPolicy.exponential(Duration.ofSeconds(1), Duration.ofMinutes(2))
                        .evenIfRefused()) // nobody is there to start it again
                .will(Will.of(Message.of("plant/boiler/status", "offline").retain(true)))
                .onEvent(event -> System.out.println("publisher: " + event))
                .build();
    }

    /** Starts the service; it runs until it is closed. */
    @SuppressWarnings("FutureReturnValueIgnored") // the client keeps trying, and the executor keeps ticking
    public static PublisherService start(String broker, Duration interval, Supplier<String> thermometer) {
        PublisherService service = new PublisherService(broker);
        service.publisher.connectAsync();
        service.clock.scheduleAtFixedRate(
                () -> service.publish(thermometer.get()), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
        return service;
    }

    private void publish(String reading) {
        try {
            publisher.enqueue(Message.of(TOPIC, reading)); // returns at once, connected or not
        } catch (MessageDroppedException e) {
            System.err.println("A reading is lost: " + e.getMessage());
        }
    }

    /** Stops reading, and lets what waits leave if the broker can be reached in time. */
    @Override
    public void close() {
        clock.shutdown();
        try {
            publisher.flush();
        } catch (OperationTimeoutException e) {
            System.err.println("Some readings are lost: " + e.getMessage());
        }
        publisher.close();
    }

    /** Takes the URL of the broker, such as {@code mqtt://localhost}. */
    public static void main(String[] args) throws InterruptedException {
        var random = ThreadLocalRandom.current();
        Supplier<String> thermometer = () -> String.format(Locale.ROOT, "%.1f", random.nextDouble(60, 80));
        PublisherService service = start(args[0], Duration.ofSeconds(1), thermometer);
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        new CountDownLatch(1).await();
    }
}
