package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.UnsubAck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An answer of another kind than its identifier is in use for closes the connection, and the request goes out again. */
class MixedUpAnswerTest {
    private static final Map<String, Consumer<Machine>> REQUESTS = new LinkedHashMap<>();
    private static final Map<String, Consumer<PacketSink>> ANSWERS = new LinkedHashMap<>();

    static {
        REQUESTS.put("PUBLISH t q1", machine -> machine.publish(1, "t"));
        REQUESTS.put("PUBLISH t q2", machine -> machine.publish(2, "t"));
        REQUESTS.put("SUBSCRIBE", machine -> machine.subscribe("t", 1, "h"));
        REQUESTS.put("UNSUBSCRIBE", machine -> machine.unsubscribe("t"));
        ANSWERS.put("PUBACK", broker -> broker.pubAck(1, ReasonCode.SUCCESS, Properties.NONE));
        ANSWERS.put("PUBREC", broker -> broker.pubRec(1, ReasonCode.SUCCESS, Properties.NONE));
        ANSWERS.put("PUBCOMP", broker -> broker.pubComp(1, ReasonCode.SUCCESS, Properties.NONE));
        ANSWERS.put("SUBACK", broker -> broker.subAck(new SubAck(1, List.of(ReasonCode.SUCCESS), Properties.NONE)));
        ANSWERS.put(
                "UNSUBACK", broker -> broker.unsubAck(new UnsubAck(1, List.of(ReasonCode.SUCCESS), Properties.NONE)));
    }

    private static final Set<String> FITTING = Set.of(
            "PUBLISH t q1 PUBACK",
            "PUBLISH t q2 PUBACK",
            "PUBLISH t q2 PUBREC",
            "SUBSCRIBE SUBACK",
            "UNSUBSCRIBE UNSUBACK");

    static Stream<Arguments> mixedUp() {
        List<Arguments> all = new ArrayList<>();
        for (ProtocolVersion version : ProtocolVersion.values()) {
            REQUESTS.keySet()
                    .forEach(request -> ANSWERS.keySet().stream()
                            .filter(answer -> !FITTING.contains(request + " " + answer))
                            .forEach(answer -> all.add(arguments(version, request, answer))));
        }
        return all.stream();
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("mixedUp")
    void closesTheConnectionAndTheRequestGoesOutAgain(ProtocolVersion version, String request, String answer) {
        // Without a session that is kept, so that also on MQTT 3.1 no identifier has to be asked for first.
        Machine machine = Machine.online(options -> {
            options.versions = List.of(version);
            options.cleanSession = true;
        });
        REQUESTS.get(request).accept(machine);
        machine.take();

        machine.receive(ANSWERS.get(answer));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        assertThat(machine.effects.events(Disconnected.class).get(0).cause())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining(answer);
        machine.open();
        machine.take();
        machine.connAck(false);
        assertThat(machine.packets()).singleElement().asString().startsWith(request.split(" ")[0]);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void pubAckForAQos2MessageSaysThatQos1WasGiven(ProtocolVersion version) {
        Machine machine = Machine.online(options -> {
            options.versions = List.of(version);
            options.cleanSession = true;
        });
        machine.publish(2, "m");
        machine.take();

        machine.pubAck(1);

        assertThat(machine.take()).contains("complete m GRANTED_QOS_1");
    }

    @Test
    void anAnswerForAnUnusedIdentifierIsIgnored() {
        Machine machine = Machine.online();
        machine.take();

        ANSWERS.forEach((answer, packet) -> machine.receive(packet));

        assertThat(machine.effects.open).isTrue();
    }
}
