package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ProtocolException;
import io.hawser.wire.Properties;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a broker of MQTT 5.0 must not do is answered with the reason code that the standard asks for, before the close. */
class Violation5Test {
    @ParameterizedTest
    @CsvSource({
        // A second CONNACK; AUTH, which nobody began; packets that only clients send.
        "20 03 00 00 00, PROTOCOL_ERROR",
        "F0 00, PROTOCOL_ERROR",
        "F0 09 18 07 15 00 01 6D 16 00 00, PROTOCOL_ERROR",
        "C0 00, PROTOCOL_ERROR",
        "82 07 00 01 00 00 01 61 00, PROTOCOL_ERROR",
        // A topic name and properties that reach beyond the end of their PUBLISH.
        "30 04 00 03 61 00, MALFORMED_PACKET",
        "30 05 00 01 61 02 01, MALFORMED_PACKET",
        // QoS 3, a reserved packet type, a packet other than PUBLISH that is larger than we said.
        "36 05 00 01 61 00 00, MALFORMED_PACKET",
        "00 00, MALFORMED_PACKET",
        "90 FF 01, PACKET_TOO_LARGE",
    })
    void isDisconnectedWithTheReason(String bytes, String reasonCode) {
        Machine machine = Machine.online5(Properties.NONE, options -> {
            options.topicAliasMaximum = 5;
            options.maximumPacketSize = 200;
        });

        machine.receive(HexFormat.ofDelimiter(" ").parseHex(bytes));

        assertThat(machine.take())
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).isEqualTo("> DISCONNECT " + reasonCode))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("close "));
        assertThat(machine.effects.events(Disconnected.class).get(0).cause())
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        cause -> assertThat(cause.reasonCode()).hasToString(reasonCode));
    }

    @ParameterizedTest
    @CsvSource({
        "D0 00, PROTOCOL_ERROR",
        "F0 00, PROTOCOL_ERROR",
        "E0 02 8B 00, PROTOCOL_ERROR",
        "30 04 00 01 61 00, PROTOCOL_ERROR",
    })
    void isDisconnectedWithTheReasonInsteadOfConnAckToo(String bytes, String reasonCode) {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.take();

        machine.receive(HexFormat.ofDelimiter(" ").parseHex(bytes));

        assertThat(machine.take())
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).isEqualTo("> DISCONNECT " + reasonCode))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("close "));
    }

    @ParameterizedTest
    @CsvSource({
        "20 05 00 00 02 7F 00, MALFORMED_PACKET",
        "20 03 00 06 00, PROTOCOL_ERROR",
        "20 02 00 00, MALFORMED_PACKET",
        "20 03 02 00 00, MALFORMED_PACKET",
        "20 00, MALFORMED_PACKET",
        "2F 03 00 00 00, MALFORMED_PACKET",
        "48 54 54 50 2F, MALFORMED_PACKET",
    })
    void aConnAckThatCannotBeReadIsAnsweredWithTheReasonAndALowerVersion(String bytes, String reasonCode) {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.take();

        machine.receive(HexFormat.ofDelimiter(" ").parseHex(bytes));

        assertThat(machine.take())
                .hasSize(3)
                .startsWith("> DISCONNECT " + reasonCode)
                .endsWith("open 0 3.1.1");
    }

    @Test
    void aSessionThatIsPresentAfterACleanStartIsAViolation() {
        Machine machine = Machine.offline5(options -> options.cleanSession = true);
        machine.open();
        machine.take();

        machine.connAck(true);

        assertThat(machine.packets()).containsExactly("DISCONNECT PROTOCOL_ERROR");
    }

    @Test
    void brokersOf311AreNotTold() {
        Machine machine = Machine.online();

        machine.receive(new byte[] {(byte) 0xF0, 0});

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.effects.open).isFalse();
    }

    @Test
    void aConnectionThatHasGoneSilentIsClosedWithoutAWord() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.keepAliveSeconds = 5);

        machine.pass(15);

        assertThat(machine.packets()).first().isEqualTo("PINGREQ");
        assertThat(machine.effects.events(Disconnected.class)).hasSize(1);
    }

    @Test
    void closingSaysGoodbyeInOrder() {
        Machine machine = Machine.online5();

        machine.close();

        assertThat(machine.take()).containsExactly("> DISCONNECT", "close");
    }
}
