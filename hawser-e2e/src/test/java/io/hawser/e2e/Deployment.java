package io.hawser.e2e;

import io.hawser.client.ClientBuilder;
import io.hawser.client.DeliveryStream;
import io.hawser.client.MqttClient;
import io.hawser.client.Tls;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.file.FileSessionStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An application as an application server runs it: loaded by a class loader of its own, together with Hawser, and started on a
 * thread that outlives it. It uses what a client has, closes its clients, and is over.
 */
public final class Deployment implements Consumer<Map<String, Object>> {
    private static final int SECONDS = 30;

    /** For the class loader test, which only knows this class by name. */
    public Deployment() {}

    /**
     * @param given {@code url}; {@code trusted}, the file of the trusted certificate; {@code store}, the directory of a session store;
     *     {@code pool}, an executor whose threads outlive the application; {@code kind}, which of the applications this is
     */
    @Override
    public void accept(Map<String, Object> given) {
        try {
            switch ((int) given.get("kind")) {
                case 0 -> use(builder(given));
                case 1 -> use(builder(given).handlerExecutor((Executor) given.get("pool")));
                case 2 -> use(builder(given).handlerExecutor(Runnable::run));
                case 3 -> closeUnconnected(builder(given));
                default -> {
                    use(builder(given));
                    use(builder(given));
                    closeUnconnected(builder(given));
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void closeUnconnected(ClientBuilder<MqttClient> builder) {
        try (MqttClient unconnected = builder.build()) {
            unconnected.enqueue(Message.of("never", "sent"));
        }
    }

    private static ClientBuilder<MqttClient> builder(Map<String, Object> given) {
        return MqttClient.builder((String) given.get("url"))
                .clientId("deployed")
                .tls(Tls.trusting((Path) given.get("trusted")))
                .timeout(Duration.ofSeconds(SECONDS))
                .session(FileSessionStore.at((Path) given.get("store")), Duration.ofHours(1));
    }

    private static void use(ClientBuilder<MqttClient> builder) throws InterruptedException {
        CountDownLatch handled = new CountDownLatch(3);
        CountDownLatch told = new CountDownLatch(1);
        try (MqttClient client = builder.defaultHandler(delivery -> {})
                .subscription(Subscription.to("b/#").qos(Qos.AT_LEAST_ONCE), delivery -> {})
                .onEvent(event -> {})
                .onOutcome((key, outcome) -> told.countDown())
                .build()) {
            client.connect();
            client.subscribe(Subscription.to("a/b").qos(Qos.EXACTLY_ONCE), delivery -> handled.countDown());
            client.respond(Subscription.to("ask"), request -> Message.of("ask", "answer"));
            try (DeliveryStream stream = client.stream(Subscription.to("stream"))) {
                for (Qos qos : Qos.values()) {
                    client.publish(Message.of("a/b", "x").qos(qos));
                }
                client.enqueueAsync(Message.of("a/c", "x"), "key");
                client.publish(Message.of("stream", "x"));
                require("x".equals(stream.poll(Duration.ofSeconds(SECONDS)).text()), "what the stream brought");
            }
            require(
                    "answer"
                            .equals(client.request(Message.of("ask", "question"), Duration.ofSeconds(SECONDS))
                                    .text()),
                    "the answer");
            require(handled.await(SECONDS, TimeUnit.SECONDS), "the handler was called");
            require(told.await(SECONDS, TimeUnit.SECONDS), "the outcome was told");
        }
    }

    private static void require(boolean fact, String what) {
        if (!fact) {
            throw new IllegalStateException("not as it should be: " + what);
        }
    }
}
