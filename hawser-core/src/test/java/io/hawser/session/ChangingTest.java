package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.RequestUnanswered;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Options that a program changes while its client lives. */
class ChangingTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aLargerSendWindowLetsOutWhatWaitsAtOnce() {
        Machine machine = Machine.online(options -> options.sendWindow = 1);
        machine.publish(1, "a", "b", "c");
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1");

        machine.session.changeSendWindow(2, machine.now());

        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2");
    }

    @Test
    void aSmallerSendWindowLeavesInFlightWhatIsAndWaitsForFewer() {
        Machine machine = Machine.online(options -> options.sendWindow = 3);
        machine.publish(1, "a", "b", "c", "d");
        machine.take();

        machine.session.changeSendWindow(1, machine.now());
        machine.pubAck(1);
        machine.pubAck(2);
        assertThat(machine.packets()).isEmpty();
        machine.pubAck(3);

        assertThat(machine.packets()).containsExactly("PUBLISH d q1 #4");
    }

    @Test
    void theBrokersReceiveMaximumStaysALimit() {
        Machine machine = Machine.online5(Properties.NONE.with(Property.RECEIVE_MAXIMUM, 2), options -> {
            options.sendWindow = 1;
        });
        machine.publish(1, "a", "b", "c");
        machine.take();

        machine.session.changeSendWindow(100, machine.now());

        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2");
    }

    @Test
    void aSendWindowHoldsOverConnectionsAndSendsNothingWithoutOne() {
        Machine machine = Machine.online(options -> options.sendWindow = 1);
        machine.lose();
        machine.take();

        machine.session.changeSendWindow(2, machine.now());
        machine.publish(1, "a", "b", "c");
        assertThat(machine.packets()).isEmpty();
        machine.connect(false);

        assertThat(machine.packets()).endsWith("PUBLISH a q1 #1", "PUBLISH b q1 #2");
    }

    @Test
    void aConnectTimeoutCountsFromTheNextAttemptOn() {
        Machine machine = Machine.offline(options -> options.connectTimeout = Duration.ofSeconds(30));
        machine.open();
        machine.session.changeConnectTimeout(SECOND.toNanos());

        machine.pass(29);
        assertThat(machine.effects.events(Disconnected.class)).isEmpty();
        machine.pass(1);
        assertThat(machine.effects.events(Disconnected.class)).hasSize(1);
        machine.open();
        machine.pass(1);

        assertThat(machine.effects.events(Disconnected.class))
                .hasSize(2)
                .last()
                .satisfies(event -> assertThat(event.cause()).hasMessageContaining("took longer than 1000 ms"));
    }

    @Test
    void aPingTimeoutCountsFromTheNextPingOn() {
        Machine machine = Machine.online(options -> {
            options.keepAliveSeconds = 60;
            options.pingTimeout = Duration.ofSeconds(30);
        });
        machine.session.changePingTimeout(SECOND.toNanos());

        machine.pass(60);
        machine.session.output(2, 2, 2, machine.now());
        machine.pass(1);

        assertThat(machine.effects.events(Disconnected.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).hasMessageContaining("for 1000 ms after PINGREQ"));
    }

    @Test
    void aRequestThatIsOlderThanANewLimitIsToldAtOnceAndAgain() {
        Machine machine = Machine.online();
        machine.session.tellOfUnanswered(Duration.ofSeconds(30));
        machine.publish(1, "a");
        machine.pass(10);
        assertThat(machine.effects.events(RequestUnanswered.class)).isEmpty();

        machine.session.changeUnansweredAfter(SECOND.toNanos(), machine.now());
        machine.pass(Duration.ofMillis(1));
        assertThat(machine.effects.events(RequestUnanswered.class)).hasSize(1);
        machine.pass(10);
        assertThat(machine.effects.events(RequestUnanswered.class)).hasSize(1);
        machine.session.changeUnansweredAfter(2 * SECOND.toNanos(), machine.now());
        machine.pass(Duration.ofMillis(1));

        assertThat(machine.effects.events(RequestUnanswered.class)).hasSize(2);
    }

    @Test
    void noLimitTellsNothing() {
        Machine machine = Machine.online();
        machine.session.tellOfUnanswered(Duration.ofSeconds(30));
        machine.publish(1, "a");

        machine.session.changeUnansweredAfter(0, machine.now());
        machine.pass(100);

        assertThat(machine.effects.events(RequestUnanswered.class)).isEmpty();
    }
}
