package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.MessageUnhandled;
import io.hawser.mqtt.ConnectionEvent.SubscriptionUnclaimed;
import io.hawser.mqtt.ConnectionEvent.UnacknowledgedBacklog;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionStore;
import io.hawser.wire.Properties;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages and subscriptions that nobody in the program wants. */
class UnhandledTest {
    private static final long GRACE = 10;

    private static HoldPolicy forever(long bytes) {
        return new HoldPolicy(HoldPolicy.FOREVER, false, bytes);
    }

    private static Machine subscribed() {
        Machine machine = Machine.online();
        machine.subscribed(Machine.TOPIC, 2, "h");
        return machine;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void isAcknowledgedAfterTheGraceAndLetsTheOthersThrough(int qos) {
        Machine machine = subscribed();
        machine.deliver("other", "nobody's", qos, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.acknowledge("b");
        machine.pass(GRACE - 1);
        assertThat(machine.packets()).isEmpty();

        machine.pass(1);

        assertThat(machine.packets()).containsExactly(qos == 1 ? "PUBACK #1" : "PUBREC #1", "PUBACK #2");
        assertThat(machine.effects.events(MessageUnhandled.class))
                .containsExactly(new MessageUnhandled("other", null, ReasonCode.SUCCESS, 0, 1));
        assertThat(machine.session.figures().droppedInbound()).isEqualTo(1);
        assertThat(machine.session.heldBytes()).isZero();
    }

    @Test
    void onlyTheFirstOfATopicIsAWarning() {
        Machine machine = subscribed();
        machine.deliver("other", "a", 1, 1, false);
        machine.deliver("other", "b", 1, 2, false);
        machine.deliver("another", "c", 1, 3, false);

        machine.pass(GRACE);

        assertThat(machine.effects.events(MessageUnhandled.class))
                .extracting(MessageUnhandled::level)
                .containsExactly(Level.WARNING, Level.DEBUG, Level.WARNING);
    }

    @Test
    void theGraceBeginsWhenAllSubscriptionsAreAnswered() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("slow", 1, "h");
        machine.connect(false);
        machine.deliver("other", "a", 1, 1, false);
        machine.pass(GRACE + 5);
        assertThat(machine.packets()).doesNotContain("PUBACK #1");

        machine.subAck(1, 1);
        machine.pass(GRACE);

        assertThat(machine.packets()).containsExactly("PUBACK #1");
    }

    @Test
    void aBrokerThatNeverAnswersASubscribeDoesNotStopTheGrace() {
        Machine machine = Machine.offline(options -> {});
        machine.declare("slow", 1, "h");
        machine.connect(false);
        machine.deliver("other", "a", 1, 1, false);

        machine.pass(30 + GRACE);

        assertThat(machine.packets()).contains("PUBACK #1");
    }

    @Test
    void isRefusedIfTheProgramWantsThatAndTheVersionCan() {
        Machine machine = Machine.online5(
                Properties.NONE,
                options -> options.unhandled = new HoldPolicy(HoldPolicy.USUAL_GRACE_NANOS, true, 1_000_000));
        machine.deliver("other", "a", 1, 1, false);
        machine.deliver("other", "b", 2, 2, false);

        machine.pass(GRACE);

        assertThat(machine.packets()).containsExactly("PUBACK #1 UNSPECIFIED_ERROR", "PUBREC #2 UNSPECIFIED_ERROR");
    }

    @Test
    void withoutAGraceIsAcknowledgedAtOnce() {
        Machine machine = Machine.online(options -> options.unhandled = new HoldPolicy(0, false, 1_000_000));
        machine.deliver("other", "a", 1, 1, false);
        machine.pass(0);

        assertThat(machine.packets()).containsExactly("PUBACK #1");
    }

    @Test
    void heldForEverIsToldWithWhatItHoldsUpAndStaysHeld() {
        Machine machine = Machine.online(options -> options.unhandled = forever(1_000_000));
        machine.subscribed(Machine.TOPIC, 2, "h");
        machine.deliver("other", "a", 1, 1, false);
        machine.deliver("b", 1, 2, false);
        machine.acknowledge("b");

        machine.pass(1_000);

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.effects.events(MessageUnhandled.class))
                .containsExactly(new MessageUnhandled("other", null, null, 2, 1));
        machine.subscribe("other", 1, "late");
        machine.acknowledge("a");
        assertThat(machine.packets()).contains("PUBACK #1", "PUBACK #2");
    }

    @Test
    void beyondTheBytesTheOldestAreGivenUpWhateverTheGrace() {
        Machine machine = Machine.online(options -> options.unhandled = forever(10_000));
        for (int id = 1; id <= 10; id++) {
            machine.deliver("other", id + "x".repeat(2_000), 1, id, false);
            assertThat(machine.session.heldBytes()).isLessThanOrEqualTo(10_000);
        }

        assertThat(machine.packets())
                .containsExactly("PUBACK #1", "PUBACK #2", "PUBACK #3", "PUBACK #4", "PUBACK #5", "PUBACK #6");
        assertThat(machine.session.figures().unacknowledged()).isEqualTo(4);
    }

    @Test
    void aMessageOfALostSessionIsGivenUpToo() {
        Machine machine = subscribed();
        machine.deliver("other", "a", 1, 1, false);
        machine.reconnect(false);
        machine.subAck(2, 2);
        machine.take();

        machine.pass(GRACE);

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.effects.events(MessageUnhandled.class)).hasSize(1);
        assertThat(machine.session.heldBytes()).isZero();
    }

    @Test
    void aRestoredSubscriptionThatNobodyAsksForEndsAfterTheGrace() {
        SessionStore store = SessionStore.inMemory();
        Machine first = new Machine(store, options -> {});
        first.connect(false);
        first.subscribed("old/#", 1, "h");
        first.subscribed("new/#", 1, "h");
        first.close();
        first.log.close();
        Machine second = new Machine(store, options -> {});
        second.declare("new/#", 1, "h");
        second.connect(true);
        second.subAck(1, 1, 1);
        second.take();
        second.deliver("old/x", "a", 1, 7, false);

        second.pass(GRACE);

        assertThat(second.take()).containsExactly("> PUBACK #7", "> UNSUBSCRIBE #2 old/#");
        assertThat(second.effects.events(SubscriptionUnclaimed.class))
                .containsExactly(new SubscriptionUnclaimed(TopicFilter.of("old/#")));
        assertThat(second.effects.events(MessageUnhandled.class))
                .containsExactly(new MessageUnhandled("old/x", TopicFilter.of("old/#"), ReasonCode.SUCCESS, 0, 1));
        second.unsubAck(2);
        assertThat(second.take()).containsExactly("log unsubscribed old/#", "unsubscribed old/#");
        second.deliver("old/x", "b", 1, 8, false);
        assertThat(second.packets()).containsExactly("PUBACK #8");
        second.pass(1_000);
        assertThat(second.packets()).isEmpty();
    }

    @Test
    void aRestoredSubscriptionThatIsAskedForInTimeStays() {
        SessionStore store = SessionStore.inMemory();
        Machine first = new Machine(store, options -> {});
        first.connect(false);
        first.subscribed("late/#", 1, "h");
        first.close();
        first.log.close();
        Machine second = new Machine(store, options -> {});
        second.connect(true);
        second.subAck(1, 1);
        second.pass(GRACE - 1);
        second.subscribed("late/#", 1, "h");

        second.pass(1_000);

        assertThat(second.packets()).isEmpty();
        assertThat(second.effects.events(SubscriptionUnclaimed.class)).isEmpty();
    }

    @Test
    void theReplyTopicOfAnEarlierProcessIsUnsubscribedFromAtOnceAndItsRepliesAreAcknowledged() {
        SessionStore store = SessionStore.inMemory();
        Machine first = new Machine(store, options -> {});
        first.connect(false);
        first.subscribed("hawser/replies/asker", 2, "replies");
        first.close();
        first.log.close();
        Machine second = new Machine(store, options -> {});
        second.open();
        second.take();
        second.connAck(true);

        assertThat(second.packets()).containsExactly("UNSUBSCRIBE #1 hawser/replies/asker");
        second.deliver("hawser/replies/asker", "late", 1, 7, false);
        assertThat(second.packets()).containsExactly("PUBACK #7");
        second.unsubAck(1);
        assertThat(second.take())
                .containsExactly("log unsubscribed hawser/replies/asker", "unsubscribed hawser/replies/asker");
        second.reconnect(false);
        assertThat(second.packets()).isEmpty();
    }

    @Test
    void aReplyThatNoStoreKnowsOfIsAcknowledged() {
        Machine machine = subscribed();
        machine.deliver("hawser/replies/asker", "late", 1, 7, false);

        assertThat(machine.packets()).containsExactly("PUBACK #7");
    }

    @Test
    void aReplyTopicThatIsAskedForAgainIsSubscribedToAfterItsEnd() {
        SessionStore store = SessionStore.inMemory();
        Machine first = new Machine(store, options -> {});
        first.connect(false);
        first.subscribed("hawser/replies/asker", 2, "replies");
        first.close();
        first.log.close();
        Machine second = new Machine(store, options -> {});
        second.connect(true);
        second.take();
        second.subscribe("hawser/replies/asker", 2, "new");
        assertThat(second.packets()).containsExactly("SUBSCRIBE #2 hawser/replies/asker:2");
        second.unsubAck(1);
        second.subAck(2, 2);
        second.take();

        second.deliver("hawser/replies/asker", "reply", 0, 0, false);

        assertThat(second.take()).containsExactly("deliver reply to new");
    }

    @Test
    void whatItsHandlerFailedOnIsAcknowledgedBefore50() {
        Machine machine = subscribed();
        machine.deliver("bad", 1, 1, false);
        machine.deliver("bad too", 2, 2, false);
        machine.take();

        machine.fail("bad", false);
        machine.fail("bad too", false);

        assertThat(machine.take()).containsExactly("> PUBACK #1", "log received #2", "> PUBREC #2");
    }

    @Test
    void whatItsHandlerFailedOnIsRefusedIn50() {
        Machine machine = Machine.online5();
        machine.subscribed(Machine.TOPIC, 2, "h");
        machine.deliver("bad", 1, 1, false);
        machine.take();

        machine.fail("bad", false);

        assertThat(machine.take()).containsExactly("> PUBACK #1 UNSPECIFIED_ERROR");
    }

    @Test
    void whatIsKeptForTheNextConnectionIsToldFromTheFirstOn() {
        Machine machine = subscribed();
        for (int id = 1; id <= 20; id++) {
            machine.deliver("m" + id, 1, id, false);
            machine.fail("m" + id, true);
        }

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.effects.events(UnacknowledgedBacklog.class))
                .extracting(UnacknowledgedBacklog::unacknowledged)
                .isEqualTo(List.of(1, 2, 4, 8, 16));
        assertThat(Duration.ofNanos(HoldPolicy.USUAL_GRACE_NANOS)).hasSeconds(GRACE);
    }
}
