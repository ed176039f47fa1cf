package io.hawser.client.api;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Brokers that end the connection on a packet, and what a client makes of that. */
@Execution(ExecutionMode.CONCURRENT)
class SuspectTest {
    private static final Duration QUICK = Duration.ofMillis(10);
    private static final ReconnectPolicy RECONNECT = ReconnectPolicy.exponential(QUICK, Duration.ofMillis(100));
    private static final Duration LONG = Duration.ofSeconds(120);

    private static boolean isLarge(int type, byte[] body) {
        return type == 3 && body.length > 1000;
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({"MQTT_3_1_1,AT_LEAST_ONCE", "MQTT_3_1_1,EXACTLY_ONCE", "MQTT_5,AT_LEAST_ONCE", "MQTT_5,EXACTLY_ONCE"})
    void aMessageThatTheBrokerClosesOnFailsAndTheOthersArrive(ProtocolVersion version, Qos qos) throws Exception {
        try (ClosingBroker broker = new ClosingBroker((type, level, body) -> isLarge(type, body));
                MqttPublisher client = MqttPublisher.builder(broker.url())
                        .version(version)
                        .reconnect(RECONNECT)
                        .build()) {
            client.connect();
            var bad = client.publishAsync(Message.of("big", new byte[5000]).qos(qos));
            var good = client.publishAsync(Message.of("small", "x").qos(qos));

            good.get(LONG.toSeconds(), SECONDS);

            assertThat(bad).isNotDone();
            assertThatThrownBy(() -> bad.get(LONG.toSeconds(), SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("PUBLISH to 'big' (5000 bytes");
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStoredMessageThatTheBrokerClosesOnEndsOverRestartsWithAnOutcome(boolean onDisk, @TempDir Path directory)
            throws IOException {
        SessionStore store = onDisk ? FileSessionStore.at(directory) : SessionStore.inMemory();
        List<String> outcomes = new CopyOnWriteArrayList<>();
        try (ClosingBroker broker = new ClosingBroker((type, level, body) -> isLarge(type, body))) {
            var builder = MqttPublisher.builder(broker.url())
                    .clientId("device")
                    .session(store, Duration.ofHours(1))
                    .onOutcome((key, outcome) ->
                            outcomes.add(key + (outcome.isCompletedExceptionally() ? " failed" : " arrived")))
                    .reconnect(RECONNECT);
            try (MqttPublisher client = builder.build()) {
                client.enqueue(Message.of("big", new byte[5000]), "bad");
                for (int i = 0; i < 50; i++) {
                    client.enqueue(Message.of("small", "x"), "good" + i);
                }
                client.connect();
                await().atMost(LONG).until(() -> outcomes.size() >= 50);
            }
            assertThat(outcomes).doesNotContain("bad failed");
            try (MqttPublisher client = builder.build()) {
                client.connect();
                client.enqueue(Message.of("small", "x"), "more");
                await().atMost(LONG).until(() -> outcomes.contains("more arrived"));
                await().atMost(LONG).until(() -> outcomes.contains("bad failed"));
            }
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(names = {"MQTT_3_1_1", "MQTT_5"})
    void aSubscriptionThatTheBrokerClosesOnFailsAndTheRestGoesOn(ProtocolVersion version) throws Exception {
        try (ClosingBroker broker = new ClosingBroker((type, level, body) ->
                        type == 8 && new String(body, StandardCharsets.ISO_8859_1).contains("$share/"));
                MqttClient client = MqttClient.builder(broker.url())
                        .version(version)
                        .reconnect(RECONNECT)
                        .build()) {
            client.connect();
            var shared = client.subscribeAsync(Subscription.to("$share/group/jobs"), delivery -> {});
            var plain = client.subscribeAsync(Subscription.to("plain"), delivery -> {});
            var publish = client.publishAsync(Message.of("status", "on"));

            publish.get(LONG.toSeconds(), SECONDS);
            plain.get(LONG.toSeconds(), SECONDS);
            await().atMost(LONG).until(() -> client.state() == ConnectionState.READY);

            assertThatThrownBy(() -> shared.get(LONG.toSeconds(), SECONDS))
                    .cause()
                    .hasMessageContaining("$share/group/jobs");
        }
    }

    @Tag("slow")
    @Test
    void anUnsubscribeThatTheBrokerClosesOnFailsAndItsFilterIsOut() throws Exception {
        try (ClosingBroker broker = new ClosingBroker((type, level, body) -> type == 10);
                MqttClient client =
                        MqttClient.builder(broker.url()).reconnect(RECONNECT).build()) {
            client.connect();
            client.subscribe(Subscription.to("gone"), delivery -> {});
            var gone = client.unsubscribeAsync(TopicFilter.of("gone"));

            client.publishAsync(Message.of("status", "on")).get(LONG.toSeconds(), SECONDS);

            assertThatThrownBy(() -> gone.get(LONG.toSeconds(), SECONDS))
                    .cause()
                    .hasMessageContaining("'gone'");
        }
    }

    @ParameterizedTest
    @CsvSource({"MQTT_3_1_1,8", "MQTT_5,8", "MQTT_3_1_1,1", "MQTT_5,3"})
    void aBrokerThatTakesFewFiltersInAPacketGetsFewer(ProtocolVersion version, int most) throws Exception {
        try (ClosingBroker broker = new ClosingBroker(
                (type, level, body) -> type == 8 && ClosingBroker.filters(true, level == 5, body) > most)) {
            var builder = MqttSubscriber.builder(broker.url())
                    .version(version)
                    .broker(BrokerProfile.of("large").filtersPerPacket(64))
                    .reconnect(RECONNECT);
            for (int i = 0; i < 100; i++) {
                builder.subscription("t" + i, delivery -> {});
            }
            try (MqttSubscriber client = builder.build()) {
                client.connect();
                await().atMost(LONG).until(() -> client.state() == ConnectionState.READY);
            }
        }
    }

    @Test
    void eightFiltersInAPacketAreTheDefault() throws Exception {
        try (ClosingBroker broker = new ClosingBroker(
                (type, level, body) -> type == 8 && ClosingBroker.filters(true, level == 5, body) > 8)) {
            var builder = MqttSubscriber.builder(broker.url()).reconnect(RECONNECT);
            for (int i = 0; i < 10; i++) {
                builder.subscription("t" + i, delivery -> {});
            }
            try (MqttSubscriber client = builder.build()) {
                client.connect();
                await().atMost(LONG).until(() -> client.state() == ConnectionState.READY);
                assertThat(broker.connections).hasValue(1);
            }
        }
    }

    @Tag("slow")
    @Test
    void aConnectThatIsAlwaysClosedTellsWhatItCarried() throws Exception {
        List<ConnectionEvent.RequestSuspected> told = new CopyOnWriteArrayList<>();
        try (ClosingBroker broker = new ClosingBroker((type, level, body) -> type == 1);
                MqttClient client = MqttClient.builder(broker.url())
                        .will(Will.of(Message.of("status", "gone")))
                        .credentials(Credentials.of("me", "secret"))
                        .onEvent(event -> {
                            if (event instanceof ConnectionEvent.RequestSuspected suspected) {
                                told.add(suspected);
                            }
                        })
                        .reconnect(RECONNECT)
                        .build()) {
            client.connectAsync();
            await().atMost(LONG).until(() -> !told.isEmpty());
            assertThat(told.get(0).request())
                    .contains("will to 'status' of 4 bytes")
                    .contains("user name")
                    .doesNotContain("secret");
            assertThat(told.get(0).cause()).hasMessageContaining("did not answer CONNECT");
        }
    }
}
