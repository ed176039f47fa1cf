package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.cli.Diagnosis.Visit;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(60)
class DoctorTest {
    private static final Negotiated GRANTED = new Negotiated(
            Duration.ofSeconds(50), Duration.ZERO, 20, Qos.AT_LEAST_ONCE, 1000, 10, false, true, true, false, null);

    @Test
    void tellsWhatTheEmbeddedBrokerGrantsAndDoes() {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Diagnosis diagnosis = examined("-L", broker.url());

            assertThat(diagnosis.visits())
                    .extracting(Visit::version)
                    .containsExactly(ProtocolVersion.MQTT_5, ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_3_1);
            assertThat(diagnosis.visits()).allMatch(Visit::accepted);
            assertThat(diagnosis.visits().get(0).facts())
                    .containsEntry("maximumQos", 2L)
                    .containsEntry("sessionExpirySeconds", PropertyOptions.UNSIGNED_INT)
                    .containsEntry("qos2", "works")
                    .containsEntry("identifierTried", "works");
            assertThat(diagnosis.visits().get(0).assignedId()).isNotEmpty();
            assertThat(diagnosis.visits())
                    .allSatisfy(visit -> assertThat(visit.findings())
                            .allSatisfy((name, found) -> assertThat(found)
                                    .as(name)
                                    .isIn(
                                            "works",
                                            "1 copy",
                                            "2 copies",
                                            "PUBCOMP",
                                            "PUBCOMP 0x92",
                                            "PUBACK",
                                            "PUBACK 0x10"))
                            .containsKeys("qos2", "overlapTried", "unknownPubrelTried", "megabyteTried"));
            assertThat(JsonSyntax.isValid(diagnosis.json())).isTrue();
        }
    }

    @Tag("slow")
    @Test
    void takesTheOptionsOfPub() {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            Diagnosis diagnosis = examined(
                    "-h", "127.0.0.1", "-p", "" + broker.port(), "-V", "311", "-u", "a@b/c", "-P", "p", "-i", "doctor");

            assertThat(diagnosis.visits()).extracting(Visit::version).containsExactly(ProtocolVersion.MQTT_3_1_1);
            assertThat(diagnosis.accepted()).isTrue();
        }
    }

    private static Diagnosis examined(String... words) {
        DoctorCommand doctor = CommandLine.populateCommand(new DoctorCommand(), words);
        doctor.server.check();
        doctor.session.check(doctor.server);
        return new Doctor(doctor.server, doctor.session, 10).examine();
    }

    @Test
    void whatIsNotThereEndsWithExitCode1() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(Main.run("doctor", "mqtt://127.0.0.1:" + port, "--json")).isEqualTo(Failure.ERROR);
        assertThat(Main.run("doctor", "http://127.0.0.1:" + port)).isEqualTo(Failure.ERROR);
        assertThat(Main.run("doctor", "mqtt://127.0.0.1:" + port, "--timeout", "0"))
                .isEqualTo(Failure.ERROR);
    }

    @Test
    void theTableHasAColumnForEachVersionAndTheQuirks() {
        assertThat(diagnosis().table()).isEqualTo("""
            mqtt://h:1883

                                      MQTT 5.0      MQTT 3.1
            accepted                  yes           no
            maximumQos                1             -
            retainAvailable           no            -
            sharedSubscriptions       no            -
            wildcardSubscriptions     yes           -
            subscriptionIdentifiers   yes           -
            topicAliasMaximum         10            -
            receiveMaximum            20            -
            maximumPacketSize         1000          -
            keepAliveSeconds          50            -
            sessionExpirySeconds      60            -
            assignedClientId          refused       -
            qos2                      no            -

            MQTT 3.1 is not accepted: UNSUPPORTED_PROTOCOL_VERSION

            Quirks seen:
              5.0: a subscription at QoS 2 was granted QoS 1
            """);
    }

    @Test
    void theJsonHasTheSame() {
        assertThat(diagnosis().json())
                .isEqualTo("{\"server\":\"mqtt://h:1883\",\"accepted\":true,\"versions\":[{\"version\":\"5.0\","
                        + "\"accepted\":true,\"maximumQos\":1,\"retainAvailable\":false,\"sharedSubscriptions\":false,"
                        + "\"wildcardSubscriptions\":true,\"subscriptionIdentifiers\":true,\"topicAliasMaximum\":10,"
                        + "\"receiveMaximum\":20,\"maximumPacketSize\":1000,\"keepAliveSeconds\":50,"
                        + "\"sessionExpirySeconds\":60,\"assignedClientId\":\"refused\",\"qos2\":\"no\"},"
                        + "{\"version\":\"3.1\",\"accepted\":false,\"refusal\":\"UNSUPPORTED_PROTOCOL_VERSION\"}],"
                        + "\"quirks\":[\"5.0: a subscription at QoS 2 was granted QoS 1\"]}");
    }

    private static Diagnosis diagnosis() {
        Visit five = new Visit(
                ProtocolVersion.MQTT_5,
                "",
                GRANTED,
                null,
                Duration.ofMinutes(1),
                Map.of("qos2", "no"),
                List.of("a subscription at QoS 2 was granted QoS 1"));
        Visit old = Visit.refused(ProtocolVersion.MQTT_3_1, "UNSUPPORTED_PROTOCOL_VERSION");
        return new Diagnosis("mqtt://h:1883", List.of(five, old));
    }
}
