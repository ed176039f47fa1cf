package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many messages are in flight when the program has chosen no window. */
class DefaultWindowTest {
    private static Machine withoutAChoice(ProtocolVersion version) {
        Machine machine = Machine.offline(options -> {
            options.versions = List.of(version);
            options.sendWindow = SessionConfig.BROKERS_WINDOW;
        });
        machine.connect(false);
        machine.take();
        return machine;
    }

    private static void publish(Machine machine, int qos, int count) {
        for (int i = 0; i < count; i++) {
            machine.publish(qos, "m");
        }
    }

    @Test
    void beforeMqtt5ItIsAThousandAtQos1() {
        Machine machine = withoutAChoice(ProtocolVersion.MQTT_3_1_1);

        publish(machine, 1, 1_001);

        assertThat(machine.packets()).hasSize(1_000).endsWith("PUBLISH m q1 #1000");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void beforeMqtt5TheTwentyFirstUnfinishedQos2MessageWaitsAndWhatIsBehindItToo(int qosBehind) {
        Machine machine = withoutAChoice(ProtocolVersion.MQTT_3_1_1);
        publish(machine, 1, 3);
        publish(machine, 2, 21);
        publish(machine, qosBehind, 1);
        assertThat(machine.packets()).hasSize(23).endsWith("PUBLISH m q2 #23");

        machine.pubAck(1);
        machine.pubRec(4);
        assertThat(machine.packets()).containsExactly("PUBREL #4");
        machine.pubComp(4);

        assertThat(machine.packets().get(0)).isEqualTo("PUBLISH m q2 #24");
    }

    /** Mosquitto 2.0 acknowledges and drops a QoS 1 message, too, while it has 20 of QoS 2 that are not finished. */
    @Test
    void beforeMqtt5AQos1MessageWaitsBehindTwentyUnfinishedOfQos2() {
        Machine machine = withoutAChoice(ProtocolVersion.MQTT_3_1_1);
        publish(machine, 2, 20);
        publish(machine, 1, 1);
        assertThat(machine.packets()).hasSize(20);

        machine.pubRec(20);
        machine.pubComp(20);

        assertThat(machine.packets()).containsExactly("PUBREL #20", "PUBLISH m q1 #21");
    }

    @Test
    void theSameCountsForWhatGoesOutAgain() {
        Machine machine = withoutAChoice(ProtocolVersion.MQTT_3_1_1);
        publish(machine, 2, 19);
        publish(machine, 1, 5);
        publish(machine, 2, 1);
        machine.take();

        machine.reconnect(true);
        assertThat(machine.packets()).hasSize(25);
        publish(machine, 2, 1);
        assertThat(machine.packets()).isEmpty();
        machine.pubRec(25);
        machine.pubComp(25);

        assertThat(machine.packets()).containsExactly("PUBREL #25", "PUBLISH m q2 #26");
    }

    @Test
    void withMqtt5ItIsWhatTheBrokerGrants() {
        Machine machine = Machine.online5(
                Properties.NONE.with(Property.RECEIVE_MAXIMUM, 50),
                options -> options.sendWindow = SessionConfig.BROKERS_WINDOW);
        machine.take();

        publish(machine, 2, 51);

        assertThat(machine.packets()).hasSize(50);
    }

    @Test
    void withMqtt5ItIsAThousandIfTheBrokerGrantsMore() {
        Machine machine =
                Machine.online5(Properties.NONE, options -> options.sendWindow = SessionConfig.BROKERS_WINDOW);
        machine.take();

        publish(machine, 2, 1_001);

        assertThat(machine.packets()).hasSize(1_000);
    }

    @Test
    void aWindowThatTheProgramHasChosenCountsForQos2Too() {
        Machine machine = Machine.offline(options -> {
            options.versions = List.of(ProtocolVersion.MQTT_3_1_1);
            options.sendWindow = 30;
        });
        machine.connect(false);
        machine.take();

        publish(machine, 2, 31);

        assertThat(machine.packets()).hasSize(30);
    }
}
