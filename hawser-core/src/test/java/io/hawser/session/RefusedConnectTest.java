package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a refused CONNECT means, with each reason that a broker may give: the end, or a long wait. */
class RefusedConnectTest {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    static Stream<ReasonCode> refusals() {
        return IntStream.of(
                        0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99,
                        0x9A, 0x9B, 0x9C, 0x9D, 0x9F)
                .mapToObj(ReasonCode::of);
    }

    private static Machine pinned(boolean evenIfRefused) {
        return Machine.offline(options -> {
            options.versions = List.of(ProtocolVersion.MQTT_5);
            options.reconnect = evenIfRefused ? options.reconnect.evenIfRefused() : options.reconnect;
        });
    }

    private static void assertWaitsSlowly(Machine machine) {
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        List<ReconnectScheduled> waits = machine.effects.events(ReconnectScheduled.class);
        assertThat(waits.get(waits.size() - 1).delay()).isBetween(LONGEST.dividedBy(2), LONGEST);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void neverEndsAClientThatIsToGoOnEvenIfRefused(ReasonCode refusal) {
        Machine machine = pinned(true);
        for (int i = 0; i < 20; i++) {
            machine.open();
            machine.connAck(refusal);
            assertWaitsSlowly(machine);
        }

        machine.connect(false);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void isNotFinalIfTheBrokerHasAcceptedTheSameConnectBefore(ReasonCode refusal) {
        Machine machine = pinned(false);
        machine.connect(false);
        machine.lose();
        machine.open();

        machine.connAck(refusal);

        assertWaitsSlowly(machine);
    }

    @Test
    void withAllVersionsRefusedBeginsWithTheHighestAgain() {
        Machine machine = Machine.offline5(options -> options.reconnect = options.reconnect.evenIfRefused());
        machine.open();
        for (int i = 0; i < 3; i++) {
            machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
            if (i < 2) {
                machine.opened();
            }
        }
        assertWaitsSlowly(machine);

        machine.open();
        assertThat(machine.packets()).endsWith("CONNECT 5.0");
    }

    @Test
    void isTheCauseOfEveryRequestThatFailsAfterwards() {
        Machine machine = pinned(false);
        PublishRequest before = machine.publish(Machine.message("m", 1));
        machine.open();
        machine.connAck(ReasonCode.NOT_AUTHORIZED);

        PublishRequest publish = machine.publish(Machine.message("n", 1));
        SubscriptionRequest subscribe = machine.subscribe("a", 1, "h");
        SubscriptionRequest unsubscribe = machine.unsubscribe("a");

        assertThat(Stream.of(before, publish, subscribe, unsubscribe).map(machine.effects.failures::get))
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(ClientClosedException.class)
                        .cause()
                        .hasMessageContaining("NOT_AUTHORIZED"));
    }

    @Test
    void cannotBeGoneOnFromByAPolicyThatNeverConnectsAgain() {
        assertThatIllegalStateException()
                .isThrownBy(() -> ReconnectPolicy.never().evenIfRefused());
    }
}
