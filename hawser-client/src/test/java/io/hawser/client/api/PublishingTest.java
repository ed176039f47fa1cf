package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationInterruptedException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.Misbehaviour.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PublishingTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();

    @Variant.Each
    void publishesAtEachQos(Variant variant) throws Exception {
        try (MqttClient client = variant.client(broker.url()).build()) {
            variant.connect(client);
            variant.subscribe(client, "a/#", inbox);
            for (Qos qos : Qos.values()) {
                Message message = Message.of("a/" + qos.level(), "text").qos(qos);

                assertThat(variant.publish(client, message)).isEqualTo(PublishResult.ACKNOWLEDGED);

                assertThat(inbox.next().message()).isEqualTo(message);
            }
            variant.flush(client);
            assertThat(client.statistics().acknowledged()).isEqualTo(2);
            assertThat(client.statistics().sent()).isEqualTo(3);
        }
    }

    @Variant.Each
    void enqueuedMessagesLeaveInOrderOnceThereIsAConnection(Variant variant) throws Exception {
        try (MqttClient reader = variant.client(broker.url()).build();
                MqttClient client = variant.client(broker.url()).sendWindow(1).build()) {
            variant.connect(reader);
            variant.subscribe(reader, "#", inbox);
            for (int i = 0; i < 100; i++) {
                variant.enqueue(client, Message.of("a", Integer.toString(i)).qos(Qos.of(1 + i % 2)));
            }
            assertThat(client.statistics().queued()).isEqualTo(100);

            variant.connect(client);
            variant.flush(client);

            assertThat(inbox.nextTexts(100))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 100).mapToObj(Integer::toString).toList());
            assertThat(client.statistics().queued()).isZero();
            assertThat(client.statistics().inFlight()).isZero();
        }
    }

    @Variant.Each
    void survivesCutsWithoutLossAndAtQos2WithoutDuplicates(Variant variant) throws Exception {
        try (MqttClient reader = variant.client(broker.url())
                        .clientId("reader")
                        .session(SessionStore.inMemory(), Duration.ofDays(1))
                        .build();
                MqttClient client = variant.client(broker.url())
                        .clientId("writer")
                        .session(SessionStore.inMemory(), Duration.ofDays(1))
                        .build()) {
            variant.connect(reader);
            variant.subscribe(reader, "#", inbox);
            variant.connect(client);
            List<CompletableFuture<PublishResult>> results = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                results.add(
                        client.publishAsync(Message.of("a", Integer.toString(i)).qos(Qos.EXACTLY_ONCE)));
                if (i % 100 == 99) {
                    broker.server().cutConnections();
                }
            }
            results.forEach(Variant::outcome);

            assertThat(inbox.nextTexts(500))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, 500).mapToObj(Integer::toString).toList());
            variant.publish(client, Message.of("a", "end"));
            assertThat(inbox.next().text()).isEqualTo("end");
        }
    }

    /** The broker still waits for PUBREL under identifiers of the earlier client, and the later one counts from 1 as well. */
    @Variant.Each
    void whatALaterClientOfTheSessionPublishesIsNotTakenForTheEarlierOnes(Variant variant) throws Exception {
        try (MqttClient reader = variant.client(broker.url()).build()) {
            variant.connect(reader);
            variant.subscribe(reader, "#", inbox);
            broker.misbehave().swallow(Answer.PUBREC);
            try (MqttClient earlier = keptInMemory(variant)) {
                variant.connect(earlier);
                publishThree(earlier, "earlier");
            }
            broker.misbehave().none();

            try (MqttClient later = keptInMemory(variant)) {
                variant.connect(later);
                publishThree(later, "later");
                variant.flush(later);
            }
            assertThat(inbox.nextTexts(6))
                    .containsExactly("earlier 0", "earlier 1", "earlier 2", "later 0", "later 1", "later 2");
        }
    }

    private static void publishThree(MqttClient client, String name) {
        for (int i = 0; i < 3; i++) {
            client.publishAsync(Message.of("a", name + " " + i).qos(Qos.EXACTLY_ONCE));
        }
        await().until(() -> client.statistics().sent() == 3);
    }

    private MqttClient keptInMemory(Variant variant) {
        return variant.client(broker.url())
                .clientId("writer")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .build();
    }

    @Test
    void publishThatTakesTooLongGoesOn() {
        try (MqttClient client =
                Variant.hasty(broker.url()).timeout(Duration.ofMillis(100)).build()) {
            assertThatExceptionOfType(OperationTimeoutException.class)
                    .isThrownBy(() -> client.publish(Message.of("a", "1")))
                    .withMessage("publish has not been answered within PT0.1S; it was accepted and goes on;"
                            + " nobody has called connect()");
            client.connectAsync();
            Variant.outcome(client.flushAsync());
            assertThat(client.statistics().acknowledged()).isEqualTo(1);
        }
    }

    @Test
    void interruptEndsTheWaitingOnly() throws Exception {
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            Thread.currentThread().interrupt();
            assertThatExceptionOfType(OperationInterruptedException.class)
                    .isThrownBy(() -> client.publish(Message.of("a", "1")))
                    .withMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
            client.connectAsync();
            Variant.outcome(client.flushAsync());
            assertThat(client.statistics().acknowledged()).isEqualTo(1);
        }
    }

    @Variant.Each
    void fullQueueRejectsTheNewMessage(Variant variant) {
        try (MqttClient client =
                variant.client(broker.url()).queue(QueuePolicy.bounded(2)).build()) {
            variant.enqueue(client, Message.of("a", "1"));
            variant.enqueue(client, Message.of("a", "2"));

            assertThatExceptionOfType(MessageDroppedException.class)
                    .isThrownBy(() -> variant.enqueue(client, Message.of("a", "3")))
                    .satisfies(e -> assertThat(e.rule()).isEqualTo(Rule.QUEUE_FULL))
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.LOCAL))
                    .withMessageContaining("messages=2");
            assertThatExceptionOfType(MessageDroppedException.class)
                    .isThrownBy(() -> variant.publish(client, Message.of("a", "3")));
            await().until(() -> client.statistics().dropped() == 2);
            assertThat(client.statistics().queued()).isEqualTo(2);
        }
    }

    @Variant.Each
    void fullQueueDropsTheOldestMessage(Variant variant) throws Exception {
        try (MqttClient reader = variant.client(broker.url()).build();
                MqttClient client = variant.client(broker.url())
                        .queue(QueuePolicy.bounded(2).dropOldest())
                        .build()) {
            variant.connect(reader);
            variant.subscribe(reader, "#", inbox);
            CompletableFuture<PublishResult> oldest = client.publishAsync(Message.of("a", "1"));
            variant.enqueue(client, Message.of("a", "2"));
            variant.enqueue(client, Message.of("a", "3"));

            assertThatExceptionOfType(MessageDroppedException.class)
                    .isThrownBy(() -> Variant.outcome(oldest))
                    .satisfies(e -> assertThat(e.rule()).isEqualTo(Rule.OLDEST_DROPPED));
            variant.connect(client);
            variant.flush(client);
            assertThat(inbox.nextTexts(2)).containsExactly("2", "3");
        }
    }

    @Test
    void queueIsBoundedInBytesToo() {
        try (MqttClient client = Variant.hasty(broker.url())
                .queue(new QueuePolicy(1000, 100, false, null))
                .build()) {
            client.enqueue(Message.of("a", new byte[60]));

            assertThatExceptionOfType(MessageDroppedException.class)
                    .isThrownBy(() -> client.enqueue(Message.of("a", new byte[60])));
            client.enqueue(Message.of("a", new byte[30]));
            assertThat(client.statistics().queuedBytes()).isEqualTo(92);
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void millionPublishesWithoutABrokerNeverBlockKeepTheBoundAndSettleOnce(boolean dropOldest) throws Exception {
        int bound = 1000;
        int count = 1_000_000;
        broker.server().stop(true);
        QueuePolicy policy = QueuePolicy.bounded(bound);
        MqttPublisher client = Variant.hasty(MqttPublisher.builder(broker.url()))
                .queue(dropOldest ? policy.dropOldest() : policy)
                .build();
        client.connectAsync();
        AtomicLong settlements = new AtomicLong();
        AtomicLong full = new AtomicLong();
        AtomicLong madeRoom = new AtomicLong();
        AtomicLong closed = new AtomicLong();
        AtomicLong others = new AtomicLong();
        AtomicLong mostQueued = new AtomicLong();
        Message message = Message.of("a", "payload");
        inAThreadOfItsOwn(() -> {
            for (int i = 0; i < count; i++) {
                client.publishAsync(message).whenComplete((result, cause) -> {
                    settlements.incrementAndGet();
                    if (cause instanceof MessageDroppedException dropped) {
                        (dropped.rule() == Rule.QUEUE_FULL ? full : madeRoom).incrementAndGet();
                    } else if (cause instanceof ClientClosedException) {
                        closed.incrementAndGet();
                    } else {
                        others.incrementAndGet();
                    }
                });
                if (i % 1000 == 0) {
                    mostQueued.accumulateAndGet(client.statistics().queued(), Math::max);
                }
            }
        });
        // As much again as the queue holds may be on its way to it.
        assertThat(mostQueued.get()).isLessThanOrEqualTo(2 * bound);
        await().until(() -> settlements.get() == count - bound);
        assertThat(client.statistics().queued()).isEqualTo(bound);
        assertThat(client.statistics().dropped()).isEqualTo(count - bound);
        if (dropOldest) {
            assertThat(madeRoom).hasPositiveValue();
        } else {
            assertThat(madeRoom).hasValue(0);
        }

        client.close();

        assertThat(settlements).hasValue(count);
        assertThat(full.get() + madeRoom.get()).isEqualTo(count - bound);
        assertThat(closed).hasValue(bound);
        assertThat(others).hasValue(0);
    }

    /** Whose stack is short, so that a million exceptions are made soon. */
    private static void inAThreadOfItsOwn(Runnable calls) throws InterruptedException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                calls.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        caller.start();
        caller.join();
        Variant.outcome(done);
    }

    @Test
    void publishingNeverWaitsForTheEventLoop() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(1);
        MqttClient client = Variant.hasty(broker.url())
                .queue(QueuePolicy.bounded(1000))
                .handlerExecutor(Runnable::run)
                .onEvent(event -> {
                    blocked.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .build();
        client.connectAsync();
        blocked.await();
        List<CompletableFuture<PublishResult>> published = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            published.add(client.publishAsync(Message.of("a", "1")));
        }
        assertThat(published).filteredOn(CompletableFuture::isDone).hasSize(9000);
        assertThat(client.statistics().queued()).isEqualTo(1000);
        go.countDown();
        client.flush();
        assertThat(published)
                .filteredOn(future -> !future.isCompletedExceptionally())
                .hasSize(1000);
        client.close();
    }

    @Test
    void cancelledPublishIsSentAllTheSame() throws Exception {
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            CompletableFuture<PublishResult> published = client.publishAsync(Message.of("a", "1"));
            published.cancel(true);
            client.connect();
            client.flush();
            assertThat(client.statistics().acknowledged()).isEqualTo(1);
        }
    }

    @Test
    void whatDependsOnAPublishMayThrowAndMayPublish() {
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            client.connect();
            AtomicInteger answered = new AtomicInteger();
            CompletableFuture<PublishResult> first = client.publishAsync(Message.of("a", "1"));
            first.thenRun(() -> {
                throw new IllegalStateException("a mistake of the program");
            });
            CompletableFuture<PublishResult> chain = first;
            for (int i = 0; i < 100; i++) {
                chain = chain.thenCompose(result -> {
                    answered.incrementAndGet();
                    return client.publishAsync(Message.of("a", "next"));
                });
            }
            Variant.outcome(chain);
            assertThat(answered).hasValue(100);
        }
    }

    @Test
    void drainWaitsForWhatCameBeforeOnly() {
        broker.misbehave().swallow(Answer.PUBACK);
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            CompletableFuture<Void> nothing = client.flushAsync();
            Variant.outcome(nothing);
            client.connect();
            client.publishAsync(Message.of("a", "1"));
            CompletableFuture<Void> drained = client.flushAsync();
            await().until(() -> client.statistics().inFlight() == 1);
            assertThat(drained).isNotDone();

            broker.misbehave().none();
            broker.server().cutConnections();

            Variant.outcome(drained);
        }
    }

    @Variant.Each
    void drainOfAClosedClientFails(Variant variant) {
        MqttClient client = variant.client(broker.url()).build();
        CompletableFuture<PublishResult> published = client.publishAsync(Message.of("a", "1"));
        CompletableFuture<Void> before = client.flushAsync();
        variant.close(client);

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(published));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(before));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> variant.flush(client));
    }

    @Test
    void sessionThatTheBrokerLostIsTold() {
        broker.misbehave().swallow(Answer.PUBREC);
        try (MqttClient marking = kept("marking", true);
                MqttClient failing = kept("failing", false)) {
            marking.connect();
            failing.connect();
            CompletableFuture<PublishResult> marked =
                    marking.publishAsync(Message.of("a", "1").qos(Qos.EXACTLY_ONCE));
            CompletableFuture<PublishResult> failed =
                    failing.publishAsync(Message.of("a", "1").qos(Qos.EXACTLY_ONCE));
            await().until(() -> marking.statistics().inFlight() == 1);
            await().until(() -> failing.statistics().inFlight() == 1);

            broker.server().stop(false);
            broker.misbehave().none();
            broker.server().resume();

            assertThat(Variant.outcome(marked).possiblyDuplicated()).isTrue();
            assertThatExceptionOfType(MessageDroppedException.class)
                    .isThrownBy(() -> Variant.outcome(failed))
                    .satisfies(e -> assertThat(e.rule()).isEqualTo(Rule.SESSION_LOST));
        }
    }

    private MqttClient kept(String clientId, boolean republish) {
        return Variant.hasty(broker.url())
                .clientId(clientId)
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .republishAmbiguous(republish)
                .build();
    }

    @Test
    void messageTooLargeForAnyBrokerIsRefusedAtOnce() {
        byte[] payload = new byte[Message.MAXIMUM_PAYLOAD];
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.publishAsync(Message.of("a/long/topic", payload)))
                    .withMessageContaining("must be at most 268435460");
        }
    }

    @Test
    void statisticsKnowWhatIsInFlightAndForHowLongWithoutAConnectionToo() {
        broker.misbehave().swallow(Answer.PUBACK);
        Events events = new Events();
        try (MqttClient client = Variant.hasty(broker.url())
                .unansweredAfter(Duration.ofMillis(50))
                .closeTimeout(Duration.ZERO)
                .onEvent(events)
                .build()) {
            assertThat(client.statistics().oldestUnanswered()).isZero();
            client.connect();
            client.publishAsync(Message.of("a", "1"));
            await().until(() -> client.statistics().inFlight() == 1);
            broker.server().stop(true);
            await().until(() -> client.state() == ConnectionState.WAITING);

            assertThat(client.statistics().inFlight()).isEqualTo(1);
            assertThat(events.first(ConnectionEvent.RequestUnanswered.class).request())
                    .isEqualTo("PUBLISH to 'a'");
            assertThat(client.statistics().oldestUnanswered()).isGreaterThanOrEqualTo(Duration.ofMillis(50));
        }
    }
}
