package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RabbitMQ answers QoS 2 with PUBACK, has no PUBREL, and closes on MQTT 5.0 without a word. */
class RabbitMqTest extends ForeignBrokerFrame {
    RabbitMqTest() {
        super(ForeignBroker::rabbitMq);
    }

    private ClientBuilder<MqttClient> options() {
        return clients.options(broker.url(), ProtocolVersion.MQTT_3_1_1);
    }

    private static PublishResult outcome(CompletableFuture<PublishResult> publish) throws Exception {
        return publish.get(60, TimeUnit.SECONDS);
    }

    private static boolean doubtsExactlyOnce(ConnectionEvent event) {
        return event instanceof ConnectionEvent.ExactlyOnceDoubtful;
    }

    /**
     * RabbitMQ has the session of the first client, so the second asks it to release identifiers, with PUBRELs that end RabbitMQ's
     * process for the connection; of MQTT 3.1, which cannot say whether there is a session, the first client asks, too.
     */
    @ParameterizedTest
    @EnumSource(names = {"MQTT_3_1", "MQTT_3_1_1"})
    void laterClientOfASessionPublishes(ProtocolVersion version) throws Exception {
        clients.connect(options()).subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        String id = Clients.id();
        for (int process = 0; process < 2; process++) {
            try (MqttClient client = clients.options(broker.url(), version)
                    .clientId(id)
                    .session(SessionStore.inMemory(), EXPIRY)
                    .subscription(Subscription.to(topic + "/other").qos(Qos.AT_LEAST_ONCE), delivery -> {})
                    .build()) {
                client.connect();
                CompletableFuture<PublishResult> twice = client.publishAsync(
                        Message.of(topic, "twice " + process).qos(Qos.EXACTLY_ONCE));
                CompletableFuture<PublishResult> once =
                        client.publishAsync(Message.of(topic, "once " + process).qos(Qos.AT_LEAST_ONCE));
                assertThat(outcome(twice).reasonCode()).isEqualTo(ReasonCode.GRANTED_QOS_1);
                assertThat(outcome(once).reasonCode()).isEqualTo(ReasonCode.SUCCESS);
            }
            assertThat(inbox.nextTexts(2)).containsExactlyInAnyOrder("twice " + process, "once " + process);
        }
        assertThat(inbox.soFar()).isEmpty();
        await().until(() -> clients.events.stream().anyMatch(RabbitMqTest::doubtsExactlyOnce));
    }

    @Test
    void defaultClientFindsTheVersion() {
        MqttClient client = clients.build(MqttClient.builder(broker.url()));
        assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1_1);
    }

    @ParameterizedTest
    @EnumSource(names = {"MQTT_3_1", "MQTT_3_1_1"})
    void messagesArriveByWebSocket(ProtocolVersion version) throws Exception {
        MqttClient client = clients.connect(clients.options(broker.webSocketUrl(), version));
        client.subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        String large = "x".repeat(300_000);
        client.publish(Message.of(topic, "small").qos(Qos.AT_LEAST_ONCE));
        client.publish(Message.of(topic, large).qos(Qos.AT_LEAST_ONCE));
        assertThat(inbox.nextTexts(2)).containsExactly("small", large);
    }

    @Test
    void cutsLoseNothing() throws Exception {
        try (Proxy network = new Proxy(broker.port())) {
            MqttClient subscriber = clients.connect(options()
                    .session(SessionStore.inMemory(), EXPIRY)
                    .subscription(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox));
            MqttClient publisher = clients.connect(clients.options(network.url(), ProtocolVersion.MQTT_3_1_1)
                    .session(SessionStore.inMemory(), EXPIRY));
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 200; i++) {
                    Qos qos = i % 2 == 0 ? Qos.AT_LEAST_ONCE : Qos.EXACTLY_ONCE;
                    publisher.enqueue(Message.of(topic, round + "/" + i).qos(qos));
                }
                network.cut();
            }
            publisher.flushAsync().get(120, TimeUnit.SECONDS);
            publisher.publish(Message.of(topic, "end").qos(Qos.AT_LEAST_ONCE));
            assertThat(inbox.textsBefore("end").stream().distinct()).hasSize(1_000);
            assertThat(subscriber.statistics().connections()).isEqualTo(1);
        }
    }

    @Test
    void keepsRetainedMessages() throws Exception {
        MqttClient client = clients.connect(options());
        client.publish(Message.of(topic, "kept").qos(Qos.AT_LEAST_ONCE).retain(true));
        client.subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        Message message = inbox.next();
        assertThat(message.text()).isEqualTo("kept");
        assertThat(message.retain()).isTrue();
    }

    @Test
    void publishesTheWillOfALostClient() throws Exception {
        clients.connect(options()).subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        try (Proxy network = new Proxy(broker.port())) {
            clients.connect(clients.options(network.url(), ProtocolVersion.MQTT_3_1_1)
                    .will(Will.of(Message.of(topic, "lost").qos(Qos.AT_LEAST_ONCE))));
            network.cut();
            assertThat(inbox.next().text()).isEqualTo("lost");
        }
    }

    @Test
    void takesASharedSubscriptionAndBringsNothing() throws Exception {
        MqttClient client = clients.connect(options());
        client.subscribe("$share/group/" + topic, inbox);
        client.subscribe(topic + "/end", inbox);
        client.publish(Message.of(topic, "x").qos(Qos.AT_LEAST_ONCE));
        client.publish(Message.of(topic + "/end", "end").qos(Qos.AT_LEAST_ONCE));
        assertThat(inbox.textsBefore("end")).isEmpty();
    }

    @Test
    void makesSlashesOfDots() throws Exception {
        MqttClient client = clients.connect(options());
        client.subscribe(topic + "/#", inbox);
        client.publish(Message.of(topic + "/a.b", "x").qos(Qos.AT_LEAST_ONCE));
        assertThat(inbox.next().topic()).isEqualTo(topic + "/a/b");
    }
}
