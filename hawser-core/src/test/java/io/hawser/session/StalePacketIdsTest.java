package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.ExactlyOnceDoubtful;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** In a session of an earlier client, with servers that do not release an identifier which they do not know. */
class StalePacketIdsTest {
    /** How a server fails to answer. */
    private enum Failure {
        SILENCE(1, machine -> machine.pass(2)),
        /** Fewer may be the network's. */
        CUT(3, Machine::lose);

        /** How often in a row it tells that the server does not answer. */
        final int times;

        final Consumer<Machine> happens;

        Failure(int times, Consumer<Machine> happens) {
            this.times = times;
            this.happens = happens;
        }

        /** As often as that, each on a connection of its own, until the client is connected again. */
        void happensOften(Machine machine, boolean sessionPresent) {
            for (int i = 0; i < times; i++) {
                assertThat(machine.effects.events(ExactlyOnceDoubtful.class)).isEmpty();
                happens.accept(machine);
                assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
                machine.open();
                machine.take();
                machine.connAck(sessionPresent);
            }
        }
    }

    private static Machine machine(boolean republish) {
        return Machine.offline(options -> {
            options.versions = List.of(ProtocolVersion.MQTT_3_1_1);
            options.republishAmbiguous = republish;
        });
    }

    /** A client that has asked without an answer, as often as it does, and is connected again. */
    private static Machine unanswered(Failure failure, boolean republish) {
        Machine machine = machine(republish);
        machine.connect(true);
        machine.publish(2, "a");
        machine.publish(1, "b");
        assertThat(machine.packets()).hasSize(65).endsWith("PUBREL #64");
        failure.happensOften(machine, true);
        return machine;
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void oneThatDoesNotAnswerIsToldOfAndNotAskedAgain(Failure failure) {
        Machine machine = unanswered(failure, true);

        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #1", "PUBLISH b q1 #2");
        assertThat(machine.effects.events(ExactlyOnceDoubtful.class))
                .singleElement()
                .satisfies(event -> assertThat(event.server()).isEqualTo("mqtt://a"));
        machine.reconnect(true);
        machine.publish(2, "c");
        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #1 dup", "PUBLISH b q1 #2 dup", "PUBLISH c q2 #3");
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void aMessageInDoubtIsPublishedAgainUnderTheIdentifierThatIsKnownNow(Failure failure) {
        Machine machine = unanswered(failure, true);
        machine.take();

        machine.pubRec(1);
        machine.pubComp(1);
        assertThat(machine.packets()).containsExactly("PUBREL #1", "PUBLISH a q2 #1");

        machine.pubRec(1);
        machine.pubComp(1);
        assertThat(machine.take()).contains("complete a possibly duplicated");
        machine.publish(2, "c");
        assertThat(machine.packets()).containsExactly("PUBLISH c q2 #3");
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void aMessageInDoubtStaysInDoubtOverAnotherLoss(Failure failure) {
        Machine machine = unanswered(failure, true);
        machine.pubRec(1);

        machine.reconnect(true);
        machine.take();
        machine.pubComp(1);

        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #1");
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void aMessageThatWouldBeInDoubtFailsIfItMustNotBeRepeated(Failure failure) {
        Machine machine = unanswered(failure, false);

        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #1");
        assertThat(machine.effects.failures.values())
                .singleElement()
                .isInstanceOfSatisfying(
                        MessageDroppedException.class,
                        dropped -> assertThat(dropped.rule()).isEqualTo(MessageDroppedException.Rule.SESSION_LOST));
    }

    @Test
    void oneThatDidNotAnswerIsAskedAgainAfterAnHour() {
        Machine machine = unanswered(Failure.CUT, false);
        machine.pubAck(1);
        machine.pass(Duration.ofHours(1));
        machine.reconnect(true);
        machine.take();

        machine.publish(2, "c");

        assertThat(machine.packets()).hasSize(64).startsWith("PUBREL #2");
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void oneThatHasAnsweredBeforeIsAskedAgainTwice(Failure failure) {
        Machine machine = machine(true);
        machine.connect(true);
        machine.publish(2, "a");
        machine.pubComp(2);
        for (int i = 1; i <= 3; i++) {
            assertThat(machine.effects.events(ExactlyOnceDoubtful.class)).isEmpty();
            assertThat(machine.packets()).contains("PUBREL #1");
            failure.happens.accept(machine);
            machine.open();
            machine.connAck(true);
        }

        assertThat(machine.effects.events(ExactlyOnceDoubtful.class)).hasSize(1);
        assertThat(machine.packets()).endsWith("PUBLISH a q2 #1");
    }

    @Test
    void anotherServerIsAsked() {
        Machine machine = Machine.offline(options -> options.servers = List.of("a", "b"));
        machine.connect(true);
        machine.publish(2, "m");
        machine.lose();
        machine.tickOnce();
        machine.lose("refused");
        machine.open();
        machine.take();

        machine.connAck(true);

        assertThat(machine.packets()).hasSize(64).startsWith("PUBREL #1");
    }

    @Test
    void oneThatAnswersQos2WithPubAckKeepsNoIdentifiers() {
        Machine machine = unanswered(Failure.SILENCE, true);
        PublishRequest third = machine.publish(Machine.message("c", 2));
        machine.take();

        machine.pubAck(1);
        assertThat(machine.take()).contains("complete a GRANTED_QOS_1");
        machine.pubAck(third.packetId());
        assertThat(machine.effects.results.get(third).reasonCode()).isEqualTo(ReasonCode.GRANTED_QOS_1);
        assertThat(machine.effects.results.get(third).possiblyDuplicated()).isFalse();

        assertThat(machine.effects.events(ExactlyOnceDoubtful.class)).hasSize(2);
    }

    @Test
    void anAnswerThatComesSlowlyButComesIsWaitedForIfThatToConnectWasSlow() {
        Machine machine = machine(true);
        machine.open();
        machine.take();
        machine.pass(Duration.ofMillis(100));
        machine.connAck(true);
        machine.publish(2, "a");
        machine.take();

        for (int id = 1; id <= 64; id++) {
            machine.pass(4);
            machine.pubComp(id);
        }

        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #1");
        machine.pass(3_600);
        assertThat(machine.effects.open).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Failure.class)
    void mqtt31GoesOnToo(Failure failure) {
        Machine machine = Machine.offline(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        machine.connect(false);
        machine.publish(2, "a");
        machine.take();

        failure.happensOften(machine, false);

        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #1");
    }

    @Test
    void closingTheClientMeanwhileSaysNothingOfTheServer() {
        Machine machine = machine(true);
        machine.connect(true);
        machine.publish(2, "a");

        machine.close();

        assertThat(machine.effects.events(ExactlyOnceDoubtful.class)).isEmpty();
    }
}
