package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.cli.CuttingProxy;
import io.hawser.cli.EmbeddedBroker;
import io.hawser.client.MqttClient;
import io.hawser.examples.PublisherService;
import io.hawser.examples.PublisherSubscriberService;
import io.hawser.examples.SubscriberService;
import io.hawser.mqtt.Message;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The three classic services on a network that fails. */
@Timeout(180)
class ExamplesTest {
    private static final Duration INTERVAL = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final AtomicInteger readings = new AtomicInteger();
    /** What has come out at the other end; {@code probe} is none of the readings. */
    private final Set<String> arrived = ConcurrentHashMap.newKeySet();

    private EmbeddedBroker broker;
    private CuttingProxy network;
    private MqttClient observer;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.start();
        network = CuttingProxy.to("127.0.0.1", broker.port());
        observer = MqttClient.connect(broker.url());
    }

    @AfterEach
    void stop() {
        observer.close();
        network.close();
        broker.close();
    }

    @Test
    void theRecorderStoresEveryReadingThoughConnectionsAreCut() {
        SubscriberService recorder = SubscriberService.start(network.url(), (topic, text) -> arrived.add(text));

        publishOverABadNetwork("-1");

        expectAll(Integer::toString);
        recorder.close();
    }

    @Test
    void theConverterConvertsEveryReadingThoughConnectionsAreCut() {
        observer.subscribe("plant/+/fahrenheit", delivery -> arrived.add(delivery.text()));
        PublisherSubscriberService converter = PublisherSubscriberService.start(network.url());

        publishOverABadNetwork("30.2");

        expectAll(celsius -> String.format(Locale.ROOT, "%.1f", celsius * 9 / 5.0 + 32));
        converter.close();
    }

    private void publishOverABadNetwork(String probeArrived) {
        // A broker keeps nothing for a service before its first subscription.
        await().atMost(PATIENCE).until(() -> {
            observer.publish(Message.of("plant/probe/celsius", "-1"));
            return arrived.contains(probeArrived);
        });
        PublisherService publisher =
                PublisherService.start(network.url(), INTERVAL, () -> Integer.toString(readings.getAndIncrement()));
        await().atMost(PATIENCE).until(() -> arrived.size() > 10);

        network.cutAfter(500);
        awaitMore(20);
        network.refuse();
        network.cut();
        int before = readings.get();
        await().atMost(PATIENCE).until(() -> readings.get() > before + 50);
        network.admit();
        awaitMore(60);
        publisher.close();
    }

    private void awaitMore(int count) {
        int before = arrived.size();
        await().atMost(PATIENCE).until(() -> arrived.size() > before + count);
    }

    private void expectAll(IntFunction<String> expected) {
        Set<String> all = IntStream.range(0, readings.get()).mapToObj(expected).collect(Collectors.toSet());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(arrived).containsAll(all));
    }
}
