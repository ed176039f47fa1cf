package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.QueuePolicy;
import org.junit.jupiter.api.Test;

class QueueTest {
    private static Machine withQueue(QueuePolicy policy) {
        return Machine.offline(options -> options.queue = policy);
    }

    private static String sized(int bytes) {
        return "x".repeat(bytes - Machine.TOPIC.length());
    }

    @Test
    void aFullQueueRefusesTheNewMessage() {
        Machine machine = withQueue(QueuePolicy.bounded(2));

        machine.publish(1, "a", "b", "c");

        assertThat(machine.take())
                .containsExactly("log accepted a", "accepted a", "log accepted b", "accepted b", "fail c QUEUE_FULL");
        assertThat(machine.session.figures().dropped()).isEqualTo(1);
    }

    @Test
    void aFullQueueDropsTheOldestIfToldTo() {
        Machine machine = withQueue(QueuePolicy.bounded(2).dropOldest());
        machine.publish(1, "a", "b");
        machine.take();

        machine.publish(1, "c");

        assertThat(machine.take())
                .containsExactly("log settled a", "fail a OLDEST_DROPPED", "log accepted c", "accepted c");
        machine.connect(false);
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "PUBLISH b q1 #1", "PUBLISH c q1 #2");
    }

    @Test
    void theBoundInBytesCountsTopicsAndPayloads() {
        Machine machine = withQueue(new QueuePolicy(1000, 20, false, null));

        machine.publish(1, sized(10), sized(10), sized(2));

        assertThat(machine.take()).last().asString().endsWith("QUEUE_FULL");
        assertThat(machine.session.figures().queued()).isEqualTo(2);
        assertThat(machine.session.figures().queuedBytes()).isEqualTo(20);
    }

    @Test
    void asManyOldMessagesGiveWayAsANewOneNeedsBytes() {
        Machine machine = withQueue(new QueuePolicy(1000, 20, true, null));
        machine.publish(1, "a", "b", "c");
        machine.take();

        machine.publish(1, sized(17));

        assertThat(machine.take())
                .contains("fail a OLDEST_DROPPED", "fail b OLDEST_DROPPED")
                .doesNotContain("fail c OLDEST_DROPPED");
        assertThat(machine.session.figures().queuedBytes()).isEqualTo(19);
    }

    @Test
    void aMessageLargerThanTheBoundInBytesIsTakenWhenNothingElseWaits() {
        Machine machine = withQueue(new QueuePolicy(1000, 20, false, null));

        machine.publish(1, sized(100));
        assertThat(machine.session.figures().queuedBytes()).isEqualTo(100);

        machine.publish(1, "a");
        assertThat(machine.take()).last().isEqualTo("fail a QUEUE_FULL");
        machine.connect(false);
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "PUBLISH 99 bytes q1 #1");
    }

    @Test
    void aMessageLargerThanTheBoundInBytesIsRefusedBehindOthers() {
        Machine machine = withQueue(new QueuePolicy(1000, 20, false, null));
        machine.publish(1, "a");

        machine.publish(1, sized(100));

        assertThat(machine.take()).last().isEqualTo("fail 99 bytes QUEUE_FULL");
    }

    @Test
    void everyWaitingMessageGivesWayToOneLargerThanTheBoundInBytes() {
        Machine machine = withQueue(new QueuePolicy(1000, 20, true, null));
        machine.publish(1, "a", "b");
        machine.take();

        machine.publish(1, sized(100));
        assertThat(machine.take()).contains("fail a OLDEST_DROPPED", "fail b OLDEST_DROPPED", "accepted 99 bytes");
        machine.publish(1, "c");

        assertThat(machine.take()).contains("fail 99 bytes OLDEST_DROPPED", "accepted c");
        assertThat(machine.session.figures().queued()).isEqualTo(1);
    }

    @Test
    void messagesOfALostSessionAreTheFirstToGiveWay() {
        Machine machine = Machine.online(options -> {
            options.queue = QueuePolicy.bounded(2).dropOldest();
            options.sendWindow = 2;
        });
        machine.publish(1, "a", "b", "c", "d");
        machine.lose();
        machine.open();
        machine.effects.writable = false;
        machine.connAck(false);
        machine.take();

        machine.publish(1, "e");

        assertThat(machine.take())
                .contains("fail a OLDEST_DROPPED", "fail b OLDEST_DROPPED", "fail c OLDEST_DROPPED")
                .doesNotContain("fail d OLDEST_DROPPED");
    }

    @Test
    void whatIsInFlightDoesNotCount() {
        Machine machine = Machine.online(options -> {
            options.queue = QueuePolicy.bounded(1);
            options.sendWindow = 2;
        });

        machine.publish(1, "a", "b", "c", "d");

        assertThat(machine.take()).contains("> PUBLISH b q1 #2", "accepted c", "fail d QUEUE_FULL");
    }

    @Test
    void messagesOfALostSessionGoBackWithoutRegardToTheBoundAndLeaveNoRoomForNewOnes() {
        Machine machine = Machine.online(options -> options.queue = QueuePolicy.bounded(1));
        machine.publish(1, "a", "b", "c");
        machine.lose();
        machine.open();
        machine.effects.writable = false;
        machine.connAck(false);
        machine.take();
        assertThat(machine.session.figures().queued()).isEqualTo(3);

        machine.publish(1, "d");

        assertThat(machine.take()).containsExactly("fail d QUEUE_FULL");
        machine.effects.writable = true;
        machine.session.writable(machine.now());
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #4", "PUBLISH b q1 #5", "PUBLISH c q1 #6");
    }

    @Test
    void unsentQos0MessagesAreForgottenWithTheClientUnlessEnqueued() {
        Machine machine = Machine.offline(options -> {});

        machine.publish(0, "a");
        machine.enqueue("b");
        assertThat(machine.take()).containsExactly("accepted a", "log accepted b", "accepted b");

        machine.connect(false);
        assertThat(machine.take())
                .containsSubsequence("> PUBLISH a q0", "complete a", "> PUBLISH b q0", "log settled b", "complete b");
    }

    @Test
    void theBoundInBytesCountsProperties() {
        Machine machine = withQueue(new QueuePolicy(1000, 2_000, false, null));
        Message message = Machine.message("x", 1).userProperty("k", "v".repeat(900));

        machine.publish(message);
        machine.publish(message);
        machine.publish(message);

        assertThat(machine.take()).last().asString().endsWith("QUEUE_FULL");
        assertThat(machine.session.figures().queuedBytes()).isEqualTo(2 * (2 + 5 + 1 + 900));
    }
}
