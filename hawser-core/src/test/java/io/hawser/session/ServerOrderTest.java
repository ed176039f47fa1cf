package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.ServerRests;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.ReconnectPolicy.Servers;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServerOrderTest {
    private static final ReconnectPolicy QUICK =
            ReconnectPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(1));

    private static Machine machine(Servers servers, long seed) {
        return Machine.offline5(options -> {
            options.servers = List.of("a", "b", "c");
            options.reconnect = QUICK.servers(servers);
            options.seed = seed;
        });
    }

    private static List<String> tried(Machine machine) {
        return machine.effects.events(Connecting.class).stream()
                .map(Connecting::server)
                .toList();
    }

    private static void fail(Machine machine, int times) {
        for (int i = 0; i < times; i++) {
            machine.lose("refused");
            machine.tickOnce();
        }
    }

    @Test
    void atRandomEachClientHasAnOrderOfItsOwnAndKeepsIt() {
        Set<List<String>> orders = new HashSet<>();
        for (long seed = 0; seed < 60; seed++) {
            Machine machine = machine(Servers.atRandom(), seed);
            machine.session.connect(machine.now());
            fail(machine, 5);
            List<String> tried = tried(machine);
            assertThat(tried.subList(0, 3)).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(tried.subList(3, 6)).isEqualTo(tried.subList(0, 3));
            orders.add(tried.subList(0, 3));
        }
        assertThat(orders).hasSize(6);
    }

    @Test
    void aLostConnectionIsMadeAgainToTheServerThatWorked() {
        Machine machine = machine(Servers.inOrder(), 1);
        machine.session.connect(machine.now());
        fail(machine, 1);
        machine.opened();
        machine.connAck(false);
        machine.lose();
        machine.tickOnce();

        assertThat(tried(machine)).containsExactly("a", "b", "b");
    }

    @Test
    void preferringTheFirstALostConnectionIsMadeAgainToThatUnlessItRests() {
        for (boolean rests : new boolean[] {false, true}) {
            Servers servers = Servers.inOrder().preferringFirst();
            Machine machine = machine(rests ? servers.resting(Duration.ofMinutes(1)) : servers, 1);
            machine.session.connect(machine.now());
            fail(machine, 1);
            machine.opened();
            machine.connAck(false);
            machine.lose();
            machine.tickOnce();
            assertThat(tried(machine)).containsExactly("a", "b", rests ? "b" : "a");
            if (rests) {
                machine.opened();
                machine.connAck(false);
                machine.pass(61);
                machine.lose();
                machine.tickOnce();
                assertThat(tried(machine)).endsWith("b", "a");
            }
        }
    }

    @Test
    void aServerThatFailedRestsWhileAnotherCanBeTriedAndThatIsTold() {
        Machine machine = machine(Servers.inOrder().resting(Duration.ofMinutes(10)), 1);
        machine.session.connect(machine.now());
        fail(machine, 2);
        machine.opened();
        machine.connAck(false);
        assertThat(tried(machine)).containsExactly("a", "b", "c");
        assertThat(machine.effects.events(ServerRests.class))
                .containsExactly(
                        new ServerRests("a", Duration.ofMinutes(10)), new ServerRests("b", Duration.ofMinutes(10)));

        machine.lose();
        machine.tickOnce();
        fail(machine, 3);

        // All rest now: the one whose rest is over first is tried, and nobody waits for that.
        assertThat(tried(machine).subList(3, 7)).containsExactly("c", "a", "b", "c");
    }

    @Test
    void whereAServerSendsItsClientsForGoodTakesPartAndOnceDoesNot() {
        Machine machine = machine(Servers.inOrder().preferringFirst().resting(Duration.ofMinutes(1)), 1);
        machine.open();
        machine.connAck(ReasonCode.SERVER_MOVED, Properties.NONE.with(Property.SERVER_REFERENCE, "d"));
        fail(machine, 1);
        assertThat(tried(machine)).startsWith("a", "d", "a");
        machine.opened();
        machine.connAck(ReasonCode.USE_ANOTHER_SERVER, Properties.NONE.with(Property.SERVER_REFERENCE, "e"));
        fail(machine, 1);

        assertThat(tried(machine)).containsExactly("a", "d", "a", "e", "b");
        assertThat(machine.effects.events(ServerRests.class))
                .extracting(ServerRests::server)
                .containsExactly("d");
    }
}
