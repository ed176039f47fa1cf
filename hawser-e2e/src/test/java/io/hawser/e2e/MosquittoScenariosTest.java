package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Will;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("slow")
class MosquittoScenariosTest extends BrokerScenarios {
    private Mosquitto broker;

    @BeforeAll
    void start() {
        // Its own limits are not the subject: the default of 1,000 waiting messages drops the rest silently.
        broker = Mosquitto.options().line("max_queued_messages 100000").start();
    }

    @AfterAll
    void stop() {
        broker.close();
    }

    /** Artemis gives what it sends again a new packet identifier, against [MQTT-4.4.0-1], so only Mosquitto can show this. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void receivesExactlyOnceThoughItsConnectionIsCutAgainAndAgain(ProtocolVersion version) throws Exception {
        Traffic traffic = publishAndCut(version, Qos.EXACTLY_ONCE, true, false);
        assertThat(traffic.received()).containsExactlyInAnyOrderElementsOf(traffic.sent());
    }

    /** Artemis may see the end of the connection before the DISCONNECT ahead of it, and publish the will; with any client. */
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void publishesNoWillOfAClientThatSaysGoodbye(ProtocolVersion version) throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        clients().connect(url()).subscribe(topic, inbox);
        clients()
                .connect(clients().options(url(), version).will(Will.of(Message.of(topic, "gone"))))
                .close();
        clients().connect(url()).publish(Message.of(topic, "end"));
        assertThat(inbox.textsBefore("end")).isEmpty();
    }

    @Test
    void sharedSubscriptionDividesTheMessages() throws Exception {
        int count = 300;
        String topic = topic();
        List<Inbox> inboxes = List.of(new Inbox(), new Inbox(), new Inbox());
        for (Inbox inbox : inboxes) {
            clients()
                    .connect(clients().options(url(), ProtocolVersion.MQTT_5))
                    .subscribe("$share/group/" + topic, inbox);
        }
        MqttClient publisher = clients().connect(clients().options(url(), ProtocolVersion.MQTT_5));
        Set<String> sent = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            sent.add("" + i);
            publisher.publishAsync(Message.of(topic, "" + i));
        }
        publisher.flush();
        await().until(() ->
                inboxes.stream().mapToInt(inbox -> inbox.soFar().size()).sum() >= count);
        List<String> received = inboxes.stream()
                .flatMap(inbox -> inbox.soFar().stream())
                .map(Message::text)
                .toList();
        assertThat(received).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(inboxes).allSatisfy(inbox -> assertThat(inbox.soFar()).isNotEmpty());
    }

    @Override
    int port() {
        return broker.port();
    }
}
