package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.ErrorRepeated;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same error on three connections in a row is told once, and further attempts come slowly. */
class ErrorLoopTest {
    private static final Duration SLOW = Duration.ofMinutes(1);

    private static Machine pinned() {
        return Machine.offline(options -> options.versions = List.of(ProtocolVersion.MQTT_5));
    }

    /** Makes the same mistake as before, on another connection. */
    private static void repeat(Machine machine, Consumer<Machine> mistake) {
        machine.connect(true);
        mistake.accept(machine);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    private static Duration lastDelay(Machine machine) {
        List<ReconnectScheduled> waits = machine.effects.events(ReconnectScheduled.class);
        return waits.get(waits.size() - 1).delay();
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                mistake("a packet of clients", machine -> machine.receive(PacketSink::pingReq)),
                mistake("a malformed packet", machine -> machine.receive(new byte[] {0, 0})),
                mistake("PUBREC for QoS 1, under another identifier each time", machine -> {
                    PublishRequest request = machine.publish(Machine.message("m", 1));
                    machine.pubRec(request.packetId());
                }),
                mistake(
                        "an exception of our own",
                        machine -> machine.session.broken(
                                new ConnectionException("internal error: mistake"), machine.now())));
    }

    private static Arguments mistake(String name, Consumer<Machine> mistake) {
        return arguments(name, mistake);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void isToldOnceAndSlowsDown(String name, Consumer<Machine> mistake) {
        Machine machine = pinned();
        for (int i = 1; i <= 2; i++) {
            repeat(machine, mistake);
            assertThat(lastDelay(machine)).isLessThan(SLOW);
        }
        for (int i = 3; i <= 6; i++) {
            repeat(machine, mistake);
            assertThat(lastDelay(machine)).isGreaterThanOrEqualTo(SLOW);
        }

        assertThat(machine.effects.events(ErrorRepeated.class)).singleElement().satisfies(event -> {
            assertThat(event.connections()).isEqualTo(3);
            assertThat(event.server()).isEqualTo("mqtt://a");
        });
    }

    @Test
    void isNoticedThoughAttemptsFailInBetween() {
        Machine machine = pinned();
        for (int i = 0; i < 3; i++) {
            repeat(machine, it -> it.receive(PacketSink::pingReq));
            machine.tickOnce();
            machine.lose("refused");
        }

        assertThat(machine.effects.events(ErrorRepeated.class)).hasSize(1);
    }

    @Test
    void aConnectionThatEndsInAnotherWayEndsTheLoop() {
        Machine machine = pinned();
        for (int i = 0; i < 8; i++) {
            repeat(machine, it -> it.receive(PacketSink::pingReq));
            if (i % 2 == 1) {
                machine.connect(true);
                machine.lose();
            }
        }

        assertThat(machine.effects.events(ErrorRepeated.class)).isEmpty();
    }

    @Test
    void differentErrorsAreNoLoop() {
        Machine machine = pinned();
        for (int i = 0; i < 4; i++) {
            repeat(machine, it -> it.receive(PacketSink::pingReq));
            repeat(machine, it -> it.receive(new byte[] {0, 0}));
        }

        assertThat(machine.effects.events(ErrorRepeated.class)).isEmpty();
    }

    @Test
    void triesTheNextServer() {
        Machine machine = Machine.offline(options -> {
            options.versions = List.of(ProtocolVersion.MQTT_5);
            options.servers = List.of("a", "b");
        });
        for (int i = 0; i < 4; i++) {
            machine.connect(true);
            machine.receive(PacketSink::pingReq);
        }

        assertThat(machine.effects.events(Connecting.class))
                .extracting(Connecting::server)
                .containsExactly("a", "a", "a", "b");
        assertThat(lastDelay(machine)).isGreaterThanOrEqualTo(SLOW);
    }

    @Test
    void anExceptionOfOurOwnIsFinalOnlyIfTheClientNeverConnectsAgain() {
        Machine machine = Machine.offline(options -> options.reconnect = ReconnectPolicy.never());
        machine.connect(false);

        machine.session.broken(new ConnectionException("internal error: mistake"), machine.now());

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void anExceptionOfOurOwnLosesNothing() {
        Machine machine = Machine.online();
        machine.publish(1, "a");
        machine.publish(2, "b");
        machine.subscribe("f", 1, "h");

        machine.session.broken(new ConnectionException("internal error: mistake"), machine.now());

        machine.open();
        machine.take();
        machine.connAck(true, Properties.NONE);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #4 f:1", "PUBLISH a q1 #1 dup", "PUBLISH b q2 #2 dup");
    }

    @Test
    void anExceptionWithoutAConnectionChangesNothing() {
        Machine machine = Machine.online();
        machine.lose();
        machine.effects.takeAll();

        machine.session.broken(new ConnectionException("internal error: mistake"), machine.now());

        assertThat(machine.effects.takeAll()).isEmpty();
        machine.connect(false);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }
}
