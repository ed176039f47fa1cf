package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Ready;
import io.hawser.mqtt.ConnectionEvent.SubscriptionRefused;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Properties;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubscribeTest {
    @Test
    void isCompleteAndLoggedOnceGranted() {
        Machine machine = Machine.online();

        machine.subscribe("a", 2, "h");
        assertThat(machine.take()).containsExactly("> SUBSCRIBE #1 a:2");
        machine.subAck(1, 1);

        assertThat(machine.take()).containsExactly("log subscribed a:2", "granted a:1");
    }

    @Test
    void aRefusedOneFailsWithAnEventAndLeavesNoHandler() {
        Machine machine = Machine.online();
        machine.subscribe("#", 1, "h");
        machine.take();

        machine.subAck(1, 0x80);

        assertThat(machine.take()).containsExactly("log unsubscribed #", "fail # UNSPECIFIED_ERROR");
        assertThat(machine.effects.events(SubscriptionRefused.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause())
                        .hasMessage("SUBSCRIBE to '#' was refused by the broker: UNSPECIFIED_ERROR"));
        machine.deliver("m", 0, 0, false);
        assertThat(machine.take()).isEmpty();
    }

    @Test
    void oneRefusedOfManyDoesNotConcernTheOthers() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("a", 0, "h");
        machine.declare("b", 1, "h");
        machine.declare("c", 2, "h");
        machine.connect(false);
        machine.take();

        machine.subAck(1, 0, 0x80, 2);

        assertThat(machine.take())
                .containsExactly(
                        "log subscribed a:0",
                        "granted a:0",
                        "log unsubscribed b",
                        "fail b UNSPECIFIED_ERROR",
                        "log subscribed c:2",
                        "granted c:2");
        machine.reconnect(false);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #2 a:0 c:2");
    }

    @Test
    void manyAreSentInBatchesWithoutWaiting() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 1_000; i++) {
            machine.declare("f/" + i, 1, "h");
        }
        machine.connect(false);

        List<String> packets = machine.packets();
        assertThat(packets).hasSize(1 + 16);
        assertThat(packets.get(1)).startsWith("SUBSCRIBE #1 f/0:1 f/1:1 ").endsWith(" f/63:1");
        assertThat(packets.get(16)).startsWith("SUBSCRIBE #16 f/960:1").endsWith(" f/999:1");
        for (int id = 1; id <= 16; id++) {
            assertThat(machine.session.state()).isEqualTo(ConnectionState.CONNECTED);
            machine.subAck(id, Collections.nCopies(id == 16 ? 40 : 64, 1).toArray(Integer[]::new));
        }
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);

        machine.reconnect(false);
        assertThat(machine.packets()).hasSize(16).last().asString().endsWith(" f/999:1");
    }

    @Test
    void longFiltersMakeSmallBatches() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 10; i++) {
            machine.declare("x".repeat(4_000) + i, 1, "h");
        }
        machine.connect(false);

        assertThat(machine.packets()).hasSize(1 + 4);
    }

    @Test
    void readyComesOnlyAfterAllAnswers() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("a", 1, "h");
        machine.connect(false);
        machine.unsubscribe("b");
        machine.subAck(1, 1);
        assertThat(machine.effects.events(Ready.class)).isEmpty();

        machine.unsubAck(2);

        assertThat(machine.effects.events(Ready.class)).hasSize(1);
        machine.subscribe("c", 1, "h");
        machine.subAck(3, 1);
        assertThat(machine.effects.events(Ready.class)).hasSize(1);
    }

    @Test
    void readyComesAtOnceWithoutSubscriptions() {
        Machine machine = Machine.offline(options -> {});

        machine.connect(false);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void aSubAckWithTheWrongNumberOfCodesClosesAndTheSubscriptionIsTriedAgain() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("a", 1, "h");
        machine.declare("b", 1, "h");
        machine.connect(false);
        machine.take();

        machine.subAck(1, 1);
        assertThat(machine.take()).containsExactly("close SUBACK has 1 codes for 2 filters [MQTT-3.8.4-5]");

        machine.connect(true);
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "SUBSCRIBE #2 a:1 b:1");
    }

    @Test
    void withoutSubAckIsSentAgainEvenIfTheSessionIsPresent() {
        Machine machine = Machine.online();
        machine.subscribed("a", 1, "h");
        machine.subscribe("b", 1, "h");
        machine.unsubscribe("c");
        machine.subscribe("d", 1, "h");

        machine.reconnect(true);

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #5 b:1", "UNSUBSCRIBE #6 c", "SUBSCRIBE #7 d:1");
    }

    @Test
    void allAreMadeAgainIfTheSessionIsNotPresent() {
        Machine machine = Machine.online();
        machine.subscribed("a", 1, "h");
        machine.subscribed("b", 2, "h");
        machine.subscribe("c", 0, "h");
        machine.unsubscribe("b");

        machine.reconnect(false);

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #5 a:1 c:0", "UNSUBSCRIBE #6 b");
        machine.deliver("a", "m", 1, 1, false);
        assertThat(machine.take()).containsExactly("deliver m #1 to h");
    }

    @Test
    void allAreMadeAgainIfAConnectWentUnansweredSinceForThatMayHaveMadeTheSession() {
        Machine machine = Machine.online();
        machine.subscribed("a", 1, "h");
        machine.lose();
        machine.open();
        machine.lose();
        machine.open();
        machine.take();

        machine.connAck(true);

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #2 a:1");
    }

    @Test
    void aRefusedResubscriptionIsAnEvent() {
        Machine machine = Machine.online();
        machine.subscribed("a", 1, "h");
        machine.reconnect(false);

        machine.subAck(2, 0x80);

        assertThat(machine.effects.events(SubscriptionRefused.class)).hasSize(1);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void subscribingAgainReplacesTheHandlerAtOnce() {
        Machine machine = Machine.online();
        machine.subscribed("t", 1, "old");

        machine.subscribe("t", 2, "new");
        machine.deliver("m", 0, 0, false);

        assertThat(machine.take()).containsExactly("> SUBSCRIBE #2 t:2", "deliver m to new");
    }

    @Test
    void everyMatchingHandlerGetsAMessageInOneDelivery() {
        Machine machine = Machine.online();
        machine.subscribed("t", 1, "h1");
        machine.subscribed("#", 1, "h2");

        machine.deliver("m", 1, 1, false);

        assertThat(machine.take()).containsExactly("deliver m #1 to h1+h2");
    }

    @Test
    void theHandlerStaysUntilUnsubAck() {
        Machine machine = Machine.online();
        machine.subscribed("t", 1, "h");

        machine.unsubscribe("t");
        machine.deliver("a", 1, 1, false);
        assertThat(machine.take()).containsExactly("> UNSUBSCRIBE #2 t", "deliver a #1 to h");

        machine.unsubAck(2);
        assertThat(machine.take()).containsExactly("log unsubscribed t", "unsubscribed t");
        machine.reconnect(false);
        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void subscribingAgainBeforeUnsubAckKeepsTheHandler() {
        Machine machine = Machine.online();
        machine.subscribed("t", 1, "old");
        machine.unsubscribe("t");
        machine.subscribe("t", 1, "new");
        machine.unsubAck(2);
        machine.subAck(3, 1);
        machine.take();

        machine.deliver("m", 0, 0, false);

        assertThat(machine.take()).containsExactly("deliver m to new");
        machine.reconnect(false);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #4 t:1");
    }

    @Test
    void aMessageForAFilterThatWasEndedAndIsWantedAgainIsHeldUntilThereIsAHandler() {
        Machine machine = Machine.online();
        machine.unsubscribe("t");
        machine.unsubAck(1);
        machine.subscribe("t", 1, null);
        machine.take();

        machine.deliver("m", 1, 1, false);
        assertThat(machine.take()).isEmpty();

        machine.subscribe("t", 1, "h");
        assertThat(machine.take()).contains("deliver m #1 to h");
    }

    @Test
    void aRefusalDoesNotTakeTheHandlerFromALaterRequest() {
        Machine machine = Machine.online();
        machine.subscribe("t", 1, "h");
        machine.subscribe("t", 1, "h");
        machine.subAck(1, 0x80);
        machine.subAck(2, 1);
        machine.take();

        machine.deliver("m", 0, 0, false);

        assertThat(machine.take()).containsExactly("deliver m to h");
        machine.reconnect(false);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #3 t:1");
    }

    @Test
    void aRefusalDoesNotTakeTheHandlerFromALaterRequestInTheSamePacket() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("t", 2, "h");
        machine.declare("t", 1, "h");
        machine.connect(false);
        machine.subAck(1, 0x80, 1);
        machine.take();

        machine.deliver("m", 0, 0, false);

        assertThat(machine.take()).containsExactly("deliver m to h");
    }

    @Test
    void anAnswerThatNobodyWaitsForIsTolerated() {
        Machine machine = Machine.online();
        machine.subscribe("a", 1, "h");
        machine.take();

        machine.subAck(9, 1);
        machine.unsubAck(8);

        assertThat(machine.take())
                .containsExactly(
                        "tolerated SUBACK for identifier 9, which waits for none",
                        "tolerated UNSUBACK for identifier 8, which waits for none");
    }

    @Test
    void aRefusalThatMqtt31HasNoCodeForIsARefusal() {
        Machine machine = Machine.online(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        machine.subscribe("a", 1, "h");
        machine.take();

        machine.receive(new byte[] {(byte) 0x90, 3, 0, 1, (byte) 0x80});

        assertThat(machine.take())
                .containsExactly(
                        "log unsubscribed a",
                        "fail a UNSPECIFIED_ERROR",
                        "tolerated SUBACK, byte 4: return code is 0x80, must be 0, 1 or 2 in MQTT 3.1 [MQTT-3.9.3-2]");
    }

    @Test
    void messagesOfAResumedSessionFindTheDeclaredHandler() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("t", 1, "h");
        machine.open();
        machine.take();

        machine.receive(broker -> {
            broker.connAck(new ConnAck(true, ReasonCode.SUCCESS, Properties.NONE));
            broker.publish(Machine.message("m", 1), 1, true);
        });

        assertThat(machine.take()).containsExactly("> SUBSCRIBE #1 t:1", "deliver m #1 to h");
    }

    @Test
    void requestsWithoutAConnectionWaitForOne() {
        Machine machine = Machine.offline(options -> {});
        machine.subscribe("a", 1, "h");
        machine.unsubscribe("b");
        assertThat(machine.take()).isEmpty();

        machine.connect(false);

        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "SUBSCRIBE #1 a:1", "UNSUBSCRIBE #2 b");
    }

    @Test
    void asManyEndedSubscriptionsAsAProgramMayEndAreRemembered() {
        Machine machine = Machine.online();
        IntStream.rangeClosed(0, 1_000).forEach(i -> machine.unsubscribe("f/" + i));
        IntStream.rangeClosed(1, 1_001).forEach(machine::unsubAck);
        machine.take();

        machine.deliver("f/1", "remembered", 1, 1, false);
        assertThat(machine.packets()).containsExactly("PUBACK #1");
        machine.deliver("f/0", "forgotten", 1, 2, false);
        assertThat(machine.packets()).isEmpty();
    }
}
