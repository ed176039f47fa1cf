package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.QuotaExceeded;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.SubAck;
import io.hawser.wire.UnsubAck;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a broker of MQTT 5.0 says in return. */
class AnswerTest {
    private static final Properties WORDS =
            Properties.NONE.with(Property.REASON_STRING, "because").with(List.of(new UserProperty("k", "v")));

    @Test
    void aNegativePubAckFailsThePublishWithCodeAndReason() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.sendWindow = 1);
        PublishRequest request = machine.publish(Machine.message("m", 1));
        machine.publish(1, "n");
        machine.take();

        machine.pubAck(1, ReasonCode.NOT_AUTHORIZED, WORDS);

        assertThat(machine.take())
                .containsExactly("log settled m", "fail m NOT_AUTHORIZED", "log sent n #2", "> PUBLISH n q1 #2");
        assertRejected(machine, request, ReasonCode.NOT_AUTHORIZED, "because");
        assertThat(machine.session.figures().dropped()).isEqualTo(1);
        assertThat(machine.session.figures().acknowledged()).isZero();
    }

    @Test
    void aNegativePubRecFailsThePublishAndEndsTheExchange() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.sendWindow = 1);
        PublishRequest request = machine.publish(Machine.message("m", 2));
        machine.publish(1, "n");
        machine.take();

        machine.receive(broker -> broker.pubRec(1, ReasonCode.TOPIC_NAME_INVALID, WORDS));

        assertThat(machine.take())
                .containsExactly("log settled m", "fail m TOPIC_NAME_INVALID", "log sent n #2", "> PUBLISH n q1 #2");
        assertRejected(machine, request, ReasonCode.TOPIC_NAME_INVALID, "because");
    }

    @Test
    void aRefusedMessageIsNotSentAgain() {
        Machine machine = Machine.online5();
        machine.publish(2, "m");
        machine.pubRec(1, ReasonCode.NOT_AUTHORIZED);

        machine.reconnect(true);

        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void aRefusalAfterPubRecRefusesTheMessageAndNothingElse() {
        Machine machine = Machine.online5();
        machine.publish(2, "m");
        machine.pubRec(1);
        machine.take();

        machine.pubRec(1, ReasonCode.QUOTA_EXCEEDED);

        assertThat(machine.take()).containsExactly("log settled m", "fail m QUOTA_EXCEEDED");
        assertThat(machine.session.state().name()).isEqualTo("READY");
    }

    @Test
    void thatNobodySubscribesToAMessageIsVisible() {
        Machine machine = Machine.online5();
        PublishRequest atLeastOnce = machine.publish(Machine.message("m", 1));
        machine.take();

        machine.pubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS, WORDS);

        assertThat(machine.take()).containsExactly("log settled m", "complete m NO_MATCHING_SUBSCRIBERS");
        assertThat(machine.effects.results.get(atLeastOnce))
                .isEqualTo(new PublishResult(
                        ReasonCode.NO_MATCHING_SUBSCRIBERS, "because", List.of(new UserProperty("k", "v")), false));
        assertThat(machine.session.figures().acknowledged()).isEqualTo(1);
    }

    @Test
    void aQos2MessageThatNobodySubscribesToIsReleasedAllTheSame() {
        Machine machine = Machine.online5();
        machine.publish(2, "m");
        machine.take();

        machine.pubRec(1, ReasonCode.NO_MATCHING_SUBSCRIBERS);
        machine.pubComp(1);

        assertThat(machine.take()).contains("> PUBREL #1").last().asString().startsWith("complete m");
    }

    @Test
    void whatIsTooMuchForTheBrokerGoesAgainLaterInOrder() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.sendWindow = 3);
        machine.publish(1, "a", "b", "c", "d");
        machine.take();

        for (int id = 1; id <= 3; id++) {
            machine.pubAck(id, ReasonCode.QUOTA_EXCEEDED, Properties.NONE);
        }
        assertThat(machine.packets()).isEmpty();
        assertThat(machine.session.figures().inFlight()).isZero();
        assertThat(machine.session.figures().queued()).isEqualTo(4);
        machine.pass(Duration.ofMillis(999));
        assertThat(machine.packets()).isEmpty();
        machine.pass(Duration.ofMillis(1));

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #4", "PUBLISH b q1 #5", "PUBLISH c q1 #6");
    }

    @Test
    void theWaitDoublesWhileItIsTooMuchUpToHalfAMinute() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.quotaPatience = Duration.ofMinutes(5));
        machine.publish(2, "m");
        int id = 1;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 32}) {
            machine.take();
            machine.pubRec(id++, ReasonCode.QUOTA_EXCEEDED);
            machine.pass(Duration.ofSeconds(seconds).minusNanos(1));
            assertThat(machine.packets()).isEmpty();
            machine.pass(Duration.ofNanos(1));
            assertThat(machine.packets()).containsExactly("PUBLISH m q2 #" + id);
        }
    }

    /** The broker never has room. Returns how long the message was tried. */
    private static Duration refusedForEver(Machine machine, PublishRequest request) {
        long begin = machine.now();
        while (!machine.effects.isSettled(request)) {
            if (request.packetId() == 0) {
                machine.tickOnce();
            } else {
                machine.pubAck(request.packetId(), ReasonCode.QUOTA_EXCEEDED, WORDS);
            }
        }
        return Duration.ofNanos(machine.now() - begin);
    }

    @Test
    void aMessageForWhichThereIsNeverRoomFailsWithTheCauseAndTheOthersGoOn() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.sendWindow = 1);
        PublishRequest request = machine.publish(Machine.message("m", 1));
        machine.publish(1, "n");

        assertThat(refusedForEver(machine, request)).isBetween(Duration.ofMinutes(1), Duration.ofSeconds(92));

        assertRejected(machine, request, ReasonCode.QUOTA_EXCEEDED, "because");
        machine.take();
        machine.pass(32);
        assertThat(machine.packets()).singleElement().asString().startsWith("PUBLISH n q1");
    }

    @Test
    void thatThereIsNoRoomIsToldAtTheFirst() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 1));

        machine.pubAck(request.packetId(), ReasonCode.QUOTA_EXCEEDED, WORDS);

        assertThat(machine.effects.events(QuotaExceeded.class)).singleElement().satisfies(event -> {
            assertThat(event.cause()).hasMessageContaining("PUBLISH to 't'").hasMessageContaining("because");
            assertThat(event.patience()).isEqualTo(Duration.ofMinutes(1));
        });
        refusedForEver(machine, request);
        assertThat(machine.effects.events(QuotaExceeded.class)).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void whoHasNoPatienceIsToldAtOnceThatThereIsNoRoom() {
        Machine machine = Machine.online5(Properties.NONE, options -> {
            options.quotaPatience = Duration.ZERO;
            options.sendWindow = 1;
        });
        PublishRequest request = machine.publish(Machine.message("m", 1));
        machine.publish(1, "n");
        machine.take();

        machine.pubAck(1, ReasonCode.QUOTA_EXCEEDED, WORDS);

        assertRejected(machine, request, ReasonCode.QUOTA_EXCEEDED, "because");
        assertThat(machine.packets()).containsExactly("PUBLISH n q1 #2");
    }

    @Test
    void anAcceptedMessageMakesTheWaitShortAgain() {
        Machine machine = Machine.online5();
        machine.publish(1, "a");
        machine.pubAck(1, ReasonCode.QUOTA_EXCEEDED, Properties.NONE);
        machine.pass(1);
        machine.pubAck(2, ReasonCode.SUCCESS, Properties.NONE);
        machine.publish(1, "b");
        machine.pubAck(3, ReasonCode.QUOTA_EXCEEDED, Properties.NONE);
        machine.take();

        machine.pass(1);

        assertThat(machine.packets()).containsExactly("PUBLISH b q1 #4");
    }

    @Test
    void whatWasTooMuchKeepsItsPlaceWhenTheSessionIsLost() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.sendWindow = 3);
        machine.publish(1, "a", "b", "c", "d");
        machine.pubAck(2, ReasonCode.QUOTA_EXCEEDED, Properties.NONE);

        machine.reconnect(false);

        assertThat(machine.packets())
                .extracting(line -> line.substring(0, 9))
                .containsExactly("PUBLISH a", "PUBLISH b", "PUBLISH c");
    }

    @Test
    void pubRecForAnUnknownIdentifierIsAnsweredThatItIsUnknown() {
        Machine machine = Machine.online5();

        machine.pubRec(9);
        assertThat(machine.packets()).containsExactly("PUBREL #9 PACKET_IDENTIFIER_NOT_FOUND");
        machine.receive(broker -> broker.pubComp(9, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.NONE));
        machine.pubRec(9, ReasonCode.NOT_AUTHORIZED);

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.effects.open).isTrue();
    }

    @Test
    void pubRelForAnUnknownIdentifierIsAnsweredThatItIsUnknown() {
        Machine machine = Machine.online5();

        machine.pubRel(9);

        assertThat(machine.packets()).containsExactly("PUBCOMP #9 PACKET_IDENTIFIER_NOT_FOUND");
    }

    @Test
    void pubCompThatKnowsNoIdentifierCompletes() {
        Machine machine = Machine.online5();
        machine.publish(2, "m");
        machine.pubRec(1);
        machine.take();

        machine.receive(broker -> broker.pubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.NONE));

        assertThat(machine.take()).containsExactly("log settled m", "complete m PACKET_IDENTIFIER_NOT_FOUND");
    }

    @Test
    void whatPubRecSaysComesWithTheResult() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 2));

        machine.receive(broker -> broker.pubRec(1, ReasonCode.NO_MATCHING_SUBSCRIBERS, WORDS));
        machine.pubComp(1);

        assertThat(machine.effects.results.get(request))
                .isEqualTo(new PublishResult(
                        ReasonCode.NO_MATCHING_SUBSCRIBERS, "because", List.of(new UserProperty("k", "v")), false));
    }

    @Test
    void whatPubRecSaysOutlivesTheConnection() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 2));
        machine.receive(broker -> broker.pubRec(1, ReasonCode.NO_MATCHING_SUBSCRIBERS, WORDS));

        machine.reconnect(true);
        machine.pubComp(1);

        assertThat(machine.effects.results.get(request).reasonString()).isEqualTo("because");
    }

    @Test
    void whatPubRecSaidOfAMessageThatBeginsAnewIsForgotten() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 2));
        machine.receive(broker -> broker.pubRec(1, ReasonCode.NO_MATCHING_SUBSCRIBERS, WORDS));

        machine.reconnect(false);
        machine.pubRec(2);
        machine.pubComp(2);

        assertThat(machine.effects.results.get(request))
                .isEqualTo(new PublishResult(ReasonCode.SUCCESS, "", List.of(), true));
    }

    @Test
    void whatPubCompSaysIsAddedToWhatPubRecSaid() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 2));

        machine.receive(broker -> broker.pubRec(1, ReasonCode.SUCCESS, WORDS));
        machine.receive(broker -> broker.pubComp(
                1,
                ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                Properties.NONE.with(Property.REASON_STRING, "gone").with(List.of(new UserProperty("l", "w")))));

        assertThat(machine.effects.results.get(request))
                .isEqualTo(new PublishResult(
                        ReasonCode.PACKET_IDENTIFIER_NOT_FOUND,
                        "because",
                        List.of(new UserProperty("k", "v"), new UserProperty("l", "w")),
                        false));
    }

    @Test
    void nothingIsSentAgainOnALiveConnection() {
        Machine machine = Machine.online5(
                Properties.NONE,
                options -> options.retransmission = new Retransmission(Duration.ofSeconds(1), 10_000, 2));
        machine.publish(2, "m", "n");
        machine.pubRec(2);
        machine.subscribe("f", 1, "h");
        machine.take();

        machine.pass(3_600);

        assertThat(machine.take()).isEmpty();
    }

    @Test
    void eachUnsubscriptionHasAnAnswerOfItsOwn() {
        Machine machine = Machine.online5();
        machine.subscribed("a", 1, "h");
        machine.lose();
        var refused = machine.unsubscribe("a");
        var none = machine.unsubscribe("b");
        machine.open();
        machine.take();
        machine.connAck(true);
        assertThat(machine.packets()).containsExactly("UNSUBSCRIBE #2 a b");

        machine.receive(broker -> broker.unsubAck(
                new UnsubAck(2, List.of(ReasonCode.NOT_AUTHORIZED, ReasonCode.NO_SUBSCRIPTION_EXISTED), WORDS)));

        assertThat(machine.take())
                .containsExactly(
                        "fail a NOT_AUTHORIZED", "log unsubscribed b", "unsubscribed b NO_SUBSCRIPTION_EXISTED");
        assertThat(machine.effects.failures.get(refused))
                .isInstanceOfSatisfying(RequestRejectedException.class, cause -> {
                    assertThat(cause.filter()).isEqualTo(TopicFilter.of("a"));
                    assertThat(cause.reasonString()).isEqualTo("because");
                });
        assertThat(machine.effects.answers.get(none)).isEqualTo(WORDS);
        machine.deliver("a", "still", 1, 1, false);
        assertThat(machine.take()).containsExactly("deliver still #1 to h");
    }

    @Test
    void unsubAckWithTheWrongNumberOfCodesIsAViolation() {
        Machine machine = Machine.online5();
        machine.unsubscribe("a");
        machine.take();

        machine.receive(broker ->
                broker.unsubAck(new UnsubAck(1, List.of(ReasonCode.SUCCESS, ReasonCode.SUCCESS), Properties.NONE)));

        assertThat(machine.packets()).containsExactly("DISCONNECT PROTOCOL_ERROR");
    }

    @Test
    void aRefusedSubscriptionSaysWhy() {
        Machine machine = Machine.online5();
        SubscriptionRequest request = machine.subscribe("a", 1, "h");

        machine.receive(broker -> broker.subAck(new SubAck(1, List.of(ReasonCode.QUOTA_EXCEEDED), WORDS)));

        assertRejected(machine, request, ReasonCode.QUOTA_EXCEEDED, "because");
    }

    @Test
    void aGrantedSubscriptionHasTheBrokersWords() {
        Machine machine = Machine.online5();
        SubscriptionRequest request = machine.subscribe("a", 2, "h");
        machine.take();

        machine.receive(broker -> broker.subAck(new SubAck(1, List.of(ReasonCode.GRANTED_QOS_1), WORDS)));

        assertThat(machine.take()).containsExactly("log subscribed a:2", "granted a:1");
        assertThat(machine.effects.answers.get(request)).isEqualTo(WORDS);
    }

    private static void assertRejected(Machine machine, Object request, ReasonCode reasonCode, String reason) {
        assertThat(machine.effects.failures.get(request))
                .isInstanceOfSatisfying(RequestRejectedException.class, cause -> {
                    assertThat(cause.reasonCode()).isEqualTo(reasonCode);
                    assertThat(cause.reasonString()).isEqualTo(reason);
                    assertThat(cause.userProperties()).containsExactly(new UserProperty("k", "v"));
                });
    }
}
