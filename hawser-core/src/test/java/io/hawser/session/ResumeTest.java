package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolVersion;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What becomes of messages in flight when the connection is lost. */
class ResumeTest {
    @Test
    void withTheSessionPresentSendsAgainUnderTheSameIdentifiersInTheFirstOrder() {
        Machine machine = Machine.online();
        machine.publish(1, "a");
        machine.publish(2, "b", "c");
        machine.publish(1, "d");
        machine.pubRec(3);
        machine.publish(0, "e");
        machine.take();

        machine.lose();
        machine.publish(1, "f");
        machine.open();
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1");

        machine.connAck(true);
        assertThat(machine.packets())
                .containsExactly(
                        "PUBLISH a q1 #1 dup",
                        "PUBLISH b q2 #2 dup",
                        "PUBREL #3",
                        "PUBLISH d q1 #4 dup",
                        "PUBLISH f q1 #5");
    }

    @Test
    void theWindowBoundsWhatIsSentAgain() {
        Machine machine = Machine.online(options -> options.sendWindow = 2);
        machine.publish(1, "a", "b", "c");

        machine.reconnect(true);
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup", "PUBLISH b q1 #2 dup");
        assertThat(machine.session.figures().inFlight()).isEqualTo(2);
        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH c q1 #3");
    }

    @Test
    void nothingIsInFlightWithoutAConnection() {
        Machine machine = Machine.online();
        machine.publish(1, "a");

        machine.lose();

        assertThat(machine.session.figures().inFlight()).isZero();
    }

    @Test
    void anAcknowledgementOfWhatWasNotSentAgainYetChangesNothing() {
        Machine machine = Machine.online(options -> options.sendWindow = 2);
        machine.publish(1, "a", "b");
        machine.lose();
        machine.open();
        machine.effects.writable = false;
        machine.connAck(true);
        machine.take();

        machine.pubAck(2);
        assertThat(machine.take()).containsExactly("tolerated PUBACK for identifier 2, which is not in flight");

        machine.effects.writable = true;
        machine.session.writable(machine.now());
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup", "PUBLISH b q1 #2 dup");
    }

    @Test
    void withTheSessionLostQos1GoesOutAsNewBeforeWhatIsQueued() {
        Machine machine = Machine.online(options -> options.sendWindow = 2);
        machine.publish(1, "a", "b", "c");

        machine.lose();
        machine.publish(1, "d");
        machine.open();
        machine.take();
        machine.connAck(false);

        assertThat(machine.take())
                .containsExactly(
                        "log sent b #0",
                        "log sent a #0",
                        "log sent a #3",
                        "> PUBLISH a q1 #3",
                        "log sent b #4",
                        "> PUBLISH b q1 #4");
        machine.pubAck(3);
        machine.pubAck(4);
        assertThat(machine.packets()).containsExactly("PUBLISH c q1 #5", "PUBLISH d q1 #6");
    }

    @Test
    void withTheSessionLostQos2GoesOutAgainMarkedAsPossiblyDuplicated() {
        Machine machine = Machine.online();
        machine.publish(2, "a", "b");

        machine.reconnect(false);
        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #3", "PUBLISH b q2 #4");
        machine.pubRec(3);
        machine.pubComp(3);
        assertThat(machine.take()).endsWith("log settled a", "complete a possibly duplicated");
    }

    @Test
    void withTheSessionLostQos2FailsIfToldTo() {
        Machine machine = Machine.online(options -> options.republishAmbiguous = false);
        machine.publish(2, "a");
        machine.publish(1, "b");
        machine.publish(2, "c");

        machine.reconnect(false);

        assertThat(machine.take())
                .containsExactly(
                        "log settled a",
                        "fail a SESSION_LOST",
                        "log settled c",
                        "fail c SESSION_LOST",
                        "log sent b #0",
                        "log sent b #4",
                        "> PUBLISH b q1 #4");
    }

    /** Brokers that pass a message on with PUBREL had not passed it on. */
    @Test
    void withTheSessionLostReleasedQos2MessagesGoOutAgainMarkedAsPossiblyDuplicated() {
        Machine machine = Machine.online();
        machine.publish(2, "a", "b");
        machine.pubRec(1);
        machine.pubRec(2);

        machine.reconnect(false);

        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #3", "PUBLISH b q2 #4");
        machine.pubRec(3);
        assertThat(machine.packets()).containsExactly("PUBREL #3");
        machine.pubComp(3);
        assertThat(machine.take()).endsWith("log settled a", "complete a possibly duplicated");
    }

    @Test
    void withTheSessionLostReleasedQos2MessagesFailIfToldTo() {
        Machine machine = Machine.online(options -> options.republishAmbiguous = false);
        machine.publish(2, "a", "b");
        machine.pubRec(1);

        machine.reconnect(false);

        assertThat(machine.take())
                .containsExactly("log settled a", "fail a SESSION_LOST", "log settled b", "fail b SESSION_LOST");
    }

    @Test
    void withTheSessionLostWhatIsNotCompleteKeepsItsOrder() {
        Machine machine = Machine.online(options -> options.sendWindow = 4);
        machine.publish(1, "a");
        machine.publish(2, "b", "c");
        machine.publish(1, "d", "e");
        machine.publish(0, "f");
        machine.pubRec(2);

        machine.reconnect(false);
        assertThat(machine.packets())
                .containsExactly("PUBLISH a q1 #5", "PUBLISH b q2 #6", "PUBLISH c q2 #7", "PUBLISH d q1 #8");
    }

    @Test
    void pubRecForWhatWasNotSentAgainYetIsNotAnswered() {
        Machine machine = Machine.online();
        machine.publish(2, "a");
        machine.lose();
        machine.open();
        machine.effects.writable = false;
        machine.connAck(true);
        machine.take();

        machine.pubRec(1);

        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void anotherLossBeforeAnythingIsSentKeepsTheOrder() {
        Machine machine = Machine.online(options -> options.sendWindow = 3);
        machine.publish(1, "a", "b", "c", "d");
        machine.reconnect(false);
        machine.lose();
        machine.open();
        machine.lose();
        machine.open();
        machine.take();

        machine.connAck(false);

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #7", "PUBLISH b q1 #8", "PUBLISH c q1 #9");
    }

    @Test
    void cleanSessionAlwaysStartsOver() {
        Machine machine = Machine.online(options -> options.cleanSession = true);
        machine.subscribed("f", 1, "h");
        machine.publish(1, "a");
        machine.publish(2, "b");

        machine.reconnect(false);

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #4 f:1", "PUBLISH a q1 #5", "PUBLISH b q2 #6");
    }

    @Test
    void sessionPresentAfterCleanSessionClosesTheConnection() {
        Machine machine = Machine.offline(options -> options.cleanSession = true);
        machine.connect(true);

        assertThat(machine.take())
                .last()
                .isEqualTo("close CONNACK has session present after clean session [MQTT-3.2.2-1]");
    }

    /** Else the broker may take the message for the repetition of an earlier client's, and drop it. */
    @Test
    void inASessionOfAnEarlierClientAnIdentifierIsReleasedBeforeItsFirstQos2Message() {
        Machine machine = Machine.offline(options -> {});
        machine.connect(true);
        machine.take();

        machine.publish(1, "a");
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1");
        machine.publish(2, "b");
        machine.publish(1, "c");
        assertThat(machine.packets())
                .hasSize(64)
                .startsWith("PUBREL #2", "PUBREL #3")
                .endsWith("PUBREL #65");

        machine.pubComps(2, 64);
        assertThat(machine.packets()).isEmpty();
        machine.pubComp(65);
        assertThat(machine.packets()).containsExactly("PUBLISH b q2 #2", "PUBLISH c q1 #3");
        machine.publish(2, "d");
        assertThat(machine.packets()).containsExactly("PUBLISH d q2 #4");
    }

    @Test
    void whatTheBrokerHadNotReleasedWhenTheConnectionWasLostIsReleasedOnTheNext() {
        Machine machine = Machine.offline(options -> {});
        machine.connect(true);
        machine.publish(2, "a");
        machine.pubComp(1);
        machine.take();

        machine.reconnect(true);
        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #1");

        machine.publish(2, "b");
        assertThat(machine.packets()).hasSize(64).startsWith("PUBREL #2");
        machine.reconnect(false);
        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #2", "PUBLISH b q2 #3");
    }

    @Tag("slow")
    @Test
    void everyIdentifierIsReleasedOnce() {
        Machine machine = Machine.offline(options -> {});
        machine.connect(true);
        machine.take();

        long releases = 0;
        for (int i = 0; i < 2 * PacketIds.MAXIMUM; i++) {
            machine.publish(2, "a");
            int id = 1 + i % PacketIds.MAXIMUM;
            long asked = machine.packets().stream()
                    .filter(packet -> packet.startsWith("PUBREL"))
                    .count();
            if (asked > 0) {
                machine.pubComps(id, (int) (id + asked - 1));
            }
            releases += asked;
            machine.pubRec(id);
            machine.pubComp(id);
            machine.take();
        }
        assertThat(releases).isEqualTo(PacketIds.MAXIMUM);
    }

    @Test
    void mqtt31SendsAgainAndSubscribesAgain() {
        Machine machine = Machine.online(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        machine.subscribed("f", 1, "h");
        machine.publish(1, "a");
        machine.publish(2, "b", "c");
        machine.pubComps(3, 66);
        machine.pubRec(4);

        machine.reconnect(false);

        assertThat(machine.packets())
                .containsExactly("SUBSCRIBE #5 f:1", "PUBLISH a q1 #2 dup", "PUBLISH b q2 #3 dup", "PUBREL #4");
    }

    @Test
    void mqtt31WithCleanSessionStartsOver() {
        Machine machine = Machine.online(options -> {
            options.versions = List.of(ProtocolVersion.MQTT_3_1);
            options.cleanSession = true;
        });
        machine.publish(1, "a");

        machine.reconnect(false);

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #2");
    }
}
