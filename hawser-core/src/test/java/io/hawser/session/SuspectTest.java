package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.RequestSuspected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionStore;
import io.hawser.wire.Properties;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that the broker answers by ending the connection. */
class SuspectTest {
    private static final Duration STEP = Duration.ofMillis(250);

    /** The broker ends the connection, and accepts the next one. */
    private static void endAndReconnect(Machine machine) {
        machine.peerEnds();
        machine.connect(true);
    }

    /** Two messages in flight, of which the broker ends connections on the first; it is set aside when this returns. */
    private static PublishRequest setAside(Machine machine) {
        PublishRequest bad = machine.publish(Machine.message("bad", 1));
        machine.publish(1, "good");
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        endAndReconnect(machine);
        return bad;
    }

    /** Lets the time pass that a trial wants, and the broker end it. */
    private static void failTrial(Machine machine, Duration distance) {
        machine.effects.take();
        passTo(machine, distance);
        assertThat(machine.packets()).as("the trial").hasSize(1);
        endAndReconnect(machine);
    }

    /** Lets the time pass that a trial wants, and the broker answer PINGREQ before it. */
    private static void passTo(Machine machine, Duration distance) {
        machine.take();
        List<String> packets = List.of();
        for (Duration passed = Duration.ZERO; packets.isEmpty() && passed.compareTo(distance) < 0; ) {
            machine.pass(STEP);
            passed = passed.plus(STEP);
            packets = machine.packets();
        }
        assertThat(packets).containsExactly("PINGREQ");
        machine.pingResp();
    }

    @Test
    void afterTwoEndsInARowRequestsGoOneAtATimeBehindPingreq() {
        Machine machine = Machine.online();
        machine.publish(1, "a", "b");
        endAndReconnect(machine);
        machine.take();

        endAndReconnect(machine);
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "PINGREQ");
        machine.pingResp();
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup");
        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2 dup");
        machine.pubAck(2);
        machine.publish(1, "c", "d");
        assertThat(machine.packets()).containsExactly("PUBLISH c q1 #3", "PUBLISH d q1 #4");
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();
    }

    @Test
    void whatIsAloneWhenTheBrokerEndsTheConnectionIsSetAsideAndTheRestGoesOn() {
        Machine machine = Machine.online();

        PublishRequest bad = setAside(machine);

        RequestSuspected told = machine.effects.events(RequestSuspected.class).get(0);
        assertThat(told.setAside()).isTrue();
        assertThat(told.request()).isEqualTo("PUBLISH to 't' (3 bytes, AT_LEAST_ONCE)");
        machine.take();
        machine.pingResp();
        machine.pubAck(2);
        machine.publish(1, "more");
        assertThat(machine.packets()).contains("PUBLISH more q1 #3");
        assertThat(machine.effects.isSettled(bad)).isFalse();
    }

    @Test
    void threeLonelyEndsAtGrowingDistancesFailIt() {
        Machine machine = Machine.online();
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);

        failTrial(machine, Duration.ofSeconds(1));
        failTrial(machine, Duration.ofSeconds(3));
        assertThat(machine.effects.isSettled(bad)).isFalse();
        failTrial(machine, Duration.ofSeconds(9));

        assertThat(machine.effects.failures.get(bad))
                .isInstanceOf(RequestRejectedException.class)
                .hasMessageContaining("PUBLISH to 't' (3 bytes")
                .hasMessageContaining("the broker closed the connection")
                .hasMessageContaining("check size");
        assertThat(machine.effects.events(RequestSuspected.class).get(4 - 1).givenUp())
                .isTrue();
    }

    @Test
    void theAnswerToATrialExonerates() {
        Machine machine = Machine.online();
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        failTrial(machine, Duration.ofSeconds(1));

        passTo(machine, Duration.ofSeconds(3));
        machine.pubAck(1);

        assertThat(machine.effects.results).containsKey(bad);
    }

    @Test
    void aTrialWaitsUntilEverythingIsAnsweredAndOthersWaitForItsEnd() {
        Machine machine = Machine.online();
        setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        machine.publish(1, "c");
        machine.take();

        machine.pass(1);
        machine.publish(1, "d");
        machine.publish(0, "e");
        assertThat(machine.packets()).isEmpty();
        machine.pubAck(3);
        assertThat(machine.packets()).containsExactly("PINGREQ");
        machine.pingResp();
        assertThat(machine.packets()).containsExactly("PUBLISH bad q1 #1 dup");
        machine.pubAck(1);
        assertThat(machine.packets()).containsExactly("PUBLISH d q1 #4", "PUBLISH e q0");
    }

    @Test
    void othersWaitForATrialThatGetsNoAnswerForTenSeconds() {
        Machine machine = Machine.online();
        setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        passTo(machine, Duration.ofSeconds(1));
        machine.publish(1, "c");
        machine.take();

        machine.pass(10);

        assertThat(machine.packets()).containsExactly("PUBLISH c q1 #3");
    }

    @Test
    void aSuspectThatIsAnsweredTakesBackWhatWasCountedAgainstOthers() {
        Machine machine = Machine.online();
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        failTrial(machine, Duration.ofSeconds(1));
        failTrial(machine, Duration.ofSeconds(3));
        PublishRequest other = machine.publish(Machine.message("other", 1));
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        endAndReconnect(machine);
        passTo(machine, Duration.ofSeconds(1));
        machine.pubAck(3);
        assertThat(machine.effects.results).containsKey(other);

        failTrial(machine, Duration.ofSeconds(9));
        failTrial(machine, Duration.ofSeconds(27));
        assertThat(machine.effects.isSettled(bad)).isFalse();
        failTrial(machine, Duration.ofSeconds(81));
        assertThat(machine.effects.isSettled(bad)).isTrue();
    }

    @Test
    void endsOfIdleConnectionsTakeNothingBack() {
        Machine machine = Machine.online();
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        for (int seconds = 1; seconds <= 9; seconds *= 3) {
            endAndReconnect(machine);
            failTrial(machine, Duration.ofSeconds(seconds));
        }
        assertThat(machine.effects.isSettled(bad)).isTrue();
    }

    /** A broker may end connections on everything for a while. */
    @Test
    void withoutAnotherAnswerFiveTrialsAreNeeded() {
        Machine machine = Machine.online();
        PublishRequest lone = machine.publish(Machine.message("lone", 1));
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        endAndReconnect(machine);
        for (int seconds = 1; seconds <= 27; seconds *= 3) {
            failTrial(machine, Duration.ofSeconds(seconds));
        }
        assertThat(machine.effects.isSettled(lone)).isFalse();
        failTrial(machine, Duration.ofSeconds(81));
        assertThat(machine.effects.failures.get(lone)).isInstanceOf(RequestRejectedException.class);
    }

    /** The broker takes its time to look at a message, and so the end may have another reason unless the connection lived for longer. */
    @Test
    void anEndLongAfterTheTrialBeganCountsOnlyOnAConnectionThatHasLivedForMuchLonger() {
        Machine machine = Machine.online();
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        passTo(machine, Duration.ofSeconds(1));
        machine.pass(2);
        endAndReconnect(machine);
        assertThat(machine.effects.events(RequestSuspected.class)).hasSize(2);

        for (int distance : new int[] {8, 9, 27}) {
            passTo(machine, Duration.ofSeconds(distance));
            machine.pass(2);
            assertThat(machine.effects.isSettled(bad)).isFalse();
            endAndReconnect(machine);
        }
        assertThat(machine.effects.isSettled(bad)).isTrue();
    }

    @Test
    void aRequestThatNobodyAnswersHoldsUpTheOthersLessAndLess() {
        Machine machine = Machine.online();
        setAside(machine);
        machine.pingResp();
        machine.take();
        int waiting = 0;
        for (int second = 0; second < 300; second++) {
            machine.pass(1);
            machine.publish(1, "m" + second);
            List<String> packets = machine.packets();
            waiting += packets.stream().noneMatch(line -> line.startsWith("PUBLISH m")) ? 1 : 0;
            for (int id = 3; id < 600; id++) {
                machine.pubAck(id);
            }
        }
        assertThat(waiting).isBetween(1, 15);
    }

    @Test
    void aSlowAnswerIsNoReasonToSendOneAtATimeForLong() {
        Machine machine = Machine.online();
        machine.publish(1, "a", "b", "c");
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        machine.take();

        machine.pass(1);

        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #2 dup", "PUBLISH c q1 #3 dup");
    }

    @Test
    void whatWasSentFirstIsAccusedWhateverItIs() {
        Machine machine = Machine.online();
        machine.publish(1, "bad");
        machine.subscribe("good", 1, "h");
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        machine.effects.take();
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();
    }

    @Test
    void endsOnQos0MessagesAreTold() {
        Machine machine = Machine.online();
        for (int i = 0; i < 6; i++) {
            machine.publish(0, "birth");
            endAndReconnect(machine);
        }
        assertThat(machine.effects.events(RequestSuspected.class))
                .hasSize(2)
                .allSatisfy(told -> assertThat(told.request()).contains("PUBLISH to 't'", "AT_MOST_ONCE"));
    }

    @Test
    void endsByThisSideOrTheNetworkAccuseNobody() {
        Machine machine = Machine.online();
        machine.publish(1, "a");

        for (int i = 0; i < 20; i++) {
            machine.reconnect(true);
            assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup");
        }
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();
    }

    @Test
    void aBrokerThatEndsConnectionsBeforeTheyAnswerAnythingAccusesNobody() {
        Machine machine = Machine.online();
        machine.publish(1, "a", "b", "c");

        for (int i = 0; i < 50; i++) {
            endAndReconnect(machine);
        }
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();
    }

    @Test
    void aRestartBetweenAnsweredMessagesIsNoEvidence() {
        Machine machine = Machine.online();

        for (int i = 0; i < 50; i++) {
            machine.publish(1, "a", "b");
            endAndReconnect(machine);
            machine.pubAck(2 * i + 1);
            machine.pubAck(2 * i + 2);
        }
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();
        assertThat(machine.effects.results).hasSize(100);
    }

    @Test
    void noTopicAliasIsUsedWhileARequestIsSuspectedSinceItMayBeThat() {
        Machine machine = Machine.online();
        assertThat(machine.effects.aliases).isTrue();
        machine.publish(1, "a", "b");

        endAndReconnect(machine);
        endAndReconnect(machine);
        assertThat(machine.effects.aliases).isFalse();
        machine.pingResp();
        machine.pubAck(1);
        machine.pubAck(2);
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();

        machine.reconnect(true);
        assertThat(machine.effects.aliases).isTrue();
    }

    @Test
    void aReasonThatBlamesAPacketCountsTwice() {
        Machine machine = Machine.online5();
        PublishRequest bad = machine.publish(Machine.message("bad", 1));

        machine.disconnect(ReasonCode.PACKET_TOO_LARGE, Properties.NONE);

        assertThat(machine.effects.events(RequestSuspected.class)).hasSize(1);
        for (int seconds = 1; seconds <= 81; seconds *= 3) {
            machine.connect(true);
            passTo(machine, Duration.ofSeconds(seconds));
            assertThat(machine.effects.isSettled(bad)).isFalse();
            machine.disconnect(ReasonCode.PACKET_TOO_LARGE, Properties.NONE);
        }
        assertThat(((RequestRejectedException) machine.effects.failures.get(bad)).reasonCode())
                .isEqualTo(ReasonCode.PACKET_TOO_LARGE);
    }

    @Test
    void aReasonThatIsNoPacketsFaultCountsNothing() {
        Machine machine = Machine.online5();
        machine.publish(1, "a");

        for (int i = 0; i < 10; i++) {
            machine.disconnect(ReasonCode.SESSION_TAKEN_OVER, Properties.NONE);
            machine.connect(true);
        }
        assertThat(machine.effects.events(RequestSuspected.class)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0x80, 0x82, 0x89, 0x8B, 0x8D, 0x8E, 0x93, 0x96, 0x97, 0x98, 0x9F, 0xA0})
    void whateverReasonABrokerGivesForEndingConnectionsOnAMessageItIsSetAside(int code) {
        boolean explained = code == 0x8E;
        Machine machine = Machine.online5();
        machine.publish(1, "bad");

        for (int i = 0; i < 3; i++) {
            machine.disconnect(ReasonCode.of(code), Properties.NONE);
            machine.connect(true);
            machine.pingResp();
        }
        assertThat(machine.effects.events(RequestSuspected.class)).hasSize(explained ? 0 : 1);
    }

    @Test
    void strictOrderBlocksAndTells() {
        Machine machine = Machine.online(options -> options.strictOrder = true);

        setAside(machine);
        machine.take();
        machine.pingResp();

        assertThat(machine.packets()).containsExactly("PUBLISH bad q1 #1 dup");
        assertThat(machine.effects.events(RequestSuspected.class))
                .singleElement()
                .satisfies(told -> assertThat(told.setAside()).isFalse());
    }

    @Test
    void itsTimeToLiveEndsASuspect() {
        Machine machine = Machine.online(
                options -> options.queue = QueuePolicy.bounded(100).timeToLive(Duration.ofSeconds(60)));
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        failTrial(machine, Duration.ofSeconds(1));
        machine.lose();

        machine.pass(60);

        assertThat(machine.effects.failures.get(bad)).hasMessageContaining("time to live");
    }

    @Test
    void aCancelledSuspectIsNotTriedAgain() {
        Machine machine = Machine.online();
        PublishRequest bad = setAside(machine);
        machine.pingResp();
        machine.pubAck(2);
        machine.take();

        bad.cancel(false);
        machine.pass(100);

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.session.oldestSequence()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void withTheSessionLostASuspectIsTriedAsNew() {
        Machine machine = Machine.online();
        setAside(machine);
        machine.lose();
        machine.connect(false);
        machine.pingResp();
        machine.pubAck(3);

        passTo(machine, Duration.ofSeconds(1));

        assertThat(machine.packets())
                .singleElement()
                .asString()
                .startsWith("PUBLISH bad q1")
                .doesNotContain("dup");
    }

    @Test
    void aSuspectStaysAsideForTheNextClientOfTheSession() {
        SessionStore store = SessionStore.inMemory();
        Machine first = new Machine(store, options -> {});
        first.connect(false);
        setAside(first);
        first.pingResp();
        first.pubAck(2);
        failTrial(first, Duration.ofSeconds(1));
        first.close();
        first.log.close();

        Machine second = new Machine(store, options -> {});
        second.connect(true);
        second.publish(1, "good");
        assertThat(second.packets()).contains("PUBLISH good q1 #2").doesNotContain("PUBLISH bad q1 #1 dup");
        second.pubAck(2);
        passTo(second, Duration.ofSeconds(3));
        endAndReconnect(second);
        passTo(second, Duration.ofSeconds(9));
        assertThat(second.packets()).contains("PUBLISH bad q1 #1 dup");
        second.peerEnds();
        assertThat(second.take()).anyMatch(line -> line.startsWith("fail bad"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSubscriptionThatEndsConnectionsIsSetAsideAndTheRestGoesOn(boolean subscribes) {
        Machine machine = Machine.online();
        SubscriptionRequest bad = subscribes ? machine.subscribe("bad", 1, "h") : machine.unsubscribe("bad");
        machine.publish(1, "good");
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        machine.take();
        endAndReconnect(machine);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
        machine.pingResp();
        assertThat(machine.packets()).contains("PUBLISH good q1 #2 dup");
        machine.pubAck(2);

        failTrial(machine, Duration.ofSeconds(1));
        failTrial(machine, Duration.ofSeconds(3));
        failTrial(machine, Duration.ofSeconds(9));

        assertThat(machine.effects.failures.get(bad)).hasMessageContaining("'bad'");
    }

    @Test
    void aFilterThatIsGivenUpIsNotSubscribedToAgainThoughUnsubscribeEndsConnections() {
        Machine machine = Machine.online();
        machine.subscribed("gone", 1, "h");
        machine.unsubscribe("gone");
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        machine.peerEnds();
        machine.effects.take();

        machine.connect(false);

        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void packetsOfSeveralFiltersAreHalvedDownToOne(boolean subscribes) {
        Machine machine = Machine.online();
        machine.lose();
        for (int i = 0; i < 10; i++) {
            if (subscribes) {
                machine.declare("f" + i, 1, "h");
            } else {
                machine.unsubscribe("f" + i);
            }
        }
        for (int batch : new int[] {10, 5, 2, 1}) {
            machine.effects.take();
            machine.connect(false);
            assertThat(machine.packets().get(1).split("f\\d", -1))
                    .as("packets of %d filters", batch)
                    .hasSize(batch + 1);
            machine.peerEnds();
        }
        assertThat(machine.effects.events(RequestSuspected.class)).hasSize(3);
    }

    @Test
    void aPacketOfSeveralFiltersIsHalvedThoughNobodyTellsWhoEndsTheConnection() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("a", 1, "h");
        machine.declare("b", 1, "h");
        for (int filters : new int[] {2, 2, 1}) {
            machine.connect(false);
            assertThat(subscribes(machine)).hasSize(3 - filters);
            machine.lose();
        }
        assertThat(machine.effects.events(RequestSuspected.class)).hasSize(1);
    }

    private static List<String> subscribes(Machine machine) {
        return machine.packets().stream()
                .filter(line -> line.startsWith("SUBSCRIBE"))
                .toList();
    }

    @Test
    void aNewerRequestForItsFilterEndsASuspect() {
        Machine machine = Machine.online();
        SubscriptionRequest bad = machine.subscribe("bad", 1, "h");
        endAndReconnect(machine);
        endAndReconnect(machine);
        machine.pingResp();
        endAndReconnect(machine);
        machine.take();

        machine.unsubscribe("bad");

        assertThat(machine.packets()).containsExactly("UNSUBSCRIBE #4 bad");
        assertThat(machine.effects.failures).containsKey(bad);
    }

    @Test
    void aConnectThatIsClosedWithoutAnAnswerSaysWhatItCarried() {
        Machine machine = Machine.offline(options -> {});

        for (int i = 0; i < 3; i++) {
            machine.open();
            machine.pass(3);
            machine.peerEnds();
        }

        assertThat(machine.effects.events(RequestSuspected.class))
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.request())
                            .contains("CONNECT of MQTT")
                            .contains("'client'")
                            .contains("no will");
                    assertThat(told.cause()).hasMessageContaining("did not answer CONNECT of MQTT");
                });
    }
}
