package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In an acknowledgement, every code from 0x80 to 0xFF refuses that one request with its number, and nothing else happens. */
class AcknowledgementCodeTest {
    static IntStream refusals() {
        return IntStream.range(0x80, 0x100);
    }

    private static void answer(Machine machine, int first, int... rest) {
        byte[] packet = new byte[2 + rest.length];
        packet[0] = (byte) first;
        packet[1] = (byte) rest.length;
        for (int i = 0; i < rest.length; i++) {
            packet[2 + i] = (byte) rest[i];
        }
        machine.receive(packet);
    }

    private static void assertRefused(Machine machine, Object request, int code) {
        assertThat(machine.effects.failures.get(request))
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        refusal -> assertThat(refusal.reasonCode().code()).isEqualTo(code))
                .hasMessageContaining(" was refused by the broker: " + ReasonCode.of(code));
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
        assertThat(machine.packets()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void ofPubAckAndPubRecRefusesTheMessage(int code) {
        if (code == ReasonCode.QUOTA_EXCEEDED.code()) {
            return; // sent again after a while
        }
        for (int qos : new int[] {1, 2}) {
            Machine machine = Machine.online5();
            PublishRequest refused = machine.publish(Machine.message("refused", qos));
            PublishRequest good = machine.publish(Machine.message("good", 1));
            machine.take();

            answer(machine, qos == 1 ? 0x40 : 0x50, 0, 1, code);
            assertRefused(machine, refused, code);
            machine.pubAck(2);

            assertThat(machine.effects.results).containsKey(good);
        }
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void ofPubCompRefusesTheMessageUnlessItSaysThatItIsDone(int code) {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 2));
        machine.pubRec(1);
        machine.take();

        answer(machine, 0x70, 0, 1, code);

        if (code == ReasonCode.PACKET_IDENTIFIER_NOT_FOUND.code()) {
            assertThat(machine.effects.results).containsKey(request);
        } else {
            assertRefused(machine, request, code);
        }
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void ofSubAckRefusesTheSubscription(int code) {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            Machine machine = Machine.online(options -> options.versions = List.of(version));
            SubscriptionRequest refused = machine.subscribe("a", 1, "h");
            machine.take();

            if (version == ProtocolVersion.MQTT_5) {
                answer(machine, 0x90, 0, 1, 0, code);
            } else {
                answer(machine, 0x90, 0, 1, code);
            }

            assertRefused(machine, refused, code);
        }
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void ofUnsubAckRefusesTheRequest(int code) {
        Machine machine = Machine.online5();
        machine.subscribed("a", 1, "h");
        SubscriptionRequest refused = machine.unsubscribe("a");
        machine.take();

        answer(machine, 0xB0, 0, 2, 0, code);

        assertRefused(machine, refused, code);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void ofDisconnectIsNamed(int code) {
        Machine machine = Machine.online5();

        answer(machine, 0xE0, code);

        assertThat(machine.effects.events(Disconnected.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause())
                        .isInstanceOf(BrokerDisconnectException.class)
                        .hasMessage("the broker disconnected: " + ReasonCode.of(code)));
    }
}
