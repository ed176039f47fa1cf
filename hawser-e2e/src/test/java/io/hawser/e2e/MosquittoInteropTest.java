package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Hawser and Mosquitto's own tools understand each other. */
@Tag("slow")
class MosquittoInteropTest {
    private static Mosquitto broker;

    private final Clients clients = new Clients();

    @BeforeAll
    static void start() {
        broker = Mosquitto.start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @AfterEach
    void closeClients() {
        clients.close();
    }

    static Stream<Arguments> versionsAndQos() {
        return Stream.of(ProtocolVersion.values())
                .flatMap(version -> Stream.of(Qos.values()).map(qos -> Arguments.of(version, qos)));
    }

    private static String option(ProtocolVersion version) {
        return switch (version) {
            case MQTT_3_1 -> "mqttv31";
            case MQTT_3_1_1 -> "mqttv311";
            case MQTT_5 -> "mqttv5";
        };
    }

    private static byte[] everyByte() {
        byte[] payload = new byte[70_000];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) i;
        }
        return payload;
    }

    @ParameterizedTest
    @MethodSource("versionsAndQos")
    void mosquittoSubReceivesWhatHawserPublishes(ProtocolVersion version, Qos qos) throws Exception {
        String topic = Clients.id();
        String level = Integer.toString(qos.level());
        MqttClient publisher = clients.connect(clients.options(broker.url(), version));
        try (MosquittoSub sub = MosquittoSub.start(
                broker, Clients.id(), "-t", topic, "-q", level, "-V", option(version), "-C", "1", "-N")) {
            publisher.publish(Message.of(topic, everyByte()).qos(qos));
            assertThat(sub.awaitExit()).isZero();
            assertThat(sub.bytes()).isEqualTo(everyByte());
        }
        try (MosquittoSub sub =
                MosquittoSub.start(broker, Clients.id(), "-t", topic, "-q", "2", "-F", "%t %q %r %p", "-C", "1")) {
            publisher.publish(Message.of(topic, "text").qos(qos));
            sub.awaitLines(topic + " " + level + " 0 text");
        }
    }

    @ParameterizedTest
    @MethodSource("versionsAndQos")
    void hawserReceivesWhatMosquittoPubPublishes(ProtocolVersion version, Qos qos, @TempDir Path directory)
            throws Exception {
        Path file = Files.write(directory.resolve("payload"), everyByte());
        String topic = Clients.id();
        Inbox inbox = new Inbox();
        clients.connect(clients.options(broker.url(), version)).subscribe(topic, inbox);
        MosquittoPub.run(
                broker.port(),
                "-t",
                topic,
                "-q",
                Integer.toString(qos.level()),
                "-V",
                option(version),
                "-f",
                file.toString());
        Message message = inbox.next();
        assertThat(message.payloadBytes()).isEqualTo(everyByte());
        assertThat(message.qos()).isEqualTo(qos);
    }
}
