package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.RequestUnanswered;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whoever waits too long is told of, once until that is over. */
class UnansweredTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static Machine watched() {
        Machine machine = Machine.online();
        machine.session.tellOfUnanswered(LIMIT);
        return machine;
    }

    private static List<RequestUnanswered> told(Machine machine) {
        return machine.effects.events(RequestUnanswered.class);
    }

    @Test
    void publishThatIsNotAnsweredIsToldOnce() {
        Machine machine = watched();
        machine.publish(1, "a");
        machine.pass(29);
        assertThat(told(machine)).isEmpty();

        machine.pass(1);
        assertThat(told(machine)).containsExactly(new RequestUnanswered("PUBLISH to 't'", LIMIT));
        machine.pass(600);
        assertThat(told(machine)).hasSize(1);
        assertThat(machine.session.figures().oldestUnansweredNanos()).isLessThanOrEqualTo(machine.now());
    }

    @Test
    void isToldAgainAfterItWasOver() {
        Machine machine = watched();
        machine.publish(1, "a");
        machine.pass(40);
        machine.pubAck(1);
        machine.pass(60);
        assertThat(machine.session.figures().oldestUnansweredNanos()).isEqualTo(Long.MAX_VALUE);
        machine.publish(1, "b");
        machine.pass(60);
        assertThat(told(machine)).hasSize(2);
    }

    @Test
    void steadyTrafficIsNotTold() {
        Machine machine = watched();
        for (int i = 1; i <= 100; i++) {
            machine.publish(1, "m" + i);
            machine.pass(5);
            machine.pubAck(i);
        }
        assertThat(told(machine)).isEmpty();
    }

    @Test
    void countsWithoutAConnectionToo() {
        Machine machine = watched();
        machine.publish(2, "a");
        machine.lose();
        assertThat(machine.session.figures().unanswered()).isEqualTo(1);
        machine.pass(31);
        assertThat(told(machine)).hasSize(1);
    }

    @Test
    void requestsToSubscribeAndToUnsubscribeCount() {
        for (boolean subscribes : new boolean[] {true, false}) {
            Machine machine = watched();
            if (subscribes) {
                machine.subscribe("f", 1, "h");
            } else {
                machine.unsubscribe("f");
            }
            machine.pass(31);
            assertThat(told(machine))
                    .containsExactly(
                            new RequestUnanswered((subscribes ? "SUBSCRIBE to" : "UNSUBSCRIBE from") + " 'f'", LIMIT));
            assertThat(machine.session.figures().oldestUnansweredNanos()).isLessThan(machine.now());
        }
    }

    @Test
    void nothingIsScheduledOnceAllIsAnsweredOrTheClientIsClosed() {
        Machine machine = watched();
        machine.publish(1, "a");
        machine.pubAck(1);
        machine.pass(60);
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        machine.publish(1, "b");
        machine.close();
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }
}
