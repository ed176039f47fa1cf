package io.hawser.examples;

import io.hawser.client.Delivery;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;

/**
 * A recorder: takes the readings of all thermometers and stores each. A reading is acknowledged when it is stored; what
 * arrives while the recorder is away waits at the broker.
 */
public final class SubscriberService implements AutoCloseable {
    private final MqttSubscriber subscriber;

    private SubscriberService(String broker, BiConsumer<String, String> storage) {
        subscriber = MqttSubscriber.builder(broker)
                .clientId("plant-recorder")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .subscription(Subscription.to("plant/+/celsius").qos(Qos.AT_LEAST_ONCE), delivery -> {
                    storage.accept(delivery.topic(), delivery.text()); // returning normally acknowledges
                })
                .onHandlerFailure(FailurePolicy.attempts(3).deadLetter(SubscriberService::complain))
                .onEvent(event -> System.out.println("subscriber: " + event))
                .build();
    }

    private static void complain(Delivery delivery) {
        System.err.println("Cannot store " + delivery.topic() + ": " + delivery.text());
    }

    /** Starts the service; it runs until it is closed. */
    @SuppressWarnings("FutureReturnValueIgnored") // the client keeps trying
    public static SubscriberService start(String broker, BiConsumer<String, String> storage) {
        SubscriberService service = new SubscriberService(broker, storage);
        service.subscriber.connectAsync();
        return service;
    }

    @Override
    public void close() {
        subscriber.close();
    }

    /** Takes the URL of the broker, such as {@code mqtt://localhost}. */
    public static void main(String[] args) throws InterruptedException {
        SubscriberService service = start(args[0], (topic, reading) -> System.out.println(topic + " " + reading));
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        new CountDownLatch(1).await();
    }
}
