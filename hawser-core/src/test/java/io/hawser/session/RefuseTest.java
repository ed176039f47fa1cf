package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.ReceiveMaximumExceeded;
import io.hawser.mqtt.ConnectionEvent.UnacknowledgedBacklog;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Properties;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that handlers refuse, and brokers that send too many, in MQTT 5.0. */
class RefuseTest {
    private static Machine subscribed(int receiveMaximum) {
        Machine machine = Machine.online5(Properties.NONE, options -> options.receiveMaximum = receiveMaximum);
        machine.subscribed("#", 2, "h");
        return machine;
    }

    @Test
    void aRefusedMessageIsAnsweredWithAnErrorInItsTurn() {
        Machine machine = subscribed(10);
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.deliver("c", 1, 3, false);
        machine.deliver("d", 2, 4, false);
        machine.take();

        machine.acknowledge("d");
        machine.refuse("c");
        machine.refuse("b");
        assertThat(machine.packets()).isEmpty();
        machine.refuse("a");

        assertThat(machine.packets())
                .containsExactly(
                        "PUBACK #1 UNSPECIFIED_ERROR",
                        "PUBREC #2 UNSPECIFIED_ERROR",
                        "PUBACK #3 UNSPECIFIED_ERROR",
                        "PUBREC #4");
        assertThat(machine.session.figures().unacknowledged()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99})
    void aRejectionIsSaidWithItsCodeAndWhatExplainsIt(int code) {
        Machine machine = subscribed(10);
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.take();
        ReasonCode reasonCode = ReasonCode.of(code);
        Rejection rejection = Rejection.of(reasonCode, "no room", List.of(new UserProperty("shelf", "7")));

        machine.refuse("a", rejection);
        machine.refuse("b", rejection);

        String said = " " + reasonCode + " 'no room' [UserProperty[name=shelf, value=7]]";
        assertThat(machine.packets()).containsExactly("PUBACK #1" + said, "PUBREC #2" + said);
    }

    @Test
    void everyCodeThatNoAcknowledgementMayCarryIsAnErrorOfTheProgram() {
        Set<Integer> allowed = Set.of(0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99);
        for (int code = 0; code <= 255; code++) {
            ReasonCode reasonCode = ReasonCode.of(code);
            if (!allowed.contains(code)) {
                assertThatThrownBy(() -> Rejection.of(reasonCode, "", List.of()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageStartingWith("reason code is " + reasonCode + ", must be one of [UNSPECIFIED_ERROR");
            }
        }
    }

    @Test
    void onMqtt311ARejectedMessageStaysUnacknowledgedWhateverTheReason() {
        Machine machine = Machine.online(options -> {});
        machine.subscribed("#", 1, "h");
        machine.deliver("a", 1, 1, false);
        machine.take();

        machine.refuse("a", Rejection.of(ReasonCode.NOT_AUTHORIZED, "no", List.of()));

        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void aRefusedMessageDoesNotBlockLaterOnes() {
        Machine machine = subscribed(10);
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.take();

        machine.refuse("a");
        machine.acknowledge("b");

        assertThat(machine.packets()).containsExactly("PUBACK #1 UNSPECIFIED_ERROR", "PUBACK #2");
    }

    @Test
    void theIdentifierOfARefusedMessageIsFreeForAnother() {
        Machine machine = subscribed(1);
        machine.deliver("a", 2, 1, false);
        machine.refuse("a");
        machine.take();

        machine.deliver("b", 2, 1, false);

        assertThat(machine.take()).containsExactly("deliver b #1 to h");
    }

    @Test
    void refusingTwiceOrAfterAcknowledgingChangesNothing() {
        Machine machine = subscribed(10);
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.take();

        machine.refuse("a");
        machine.refuse("a");
        machine.acknowledge("a");
        machine.acknowledge("b");
        machine.refuse("b");

        assertThat(machine.packets()).containsExactly("PUBACK #1 UNSPECIFIED_ERROR", "PUBACK #2");
    }

    @Test
    void aMessageOfADeadConnectionThatIsRefusedComesAgain() {
        Machine machine = subscribed(10);
        machine.deliver("a", 2, 1, false);
        machine.lose();
        machine.refuse("a");
        machine.open();
        machine.connAck(true);
        machine.take();

        machine.deliver("a", 2, 1, true);

        assertThat(machine.take()).containsExactly("deliver a #1 to h");
    }

    @Test
    void refusedMessagesDoNotFillTheWindow() {
        Machine machine = subscribed(100);
        for (int id = 1; id <= 50; id++) {
            machine.deliver("m" + id, 1, id, false);
            machine.defer("m" + id);
            machine.refuse("m" + id);
        }

        assertThat(machine.effects.events(UnacknowledgedBacklog.class)).isEmpty();
    }

    @Test
    void theNoticeOfAFillingWindowNamesOurReceiveMaximum() {
        Machine machine = subscribed(20);
        for (int id = 1; id <= 10; id++) {
            machine.deliver("m" + id, 1, id, false);
            machine.defer("m" + id);
        }

        assertThat(machine.effects.events(UnacknowledgedBacklog.class))
                .containsExactly(new UnacknowledgedBacklog(10, 20));
    }

    @Test
    void theNoticeOfAFillingWindowDoesNotMakeUpALimitThatNobodyNamed() {
        Machine machine = subscribed(65_535);
        for (int id = 1; id <= 100; id++) {
            machine.deliver("m" + id, 1, id, false);
            machine.defer("m" + id);
        }

        assertThat(machine.effects.events(UnacknowledgedBacklog.class))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.limit()).isZero())
                .allSatisfy(event -> assertThat(event).asString().endsWith("limit=unknown]"));
    }

    private static void deliver(Machine machine, int first, int last) {
        for (int id = first; id <= last; id++) {
            machine.deliver("m" + id, 1 + id % 2, id, false);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 65", "2, 66", "64, 128", "100, 200"})
    void messagesBeyondOurReceiveMaximumAreToleratedUpToTwiceOr64More(int receiveMaximum, int tolerated) {
        Machine machine = subscribed(receiveMaximum);
        machine.deliver("z", 0, 0, false);
        deliver(machine, 1, tolerated);
        assertThat(machine.effects.open).isTrue();
        assertThat(machine.effects.events(ReceiveMaximumExceeded.class))
                .containsExactly(new ReceiveMaximumExceeded(receiveMaximum));
        assertThat(machine.session.figures().beyondReceiveMaximum()).isEqualTo(tolerated - receiveMaximum);
        machine.take();

        deliver(machine, tolerated + 1, tolerated + 1);

        assertThat(machine.take()).first().isEqualTo("> DISCONNECT RECEIVE_MAXIMUM_EXCEEDED");
        assertThat(machine.effects.open).isFalse();
        assertThat(machine.effects.events(Disconnected.class).get(0).cause())
                .hasMessageContaining("receive maximum of " + receiveMaximum);
    }

    @Test
    void theConnectionIsNotLeftTwiceInARowForTheReceiveMaximum() {
        Machine machine = subscribed(2);
        deliver(machine, 1, 67);
        assertThat(machine.effects.open).isFalse();
        machine.connect(true);

        deliver(machine, 1_001, 2_000);

        assertThat(machine.effects.open).isTrue();
        assertThat(machine.effects.events(ReceiveMaximumExceeded.class)).hasSize(1);
    }

    @Test
    void aMessageCountsUntilPubAckPubCompOrARefusal() {
        Machine machine = subscribed(3);
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.deliver("c", 2, 3, false);
        machine.acknowledge("a");
        machine.acknowledge("b");
        machine.pubRel(2);
        machine.refuse("c");
        machine.take();

        machine.deliver("d", 1, 4, false);
        machine.deliver("e", 2, 5, false);
        machine.deliver("f", 2, 6, false);
        assertThat(machine.effects.open).isTrue();
        machine.acknowledge("d");
        machine.acknowledge("e");
        machine.deliver("g", 1, 7, false);
        assertThat(machine.effects.open).isTrue();
        assertThat(machine.session.figures().beyondReceiveMaximum()).isZero();
        machine.deliver("h", 1, 8, false);

        assertThat(machine.session.figures().beyondReceiveMaximum()).isEqualTo(1);
    }

    @Test
    void aRepetitionIsNotCountedTwice() {
        Machine machine = subscribed(1);
        machine.deliver("a", 2, 1, false);
        machine.deliver("a", 2, 1, true);
        machine.acknowledge("a");
        machine.deliver("a", 2, 1, true);

        assertThat(machine.session.figures().beyondReceiveMaximum()).isZero();
    }

    @Test
    void everyConnectionCountsAnew() {
        Machine machine = subscribed(1);
        machine.deliver("a", 2, 1, false);

        machine.reconnect(true);
        machine.deliver("b", 2, 2, true);

        assertThat(machine.session.figures().beyondReceiveMaximum()).isZero();
    }

    @Test
    void brokersOf311AreNotCounted() {
        Machine machine = Machine.online(options -> options.receiveMaximum = 1);
        machine.subscribed("#", 1, "h");
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 1, 2, false);

        assertThat(machine.session.figures().beyondReceiveMaximum()).isZero();
    }
}
