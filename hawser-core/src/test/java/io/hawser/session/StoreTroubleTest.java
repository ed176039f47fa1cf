package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.StoreDamaged;
import io.hawser.mqtt.ConnectionEvent.StoreFailed;
import io.hawser.mqtt.ConnectionEvent.StoreRecovered;
import io.hawser.mqtt.StoreException;
import org.junit.jupiter.api.Test;

/** A store that fails for a while: nothing is accepted, nothing that was is lost, and it goes on by itself. */
class StoreTroubleTest {
    private static final StoreException FULL = new StoreException("the disk is full", null);

    private static void fail(Machine machine, long safe) {
        machine.log.failure = FULL;
        machine.log.safe = safe;
        machine.session.storeChanged(machine.now());
    }

    private static void recover(Machine machine) {
        machine.log.failure = null;
        machine.session.storeChanged(machine.now());
    }

    @Test
    void aMessageThatWouldBeLoggedIsRefused() {
        Machine machine = Machine.online();
        fail(machine, 0);
        machine.take();

        machine.publish(1, "a");
        machine.publish(0, "b");

        assertThat(machine.take()).containsExactly("fail a StoreException", "accepted b");
        recover(machine);
        machine.publish(1, "c");
        assertThat(machine.take()).containsExactly("log accepted c", "accepted c");
    }

    @Test
    void whatIsNotSafeFailsWhereverItIsAndTheConnectionOnWhichItWasSaidEnds() {
        Machine machine = Machine.online(options -> options.sendWindow = 2);
        machine.publish(1, "a", "b", "c");
        machine.take();

        fail(machine, 1);

        assertThat(machine.take())
                .containsExactly(
                        "close the disk is full",
                        "log rollback to 1",
                        "fail b StoreException",
                        "fail c StoreException",
                        "rolled back to 1");
        recover(machine);
        machine.connect(true);
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "PUBLISH a q1 #1 dup");
        machine.publish(1, "d");
        assertThat(machine.packets()).containsExactly("PUBLISH d q1 #3");
    }

    @Test
    void isTold() {
        Machine machine = Machine.online();

        fail(machine, 0);
        recover(machine);

        assertThat(machine.effects.events()).containsSubsequence(new StoreFailed(FULL), new StoreRecovered());
        assertThat(machine.effects.events(StoreFailed.class)).hasSize(1);
        assertThat(machine.effects.events(StoreRecovered.class)).hasSize(1);
    }

    @Test
    void withoutAConnectionOnlyTheMessagesFail() {
        Machine machine = Machine.offline(options -> {});
        machine.publish(2, "a", "b");
        machine.take();

        fail(machine, 1);

        assertThat(machine.take()).containsExactly("log rollback to 1", "fail b StoreException", "rolled back to 1");
        assertThat(machine.session.figures().queued()).isEqualTo(1);
    }

    @Test
    void damageIsToldBeforeTheFirstAttempt() {
        Machine machine = Machine.offline(options -> {});
        machine.log.damage = new StoreException("segment 7 was set aside", null);

        machine.open();

        assertThat(machine.effects.events().get(0)).isEqualTo(new StoreDamaged(machine.log.damage));
    }

    @Test
    void tellsOfDamageThatIsFoundLaterAndOnce() {
        Machine machine = Machine.online();
        machine.log.damage = new StoreException("a page was unreadable", null);
        machine.session.storeChanged(machine.now());
        machine.session.storeChanged(machine.now());

        assertThat(machine.effects.events(StoreDamaged.class)).containsExactly(new StoreDamaged(machine.log.damage));
    }
}
