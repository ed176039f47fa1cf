package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Brokers that do what the standard does not foresee stop no client: RabbitMQ, ejabberd and Moquette. */
@Tag("brokers")
class ForeignBrokersTest {
    private static final Duration EXPIRY = Duration.ofHours(1);

    private final Clients clients = new Clients();

    @AfterEach
    void closeClients() {
        clients.close();
    }

    /** RabbitMQ answers QoS 2 with PUBACK, has no PUBREL, and closes on MQTT 5.0 without a word. */
    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"MQTT_3_1", "MQTT_3_1_1"})
    void laterClientOfASessionPublishesToRabbitMqAtOnce(ProtocolVersion version) throws Exception {
        try (ForeignBroker broker = ForeignBroker.rabbitMq()) {
            Inbox inbox = new Inbox();
            String topic = Clients.id();
            clients.connect(broker.url()).subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
            String id = Clients.id();
            for (int process = 0; process < 2; process++) {
                try (MqttClient client = clients.options(broker.url(), version)
                        .clientId(id)
                        .session(SessionStore.inMemory(), EXPIRY)
                        .build()) {
                    client.connect();
                    CompletableFuture<?> twice = client.publishAsync(
                            Message.of(topic, "twice " + process).qos(Qos.EXACTLY_ONCE));
                    CompletableFuture<?> once = client.publishAsync(
                            Message.of(topic, "once " + process).qos(Qos.AT_LEAST_ONCE));
                    twice.get(60, TimeUnit.SECONDS);
                    once.get(60, TimeUnit.SECONDS);
                }
                assertThat(List.of(inbox.next().text(), inbox.next().text()))
                        .containsExactlyInAnyOrder("twice " + process, "once " + process);
            }
        }
    }

    @Test
    void defaultClientFindsTheVersionThatRabbitMqSpeaks() {
        try (ForeignBroker broker = ForeignBroker.rabbitMq()) {
            MqttClient client = clients.build(MqttClient.builder(broker.url()));
            assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1_1);
        }
    }

    /** Moquette answers CONNECT of MQTT 5.0 with the refusal of 3.1.1 in the frame of 5.0. */
    @Test
    void defaultClientConnectsToMoquette() throws Exception {
        try (ForeignBroker broker = ForeignBroker.moquette()) {
            Inbox inbox = new Inbox();
            String topic = Clients.id();
            MqttClient client = clients.build(MqttClient.builder(broker.url()));
            assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1_1);
            client.subscribe(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox);
            client.publish(Message.of(topic, "x").qos(Qos.EXACTLY_ONCE));
            assertThat(inbox.next().text()).isEqualTo("x");
        }
    }

    /** With MQTT 3.1.1, ejabberd closes the connection on a shared subscription. */
    @Test
    void onlyTheSharedSubscriptionFailsThatEjabberdClosesOn() throws Exception {
        try (ForeignBroker broker = ForeignBroker.ejabberd()) {
            Inbox inbox = new Inbox();
            String topic = Clients.id();
            MqttClient client = clients.connect(clients.options(broker.url(), ProtocolVersion.MQTT_3_1_1)
                    .credentials(Credentials.of(Clients.id() + "@localhost", "any")));
            client.subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
            CompletableFuture<?> shared =
                    client.subscribeAsync(Subscription.to("$share/group/" + topic), delivery -> {});
            client.publishAsync(Message.of(topic, "goes on")).get(60, TimeUnit.SECONDS);
            assertThat(inbox.next().text()).isEqualTo("goes on");
            assertThatThrownBy(() -> shared.get(120, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(MqttException.class)
                    .hasMessageContaining("$share/group/" + topic);
        }
    }
}
