package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A connection that is replaced because what it was made with expires: nothing is lost, and nothing waits longer than it must. */
class RenewTest {
    private static final long PATIENCE = Duration.ofSeconds(5).toNanos();

    private static void renew(Machine machine) {
        machine.session.renew(PATIENCE, machine.now());
    }

    @Test
    void aQuietConnectionIsReplacedAtOnceWithoutAWait() {
        Machine machine = Machine.online();

        renew(machine);

        assertThat(machine.take()).containsExactly("> DISCONNECT", "close", "open 0 3.1.1");
        assertThat(machine.effects.events(Disconnected.class)).containsExactly(new Disconnected(null));
        assertThat(machine.effects.events(ReconnectScheduled.class)).isEmpty();
        machine.opened();
        machine.connAck(true);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void whatIsInFlightSettlesFirstAndWhatIsPublishedMeanwhileGoesOutOnTheNextConnection() {
        Machine machine = Machine.online();
        machine.publish(1, "before");
        machine.publish(2, "twice");
        machine.take();

        renew(machine);
        machine.publish(1, "one");
        machine.publish(0, "zero");
        assertThat(machine.packets()).isEmpty();
        machine.pubAck(1);
        machine.pubRec(2);
        assertThat(machine.packets()).containsExactly("PUBREL #2");
        machine.pubComp(2);
        assertThat(machine.packets()).containsExactly("DISCONNECT");
        machine.opened();
        machine.take();
        machine.connAck(true);

        assertThat(machine.packets()).containsExactly("PUBLISH one q1 #3", "PUBLISH zero q0");
    }

    @Test
    void aHandlerThatRunsIsWaitedForAndItsAcknowledgementLeavesBeforeDisconnect() {
        Machine machine = Machine.online();
        machine.subscribed("t", 1, "h");
        machine.deliver("m", 1, 7, false);
        machine.take();

        renew(machine);
        assertThat(machine.packets()).isEmpty();
        machine.acknowledge("m");

        assertThat(machine.packets()).containsExactly("PUBACK #7", "DISCONNECT");
    }

    @Test
    void theWaitHasABoundAndWhatIsOpenThenGoesOutAgain() {
        Machine machine = Machine.online();
        machine.publish(1, "slow");
        machine.take();

        renew(machine);
        machine.pass(Duration.ofNanos(PATIENCE - 1));
        assertThat(machine.packets()).isEmpty();
        machine.pass(Duration.ofNanos(1));
        assertThat(machine.packets()).containsExactly("DISCONNECT");
        machine.opened();
        machine.take();
        machine.connAck(true);

        assertThat(machine.packets()).containsExactly("PUBLISH slow q1 #1 dup");
    }

    @Test
    void aConnectionThatIsLostMeanwhileIsMadeAgainAsUsual() {
        Machine machine = Machine.online();
        machine.publish(1, "a");
        renew(machine);

        machine.reconnect(true);

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup");
        machine.pubAck(1);
        machine.publish(1, "b");
        machine.pass(10);
        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2");
    }

    @Test
    void withoutAConnectionThereIsNothingToRenew() {
        Machine machine = Machine.offline(options -> {});

        renew(machine);

        assertThat(machine.take()).isEmpty();
    }
}
