package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Will;
import io.hawser.testing.BrokerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Durable before visible, with stores that are late or broken. */
@Timeout(60)
class StoreTest {
    private static final StoreException DISK = new StoreException("the disk is full", null);

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final ScriptedStore store = new ScriptedStore();
    private final Inbox inbox = new Inbox();
    private MqttClient reader;

    @BeforeEach
    void subscribes() {
        reader = Variant.hasty(broker.url()).build();
        reader.connect();
        reader.subscribe("#", inbox);
    }

    @AfterEach
    void closes() {
        reader.close();
    }

    private MqttPublisher publisher() {
        return Variant.hasty(MqttPublisher.builder(broker.url()))
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .build();
    }

    @Test
    void neitherAcceptanceNorPublishLeavesBeforeTheStoreIsSafe() throws Exception {
        try (MqttPublisher publisher = publisher()) {
            publisher.connect();
            store.late();

            CompletableFuture<Void> accepted = publisher.enqueueAsync(Message.of("a", "1"));
            await().until(() -> store.waiting() == 1);
            reader.publish(Message.of("a", "between"));

            assertThat(inbox.next().text()).isEqualTo("between");
            assertThat(accepted).isNotDone();
            store.punctual();
            Variant.outcome(accepted);
            assertThat(inbox.next().text()).isEqualTo("1");
        }
    }

    @Test
    void outcomeOfWhatTheStoreGivesUpIsNotTold() throws Exception {
        Queue<String> told = new ConcurrentLinkedQueue<>();
        try (MqttPublisher publisher = Variant.hasty(MqttPublisher.builder(broker.url()))
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .onOutcome((key, outcome) -> told.add(key))
                .build()) {
            publisher.connect();
            store.late();

            CompletableFuture<Void> accepted =
                    publisher.enqueueAsync(Message.of("a", "1").qos(Qos.AT_MOST_ONCE), "given up");
            await().until(() -> store.waiting() == 1);
            store.trouble(DISK);
            await().until(accepted::isCompletedExceptionally);
            store.trouble(null);
            store.punctual();
            Variant.outcome(publisher.enqueueAsync(Message.of("a", "2"), "kept"));
            await().until(() -> told.contains("kept"));

            assertThat(told).containsExactly("kept");
        }
    }

    @Test
    void orderHoldsIfManyTurnsAreSafeAtOnce() throws Exception {
        try (MqttPublisher publisher = publisher()) {
            publisher.connect();
            store.late();

            List<Integer> order = new ArrayList<>();
            List<CompletableFuture<Void>> accepted = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int number = i;
                accepted.add(publisher
                        .enqueueAsync(Message.of("a", Integer.toString(i)))
                        .thenRun(() -> order.add(number)));
                int turns = i + 1;
                await().until(() -> store.waiting() == turns);
            }
            store.sync(true);

            accepted.forEach(Variant::outcome);
            assertThat(order).isSorted().hasSize(20);
            assertThat(inbox.nextTexts(20)).startsWith("0", "1", "2").endsWith("18", "19");
            store.punctual();
        }
    }

    @Test
    void survivesTheLossOfTheConnectionBetweenLogAndSafety() throws Exception {
        try (MqttPublisher publisher = publisher()) {
            publisher.connect();
            store.late();
            CompletableFuture<Void> accepted = publisher.enqueueAsync(Message.of("a", "1"));
            await().until(() -> store.waiting() == 1);

            long before = publisher.statistics().connections();
            broker.server().cutConnections();
            await().until(() -> store.waiting() == 2);
            store.punctual();
            await().until(() -> publisher.statistics().connections() > before);

            Variant.outcome(accepted);
            publisher.flush();
            await().until(() -> reader.state() == ConnectionState.READY);
            publisher.publish(Message.of("a", "end"));
            await().until(() -> publisher.statistics().acknowledged() == 2);
        }
    }

    @Test
    void drainWaitsUntilWhatWasSettledLastIsSafe() throws Exception {
        try (MqttPublisher publisher = publisher()) {
            publisher.connect();
            store.late();
            CompletableFuture<PublishResult> published = publisher.publishAsync(Message.of("a", "1"));
            await().until(() -> store.waiting() == 1);
            store.sync(false);
            Variant.outcome(published);

            CompletableFuture<Void> drained = publisher.flushAsync();

            await().until(() -> store.waiting() == 1);
            assertThat(drained).isNotDone();
            store.punctual();
            Variant.outcome(drained);
        }
    }

    @Test
    void receiptOfQos2WaitsForTheStore() throws Exception {
        try (MqttClient keeper = Variant.hasty(broker.url())
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .build()) {
            keeper.connect();
            Inbox handled = new Inbox();
            keeper.subscribe("b", handled);
            store.late();
            broker.publish(Message.of("b", "1").qos(Qos.EXACTLY_ONCE));
            handled.next();
            await().until(() -> store.waiting() == 1);
            reader.publish(Message.of("a", "round trip"));
            assertThat(broker.server().pending("keeper")).isEqualTo(1);

            store.punctual();

            await().until(() -> broker.server().pending("keeper") == 0);
            assertThat(handled.soFar()).isEmpty();
        }
    }

    @Test
    void qos2MessageIsNotHandledBeforeItIsSafeThatTheLastOneWas() throws Exception {
        try (MqttClient keeper = Variant.hasty(broker.url())
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .build()) {
            keeper.connect();
            Inbox handled = new Inbox();
            AtomicInteger syncs = new AtomicInteger();
            List<Integer> syncsBefore = new CopyOnWriteArrayList<>();
            keeper.subscribe("b", delivery -> {
                syncsBefore.add(syncs.get());
                handled.handle(delivery);
            });
            store.late();
            broker.publish(Message.of("b", "1").qos(Qos.EXACTLY_ONCE));
            broker.publish(Message.of("b", "other"));
            broker.publish(Message.of("b", "2").qos(Qos.EXACTLY_ONCE));
            broker.publish(Message.of("b", "3").qos(Qos.EXACTLY_ONCE));

            assertThat(handled.nextTexts(2)).containsExactly("1", "other");
            await().during(Duration.ofMillis(100)).until(() -> handled.soFar().isEmpty());
            await().until(() -> {
                syncs.incrementAndGet();
                store.sync(false);
                return handled.soFar().equals(List.of("2", "3"));
            });
            assertThat(syncsBefore.subList(0, 2)).containsExactly(0, 0);
            assertThat(syncsBefore.get(2)).isPositive();
            assertThat(syncsBefore.get(3)).isGreaterThan(syncsBefore.get(2));
            store.punctual();
        }
    }

    @Test
    void closesWhileAQos2MessageWaitsForTheStore() {
        MqttClient keeper = Variant.hasty(broker.url())
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .build();
        keeper.connect();
        Inbox handled = new Inbox();
        keeper.subscribe("b", handled);
        store.late();
        broker.publish(Message.of("b", "1").qos(Qos.EXACTLY_ONCE));
        broker.publish(Message.of("b", "2").qos(Qos.EXACTLY_ONCE));
        await().until(() ->
                keeper.statistics().received() == 2 && handled.soFar().size() == 1 && store.waiting() > 0);

        CompletableFuture<Void> closed = keeper.closeAsync();
        store.punctual();

        Variant.outcome(closed);
        assertThat(handled.soFar()).containsExactly("1");
    }

    @Test
    void closingWaitsForTheStoreAndThenSaysGoodbye() throws Exception {
        MqttPublisher publisher = Variant.hasty(MqttPublisher.builder(broker.url()))
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .will(Will.of(Message.of("a", "will")))
                .build();
        publisher.connect();
        store.late();
        CompletableFuture<PublishResult> published = publisher.publishAsync(Message.of("a", "1"));
        await().until(() -> store.waiting() == 1);

        CompletableFuture<Void> closed = publisher.closeAsync();
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(published));
        store.punctual();

        Variant.outcome(closed);
        await().until(() -> !broker.server().connectedClients().contains("keeper"));
        reader.publish(Message.of("a", "end"));
        assertThat(inbox.textsBefore("end")).doesNotContain("will");
    }

    @Tag("slow")
    @Test
    void closingEndsThoughTheStoreIsNeverSafe() {
        MqttPublisher publisher = publisher();
        publisher.connect();
        store.late();
        CompletableFuture<Void> accepted = publisher.enqueueAsync(Message.of("a", "1"));
        await().until(() -> store.waiting() == 1);

        CompletableFuture<Void> closed = publisher.closeAsync();

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(accepted));
        Variant.outcome(closed);
        await().until(() -> !broker.server().connectedClients().contains("keeper"));
        store.punctual();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void enqueuedMessageThatIsNotSafeWhenTheClientClosesFails(int qos) {
        MqttPublisher publisher = publisher();
        publisher.connect();
        store.late();
        CompletableFuture<Void> accepted =
                publisher.enqueueAsync(Message.of("a", "1").qos(Qos.of(qos)));
        await().until(() -> store.waiting() == 1);

        CompletableFuture<Void> closed = publisher.closeAsync();

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(accepted));
        store.punctual();
        Variant.outcome(closed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"accepted", "sent", "settled", "sync"})
    void storeThatFailsClosesTheClientAndSettlesEverything(String method) {
        Events events = new Events();
        MqttPublisher publisher = Variant.hasty(MqttPublisher.builder(broker.url()))
                .clientId("keeper")
                .session(store, Duration.ofDays(1))
                .onEvent(events)
                .build();
        publisher.connect();
        store.fail(method, DISK);

        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Message message = Message.of("a", "1").qos(Qos.of(i % 3));
            futures.add(publisher.publishAsync(message));
            futures.add(publisher.enqueueAsync(message));
        }

        await().untilAsserted(() -> assertThat(futures).allMatch(CompletableFuture::isDone));
        await().until(() -> publisher.state() == ConnectionState.CLOSED);
        Variant.outcome(publisher.closeAsync());
        assertThat(events.first(ConnectionEvent.Closed.class).cause()).isSameAs(DISK);
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> publisher.publish(Message.of("a", "late")))
                .withMessageContaining("closed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"accepted", "sync"})
    void storeThatFailsWithoutAConnectionClosesTheClient(String method) {
        MqttPublisher publisher = publisher();
        store.fail(method, DISK);

        CompletableFuture<Void> accepted = publisher.enqueueAsync(Message.of("a", "1"));

        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> Variant.outcome(accepted))
                .withMessageContaining("the disk is full")
                .withCause(DISK);
        Variant.outcome(publisher.closeAsync());
    }

    @Test
    void storeThatCannotBeOpenedFailsBuilding() {
        store.fail("open", DISK);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(this::publisher)
                .isSameAs(DISK);
    }

    @Test
    void sessionThatCannotBeReadIsLeftToTheNextClient() {
        store.fail("replay", DISK);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(this::publisher)
                .isSameAs(DISK);

        store.fail("nothing", DISK);

        try (MqttPublisher next = publisher()) {
            next.connect();
        }
    }

    @Test
    void closesThoughTheStoreFailsToClose() {
        MqttPublisher publisher = publisher();
        publisher.connect();
        store.fail("close", DISK);

        Variant.outcome(publisher.closeAsync());
        assertThat(publisher.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void storeIsFreeForTheNextClientWhenCloseReturns() {
        for (int i = 0; i < 50; i++) {
            try (MqttPublisher publisher = publisher()) {
                publisher.connect();
                publisher.publish(Message.of("a", "1"));
            }
        }
    }

    @Test
    void secondClientOfAnOpenSessionIsRefused() {
        try (MqttPublisher publisher = publisher()) {
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(this::publisher)
                    .withMessageContaining("'keeper' is open in another client");
            publisher.connect();
        }
    }
}
