package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.PublishesPaced;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static Machine paced(BrokerProfile broker) {
        return Machine.online(options -> options.broker = broker);
    }

    private static long publishes(List<String> packets) {
        return packets.stream().filter(packet -> packet.startsWith("PUBLISH")).count();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void messagesBeyondTheRateWaitForTheirTimeAndThatIsTold(int qos) {
        Machine machine = paced(BrokerProfile.of("slow").publishesPerSecond(10));

        machine.publish(qos, "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");

        assertThat(publishes(machine.packets())).isEqualTo(1);
        assertThat(machine.effects.events(PublishesPaced.class))
                .containsExactly(new PublishesPaced(10, BrokerProfile.UNLIMITED, 1));
        machine.pass(SECOND.minusNanos(1));
        assertThat(publishes(machine.packets())).isEqualTo(9);
        machine.pass(SECOND);
        assertThat(publishes(machine.packets())).isEqualTo(2);
        assertThat(machine.session.figures().queued()).isZero();
    }

    @Test
    void itIsToldOnceAMinuteWhileItGoesOn() {
        Machine machine = paced(BrokerProfile.of("slow").publishesPerSecond(1));
        for (int i = 0; i < 150; i++) {
            machine.publish(0, "m" + i);
        }

        machine.pass(140);

        assertThat(machine.effects.events(PublishesPaced.class)).hasSize(3);
    }

    @Test
    void whatIsSentAgainAfterACutIsPacedToo() {
        Machine machine = paced(BrokerProfile.of("slow").publishesPerSecond(20));
        for (int i = 0; i < 20; i++) {
            machine.publish(1, "m" + i);
        }
        machine.pass(2);
        assertThat(publishes(machine.packets())).isEqualTo(20);

        machine.lose();
        machine.open();
        machine.effects.take();
        machine.connAck(true);

        assertThat(publishes(machine.packets())).isBetween(1L, 2L);
        machine.pass(2);
        assertThat(publishes(machine.packets())).isBetween(18L, 19L);
    }

    @Test
    void aPacketLargerThanTheBucketPassesWhenThatIsFullAndHoldsUpTheNext() {
        Machine machine = paced(BrokerProfile.of("slow").bytesPerSecond(1_000));

        machine.publish(0, "x".repeat(1_800), "y");

        assertThat(publishes(machine.packets())).isEqualTo(1);
        machine.pass(Duration.ofMillis(1_800));
        assertThat(publishes(machine.packets())).isZero();
        machine.pass(Duration.ofMillis(300));
        assertThat(publishes(machine.packets())).isEqualTo(1);
    }

    @Test
    void otherLimitsCountFromNowOn() {
        Machine machine = paced(BrokerProfile.of("slow").publishesPerSecond(1));
        machine.publish(0, "1", "2", "3", "4", "5");
        assertThat(publishes(machine.packets())).isEqualTo(1);

        machine.session.pace(BrokerProfile.UNLIMITED, BrokerProfile.UNLIMITED, machine.now());

        assertThat(publishes(machine.packets())).isEqualTo(4);
        machine.session.pace(1, BrokerProfile.UNLIMITED, machine.now());
        machine.publish(0, "6", "7");
        machine.pass(3);
        assertThat(publishes(machine.packets())).isEqualTo(2);
    }

    @Test
    void withoutALimitThereIsNoTimer() {
        Machine machine = Machine.online();
        long before = machine.session.nextDeadline();

        machine.publish(0, "1");

        assertThat(machine.session.nextDeadline()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void attemptsToConnectKeepTheirDistanceWhateverAsksForThem(int perSecond) {
        Machine machine = Machine.offline(options -> {
            options.broker = BrokerProfile.of("slow").connectsPerSecond(perSecond);
            options.servers = List.of("a", "b", "c");
            options.reconnect = ReconnectPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(1));
        });
        long distance = SECOND.toNanos() / perSecond;
        machine.session.connect(machine.now());
        for (int i = 1; i < 20; i++) {
            long attempted = machine.now();
            machine.lose("refused");
            machine.session.connectNow(machine.now());
            machine.session.connectNow(machine.now());
            assertThat(machine.effects.events(Connecting.class)).hasSize(i);
            assertThat(machine.effects.events(ReconnectScheduled.class)).hasSize(i);
            machine.tickOnce();
            assertThat(machine.now() - attempted).isEqualTo(distance);
            assertThat(machine.effects.events(Connecting.class)).hasSize(i + 1);
        }
    }

    @Test
    void aLowerVersionWaitsForItsTimeAndIsStillSaidToBeTriedForTheRefusedOne() {
        Machine machine = Machine.offline5(options -> options.broker = BrokerProfile.AWS_IOT);
        machine.open();
        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        assertThat(machine.effects.events(Connecting.class)).hasSize(1);

        machine.tickOnce();

        assertThat(machine.effects.events(Connecting.class).get(1).refused()).isEqualTo(ProtocolVersion.MQTT_5);
    }
}
