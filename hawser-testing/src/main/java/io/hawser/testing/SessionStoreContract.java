package io.hawser.testing;

import static io.hawser.testing.StoreSteps.accepted;
import static io.hawser.testing.StoreSteps.concluded;
import static io.hawser.testing.StoreSteps.contents;
import static io.hawser.testing.StoreSteps.differentMessages;
import static io.hawser.testing.StoreSteps.keyed;
import static io.hawser.testing.StoreSteps.last;
import static io.hawser.testing.StoreSteps.lines;
import static io.hawser.testing.StoreSteps.message;
import static io.hawser.testing.StoreSteps.received;
import static io.hawser.testing.StoreSteps.safe;
import static io.hawser.testing.StoreSteps.sent;
import static io.hawser.testing.StoreSteps.sequences;
import static io.hawser.testing.StoreSteps.subscriptions;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SessionStore} must do, as tests: extend it, say how to come by a store, and the tests run with it.
 *
 * <p>A session is used by one client after the other here; how well a store keeps its promise when a process or a machine dies
 * is for tests of its own.
 */
public abstract class SessionStoreContract {
    /** For subclasses. */
    protected SessionStoreContract() {}

    /** The store under test: the same for the whole of one test, or another one for the same data. */
    protected abstract SessionStore store();

    @Test
    void aNewSessionIsEmpty() {
        SessionLog log = store().open("new");

        assertThat(log.waiting()).isZero();
        assertThat(log.waitingBytes()).isZero();
        assertThat(log.failure()).isNull();
        assertThat(log.damage()).isNull();
        assertThat(contents(log)).isEmpty();
        log.close();
    }

    @Test
    void whatWaitsStaysInOrder() {
        SessionLog log = opened("a");
        for (int i = 1; i <= 300; i++) {
            log.accepted(new FakePublish(i, message(i)));
        }

        assertThat(lines(reopened(log, "a")))
                .hasSize(300)
                .startsWith("1 waits m1", "2 waits m2")
                .endsWith("300 waits m300");
    }

    @Test
    void whatIsInFlightKeepsIdentifierAndPubrec() {
        SessionLog log = opened("a");
        FakePublish first = accepted(log, 1);
        FakePublish second = accepted(log, 2);
        FakePublish third = accepted(log, 3);
        sent(log, first, 7);
        sent(log, second, 65_535);
        second.released = true;
        log.released(second);

        assertThat(lines(reopened(log, "a")))
                .containsExactly("1 has identifier 7 m1", "2 has identifier 65535 and PUBREC m2", "3 waits m3");
        assertThat(third.packetId()).isZero();
    }

    @Test
    void whatLosesItsIdentifierWaitsAgain() {
        SessionLog log = opened("a");
        FakePublish first = accepted(log, 1);
        accepted(log, 2);
        sent(log, first, 7);
        sent(log, first, 0);

        assertThat(lines(reopened(log, "a"))).containsExactly("1 waits m1", "2 waits m2");
    }

    @Test
    void whatMayHaveArrivedInALostSessionStaysInDoubt() {
        SessionLog log = opened("a");
        for (int i = 1; i <= 4; i++) {
            FakePublish publish = accepted(log, i);
            sent(log, publish, i);
            publish.possiblyDuplicated = i < 4;
            sent(log, publish, 0);
            if (i == 2) {
                sent(log, publish, 7);
            } else if (i == 3) {
                log.settled(publish);
            }
        }
        String[] doubted = {
            "1 waits perhaps again m1", "2 has identifier 7 perhaps again m2", "4 waits m4",
        };

        assertThat(lines(reopened(log, "a"))).containsExactly(doubted);
        assertThat(lines(store().open("a"))).containsExactly(doubted);
    }

    @Test
    void whatIsSettledDoesNotComeBack() {
        SessionLog log = opened("a");
        for (int i = 1; i <= 8; i++) {
            accepted(log, i);
        }
        FakePublish inFlight = accepted(log, 9);
        sent(log, inFlight, 9);
        log.settled(inFlight);
        for (int i : new int[] {2, 1, 5, 8}) {
            log.settled(new FakePublish(i, message(i)));
        }

        assertThat(lines(reopened(log, "a"))).containsExactly("3 waits m3", "4 waits m4", "6 waits m6", "7 waits m7");
    }

    @Test
    void anIdentifierCanBeUsedAgain() {
        SessionLog log = opened("a");
        FakePublish first = accepted(log, 1);
        FakePublish second = accepted(log, 2);
        sent(log, first, 7);
        log.settled(first);
        sent(log, second, 7);

        assertThat(lines(reopened(log, "a"))).containsExactly("2 has identifier 7 m2");
    }

    @Test
    void sequencesMayHaveGaps() {
        SessionLog log = opened("a");
        accepted(log, 10);
        FakePublish far = accepted(log, 5_000_000_000L);
        accepted(log, 5_000_000_007L);
        log.settled(far);

        assertThat(lines(reopened(log, "a"))).containsExactly("10 waits m10", "5000000007 waits m5000000007");
    }

    @Test
    void messagesKeepEverythingTheySay() {
        List<Message> messages = differentMessages();
        SessionLog log = opened("a");
        for (int i = 0; i < messages.size(); i++) {
            log.accepted(new FakePublish(i + 1, messages.get(i)));
        }

        assertThat(contents(reopened(log, "a")))
                .extracting(StoredPublish::message)
                .isEqualTo(messages);
    }

    @Test
    void keysAndOutcomesStayUntilTheyAreHeardOf() {
        PublishResult result = new PublishResult(
                ReasonCode.NO_MATCHING_SUBSCRIBERS, "nobody", List.of(new UserProperty("a", "b")), true);
        MqttException dropped = new MessageDroppedException(MessageDroppedException.Rule.EXPIRED, "too late");
        MqttException rejected = new RequestRejectedException(
                "PUBLISH to 'x'", null, ReasonCode.NOT_AUTHORIZED, "no", List.of(new UserProperty("c", "d")));
        SessionLog log = opened("a");
        FakePublish first = keyed(log, 1, "one");
        FakePublish second = keyed(log, 2, "two");
        FakePublish third = keyed(log, 3, "");
        FakePublish fourth = keyed(log, 4, "four");
        sent(log, first, 1);
        concluded(log, first, result, null);
        concluded(log, second, null, dropped);
        concluded(log, third, null, rejected);
        concluded(log, fourth, PublishResult.ACKNOWLEDGED, null);
        log.settled(fourth);
        accepted(log, 5);

        SessionLog next = reopened(log, "a");
        List<StoredPublish> found = contents(next);

        assertThat(found).extracting(StoredPublish::key).containsExactly("one", "two", "", null);
        assertThat(found).extracting(StoredPublish::packetId).containsOnly(0);
        assertThat(found.get(0).result()).isEqualTo(result);
        assertThat(found.get(1).failure())
                .isInstanceOf(MessageDroppedException.class)
                .hasMessage("too late");
        assertThat(found.get(2).failure())
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED))
                .hasMessage(rejected.getMessage());
        assertThat(found.get(3).result()).isNull();
        assertThat(found.get(3).failure()).isNull();

        found.subList(0, 3).forEach(next::settled);
        assertThat(lines(reopened(next, "a"))).containsExactly("5 waits m5");
    }

    @Test
    void receivedIdentifiersStayUntilTheyAreForgotten() {
        SessionLog log = opened("a");
        log.received(1);
        log.received(65_535);
        log.received(7);
        log.forgotten(7);

        assertThat(received(reopened(log, "a"))).containsExactlyInAnyOrder(1, 65_535);
    }

    @Test
    void subscriptionsStayUntilTheyAreEnded() {
        Subscription rich = new Subscription(
                TopicFilter.of("b/+/#"), Qos.AT_LEAST_ONCE, true, true, RetainHandling.DO_NOT_SEND, 268_435_455);
        SessionLog log = opened("a");
        log.subscribed(Subscription.to("a"));
        log.subscribed(rich);
        log.subscribed(Subscription.to("c"));
        log.unsubscribed(TopicFilter.of("c"));
        log.subscribed(Subscription.to("a").qos(Qos.AT_MOST_ONCE));

        assertThat(subscriptions(reopened(log, "a")))
                .containsExactlyInAnyOrder(Subscription.to("a").qos(Qos.AT_MOST_ONCE), rich);
    }

    @Test
    void everythingStaysOverManyClients() {
        SessionLog log = opened("a");
        FakePublish inFlight = accepted(log, 1);
        sent(log, inFlight, 3);
        accepted(log, 2);
        for (int i = 0; i < 5; i++) {
            log = reopened(log, "a");
            List<StoredPublish> found = contents(log);
            assertThat(found).extracting(StoreSteps::line).containsExactly("1 has identifier 3 m1", "2 waits m2");
        }
        log.close();
    }

    @Test
    void theHighestSequenceIsKnownAgainAsLongAsItsMessageIs() {
        SessionLog log = opened("a");
        accepted(log, 41);
        accepted(log, 42);

        SessionLog next = reopened(log, "a");
        assertThat(Math.max(last(contents(next)), next.lastSequence())).isEqualTo(42);
        next.close();
    }

    @Test
    void pagesEndAfterSoManyMessagesOrBytes() {
        SessionLog log = opened("a");
        for (int i = 1; i <= 20; i++) {
            log.accepted(new FakePublish(i, Message.of("t", new byte[99])));
        }
        log = reopened(log, "a");
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        if (log.readsBack()) {
            assertThat(sequences(log, 0, 3, 1_000_000)).containsExactly(1L, 2L, 3L);
            assertThat(sequences(log, 3, 100, 250)).startsWith(4L, 5L).hasSizeLessThanOrEqualTo(3);
            assertThat(sequences(log, 18, 100, 1)).containsExactly(19L);
            assertThat(sequences(log, 19, 100, 1)).containsExactly(20L);
            assertThat(sequences(log, 20, 100, 1_000_000)).isEmpty();
            assertThat(sequences(log, 0, 100, 1_000_000)).hasSize(20);
        }
        log.close();
    }

    @Test
    void pagesHaveWhatWaitsAtTheTimeOfAsking() {
        SessionLog log = opened("a");
        List<FakePublish> all = new ArrayList<>();
        for (int i = 1; i <= 8; i++) {
            all.add(accepted(log, i));
        }
        sent(log, all.get(0), 1);
        sent(log, all.get(1), 2);
        sent(log, all.get(1), 0);
        log.settled(all.get(2));
        all.get(3).key = "k";
        concluded(log, all.get(3), PublishResult.ACKNOWLEDGED, null);
        if (log.readsBack()) {
            assertThat(sequences(log, 0, 100, 1_000_000)).containsExactly(2L, 5L, 6L, 7L, 8L);
            log.settled(all.get(5));
            accepted(log, 9);
            assertThat(sequences(log, 5, 100, 1_000_000)).containsExactly(7L, 8L, 9L);
            assertThat(log.waiting()).isEqualTo(5);
            assertThat(log.waitingBytes()).isEqualTo(5 * (1 + 2));
        }
        SessionLog next = reopened(log, "a");
        if (next.readsBack()) {
            assertThat(next.waiting()).isEqualTo(5);
            assertThat(next.waitingBytes()).isEqualTo(5 * (1 + 2));
        }
        next.close();
    }

    @Test
    void tellsHowLongAMessageHasWaitedOrThatItCannotTell() {
        SessionLog log = opened("a");
        accepted(log, 1);

        assertThat(contents(reopened(log, "a")))
                .allSatisfy(found -> assertThat(found.ageNanos())
                        .isBetween(0L, TimeUnit.SECONDS.toNanos(StoreSteps.PATIENCE_SECONDS)));
    }

    @Test
    void sessionsOfDifferentClientsAreDifferent() {
        List<String> clientIds = List.of(
                "", "a/b", "ab", "A/B", "a", "A", "../x", "..", ".", "a\\b", "\u00e9", "e\u0301", "x".repeat(65_535));
        SessionStore store = store();
        for (int i = 0; i < clientIds.size(); i++) {
            SessionLog log = store.open(clientIds.get(i));
            contents(log);
            log.received(i + 1);
            safe(log);
            log.close();
        }
        for (int i = 0; i < clientIds.size(); i++) {
            SessionLog log = store.open(clientIds.get(i));
            assertThat(received(log)).as("received of '%s'", clientIds.get(i)).containsExactly(i + 1);
            log.close();
        }
    }

    @Test
    void aSessionIsOpenOnceAtATime() {
        SessionStore store = store();
        SessionLog first = store.open("a\n");
        SessionLog other = store.open("b");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.open("a\n"))
                .withMessageContaining("a\\u000a");
        first.close();
        first.close();
        SessionLog second = store.open("a\n");
        first.close();
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> store.open("a\n"));
        second.close();
        other.close();
    }

    @Test
    void whatWasLoggedBecomesSafe() {
        SessionLog log = opened("a");
        for (int i = 1; i <= 50; i++) {
            accepted(log, i);
            safe(log);
        }
        log.close();
    }

    private SessionLog opened(String clientId) {
        SessionLog log = store().open(clientId);
        contents(log);
        return log;
    }

    private SessionLog reopened(SessionLog log, String clientId) {
        safe(log);
        log.close();
        SessionLog next = store().open(clientId);
        assertThat(next.damage()).isNull();
        return next;
    }
}
