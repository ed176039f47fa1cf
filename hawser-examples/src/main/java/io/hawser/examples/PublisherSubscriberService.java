package io.hawser.examples;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/**
 * A converter: receives readings in degrees Celsius and publishes them in degrees Fahrenheit. A reading is acknowledged only
 * when the broker has its conversion, so that none is lost in between, whichever side fails.
 */
public final class PublisherSubscriberService implements AutoCloseable {
    private final MqttClient client;

    private PublisherSubscriberService(String broker) {
        client = MqttClient.builder(broker)
                .clientId("plant-converter")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .timeout(Duration.ofDays(1)) // a handler would rather wait for the broker than give a reading up
                .subscription(Subscription.to("plant/+/celsius").qos(Qos.AT_LEAST_ONCE), this::convert)
                .onEvent(event -> System.out.println("converter: " + event))
                .build();
    }

    private void convert(Delivery delivery) {
        String topic = delivery.topic().replace("celsius", "fahrenheit");
        double fahrenheit = Double.parseDouble(delivery.text()) * 9 / 5 + 32;
        // Returns when the broker has acknowledged; handlers may block.
        client.publish(Message.of(topic, String.format(Locale.ROOT, "%.1f", fahrenheit)));
    }

    /** Starts the service; it runs until it is closed. */
    @SuppressWarnings("FutureReturnValueIgnored") // the client keeps trying
    public static PublisherSubscriberService start(String broker) {
        PublisherSubscriberService service = new PublisherSubscriberService(broker);
        service.client.connectAsync();
        return service;
    }

    @Override
    public void close() {
        client.close();
    }

    /** Takes the URL of the broker, such as {@code mqtt://localhost}. */
    public static void main(String[] args) throws InterruptedException {
        PublisherSubscriberService service = start(args[0]);
        Runtime.getRuntime().addShutdownHook(new Thread(service::close));
        new CountDownLatch(1).await();
    }
}
