package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import org.junit.jupiter.api.Test;

/** Moquette answers CONNECT of MQTT 5.0 with the refusal of 3.1.1 in the frame of 5.0. */
class MoquetteTest extends ForeignBrokerFrame {
    MoquetteTest() {
        super(ForeignBroker::moquette);
    }

    @Test
    void defaultClientConnects() throws Exception {
        MqttClient client = clients.build(MqttClient.builder(broker.url()).onEvent(clients.events::add));
        assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1_1);
        client.subscribe(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox);
        client.publish(Message.of(topic, "x").qos(Qos.EXACTLY_ONCE));
        assertThat(inbox.next().text()).isEqualTo("x");
        assertThat(clients.events)
                .filteredOn(ConnectionEvent.Connecting.class::isInstance)
                .map(event -> ((ConnectionEvent.Connecting) event).refused())
                .containsExactly(null, ProtocolVersion.MQTT_5);
    }

    @Test
    void laterClientOfASessionPublishes() throws Exception {
        clients.connect(clients.options(broker.url()))
                .subscribe(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox);
        String id = Clients.id();
        for (int process = 0; process < 3; process++) {
            try (MqttClient client = clients.options(broker.url())
                    .clientId(id)
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
    void bringsRetainedMessagesWithoutTheirFlag() throws Exception {
        MqttClient client = clients.connect(clients.options(broker.url()));
        client.publish(Message.of(topic, "kept").qos(Qos.AT_LEAST_ONCE).retain(true));
        client.subscribe(Subscription.to(topic).qos(Qos.AT_LEAST_ONCE), inbox);
        Message message = inbox.next();
        assertThat(message.text()).isEqualTo("kept");
        assertThat(message.retain()).isFalse();
    }
}
