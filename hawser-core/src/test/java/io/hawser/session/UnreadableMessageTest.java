package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.MessageUnreadable;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolVersion;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A received message with a field that is not allowed costs itself at most, and is told. */
class UnreadableMessageTest {
    private static Machine subscribed(ProtocolVersion version) {
        Machine machine = Machine.online(options -> options.versions = List.of(version));
        machine.subscribed("#", 2, "h");
        return machine;
    }

    private static void receive(Machine machine, String hex) {
        machine.receive(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void isDeliveredWithoutTheField() {
        Machine machine = subscribed(ProtocolVersion.MQTT_5);

        receive(machine, "32 09 0001 74 0001 02 01 02 6d");

        assertThat(machine.take()).containsExactly("deliver m #1 to h");
        assertThat(machine.effects.events(MessageUnreadable.class))
                .hasToString(
                        "[MessageUnreadable[topic=t, reason=PUBLISH, byte 8: PAYLOAD_FORMAT_INDICATOR is 2, must be 0 to 1,"
                                + " refused=false]]");
    }

    @Test
    void isRefusedInItsTurn() {
        Machine machine = subscribed(ProtocolVersion.MQTT_5);
        machine.deliver("a", 1, 1, false);
        machine.take();

        receive(machine, "32 07 0001 2b 0002 00 6d" + "34 07 0001 2b 0003 00 6d" + "30 05 0001 2b 00 6d");
        assertThat(machine.packets()).isEmpty();
        machine.acknowledge("a");

        assertThat(machine.packets())
                .containsExactly(
                        "PUBACK #1",
                        "PUBACK #2 IMPLEMENTATION_SPECIFIC_ERROR",
                        "PUBREC #3 IMPLEMENTATION_SPECIFIC_ERROR");
        assertThat(machine.effects.events(MessageUnreadable.class))
                .hasSize(3)
                .allMatch(MessageUnreadable::refused)
                .allMatch(event -> event.topic().equals("+"));
        assertThat(machine.session.figures().unacknowledged()).isZero();
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @ParameterizedTest
    @EnumSource(names = {"MQTT_3_1", "MQTT_3_1_1"})
    void isAcknowledgedInItsTurnWhereItCannotBeRefused(ProtocolVersion version) {
        Machine machine = subscribed(version);
        machine.deliver("a", 1, 1, false);
        machine.take();

        receive(machine, "32 06 0001 ff 0002 6d" + "34 06 0001 ff 0003 6d");
        assertThat(machine.packets()).isEmpty();
        machine.acknowledge("a");
        assertThat(machine.packets()).containsExactly("PUBACK #1", "PUBACK #2", "PUBREC #3");
        receive(machine, "3c 06 0001 ff 0003 6d");
        assertThat(machine.packets()).containsExactly("PUBREC #3");
        machine.pubRel(3);

        assertThat(machine.packets()).containsExactly("PUBCOMP #3");
        assertThat(machine.session.figures().unacknowledged()).isZero();
    }

    @Test
    void countsForTheReceiveMaximumUntilItIsRefused() {
        Machine machine = Machine.online5(io.hawser.wire.Properties.NONE, options -> options.receiveMaximum = 1);
        machine.subscribed("#", 2, "h");

        receive(machine, "32 07 0001 2b 0002 00 6d" + "34 07 0001 2b 0003 00 6d" + "32 07 0001 2b 0004 00 6d");

        assertThat(machine.packets()).hasSize(3);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void isNotAllowedBeforeConnAck() {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.take();

        receive(machine, "30 05 0001 2b 00 6d");

        assertThat(machine.take()).last().isEqualTo("close PUBLISH is not allowed before CONNACK");
    }
}
