package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ProtocolException;
import org.junit.jupiter.api.Test;

class PublishTest {
    @Test
    void qos0IsCompleteOnceItIsSent() {
        Machine machine = Machine.online();

        machine.publish(0, "m");

        assertThat(machine.take()).containsExactly("accepted m", "> PUBLISH m q0", "complete m");
    }

    @Test
    void qos1IsCompleteOnPubAckAndLoggedBeforeItIsSent() {
        Machine machine = Machine.online();

        machine.publish(1, "m");
        assertThat(machine.take())
                .containsExactly("log accepted m", "accepted m", "log sent m #1", "> PUBLISH m q1 #1");

        machine.pubAck(1);
        assertThat(machine.take()).containsExactly("log settled m", "complete m");
    }

    @Test
    void qos2GoesThroughTwoStepsEachLoggedBeforeItIsSent() {
        Machine machine = Machine.online();

        machine.publish(2, "m");
        assertThat(machine.take())
                .containsExactly("log accepted m", "accepted m", "log sent m #1", "> PUBLISH m q2 #1");

        machine.pubRec(1);
        assertThat(machine.take()).containsExactly("log released m", "> PUBREL #1");

        machine.pubComp(1);
        assertThat(machine.take()).containsExactly("log settled m", "complete m");
    }

    @Test
    void sendsAsMuchAsTheWindowTakesAndTheRestAsAcknowledgementsCome() {
        Machine machine = Machine.online(options -> options.sendWindow = 2);

        machine.publish(1, "a", "b", "c", "d");
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1", "PUBLISH b q1 #2");
        assertThat(machine.session.figures().queued()).isEqualTo(2);
        assertThat(machine.session.figures().inFlight()).isEqualTo(2);

        machine.pubAck(2);
        assertThat(machine.packets()).containsExactly("PUBLISH c q1 #3");
        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH d q1 #4");
    }

    @Test
    void aReleasedQos2MessageKeepsItsPlaceInTheWindowUntilPubComp() {
        Machine machine = Machine.online(options -> options.sendWindow = 1);
        machine.publish(2, "a", "b");
        machine.take();

        machine.pubRec(1);
        assertThat(machine.packets()).containsExactly("PUBREL #1");
        machine.pubComp(1);
        assertThat(machine.packets()).containsExactly("PUBLISH b q2 #2");
    }

    @Test
    void qos0DoesNotOvertakeWhatWaitsForTheWindow() {
        Machine machine = Machine.online(options -> options.sendWindow = 1);

        machine.publish(1, "a", "b");
        machine.publish(0, "c");
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1");

        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2", "PUBLISH c q0");
    }

    @Test
    void windowOfOneKeepsTheOrderAcrossReconnects() {
        Machine machine = Machine.online(options -> options.sendWindow = 1);
        machine.publish(1, "a", "b", "c");
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1");

        machine.reconnect(true);
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup");
        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2");

        machine.reconnect(false);
        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #3");
        machine.pubAck(3);
        assertThat(machine.packets()).containsExactly("PUBLISH c q1 #4");
    }

    @Test
    void sendsNothingWhileTheNetworkTakesNothing() {
        Machine machine = Machine.online();
        machine.effects.writable = false;

        machine.publish(0, "a");
        machine.publish(1, "b");
        assertThat(machine.packets()).isEmpty();

        machine.effects.writable = true;
        machine.session.writable(machine.now());
        assertThat(machine.packets()).containsExactly("PUBLISH a q0", "PUBLISH b q1 #1");
    }

    @Test
    void nothingIsSentBeforeConnAck() {
        Machine machine = Machine.offline(options -> {});
        machine.publish(0, "a");
        machine.publish(1, "b");
        machine.open();
        machine.publish(1, "c");
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1");

        machine.connAck(false);
        assertThat(machine.packets()).containsExactly("PUBLISH a q0", "PUBLISH b q1 #1", "PUBLISH c q1 #2");
    }

    @Test
    void pubAckCompletesAQos2MessageOfABrokerThatGrantsQos1() {
        Machine machine = Machine.online();
        machine.publish(2, "m");
        machine.take();

        machine.pubAck(1);

        assertThat(machine.take()).containsExactly("log settled m", "complete m GRANTED_QOS_1");
    }

    @Test
    void repeatedPubRecIsAnsweredAgainButLoggedOnce() {
        Machine machine = Machine.online();
        machine.publish(2, "m");
        machine.pubRec(1);
        machine.take();

        machine.pubRec(1);

        assertThat(machine.take()).containsExactly("> PUBREL #1");
    }

    @Test
    void toleratesAcknowledgementsThatNobodyWaitsFor() {
        Machine machine = Machine.online();

        machine.pubAck(7);
        machine.pubRec(8);
        machine.pubComp(9);

        assertThat(machine.take())
                .containsExactly(
                        "tolerated PUBACK for identifier 7, which is not in flight",
                        "tolerated PUBREC for identifier 8, which is not in flight",
                        "> PUBREL #8",
                        "tolerated PUBCOMP for identifier 9, which is not in flight");
    }

    @Test
    void acknowledgementsOfTheWrongKindCloseTheConnection() {
        Machine pubRec = Machine.online();
        pubRec.publish(1, "m");
        pubRec.pubRec(1);
        assertClosed(pubRec, "PUBREC for identifier 1 is out of turn");

        Machine pubComp = Machine.online();
        pubComp.publish(2, "m");
        pubComp.pubComp(1);
        assertClosed(pubComp, "PUBCOMP for identifier 1 is out of turn");

        Machine pubAck = Machine.online();
        pubAck.publish(2, "m");
        pubAck.pubRec(1);
        pubAck.pubAck(1);
        assertClosed(pubAck, "PUBACK for identifier 1 is out of turn");
    }

    private static void assertClosed(Machine machine, String why) {
        assertThat(machine.take()).last().asString().startsWith("close " + why);
        assertThat(machine.effects.events(Disconnected.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).isInstanceOf(ProtocolException.class));
    }

    @Test
    void countsWhatWasSentAndAcknowledged() {
        Machine machine = Machine.online();
        machine.publish(0, "a");
        machine.publish(1, "b");
        machine.publish(2, "c");
        machine.pubAck(1);

        assertThat(machine.session.figures().sent()).isEqualTo(3);
        assertThat(machine.session.figures().acknowledged()).isEqualTo(1);
        assertThat(machine.session.lastSequence()).isEqualTo(3);
        assertThat(machine.session.oldestSequence()).isEqualTo(3);
    }
}
