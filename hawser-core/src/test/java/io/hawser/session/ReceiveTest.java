package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.UnacknowledgedBacklog;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.Properties;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class ReceiveTest {
    private final Machine machine = subscribed(options -> {});

    private static Machine subscribed(Consumer<Options> setting) {
        Machine machine = Machine.online(setting);
        machine.subscribed(Machine.TOPIC, 2, "h");
        return machine;
    }

    @Test
    void qos0IsDeliveredAndNotAcknowledged() {
        machine.deliver("m", 0, 0, false);
        machine.acknowledge("m");

        assertThat(machine.take()).containsExactly("deliver m to h");
    }

    @Test
    void qos1IsAcknowledgedAfterTheHandler() {
        machine.deliver("m", 1, 7, false);
        assertThat(machine.take()).containsExactly("deliver m #7 to h");
        assertThat(machine.session.figures().unacknowledged()).isEqualTo(1);

        machine.acknowledge("m");
        assertThat(machine.take()).containsExactly("> PUBACK #7");
        assertThat(machine.session.figures().unacknowledged()).isZero();
    }

    @Test
    void qos2IsLoggedAsReceivedBeforePubRec() {
        machine.deliver("m", 2, 7, false);
        assertThat(machine.take()).containsExactly("deliver m #7 to h");

        machine.acknowledge("m");
        assertThat(machine.take()).containsExactly("log received #7", "> PUBREC #7");

        machine.pubRel(7);
        assertThat(machine.take()).containsExactly("log forgotten #7", "> PUBCOMP #7");
    }

    @Test
    void acknowledgingTwiceIsAcknowledgingOnce() {
        machine.deliver("m", 1, 7, false);
        machine.acknowledge("m");
        machine.take();

        machine.acknowledge("m");
        machine.refuse("m");

        assertThat(machine.take()).isEmpty();
    }

    @Test
    void acknowledgementsGivenOutOfOrderLeaveInTheOrderOfArrival() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.deliver("c", 1, 3, false);

        machine.acknowledge("c");
        machine.acknowledge("b");
        assertThat(machine.packets()).isEmpty();

        machine.acknowledge("a");
        assertThat(machine.packets()).containsExactly("PUBACK #1", "PUBREC #2", "PUBACK #3");
    }

    @Test
    void aRefusedMessageIsNotAcknowledgedAndHoldsUpNoOther() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.acknowledge("b");

        machine.refuse("a");

        assertThat(machine.packets()).containsExactly("PUBACK #2");
        machine.acknowledge("a");
        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void aDeferredMessageIsAcknowledgedWhenTheProgramSaysSo() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.defer("a");
        machine.acknowledge("b");
        assertThat(machine.packets()).isEmpty();

        machine.acknowledge("a");
        assertThat(machine.packets()).containsExactly("PUBACK #1", "PUBACK #2");
    }

    @Test
    void aQos2MessageThatComesTwiceIsDeliveredOnce() {
        machine.deliver("m", 2, 7, false);
        machine.deliver("m", 2, 7, false);
        assertThat(machine.take()).containsExactly("deliver m #7 to h");

        machine.acknowledge("m");
        machine.take();
        machine.deliver("m", 2, 7, true);
        assertThat(machine.take()).containsExactly("> PUBREC #7");
    }

    @Test
    void theIdentifierOfAQos2MessageIsANewOneAfterPubRel() {
        machine.deliver("m", 2, 7, false);
        machine.acknowledge("m");
        machine.pubRel(7);
        machine.take();

        machine.deliver("n", 2, 7, false);

        assertThat(machine.take()).containsExactly("deliver n #7 to h");
    }

    @Test
    void pubRecAgainDoesNotOvertakeTheFirstPubRecOfAnEarlierMessage() {
        machine.deliver("a", 2, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.acknowledge("b");
        machine.reconnect(true);
        machine.deliver("a", 2, 1, true);
        machine.deliver("b", 2, 2, true);
        assertThat(machine.packets()).isEmpty();

        machine.acknowledge("a");

        assertThat(machine.packets()).containsExactly("PUBREC #1", "PUBREC #2");
    }

    @Test
    void aQos1MessageThatComesTwiceOnOneConnectionIsDeliveredOnceWhileItsHandlerRuns() {
        machine.deliver("m", 1, 7, false);
        machine.deliver("m", 1, 7, false);
        machine.acknowledge("m");

        assertThat(machine.take()).containsExactly("deliver m #7 to h", "> PUBACK #7");
    }

    @Test
    void aQos1IdentifierIsNewAfterPubAckWhateverDupSays() {
        machine.deliver("m", 1, 7, false);
        machine.acknowledge("m");
        machine.take();

        machine.deliver("m", 1, 7, true);

        assertThat(machine.take()).containsExactly("deliver m #7 to h");
    }

    @Test
    void anotherMessageUnderAnIdentifierInUseIsDeliveredAndBothAreAcknowledged() {
        machine.deliver("a", 1, 7, false);
        machine.deliver("b", 1, 7, false);
        assertThat(machine.take()).containsExactly("deliver a #7 to h", "deliver b #7 to h");

        machine.acknowledge("b");
        machine.acknowledge("a");

        assertThat(machine.packets()).containsExactly("PUBACK #7", "PUBACK #7");
        assertThat(machine.session.figures().unacknowledged()).isZero();
    }

    @Test
    void aMessageThatComesAgainOnTheNextConnectionIsNotHandledTwiceWhileItsHandlerRuns() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.reconnect(true);
        machine.deliver("a", 1, 1, true);
        machine.deliver("b", 2, 2, true);
        machine.take();

        machine.acknowledge("a");
        machine.acknowledge("b");

        assertThat(machine.take()).containsExactly("> PUBACK #1", "log received #2", "> PUBREC #2");
    }

    @Test
    void whatWasAcknowledgedTooLateIsAcknowledgedWhenItComesAgain() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.lose();
        machine.acknowledge("a");
        machine.acknowledge("b");
        machine.open();
        machine.connAck(true);
        machine.take();

        machine.deliver("a", 1, 1, true);
        machine.deliver("b", 2, 2, true);

        assertThat(machine.take()).containsExactly("> PUBACK #1", "> PUBREC #2");
    }

    @Test
    void aQos1MessageThatComesAgainWithoutDupIsHandledAgain() {
        machine.deliver("m", 1, 1, false);
        InboundMessage old = machine.inbound("m");
        machine.reconnect(true);
        machine.take();

        machine.deliver("m", 1, 1, false);
        assertThat(machine.take()).containsExactly("deliver m #1 to h");
        machine.acknowledge(old);
        assertThat(machine.take()).isEmpty();
        machine.acknowledge("m");
        assertThat(machine.take()).containsExactly("> PUBACK #1");
    }

    @Test
    void aRefusedMessageThatComesAgainOnTheSameConnectionIsNotHandledAgain() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.refuse("a");
        machine.refuse("b");
        machine.take();

        machine.deliver("a", 1, 1, true);
        machine.deliver("b", 2, 2, true);

        assertThat(machine.take()).isEmpty();
    }

    @Test
    void aRefusedMessageIsHandledAgainOnTheNextConnection() {
        machine.deliver("m", 2, 1, false);
        machine.refuse("m");
        machine.reconnect(true);

        machine.deliver("m", 2, 1, true);

        assertThat(machine.take()).containsExactly("deliver m #1 to h");
    }

    @Test
    void aDeferredQos1MessageIsHandledAgainOnTheNextConnection() {
        machine.deliver("m", 1, 1, false);
        machine.defer("m");
        machine.reconnect(true);

        machine.deliver("m", 1, 1, true);

        assertThat(machine.take()).containsExactly("deliver m #1 to h");
    }

    @Test
    void acknowledgementsForADeadConnectionAreHarmless() {
        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.deliver("c", 1, 3, false);
        machine.reconnect(false);
        machine.deliver("d", 1, 1, false);
        machine.take();

        machine.acknowledge("a");
        machine.acknowledge("b");
        machine.defer("c");
        machine.refuse("c");
        assertThat(machine.take()).isEmpty();

        machine.acknowledge("d");
        assertThat(machine.take()).containsExactly("> PUBACK #1");
    }

    @Test
    void deliveriesOfADeadConnectionHoldUpNothing() {
        machine.deliver("a", 1, 1, false);
        machine.reconnect(true);
        machine.deliver("b", 1, 2, false);
        machine.take();

        machine.acknowledge("b");

        assertThat(machine.take()).containsExactly("> PUBACK #2");
    }

    @Test
    void whatIsNotRepeatedOnTheNextConnectionIsForgottenOnTheOneAfter() {
        machine.deliver("m", 1, 1, false);
        machine.lose();
        machine.acknowledge("m");
        machine.open();
        machine.connAck(true);
        machine.reconnect(true);
        machine.take();

        machine.deliver("m", 1, 1, true);

        assertThat(machine.take()).containsExactly("deliver m #1 to h");
    }

    @Test
    void pubRelForAnUnknownIdentifierIsAnsweredWithPubComp() {
        machine.pubRel(9);

        assertThat(machine.take())
                .containsExactly("tolerated PUBREL for identifier 9, for which no PUBREC was sent", "> PUBCOMP #9");
    }

    @Test
    void aMessageWithoutAHandlerIsHeldAndDeliveredWhenThereIsOne() {
        machine.deliver("other", "a", 1, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.acknowledge("b");
        assertThat(machine.take()).containsExactly("deliver b #2 to h");

        machine.subscribe("other", 1, "late");
        machine.acknowledge("a");

        assertThat(machine.take())
                .containsExactly("> SUBSCRIBE #2 other:1", "deliver a #1 to late", "> PUBACK #1", "> PUBACK #2");
    }

    @Test
    void aQos0MessageWithoutAHandlerIsDroppedAndCounted() {
        machine.deliver("other", "a", 0, 0, false);

        assertThat(machine.take()).isEmpty();
        assertThat(machine.session.figures().droppedInbound()).isEqualTo(1);
        assertThat(machine.session.figures().receivedCount()).isEqualTo(1);
    }

    @Test
    void theDefaultHandlerGetsWhatNoSubscriptionWants() {
        Machine withDefault = subscribed(options -> options.defaultHandler = "default");

        withDefault.deliver("other", "a", 1, 1, false);

        assertThat(withDefault.take()).containsExactly("deliver a #1 to default");
    }

    @Test
    void aHeldMessageThatComesAgainIsDeliveredOnce() {
        machine.deliver("other", "a", 1, 1, false);
        machine.reconnect(true);
        machine.deliver("other", "a", 1, 8, false);
        machine.take();

        machine.subscribe("other", 1, "late");

        assertThat(machine.take()).containsExactly("> SUBSCRIBE #2 other:1", "deliver a #8 to late");
    }

    @Test
    void aHeldMessageOutlivesTheBrokersSession() {
        machine.deliver("other", "a", 1, 1, false);
        machine.reconnect(false);
        machine.take();

        machine.subscribe("other", 1, "late");
        machine.acknowledge("a");

        assertThat(machine.take()).containsExactly("> SUBSCRIBE #3 other:1", "deliver a #1 to late");
    }

    @Test
    void stragglersOfAnEndedSubscriptionAreAcknowledged() {
        machine.unsubscribe(Machine.TOPIC);
        machine.unsubAck(2);
        machine.take();

        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.deliver("c", 0, 0, false);

        assertThat(machine.take()).containsExactly("> PUBACK #1", "log received #2", "> PUBREC #2");
    }

    @Test
    void aHeldMessageIsAcknowledgedWhenItsSubscriptionEnds() {
        machine.deliver("other", "a", 1, 1, false);
        machine.unsubscribe("other");
        machine.take();

        machine.unsubAck(2);

        assertThat(machine.take()).contains("> PUBACK #1");
    }

    @Test
    void tellsWhenTheWindowFillsWithUnacknowledgedMessages() {
        for (int id = 1; id <= 20; id++) {
            machine.deliver("other", "m" + id, 1, id, false);
        }

        assertThat(machine.effects.events(UnacknowledgedBacklog.class))
                .extracting(UnacknowledgedBacklog::unacknowledged)
                .containsExactly(10, 20);
    }

    @Test
    void deferredMessagesFillTheWindowUntilTheyAreAcknowledged() {
        for (int id = 1; id <= 30; id++) {
            machine.deliver("m" + id, 2, id, false);
            machine.defer("m" + id);
            machine.defer("m" + id);
            if (id > 5) {
                machine.acknowledge("m" + id);
            }
        }

        assertThat(machine.effects.events(UnacknowledgedBacklog.class)).isEmpty();
    }

    @Test
    void deferredMessagesThatComeAgainFillTheWindowOfTheNextConnection() {
        for (int id = 1; id <= 9; id++) {
            machine.deliver("m" + id, 2, id, false);
            machine.defer("m" + id);
        }
        machine.reconnect(true);
        for (int id = 1; id <= 9; id++) {
            machine.deliver("m" + id, 2, id, true);
        }
        assertThat(machine.effects.events(UnacknowledgedBacklog.class)).isEmpty();

        machine.deliver("m10", 2, 10, false);
        machine.refuse("m10");

        assertThat(machine.effects.events(UnacknowledgedBacklog.class)).hasSize(1);
    }

    @Test
    void heldMessagesThatComeAgainFillTheWindowOfTheNextConnection() {
        Machine old = subscribed(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        for (int id = 1; id <= 9; id++) {
            old.deliver("other", "m" + id, 1, id, false);
        }
        old.reconnect(false);
        for (int id = 1; id <= 9; id++) {
            old.deliver("other", "m" + id, 1, id, true);
        }
        assertThat(old.effects.events(UnacknowledgedBacklog.class)).isEmpty();

        old.deliver("other", "m10", 1, 10, false);

        assertThat(old.effects.events(UnacknowledgedBacklog.class)).hasSize(1);
    }

    @Test
    void heldMessagesOfALostSessionDoNotFillTheWindow() {
        for (int id = 1; id <= 9; id++) {
            machine.deliver("other", "m" + id, 1, id, false);
        }
        machine.reconnect(false);
        machine.subscribe("other", 1, "late");
        for (int id = 1; id <= 9; id++) {
            machine.deliver("another", "n" + id, 1, id, false);
        }
        assertThat(machine.effects.events(UnacknowledgedBacklog.class)).isEmpty();

        machine.deliver("another", "n10", 1, 10, false);

        assertThat(machine.effects.events(UnacknowledgedBacklog.class)).hasSize(1);
    }

    @Test
    void mqtt31TakesAMessageWithoutDupForNewBecauseTheBrokerMayHaveForgottenTheSession() {
        Machine old = subscribed(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        old.deliver("a", 2, 1, false);
        old.deliver("b", 2, 2, false);
        old.acknowledge("a");
        old.reconnect(false);
        old.take();

        old.deliver("x", 2, 1, false);
        old.deliver("y", 2, 2, false);
        assertThat(old.take()).containsExactly("log forgotten #1", "deliver x #1 to h", "deliver y #2 to h");
        old.deliver("x", 2, 1, false);
        assertThat(old.take()).isEmpty();
    }

    @Test
    void mqtt31TakesAMessageWithDupForTheKnownOne() {
        Machine old = subscribed(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        old.deliver("a", 2, 1, false);
        old.deliver("b", 2, 2, false);
        old.acknowledge("a");
        old.reconnect(false);
        old.take();

        old.deliver("a", 2, 1, true);
        old.deliver("b", 2, 2, true);
        old.acknowledge("b");

        assertThat(old.take()).containsExactly("> PUBREC #1", "log received #2", "> PUBREC #2");
    }

    @Test
    void aMessageWithoutDupIsNewIfAConnectWentUnansweredSince() {
        machine.deliver("a", 2, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.acknowledge("a");
        machine.lose();
        machine.open();
        machine.lose();
        machine.open();
        machine.connAck(true);
        machine.take();

        machine.deliver("x", 2, 1, false);
        machine.deliver("b", 2, 2, true);

        assertThat(machine.take()).containsExactly("log forgotten #1", "deliver x #1 to h");
    }

    @Test
    void aMessageThatWasAcknowledgedTooLateIsInDoubtToo() {
        Machine old = subscribed(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        old.deliver("a", 2, 1, false);
        old.reconnect(false);
        old.acknowledge("a");
        old.take();

        old.deliver("x", 2, 1, false);

        assertThat(old.take()).containsExactly("log forgotten #1", "deliver x #1 to h");
    }

    @Test
    void pubRelWithDupOfMqtt31IsUnderstood() {
        Machine old = subscribed(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        old.deliver("a", 2, 1, false);
        old.acknowledge("a");
        old.take();

        old.receive(broker -> broker.pubRel(1, ReasonCode.SUCCESS, Properties.NONE, true));

        assertThat(old.take()).containsExactly("log forgotten #1", "> PUBCOMP #1");
    }

    @Test
    void aQos2MessageThatComesAgainAndAgainBehindABusyHandlerLeavesOneMarker() {
        machine.deliver("a", 2, 1, false);
        machine.deliver("busy", 1, 2, false);
        machine.acknowledge("a");
        machine.take();
        for (int i = 0; i < 1_000; i++) {
            machine.deliver("a", 2, 1, true);
        }
        assertThat(machine.take()).isEmpty();

        machine.acknowledge("busy");

        assertThat(machine.packets()).containsExactly("PUBACK #2", "PUBREC #1");
        machine.deliver("a", 2, 1, true);
        assertThat(machine.packets()).containsExactly("PUBREC #1");
    }

    @Test
    void pubRelBeforePubRecIsAnsweredAndLeavesTheIdentifierFree() {
        machine.deliver("a", 2, 1, false);
        machine.take();
        machine.pubRel(1);
        assertThat(machine.take())
                .containsExactly("tolerated PUBREL for identifier 1 before its PUBREC", "> PUBCOMP #1");

        machine.acknowledge("a");
        assertThat(machine.take()).isEmpty();

        machine.deliver("b", 2, 1, false);
        assertThat(machine.take()).containsExactly("deliver b #1 to h");
        machine.acknowledge("b");
        assertThat(machine.packets()).containsExactly("PUBREC #1");
    }

    @Test
    void pubRelWhileThePubRecWaitsForAnEarlierMessageLeavesNoPubRecBehind() {
        machine.deliver("busy", 1, 1, false);
        machine.deliver("a", 2, 2, false);
        machine.acknowledge("a");
        machine.pubRel(2);
        machine.take();

        machine.acknowledge("busy");

        assertThat(machine.packets()).containsExactly("PUBACK #1");
    }

    @Test
    void pubRelBeforePubRecOnTheNextConnectionLeavesTheIdentifierFreeToo() {
        machine.deliver("a", 2, 1, false);
        machine.reconnect(true);
        machine.pubRel(1);
        machine.acknowledge("a");
        machine.take();

        machine.deliver("b", 2, 1, false);

        assertThat(machine.take()).containsExactly("deliver b #1 to h");
    }
}
