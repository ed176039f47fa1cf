package io.hawser.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerServer;
import io.hawser.testing.Quirk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A bridge between two brokers in this process. */
@Timeout(60)
class MqttBridgeTest {
    private static final String ID = "bridge";

    private final BrokerServer here = BrokerServer.start();
    private final BrokerServer there = BrokerServer.start();
    private final List<String> heardHere = new CopyOnWriteArrayList<>();
    private final List<String> heardThere = new CopyOnWriteArrayList<>();
    private MqttClient listenerHere;
    private MqttClient listenerThere;

    @BeforeEach
    void listen() {
        listenerHere = listener(here, heardHere);
        listenerThere = listener(there, heardThere);
    }

    private static MqttClient listener(BrokerServer broker, List<String> heard) {
        MqttClient client = client(broker)
                .clientId("listener")
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .subscription(
                        Subscription.to("#").qos(Qos.EXACTLY_ONCE), delivery -> heard.add(told(delivery.message())))
                .build();
        client.connect();
        return client;
    }

    private static String told(Message message) {
        return message.topic() + " " + message.text() + " " + message.qos().level();
    }

    @AfterEach
    void stop() {
        listenerHere.close();
        listenerThere.close();
        here.close();
        there.close();
    }

    private static ReconnectPolicy quickly() {
        return ReconnectPolicy.exponential(Duration.ofMillis(10), Duration.ofMillis(100));
    }

    private static ClientBuilder<MqttClient> client(BrokerServer broker) {
        return MqttClient.builder(broker.url()).reconnect(quickly());
    }

    private MqttBridge.Builder bridge(String... rules) {
        MqttBridge.Builder builder =
                MqttBridge.between(client(here), client(there)).clientId(ID);
        for (String rule : rules) {
            builder.rule(BridgeRule.parse(rule));
        }
        return builder;
    }

    private static MqttBridge connected(MqttBridge.Builder builder) {
        MqttBridge bridge = builder.start();
        bridge.connectAsync().orTimeout(20, TimeUnit.SECONDS).join();
        return bridge;
    }

    @Test
    void passesMessagesBothWaysUnderOtherTopicsAndAtALowerQos() {
        try (MqttBridge bridge = connected(bridge("meters/# out 1 \"\" plant/", "jobs/# in 2 \"\" plant/"))) {
            here.publish(Message.of("meters/a", "1").qos(Qos.EXACTLY_ONCE));
            here.publish(Message.of("meters/b", "2").qos(Qos.AT_MOST_ONCE));
            here.publish(Message.of("others/b", "3"));
            there.publish(Message.of("plant/jobs/c", "4").qos(Qos.EXACTLY_ONCE));

            await().untilAsserted(() -> {
                assertThat(heardThere).contains("plant/meters/a 1 1", "plant/meters/b 2 0");
                assertThat(heardHere).contains("jobs/c 4 2");
            });
            await().until(() ->
                    bridge.outbound().passed() == 2 && bridge.inbound().passed() == 1);
            assertThat(heardThere).hasSize(3);
            assertThat(heardHere).hasSize(4);
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void whatItHasPublishedItselfDoesNotComeBack(ProtocolVersion version) {
        MqttBridge.Builder builder = MqttBridge.between(
                        client(here).version(version), client(there).version(version))
                .clientId(ID)
                .rule(BridgeRule.both("#"));
        try (MqttBridge bridge = connected(builder)) {
            for (int i = 0; i < 50; i++) {
                // The same content again and again, from both sides.
                (i % 2 == 0 ? here : there).publish(Message.of("a", "x").qos(Qos.of(i % 3)));
            }
            await().until(() -> heardHere.size() >= 50 && heardThere.size() >= 50);
            int echoes = version == ProtocolVersion.MQTT_5 ? 0 : 25;
            await().until(() ->
                    bridge.outbound().echoed() == echoes && bridge.inbound().echoed() == echoes);
            here.publish(Message.of("end", "").qos(Qos.AT_LEAST_ONCE));
            there.publish(Message.of("end", "").qos(Qos.AT_LEAST_ONCE));
            await().until(() -> heardHere.size() == 52 && heardThere.size() == 52);
        }
        assertThat(heardHere).hasSize(52);
        assertThat(heardThere).hasSize(52);
    }

    @ParameterizedTest
    @CsvSource({"AT_LEAST_ONCE, MQTT_5", "EXACTLY_ONCE, MQTT_5", "AT_LEAST_ONCE, MQTT_3_1_1", "EXACTLY_ONCE, MQTT_3_1_1"
    })
    void acknowledgesWhatTheOtherBrokerHasAndNotBefore(Qos qos, ProtocolVersion version) {
        there.stop(true);
        MqttBridge.Builder builder = MqttBridge.between(
                        client(here).version(version), client(there).version(version))
                .clientId(ID)
                .rule(BridgeRule.out("#"));
        try (MqttBridge bridge = builder.start()) {
            await().until(() -> !here.subscriptions(ID).isEmpty());
            for (int i = 0; i < 30; i++) {
                here.publish(Message.of("a/" + i, "x").qos(qos));
            }
            await().until(() -> heardHere.size() == 30);
            here.cutConnections(); // what comes again is not published again
            await().until(() -> here.connectedClients().contains(ID));
            assertThat(here.pending(ID)).isEqualTo(30);

            there.resume();

            await().until(() -> heardThere.size() == 30 && here.pending(ID) == 0);
            assertThat(bridge.outbound().passed()).isEqualTo(30);
            assertThat(heardThere).doesNotHaveDuplicates();
        }
    }

    /** Before MQTT 5.0 the broker does not know of a window, and sends 20 at a time. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void hasNoMoreOnItsWayThanTheWindow(ProtocolVersion version) {
        there.stop(true);
        MqttBridge.Builder builder = MqttBridge.between(
                        client(here).version(version), client(there).version(version))
                .clientId(ID)
                .rule(BridgeRule.out("#"));
        try (MqttBridge bridge = builder.window(7).start()) {
            await().until(() -> !here.subscriptions(ID).isEmpty());
            IntStream.range(0, 1_000)
                    .forEach(i -> here.publish(Message.of("a", "" + i).qos(Qos.AT_LEAST_ONCE)));
            await().until(() -> heardHere.size() == 1_000);
            assertThat(here.pending(ID)).isEqualTo(1_000);
            await().until(() -> bridge.onTheWay() == 7);

            there.resume();

            await().until(() -> heardThere.size() == 1_000);
            assertThat(heardThere)
                    .isEqualTo(IntStream.range(0, 1_000)
                            .mapToObj(i -> "a " + i + " 1")
                            .toList());
        }
    }

    /** Acknowledgements leave in order: what comes behind a message that waits cannot be acknowledged, so it must not pass without end. */
    @Test
    void aMessageThatIsSetAsideTakesTheRoomOfWhatComesLater() {
        there.misbehave().quirks(new Quirk.ClosesOnPublish(TopicFilter.of("poison"), -1, 0));
        MqttBridge.Builder builder = MqttBridge.between(
                        client(here).version(ProtocolVersion.MQTT_3_1_1),
                        client(there).version(ProtocolVersion.MQTT_3_1_1))
                .clientId(ID)
                .rule(BridgeRule.out("#"));
        try (MqttBridge bridge = connected(builder.window(7))) {
            here.publish(Message.of("poison", "").qos(Qos.EXACTLY_ONCE));
            IntStream.range(0, 100)
                    .forEach(i -> here.publish(Message.of("a", "" + i).qos(Qos.EXACTLY_ONCE)));

            await().until(() -> heardThere.size() == 6);
            await().atMost(Duration.ofSeconds(50))
                    .until(() -> bridge.outbound().refused() == 1 || heardThere.size() > 6);
            assertThat(bridge.outbound().refused()).isOne();
            await().until(() -> heardThere.size() == 100 && here.pending(ID) == 0);
            assertThat(heardThere).doesNotHaveDuplicates();
        }
    }

    @Test
    void whatTheOtherBrokerRefusesIsToldAndHoldsNothingUp() {
        List<String> refused = new CopyOnWriteArrayList<>();
        MqttBridge.Builder builder = bridge("# out 2 \"\" x/")
                .onRefused((message, cause) -> refused.add(told(message) + " " + cause.getMessage()));
        try (MqttBridge bridge = connected(builder)) {
            there.misbehave().refusePublishes(1, ReasonCode.NOT_AUTHORIZED);
            here.publish(Message.of("a", "1").qos(Qos.AT_LEAST_ONCE));
            await().until(() -> refused.size() == 1);
            here.publish(Message.of("a", "2").qos(Qos.EXACTLY_ONCE));

            await().until(() -> heardThere.contains("x/a 2 2") && here.pending(ID) == 0);
            assertThat(refused.get(0)).startsWith("a 1 1 ");
            assertThat(bridge.outbound().refused()).isOne();
        }
    }

    @Test
    void aBrokerThatHasNoQos2GetsQos1() {
        there.grant().maximumQos(Qos.AT_LEAST_ONCE);
        try (MqttBridge bridge = connected(bridge("# out 2"))) {
            here.publish(Message.of("a", "1").qos(Qos.EXACTLY_ONCE));

            await().until(() -> heardThere.contains("a 1 1"));
            await().until(() -> bridge.outbound().passed() == 1);
        }
    }

    @Test
    void retainedMessagesAndAttributesPassOn() {
        here.publish(Message.of("kept", "v")
                .retain(true)
                .qos(Qos.AT_LEAST_ONCE)
                .contentType("text/plain")
                .userProperty("k", "v"));
        try (MqttBridge bridge = connected(bridge("# out 1"))) {
            await().until(() -> bridge.outbound().passed() == 1);
            await().until(() -> there.retained("kept") != null);
            Message kept = there.retained("kept");
            assertThat(kept.contentType()).isEqualTo("text/plain");
            assertThat(kept.userProperties()).hasSize(1);
        }
    }

    @Test
    void theNextBridgeTakesOverWhatTheStoreHas(@TempDir Path directory) {
        there.stop(true);
        try (MqttBridge bridge = bridge("# out 2")
                .store(directory)
                .closeTimeout(Duration.ofMillis(10))
                .start()) {
            await().until(() -> !here.subscriptions(ID).isEmpty());
            IntStream.range(0, 20)
                    .forEach(i -> here.publish(Message.of("a", "" + i).qos(Qos.EXACTLY_ONCE)));
            await().until(() -> bridge.onTheWay() == 20);
        }
        there.resume();

        try (MqttBridge second = connected(bridge("# out 2").store(directory))) {
            await().until(() -> here.pending(ID) == 0 && heardThere.size() >= 20);
            here.publish(Message.of("a", "end").qos(Qos.EXACTLY_ONCE));
            await().until(() -> heardThere.contains("a end 2"));
            assertThat(second.outbound().repeated()).isEqualTo(20);
        }
        assertThat(heardThere).hasSize(21).doesNotHaveDuplicates();
    }

    @Test
    void needsAnIdentifierAndARule() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MqttBridge.between(client(here), client(there))
                        .rule(BridgeRule.out("#"))
                        .start());
        assertThatIllegalArgumentException().isThrownBy(() -> bridge().start());
        assertThatIllegalArgumentException().isThrownBy(() -> bridge("#").window(0));
    }
}
