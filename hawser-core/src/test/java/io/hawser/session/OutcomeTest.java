package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionStore;
import io.hawser.wire.Properties;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Outcomes of messages with a key are kept until somebody has heard of them. */
class OutcomeTest {
    private final SessionStore store = SessionStore.inMemory();

    private Machine client() {
        return new Machine(store, options -> {});
    }

    private static void end(Machine machine) {
        machine.close();
        machine.log.close();
    }

    @Test
    void isToldOnceItIsLoggedAndForgottenOnceItIsHeard() {
        Machine machine = client();
        machine.connect(false);
        PublishRequest request = machine.enqueue("k", Machine.message("m", 1));
        machine.take();

        machine.pubAck(1);
        assertThat(machine.take()).containsExactly("log concluded m", "concluded k", "complete m");
        assertThat(request.result()).isEqualTo(PublishResult.ACKNOWLEDGED);

        machine.session.heard(request, machine.now());
        assertThat(machine.take()).containsExactly("log settled m");
    }

    @Test
    void whatNobodyHeardIsToldByTheNextClientAndNotSentAgain() {
        Machine first = client();
        first.connect(false);
        first.enqueue("one", Machine.message("a", 1));
        first.enqueue("two", Machine.message("b", 2));
        first.pubAck(1);
        first.pubRec(2);
        first.pubComp(2);
        end(first);

        Machine second = client();
        second.connect(true);

        assertThat(second.packets()).containsExactly("CONNECT 3.1.1");
        assertThat(second.effects.concluded).extracting(PublishRequest::key).containsExactly("one", "two");
        second.effects.concluded.forEach(request -> second.session.heard(request, second.now()));
        end(second);

        Machine third = client();
        third.connect(true);
        assertThat(third.effects.concluded).isEmpty();
    }

    @Test
    void theKeyOutlivesTheClientThatEnqueuedTheMessage() {
        Machine first = client();
        first.enqueue("k", Machine.message("m", 1));
        end(first);

        Machine second = client();
        second.connect(false);
        second.pubAck(1);

        assertThat(second.effects.concluded).extracting(PublishRequest::key).containsExactly("k");
    }

    @Test
    void aRefusalIsAnOutcome() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.enqueue("k", Machine.message("m", 1));

        machine.pubAck(1, ReasonCode.NOT_AUTHORIZED, Properties.NONE);

        assertThat(machine.effects.concluded).containsExactly(request);
        assertThat(request.failure()).isInstanceOf(RequestRejectedException.class);
    }

    @Test
    void beingDroppedIsAnOutcomeButNeverHavingBeenAcceptedIsNone() {
        Machine machine = Machine.offline(
                options -> options.queue = QueuePolicy.bounded(1).timeToLive(Duration.ofSeconds(5)));
        PublishRequest accepted = machine.enqueue("k", Machine.message("a", 1));
        machine.enqueue("l", Machine.message("b", 1));
        assertThat(machine.effects.concluded).isEmpty();

        machine.pass(5);

        assertThat(machine.effects.concluded).containsExactly(accepted);
        assertThat(accepted.failure()).isInstanceOf(MessageDroppedException.class);
    }

    @Test
    void theIdentifierOfAConcludedMessageIsFree() {
        Machine machine = Machine.online(options -> options.sendWindow = 1);
        machine.enqueue("k", Machine.message("a", 1));
        machine.publish(1, "b");
        machine.take();

        machine.pubAck(1);

        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2");
        assertThat(machine.session.oldestSequence()).isEqualTo(2);
    }
}
