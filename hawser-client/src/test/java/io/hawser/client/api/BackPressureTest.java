package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.DeliveryStream;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.testing.BrokerExtension;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens when the program is slower than the broker. */
@Timeout(60)
class BackPressureTest {
    /** So large that hardly more than one fits in what is read at a time. */
    private static final byte[] LARGE = new byte[60_000];
    /** More of them than one turn of the event loop reads, and far less than a flood. */
    private static final int ONE_READ = 50;

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    private ClientBuilder<MqttClient> narrow() {
        return Variant.hasty(broker.url()).clientId("c").receiveBuffer(1, 1).onEvent(events);
    }

    private void flood(int count) {
        for (int i = 0; i < count; i++) {
            broker.publish(Message.of("flood", LARGE).qos(Qos.AT_MOST_ONCE));
        }
    }

    @Test
    void readingPausesWhileAHandlerIsSlowAndLosesNothing() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (MqttClient client = narrow().build()) {
            client.connect();
            client.subscribe("flood", delivery -> {
                go.await();
                inbox.handle(delivery);
            });
            flood(500);
            await().until(() -> client.statistics().received() > 0);
            await().during(Duration.ofMillis(200))
                    .until(() -> client.statistics().received() < ONE_READ);

            go.countDown();
            broker.publish(Message.of("flood", "end"));

            assertThat(inbox.textsBefore("end")).hasSize(500);
            assertThat(client.statistics().droppedInbound()).isZero();
        }
    }

    @Test
    void readingResumesEveryTimeThatItPaused() throws Exception {
        try (MqttClient client = narrow().build()) {
            client.connect();
            client.subscribe("a", inbox);
            for (int i = 0; i < 20_000; i++) {
                broker.publish(Message.of("a", "x").qos(Qos.of(i % 3)));
            }
            broker.publish(Message.of("a", "end").qos(Qos.AT_MOST_ONCE));
            assertThat(inbox.textsBefore("end").size()).isBetween(6_600, 20_000);
            Variant.outcome(client.publishAsync(Message.of("b", "1")));
            assertThat(client.statistics().droppedInbound()).isZero();
        }
    }

    @Test
    void droppingQos0KeepsReading() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (MqttClient client = narrow().dropQos0WhenBehind(true).build()) {
            client.connect();
            client.subscribe("flood", delivery -> {
                go.await();
                inbox.handle(delivery);
            });
            flood(100);
            await().until(() -> client.statistics().received() == 100);
            await().until(() -> client.statistics().droppedInbound() == 99);
            go.countDown();
            inbox.next();
            assertThat(inbox.soFar()).isEmpty();
        }
    }

    @Test
    void handlerThatWaitsForItsOwnClientIsNotBlockedByAFlood() throws Exception {
        try (MqttClient client = narrow().timeout(Duration.ofSeconds(15)).build()) {
            client.connect();
            client.subscribe("flood", delivery -> {});
            client.subscribe("in", delivery -> {
                flood(200);
                client.publish(Message.of("out", "1").qos(Qos.EXACTLY_ONCE));
                client.subscribe("late", inbox);
                client.publish(Message.of("late", "2"));
            });
            broker.publish(Message.of("in", "1"));

            assertThat(inbox.next().text()).isEqualTo("2");
            await().until(() -> client.statistics().droppedInbound() > 0);
        }
    }

    @Test
    void takerOfAStreamThatWaitsForItsOwnClientIsNotBlockedByAFlood() throws Exception {
        try (MqttClient client = narrow().timeout(Duration.ofSeconds(15)).build()) {
            client.connect();
            DeliveryStream stream = client.stream(Subscription.to("flood"));
            await().until(() -> !broker.server().subscriptions("c").isEmpty());
            flood(200);

            assertThat(stream.take()).isNotNull();
            client.publish(Message.of("out", "1").qos(Qos.EXACTLY_ONCE));
        }
    }

    @Test
    void subscriberOfAStreamThatWaitsForItsOwnClientIsNotBlockedByAFlood() {
        CompletableFuture<Object> published = new CompletableFuture<>();
        try (MqttClient client = narrow().timeout(Duration.ofSeconds(15)).build()) {
            client.connect();
            client.stream(Subscription.to("flood")).subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(1);
                }

                @Override
                public void onNext(Delivery delivery) {
                    published.complete(client.publish(Message.of("out", "1").qos(Qos.EXACTLY_ONCE)));
                }

                @Override
                public void onError(Throwable cause) {}

                @Override
                public void onComplete() {}
            });
            await().until(() -> !broker.server().subscriptions("c").isEmpty());
            flood(200);

            Variant.outcome(published);
        }
    }

    @Test
    void waitingForAnotherClientDropsNothing() throws Exception {
        try (MqttClient other = Variant.hasty(broker.url()).build();
                MqttClient client = narrow().build()) {
            other.connect();
            client.connect();
            AtomicInteger bridged = new AtomicInteger();
            client.subscribe("flood", delivery -> {
                other.publish(Message.of("bridged", "1"));
                if (bridged.incrementAndGet() == 200) {
                    inbox.handle(delivery);
                }
            });
            flood(200);
            inbox.next();
            assertThat(client.statistics().droppedInbound()).isZero();
        }
    }

    @Test
    void handlerThatIsBehindDoesNotKeepTheClientFromConnectingAgain() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (MqttClient client = narrow().connectTimeout(Duration.ofSeconds(2)).build()) {
            client.connect();
            client.subscribe("flood", delivery -> go.await());
            events.first(ConnectionEvent.Ready.class);
            flood(100);
            await().until(() -> client.statistics().received() > 0);
            int before = events.of(ConnectionEvent.Connected.class).size();
            broker.server().restart(true);
            // Who does not read notices the end when writing.
            await().until(() -> {
                client.publishAsync(Message.of("out", "1").qos(Qos.AT_MOST_ONCE));
                return events.of(ConnectionEvent.Connected.class).size() > before;
            });

            go.countDown();
            Variant.outcome(client.publishAsync(Message.of("out", "1")));
        }
    }

    @Test
    void streamsThatOverlapCountAMessageOnceForEach() throws Exception {
        try (MqttClient client = narrow().receiveBuffer(10, 100).build()) {
            client.connect();
            DeliveryStream one = client.stream(Subscription.to("flood"));
            DeliveryStream two = client.stream(Subscription.to("+"));
            await().until(() -> broker.server().subscriptions("c").size() == 2);
            for (int i = 0; i < 100; i++) {
                flood(1);
                assertThat(one.take()).isNotNull();
                assertThat(two.take()).isNotNull();
            }
            flood(200);
            await().until(() -> client.statistics().received() > 100);

            await().during(Duration.ofMillis(200))
                    .until(() -> client.statistics().received() < 100 + 10 + ONE_READ);
        }
    }

    @Test
    void closesAtOnceThoughReadingIsPaused() throws Exception {
        MqttClient client = narrow().build();
        client.connect();
        DeliveryStream stream = client.stream(Subscription.to("flood"));
        await().until(() -> !broker.server().subscriptions("c").isEmpty());
        flood(200);
        await().until(() -> client.statistics().received() > 0);
        client.close();
        // What was on its way to the stream may get there or not, but the stream ends.
        assertThat(stream).hasSizeLessThan(200);
        await().until(() -> broker.server().connectedClients().isEmpty());
    }

    @Test
    void propertiesCountLikePayload() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Message large = Message.of("flood", new byte[0]).qos(Qos.AT_MOST_ONCE).userProperty("k", "v".repeat(60_000));
        try (MqttClient client = Variant.hasty(broker.url())
                .clientId("c")
                .receiveBuffer(100_000, 1)
                .build()) {
            client.connect();
            client.subscribe("flood", delivery -> {
                go.await();
                inbox.handle(delivery);
            });
            for (int i = 0; i < 500; i++) {
                broker.publish(large);
            }
            await().until(() -> client.statistics().received() > 0);
            await().during(Duration.ofMillis(200))
                    .until(() -> client.statistics().received() < 2 * ONE_READ);

            go.countDown();
            broker.publish(Message.of("flood", "end"));

            assertThat(inbox.textsBefore("end")).hasSize(500);
        }
    }

    @Test
    void aHandlerThatWaitsForItsClientDoesNotLiftTheBound() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (MqttClient client = Variant.hasty(broker.url())
                .clientId("c")
                .receiveBuffer(100_000, 1)
                .build()) {
            client.connect();
            CompletableFuture<?> never = client.publishAsync(Message.of("never", "x"))
                    .thenCompose(done -> CompletableFuture.runAsync(() -> {
                        try {
                            go.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }));
            client.subscribe(Subscription.to("flood").qos(Qos.AT_LEAST_ONCE), delivery -> {
                never.get();
                inbox.handle(delivery);
            });
            for (int i = 0; i < 500; i++) {
                broker.publish(Message.of("flood", LARGE).qos(Qos.AT_LEAST_ONCE));
            }
            await().until(() -> client.statistics().received() > 0);
            await().during(Duration.ofMillis(200))
                    .until(() -> client.statistics().received() < 2 * ONE_READ);

            go.countDown();
            broker.publish(Message.of("flood", "end"));

            assertThat(inbox.textsBefore("end")).hasSize(500);
        }
    }
}
