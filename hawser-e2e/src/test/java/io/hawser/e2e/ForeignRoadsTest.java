package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The roads to the brokers that take their time to start: the same messages, cuts and stalls as in {@link RoadsTest}. */
@Tag("brokers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignRoadsTest {
    private static final int MESSAGES = 150;

    private final Map<RoadBroker, ForeignBroker> started = new EnumMap<>(RoadBroker.class);
    private final Clients clients = new Clients();
    private final Inbox inbox = new Inbox();
    private final String topic = "roads/" + Clients.id();

    static Stream<Arguments> roads() {
        return Stream.of(RoadBroker.values())
                .filter(broker -> broker.foreign != null)
                .flatMap(
                        broker -> Stream.of(Road.values()).filter(broker::has).map(road -> Arguments.of(broker, road)));
    }

    static Stream<Arguments> roadsAndVersions() {
        return roads().flatMap(row -> ((RoadBroker) row.get()[0])
                .versions().stream().map(version -> Arguments.of(row.get()[0], row.get()[1], version)));
    }

    @AfterEach
    void closeClients() {
        clients.close();
    }

    @AfterAll
    void stopBrokers() {
        started.values().forEach(ForeignBroker::close);
    }

    private ForeignBroker started(RoadBroker broker) {
        return started.computeIfAbsent(broker, each -> each.foreign.get());
    }

    private int port(RoadBroker broker, Road road) {
        return road.isWebSocket()
                ? started(broker).webSocketPort()
                : started(broker).port();
    }

    /** @param port of the broker, or of a stretch of network before it */
    private ClientBuilder<MqttClient> options(RoadBroker broker, Road road, ProtocolVersion version, int port) {
        String path = !road.isWebSocket() ? "" : broker == RoadBroker.RABBITMQ ? "/ws" : "/mqtt";
        ClientBuilder<MqttClient> options = clients.options(road.scheme + "://127.0.0.1:" + port + path, version);
        if (broker == RoadBroker.EJABBERD) {
            options.credentials(Credentials.of(Clients.id() + "@localhost", "any"));
        }
        return options;
    }

    private MqttClient kept(RoadBroker broker, Road road, int port, boolean subscribes) {
        ClientBuilder<MqttClient> options = options(broker, road, ProtocolVersion.MQTT_3_1_1, port)
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .keepAlive(Duration.ofSeconds(2))
                .pingTimeout(Duration.ofSeconds(2));
        if (subscribes) {
            options.subscription(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        }
        return clients.connect(options);
    }

    @ParameterizedTest
    @MethodSource("roadsAndVersions")
    void messagesOfEachQosArrive(RoadBroker broker, Road road, ProtocolVersion version) throws Exception {
        MqttClient client = clients.connect(options(broker, road, version, port(broker, road)));
        String large = "x".repeat(300_000);
        for (Qos qos : Qos.values()) {
            if (qos.level() <= broker.highest().level()) {
                String each = topic + "/" + Clients.id();
                client.subscribe(Subscription.to(each).qos(qos), inbox);
                client.publish(Message.of(each, "small").qos(qos));
                client.publish(Message.of(each, large).qos(qos));
                assertThat(inbox.nextTexts(2)).containsExactly("small", large);
            }
        }
    }

    private interface Interruption {
        void happens() throws Exception;
    }

    private void assertDelivered(MqttClient publisher, Interruption between) throws Exception {
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            results.add(publisher.publishAsync(
                    Message.of(topic, Integer.toString(i)).qos(Qos.AT_LEAST_ONCE)));
            if (i % (MESSAGES / 3) == MESSAGES / 6) {
                between.happens();
            }
        }
        for (CompletableFuture<PublishResult> result : results) {
            result.get(60, TimeUnit.SECONDS);
        }
        // What a broker sends again after a stall may come behind newer messages.
        Set<String> missing =
                IntStream.range(0, MESSAGES).mapToObj(Integer::toString).collect(Collectors.toCollection(HashSet::new));
        while (!missing.isEmpty()) {
            missing.remove(inbox.next().text());
        }
    }

    @ParameterizedTest
    @MethodSource("roads")
    void cutsLoseNothing(RoadBroker broker, Road road) throws Exception {
        kept(broker, road, port(broker, road), true);
        try (Proxy network = new Proxy(port(broker, road))) {
            assertDelivered(kept(broker, road, network.port(), false), network::cut);
        }
    }

    @ParameterizedTest
    @MethodSource("roads")
    void stallsLoseNothing(RoadBroker broker, Road road) throws Exception {
        kept(broker, road, port(broker, road), true);
        MqttClient publisher = kept(broker, road, port(broker, road), false);
        int events = clients.events.size();
        ForeignBroker stalled = started(broker);
        assertDelivered(publisher, () -> {
            stalled.pause();
            try {
                await().atMost(Duration.ofSeconds(60)).until(() -> clients.events.size() > events);
            } finally {
                stalled.resume();
            }
        });
    }
}
