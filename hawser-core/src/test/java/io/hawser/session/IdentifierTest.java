package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.QueuePolicy;
import org.junit.jupiter.api.Test;

class IdentifierTest {
    private static final int ALL = 65_535;

    private static Machine wide() {
        return Machine.online(options -> {
            options.sendWindow = ALL;
            options.queue = QueuePolicy.bounded(100_000);
        });
    }

    private static void publishMany(Machine machine, int count) {
        for (int i = 0; i < count; i++) {
            machine.publish(1, "m");
        }
        machine.take();
    }

    @Test
    void isGivenWhenAMessageIsSentNotWhenItIsAccepted() {
        Machine machine = Machine.offline(options -> {});
        machine.publish(1, "a");
        PublishRequest second = machine.publish(Machine.message("b", 1));
        assertThat(second.packetId()).isZero();

        machine.connect(false);

        assertThat(second.packetId()).isEqualTo(2);
    }

    @Test
    void startsOverAfter65535AndLeavesOutThoseInUse() {
        Machine machine = wide();
        machine.publish(1, "old");
        for (int id = 2; id <= ALL; id++) {
            machine.publish(1, "m");
            machine.pubAck(id);
        }
        machine.take();

        machine.publish(1, "new");

        assertThat(machine.packets()).containsExactly("PUBLISH new q1 #2");
    }

    @Test
    void whenAllAreInUseTheNextMessageWaitsForOne() {
        Machine machine = wide();
        publishMany(machine, ALL);

        machine.publish(1, "late");
        assertThat(machine.packets()).isEmpty();

        machine.pubAck(40_000);
        assertThat(machine.packets()).containsExactly("PUBLISH late q1 #40000");
    }

    @Test
    void theQueueMayBeLongerThanThereAreIdentifiers() {
        Machine machine = Machine.offline(options -> options.queue = QueuePolicy.bounded(100_000));
        publishMany(machine, 70_000);
        machine.connect(false);
        for (int i = 0; i < 70_000; i++) {
            machine.pubAck(i % ALL + 1);
        }

        assertThat(machine.session.figures().acknowledged()).isEqualTo(70_000);
        assertThat(machine.session.figures().queued()).isZero();
    }

    @Test
    void aSubscriptionThatFoundNoIdentifierIsSentWhenOneIsFree() {
        Machine machine = wide();
        publishMany(machine, ALL);

        machine.subscribe("a", 1, "h");
        assertThat(machine.packets()).isEmpty();

        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a:1");
    }

    @Test
    void aSubscriptionComesBeforeQueuedMessagesWhenIdentifiersAreScarce() {
        Machine machine = wide();
        publishMany(machine, ALL);
        machine.publish(1, "late");
        machine.subscribe("a", 1, "h");
        machine.take();

        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a:1");
        machine.subAck(1, 1);
        assertThat(machine.packets()).containsExactly("PUBLISH late q1 #1");
    }

    @Test
    void isNotGivenTwiceToMessagesAndSubscriptions() {
        Machine machine = Machine.online();

        machine.publish(1, "a");
        machine.subscribe("f", 1, "h");
        machine.publish(2, "b");
        machine.unsubscribe("g");

        assertThat(machine.packets())
                .containsExactly("PUBLISH a q1 #1", "SUBSCRIBE #2 f:1", "PUBLISH b q2 #3", "UNSUBSCRIBE #4 g");
    }
}
