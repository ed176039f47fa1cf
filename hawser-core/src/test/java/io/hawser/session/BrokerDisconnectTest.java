package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ConnectionEvent.ClientIdContested;
import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DISCONNECT of a broker of MQTT 5.0, and where it sends its clients. */
class BrokerDisconnectTest {
    private static Properties to(String reference) {
        return Properties.NONE.with(Property.SERVER_REFERENCE, reference);
    }

    @Test
    void theBrokersReasonIsTheCauseAndNothingIsSentInReturn() {
        Machine machine = Machine.online5();

        machine.disconnect(ReasonCode.SERVER_SHUTTING_DOWN, Properties.NONE.with(Property.REASON_STRING, "update\n"));

        assertThat(machine.take())
                .containsExactly("close the broker disconnected: SERVER_SHUTTING_DOWN, update\\u000a");
        assertThat(machine.effects.events(Disconnected.class).get(0).cause())
                .isInstanceOfSatisfying(BrokerDisconnectException.class, cause -> {
                    assertThat(cause.reasonCode()).isEqualTo(ReasonCode.SERVER_SHUTTING_DOWN);
                    assertThat(cause.reasonString()).isEqualTo("update\n");
                    assertThat(cause.serverReference()).isNull();
                });
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void whatFollowsTheBrokersDisconnectIsNotRead() {
        Machine machine = Machine.online5();
        machine.subscribed("#", 1, "h");

        machine.receive(broker -> {
            broker.disconnect(ReasonCode.ADMINISTRATIVE_ACTION, Properties.NONE);
            broker.publish(Machine.message("late", 1), 1, false);
        });

        assertThat(machine.take()).noneMatch(line -> line.contains("late")).hasSize(1);
    }

    @Test
    void beingTakenOverAgainAndAgainIsReportedAndSlowsDown() {
        Machine machine = Machine.offline5(options -> {});
        for (int i = 0; i < 3; i++) {
            machine.connect(true);
            machine.disconnect(ReasonCode.SESSION_TAKEN_OVER, Properties.NONE);
        }

        assertThat(machine.effects.events(ClientIdContested.class)).containsExactly(new ClientIdContested("client", 3));
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"USE_ANOTHER_SERVER", "SERVER_MOVED"})
    void aServerThatIsNamedInDisconnectIsConnectedToAtOnce(ReasonCode reasonCode) {
        Machine machine = Machine.online5();

        machine.disconnect(reasonCode, to("b:1884 c"));

        assertThat(machine.take()).containsExactly("close the broker disconnected: " + reasonCode, "open b:1884 5.0");
        List<Connecting> attempts = machine.effects.events(Connecting.class);
        assertThat(attempts.get(attempts.size() - 1).server()).isEqualTo("b:1884");
    }

    @ParameterizedTest
    @ValueSource(strings = {"USE_ANOTHER_SERVER", "SERVER_MOVED"})
    void aServerThatIsNamedInConnAckIsConnectedToAtOnce(ReasonCode reasonCode) {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.take();

        machine.connAck(reasonCode, to("b"));

        assertThat(machine.take()).hasSize(2).last().isEqualTo("open b 5.0");
        machine.opened();
        machine.connAck(true);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void anotherServerIsUsedForOneConnection() {
        Machine machine = Machine.online5();
        machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, to("b"));
        machine.opened();
        machine.connAck(true);
        machine.take();

        machine.lose();
        machine.open();

        assertThat(machine.take()).containsExactly("open 0 5.0", "> CONNECT 5.0");
    }

    @Test
    void anotherServerThatCannotBeReachedIsTriedOnce() {
        Machine machine = Machine.online5();
        machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, to("b"));
        machine.take();

        machine.lose("refused");
        machine.tickOnce();

        assertThat(machine.take()).containsExactly("open 0 5.0");
    }

    @Test
    void aServerThatHasMovedIsLookedForThereFromThenOn() {
        Machine machine = Machine.online5();
        machine.disconnect(ReasonCode.SERVER_MOVED, to("b"));
        machine.opened();
        for (int i = 0; i < 3; i++) {
            machine.connAck(true);
            machine.take();
            machine.lose();
            machine.open();
            assertThat(machine.take()).containsExactly("open b 5.0", "> CONNECT 5.0");
        }
    }

    @Test
    void anotherServerForOnceDoesNotForgetTheOneThatHasMoved() {
        Machine machine = Machine.online5();
        machine.disconnect(ReasonCode.SERVER_MOVED, to("b"));
        machine.opened();
        machine.connAck(true);
        machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, to("c"));
        machine.opened();
        machine.connAck(true);
        machine.take();

        machine.lose();
        machine.open();

        assertThat(machine.take()).containsExactly("open b 5.0", "> CONNECT 5.0");
    }

    @Test
    void aNewPlaceThatCannotBeReachedIsTriedInTurnWithTheServersThatWereGiven() {
        Machine machine = Machine.online5();
        machine.disconnect(ReasonCode.SERVER_MOVED, to("b"));
        machine.take();

        for (String next : new String[] {"open 0 5.0", "open b 5.0", "open 0 5.0"}) {
            machine.lose("refused");
            machine.tickOnce();
            assertThat(machine.take()).containsExactly(next);
        }
    }

    @Test
    void referencesAreNotFollowedWhenThatIsOff() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.followServerReference = false);

        machine.disconnect(ReasonCode.SERVER_MOVED, to("b"));
        machine.tickOnce();

        assertThat(machine.take()).containsExactly("close the broker disconnected: SERVER_MOVED", "open 0 5.0");
        assertThat(machine.effects.events(ReconnectScheduled.class)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void anEmptyReferenceLeadsNowhere(String reference) {
        Machine machine = Machine.online5();

        machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, to(reference));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void aReferenceBesideAnotherReasonIsNotFollowed() {
        Machine machine = Machine.online5();

        machine.disconnect(ReasonCode.SERVER_BUSY, to("b"));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void withoutAReferenceTheSameServersAreTriedAgain() {
        Machine machine = Machine.online5();

        machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, Properties.NONE);
        machine.tickOnce();

        assertThat(machine.take()).last().isEqualTo("open 0 5.0");
    }

    @Test
    void serversThatRefuseInACircleAreFollowedAFewTimesBetweenWaits() {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.take();
        for (String next : new String[] {"b", "a", "b"}) {
            machine.connAck(ReasonCode.USE_ANOTHER_SERVER, to(next));
            assertThat(machine.take()).last().isEqualTo("open " + next + " 5.0");
            machine.opened();
        }
        machine.connAck(ReasonCode.USE_ANOTHER_SERVER, to("a"));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        machine.take();
        machine.open();
        assertThat(machine.take()).first().isEqualTo("open 0 5.0");
        machine.connAck(ReasonCode.USE_ANOTHER_SERVER, to("b"));
        assertThat(machine.take()).last().isEqualTo("open b 5.0");
    }

    @Test
    void serversThatAcceptAndSendOnInACircleAreFollowedAFewTimesBetweenWaits() {
        Machine machine = Machine.online5();
        for (String next : new String[] {"b", "a", "b"}) {
            machine.disconnect(ReasonCode.SERVER_MOVED, to(next));
            assertThat(machine.take()).last().isEqualTo("open " + next + " 5.0");
            machine.opened();
            machine.connAck(true);
        }

        machine.disconnect(ReasonCode.SERVER_MOVED, to("a"));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void aStableConnectionMakesReferencesCountAnew() {
        Machine machine = Machine.online5(
                Properties.NONE, options -> options.reconnect = options.reconnect.stableAfter(Duration.ZERO));
        for (int i = 0; i < 10; i++) {
            machine.pass(1);
            machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, to("b"));
            machine.opened();
            machine.connAck(true);
        }

        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void controlCharactersOfAReferenceDoNotReachEvents() {
        Machine machine = Machine.online5();

        machine.disconnect(ReasonCode.USE_ANOTHER_SERVER, to("b\u001B[2J"));

        List<Connecting> attempts = machine.effects.events(Connecting.class);
        assertThat(attempts.get(attempts.size() - 1).server()).isEqualTo("b\\u001b[2J");
    }

    @Test
    void withoutReconnectingTheBrokersReasonClosesTheClient() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.reconnect = ReconnectPolicy.never());

        machine.disconnect(ReasonCode.SERVER_SHUTTING_DOWN, Properties.NONE);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
    }
}
