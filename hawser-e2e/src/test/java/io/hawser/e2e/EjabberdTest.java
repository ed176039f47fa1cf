package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ejabberd has no shared subscriptions, and a session of its own for each user. */
class EjabberdTest extends ForeignBrokerFrame {
    EjabberdTest() {
        super(ForeignBroker::ejabberd);
    }

    private ClientBuilder<MqttClient> options() {
        return clients.options(broker.url()).credentials(Credentials.of(Clients.id() + "@localhost", "any"));
    }

    @Test
    void saysForHowLongItKeepsASession() {
        MqttClient client = clients.build(options().session(SessionStore.inMemory(), EXPIRY));
        var result = client.connect();
        assertThat(result.version()).isEqualTo(ProtocolVersion.MQTT_5);
        assertThat(result.negotiated().sessionExpiry()).isEqualTo(Duration.ofMinutes(5));
    }

    @ParameterizedTest
    @EnumSource(names = {"MQTT_3_1_1", "MQTT_5"})
    void laterClientOfASessionPublishes(ProtocolVersion version) throws Exception {
        clients.connect(options()).subscribe(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox);
        String id = Clients.id();
        Credentials user = Credentials.of(Clients.id() + "@localhost", "any");
        for (int process = 0; process < 3; process++) {
            try (MqttClient client = clients.options(broker.url(), version)
                    .clientId(id)
                    .credentials(user)
                    .session(SessionStore.inMemory(), EXPIRY)
                    .build()) {
                client.connect();
                client.publish(Message.of(topic, "twice " + process).qos(Qos.EXACTLY_ONCE));
                client.publish(Message.of(topic, "once " + process).qos(Qos.AT_LEAST_ONCE));
            }
            assertThat(inbox.nextTexts(2)).containsExactlyInAnyOrder("twice " + process, "once " + process);
        }
    }

    @Test
    void refusesASharedSubscriptionOfMqtt5() throws Exception {
        MqttClient client = clients.connect(options());
        assertThatThrownBy(() -> client.subscribe("$share/group/" + topic, delivery -> {}))
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        refusal -> assertThat(refusal.reasonCode())
                                .isEqualTo(ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED));
        client.subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        client.publish(Message.of(topic, "goes on").qos(Qos.AT_LEAST_ONCE));
        assertThat(inbox.next().text()).isEqualTo("goes on");
        assertThat(client.statistics().connections()).isEqualTo(1);
    }

    /** With MQTT 3.1.1, ejabberd closes the connection on it. */
    @Test
    void aSharedSubscriptionOfMqtt311FailsAndNothingElseDoes() throws Exception {
        MqttClient client = clients.connect(options().version(ProtocolVersion.MQTT_3_1_1));
        client.subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        CompletableFuture<?> shared = client.subscribeAsync(Subscription.to("$share/group/" + topic), delivery -> {});
        client.publishAsync(Message.of(topic, "goes on")).get(60, TimeUnit.SECONDS);
        assertThat(inbox.next().text()).isEqualTo("goes on");
        assertThatThrownBy(() -> shared.get(120, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(MqttException.class)
                .hasMessageContaining("$share/group/" + topic);
        assertThat(clients.events)
                .filteredOn(
                        event -> event instanceof ConnectionEvent.RequestSuspected suspected && suspected.setAside())
                .isNotEmpty()
                .allMatch(event -> event.toString().contains("$share/group/" + topic));
        client.publish(Message.of(topic, "and on").qos(Qos.AT_LEAST_ONCE));
        assertThat(inbox.next().text()).isEqualTo("and on");
    }

    @Test
    void handlesAMessageOfOverlappingSubscriptionsOnceWithMqtt5() throws Exception {
        MqttClient client = clients.connect(options());
        Inbox wide = new Inbox();
        client.subscribe(Subscription.to(topic + "/#").qos(Qos.AT_LEAST_ONCE), wide);
        client.subscribe(Subscription.to(topic + "/a").qos(Qos.AT_LEAST_ONCE), inbox);
        client.publish(Message.of(topic + "/a", "x").qos(Qos.AT_LEAST_ONCE));
        client.publish(Message.of(topic + "/a", "end").qos(Qos.AT_LEAST_ONCE));
        assertThat(List.of(inbox.next().text(), inbox.next().text())).containsExactly("x", "end");
        assertThat(List.of(wide.next().text(), wide.next().text())).containsExactly("x", "end");
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
}
