package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class HandlerTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    private ClientBuilder<MqttClient> kept(Variant variant) {
        return variant.client(broker.url())
                .clientId("c")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .onEvent(events);
    }

    @Variant.Each
    void returningAcknowledges(Variant variant) throws Exception {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            CountDownLatch go = new CountDownLatch(1);
            variant.subscribe(client, "a", delivery -> {
                inbox.handle(delivery);
                go.await();
            });
            broker.publish(Message.of("a", "1").qos(Qos.EXACTLY_ONCE));
            inbox.next();
            assertThat(broker.server().pending("c")).isEqualTo(1);

            go.countDown();

            await().until(() -> broker.server().pending("c") == 0);
            await().until(() -> client.statistics().unacknowledged() == 0);
        }
    }

    /** Acknowledgements leave together where they can, but none waits for the handlers behind it. */
    @Variant.Each
    void isAcknowledgedWhileTheNextHandlerStillRuns(Variant variant) throws Exception {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            CountDownLatch first = new CountDownLatch(1);
            CountDownLatch last = new CountDownLatch(1);
            variant.subscribe(client, "a", delivery -> {
                inbox.handle(delivery);
                switch (delivery.text()) {
                    case "1" -> first.await();
                    case "3" -> last.await();
                    default -> {}
                }
            });
            broker.publish(Message.of("a", "1"));
            inbox.next();
            broker.publish(Message.of("a", "2"));
            broker.publish(Message.of("a", "3"));
            await().until(() -> client.statistics().received() == 3);
            assertThat(broker.server().pending("c")).isEqualTo(3);

            first.countDown();

            await().until(() -> broker.server().pending("c") == 1);
            last.countDown();
            await().until(() -> broker.server().pending("c") == 0);
        }
    }

    @Variant.Each
    void deferredMessageIsAcknowledgedLaterFromAnyThread(Variant variant) throws Exception {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            variant.subscribe(client, "a", delivery -> inbox.handle(delivery.defer()));
            broker.publish(Message.of("a", "1"));
            broker.publish(Message.of("a", "2"));
            Delivery first = inbox.next();
            Delivery second = inbox.next();
            second.ack();
            variant.publish(client, Message.of("b", "round trip"));
            assertThat(broker.server().pending("c")).isEqualTo(2);

            first.ack();
            first.ack();
            first.reject();

            await().until(() -> broker.server().pending("c") == 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.hawser.client.api.Variant#before50")
    void refusedMessageComesAgainWithTheNextConnection(Variant variant) throws Exception {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            AtomicInteger times = new AtomicInteger();
            variant.subscribe(client, "a", delivery -> {
                if (times.incrementAndGet() == 1) {
                    delivery.reject();
                }
                inbox.handle(delivery);
            });
            broker.publish(Message.of("a", "1"));
            assertThat(inbox.next().duplicate()).isFalse();
            variant.publish(client, Message.of("b", "round trip"));
            assertThat(broker.server().pending("c")).isEqualTo(1);

            broker.server().cutConnections();

            assertThat(inbox.next().duplicate()).isTrue();
            await().until(() -> broker.server().pending("c") == 0);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void refusedMessageIsRefusedToTheBrokerIn50(Qos qos) throws Exception {
        Variant variant = new Variant(ProtocolVersion.MQTT_5, true);
        try (MqttClient client = kept(variant).build()) {
            client.connect();
            client.subscribe("a", delivery -> {
                delivery.reject();
                inbox.handle(delivery);
            });
            broker.publish(Message.of("a", "1").qos(qos));
            inbox.next();
            await().until(() -> broker.server().pending("c") == 0);

            broker.server().cutConnections();
            events.nth(ConnectionEvent.Ready.class, 2);

            broker.publish(Message.of("a", "2").qos(qos));
            assertThat(inbox.next().message().text()).isEqualTo("2");
        }
    }

    @Variant.Each
    void handlerThatThrowsLeavesTheConnectionUpAndItsMessageIsGivenUp(Variant variant) throws Exception {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            variant.subscribe(client, "bad", delivery -> {
                throw new AssertionError("a mistake");
            });
            variant.subscribe(client, "good", inbox);
            broker.publish(Message.of("bad", "1"));
            broker.publish(Message.of("good", "2"));

            assertThat(inbox.next().text()).isEqualTo("2");
            ConnectionEvent.DeliveryFailed failed = events.first(ConnectionEvent.DeliveryFailed.class);
            assertThat(failed.attempt()).isEqualTo(1);
            assertThat(failed.givenUp()).isTrue();
            assertThat(failed.cause()).hasMessage("a mistake");
            assertThat(failed.message().text()).isEqualTo("1");
            variant.publish(client, Message.of("b", "round trip"));
            await("refused in 5.0, acknowledged before")
                    .until(() -> broker.server().pending("c") == 0);
            assertThat(client.statistics().connections()).isEqualTo(1);
            assertThat(client.state()).isEqualTo(ConnectionState.READY);
        }
    }

    @ParameterizedTest
    @MethodSource("io.hawser.client.api.Variant#before50")
    void whatAHandlerFailedOnComesAgainWithTheNextConnectionIfItIsToBeKept(Variant variant) throws Exception {
        try (MqttClient client = kept(variant)
                .onHandlerFailure(FailurePolicy.attempts(1).keep(true))
                .build()) {
            variant.connect(client);
            AtomicInteger times = new AtomicInteger();
            variant.subscribe(client, "a", delivery -> {
                inbox.handle(delivery);
                if (times.incrementAndGet() == 1) {
                    throw new IllegalStateException("once");
                }
            });
            broker.publish(Message.of("a", "1"));
            inbox.next();
            assertThat(events.first(ConnectionEvent.UnacknowledgedBacklog.class).unacknowledged())
                    .isEqualTo(1);
            assertThat(broker.server().pending("c")).isEqualTo(1);

            broker.server().cutConnections();

            assertThat(inbox.next().duplicate()).isTrue();
            await().until(() -> broker.server().pending("c") == 0);
        }
    }

    @Variant.Each
    void aHandlerThatAlwaysThrowsDoesNotStopTheBroker(Variant variant) throws Exception {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            variant.subscribe(client, "a", delivery -> {
                if (delivery.text().equals("bad")) {
                    throw new IllegalStateException("cannot parse");
                }
                inbox.handle(delivery);
            });
            for (int i = 0; i < 50; i++) {
                broker.publish(Message.of("a", "bad"));
            }
            broker.publish(Message.of("a", "good"));

            assertThat(inbox.next().text()).isEqualTo("good");
            await().until(() -> broker.server().pending("c") == 0);
        }
    }

    @Variant.Each
    void whatNoHandlerWantsIsAcknowledgedAndTold(Variant variant) throws Exception {
        SessionStore store = SessionStore.inMemory();
        try (MqttClient first = kept(variant).session(store, Duration.ofDays(1)).build()) {
            variant.connect(first);
            variant.subscribe(first, "old/#", inbox);
            variant.subscribe(first, "a", inbox);
        }
        try (MqttClient second = kept(variant)
                .session(store, Duration.ofDays(1))
                .holdUnhandled(Duration.ofMillis(50))
                .subscription("a", inbox)
                .build()) {
            for (int i = 0; i < 30; i++) {
                broker.publish(Message.of("old/x", "nobody's"));
            }
            variant.connect(second);
            broker.publish(Message.of("a", "1"));

            assertThat(inbox.next().text()).isEqualTo("1");
            await().until(() -> broker.server().pending("c") == 0);
            assertThat(events.first(ConnectionEvent.SubscriptionUnclaimed.class).filter())
                    .hasToString("old/#");
            await().until(() -> broker.server().subscriptions("c").size() == 1);
            assertThat(events.first(ConnectionEvent.MessageUnhandled.class).topic())
                    .isEqualTo("old/x");
        }
    }

    @Test
    void aHandlerThatWaitsForItsNextAttemptWhileTheClientClosesLeavesItsMessageForTheNext() throws Exception {
        SessionStore store = SessionStore.inMemory();
        Variant variant = new Variant(ProtocolVersion.MQTT_3_1_1, true);
        MqttClient client = kept(variant)
                .session(store, Duration.ofDays(1))
                .onHandlerFailure(FailurePolicy.attempts(2).backoff(Duration.ofMinutes(1)))
                .build();
        client.connect();
        client.subscribe("a", delivery -> {
            inbox.handle(delivery);
            throw new IllegalStateException("not now");
        });
        broker.publish(Message.of("a", "1"));
        inbox.next();

        client.close();

        assertThat(broker.server().pending("c")).isEqualTo(1);
    }

    @Variant.Each
    void failedMessageIsTriedAgainAsOftenAsThePolicySays(Variant variant) throws Exception {
        AtomicInteger times = new AtomicInteger();
        try (MqttClient client = kept(variant)
                .onHandlerFailure(FailurePolicy.attempts(3).backoff(Duration.ofMillis(1)))
                .build()) {
            variant.connect(client);
            variant.subscribe(client, "a", delivery -> {
                if (times.incrementAndGet() < 3) {
                    throw new IllegalStateException("attempt " + times);
                }
                inbox.handle(delivery);
            });
            broker.publish(Message.of("a", "1"));

            assertThat(inbox.next().text()).isEqualTo("1");
            await().until(() -> broker.server().pending("c") == 0);
            events.nth(ConnectionEvent.DeliveryFailed.class, 2);
            assertThat(events.of(ConnectionEvent.DeliveryFailed.class))
                    .extracting(ConnectionEvent.DeliveryFailed::givenUp)
                    .containsExactly(false, false);
        }
    }

    @Variant.Each
    void deadLetterHandlerAcknowledgesByReturning(Variant variant) throws Exception {
        try (MqttClient client = kept(variant)
                .onHandlerFailure(
                        FailurePolicy.attempts(2).backoff(Duration.ofMillis(1)).deadLetter(inbox))
                .build()) {
            variant.connect(client);
            variant.subscribe(client, "a", delivery -> {
                throw new IllegalStateException("always");
            });
            broker.publish(Message.of("a", "1"));

            assertThat(inbox.next().text()).isEqualTo("1");
            await().until(() -> broker.server().pending("c") == 0);
            events.nth(ConnectionEvent.DeliveryFailed.class, 2);
            assertThat(events.of(ConnectionEvent.DeliveryFailed.class))
                    .noneMatch(ConnectionEvent.DeliveryFailed::givenUp);
        }
    }

    @Test
    void deadLetterHandlerThatThrowsGivesUp() throws Exception {
        try (MqttClient client = kept(new Variant(ProtocolVersion.MQTT_3_1_1, true))
                .onHandlerFailure(FailurePolicy.attempts(1).deadLetter(delivery -> {
                    throw new IllegalStateException("too");
                }))
                .build()) {
            client.connect();
            client.subscribe("a", delivery -> {
                throw new IllegalStateException("always");
            });
            client.subscribe("b", inbox);
            broker.publish(Message.of("a", "1"));
            broker.publish(Message.of("b", "2"));

            assertThat(inbox.next().text()).isEqualTo("2");
            assertThat(events.first(ConnectionEvent.DeliveryFailed.class).givenUp())
                    .isTrue();
        }
    }

    @Variant.Each
    void unacknowledgedMessagesAreReportedBeforeTheyStallTheBroker(Variant variant) {
        try (MqttClient client = kept(variant).build()) {
            variant.connect(client);
            variant.subscribe(client, "a", Delivery::defer);
            for (int i = 0; i < 20; i++) {
                broker.publish(Message.of("a", "1"));
            }

            assertThat(events.first(ConnectionEvent.UnacknowledgedBacklog.class).unacknowledged())
                    .isEqualTo(10);
        }
    }

    @Variant.Each
    void blockingCallsWorkInsideAHandler(Variant variant) throws Exception {
        try (MqttClient client = variant.client(broker.url()).build()) {
            variant.connect(client);
            variant.subscribe(client, "in", delivery -> {
                variant.subscribe(client, "out", inbox);
                variant.publish(client, Message.of("out", delivery.text()).qos(Qos.EXACTLY_ONCE));
                variant.unsubscribe(client, "other");
                variant.enqueue(client, Message.of("out", "enqueued"));
                variant.flush(client);
            });
            broker.publish(Message.of("in", "1"));

            assertThat(inbox.nextTexts(2)).containsExactly("1", "enqueued");
        }
    }

    @Test
    void handlersOfOneClientRunOneAfterTheOther() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            client.connect();
            for (String filter : List.of("a/#", "+/1", "a/+")) {
                client.subscribe(filter, delivery -> {
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    Thread.yield();
                    inbox.handle(delivery);
                    running.decrementAndGet();
                });
            }
            for (int i = 0; i < 1000; i++) {
                broker.publish(Message.of("a/1", Integer.toString(i)).qos(Qos.of(i % 3)));
            }
            inbox.nextTexts(3000);
            assertThat(most).hasValue(1);
        }
    }

    @Test
    void blockedHandlerDelaysNoOtherClient() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (MqttClient blocked = Variant.hasty(broker.url()).build()) {
            blocked.connect();
            blocked.subscribe("a", delivery -> go.await());
            broker.publish(Message.of("a", "1"));
            for (int i = 0; i < 8; i++) {
                try (MqttClient other = Variant.hasty(broker.url()).build()) {
                    other.connect();
                    other.subscribe("a", inbox);
                    other.publish(Message.of("a", "x"));
                    assertThat(inbox.next().text()).isEqualTo("x");
                }
            }
            go.countDown();
        }
    }

    @Test
    void handlersRunOnTheEventLoopOnRequestAndMustNotWaitThere() throws Exception {
        BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
        MqttClient client = Variant.hasty(broker.url())
                .handlerExecutor(Runnable::run)
                .onEvent(events)
                .build();
        client.connect();
        client.subscribe("out", inbox);
        client.subscribe("in", delivery -> {
            assertThat(Thread.currentThread().getName()).startsWith("hawser-io-");
            client.publishAsync(Message.of("out", "async"));
            try {
                client.publish(Message.of("out", "blocking"));
            } catch (IllegalStateException e) {
                failures.add(e);
            }
            try {
                client.publishAsync(Message.of("out", "joined")).join();
            } catch (IllegalStateException e) {
                failures.add(e);
            }
            client.close();
            client.publishAsync(Message.of("out", "after close"));
        });
        broker.publish(Message.of("in", "1"));

        assertThat(failures.poll(20, TimeUnit.SECONDS))
                .hasMessageContaining("event loop")
                .hasMessageContaining("Async");
        assertThat(failures.poll(20, TimeUnit.SECONDS)).hasMessageContaining("event loop");
        events.first(ConnectionEvent.Closed.class);
        assertThat(inbox.soFar()).doesNotContain("blocking");
    }

    @Test
    void eventLoopHandlersKeepUpWithAFlood() throws Exception {
        try (MqttClient client = Variant.hasty(broker.url())
                .handlerExecutor(Runnable::run)
                .receiveBuffer(1, 1)
                .build()) {
            client.connect();
            client.subscribe("a", inbox);
            for (int i = 0; i < 10_000; i++) {
                broker.publish(Message.of("a", "x").qos(Qos.AT_MOST_ONCE));
            }
            broker.publish(Message.of("a", "end").qos(Qos.AT_MOST_ONCE));
            assertThat(inbox.textsBefore("end")).hasSize(10_000);
        }
    }

    @Test
    void blockingCallInAFutureOfTheEventLoopIsRefused() {
        try (MqttClient client = Variant.hasty(broker.url()).build()) {
            broker.server().freeze();
            CompletableFuture<Object> refused = client.connectAsync()
                    .thenApply(result -> client.publish(Message.of("a", "1")))
                    .handle((result, cause) -> cause);
            broker.server().thaw();

            assertThat((Throwable) Variant.outcome(refused)).hasRootCauseInstanceOf(IllegalStateException.class);
            client.flush();
            assertThat(client.statistics().sent()).isZero();
        }
    }

    @Test
    void executorThatRejectsIsStoodInFor() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        ThreadPoolExecutor full =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), (task, pool) -> {
                    throw new RejectedExecutionException("full or shut down");
                });
        try (MqttClient client =
                Variant.hasty(broker.url()).handlerExecutor(full).build()) {
            client.connect();
            client.subscribe("a", inbox);
            full.execute(() -> uninterruptibly(go));
            await().until(full.getQueue()::isEmpty);
            full.execute(() -> {});
            broker.publish(Message.of("a", "1"));

            assertThat(inbox.next().text()).isEqualTo("1");
            go.countDown();
            full.shutdown();
            broker.publish(Message.of("a", "2"));
            assertThat(inbox.next().text()).isEqualTo("2");
            assertThat(client.state()).isEqualTo(ConnectionState.READY);
        }
    }

    private static void uninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new RejectedExecutionException(e);
        }
    }

    @Test
    void supplierMayBlockThoughHandlersRunOnTheEventLoop() {
        AtomicReference<String> thread = new AtomicReference<>("");
        try (MqttClient client = Variant.hasty(broker.url())
                .handlerExecutor(Runnable::run)
                .will(() -> {
                    thread.set(Thread.currentThread().getName());
                    return null;
                })
                .build()) {
            client.connect();
            assertThat(thread.get()).doesNotStartWith("hawser-io-");
        }
    }

    @Test
    void handlerThatWaitsForTheNextConnectionDoesNotKeepTheSupplierFromIt() throws Exception {
        ExecutorService single = Executors.newSingleThreadExecutor();
        try (MqttClient client = Variant.hasty(broker.url())
                .handlerExecutor(single)
                .will(() -> null)
                .build()) {
            client.connect();
            client.subscribe("in", delivery -> {
                broker.server().cutConnections();
                client.publish(Message.of("out", "1"));
                inbox.handle(delivery);
            });
            broker.publish(Message.of("in", "1").qos(Qos.AT_MOST_ONCE));

            assertThat(inbox.next().text()).isEqualTo("1");
        } finally {
            single.shutdown();
        }
    }

    @Test
    void listenerThatThrowsHearsTheNextEvent() {
        Events heard = new Events();
        try (MqttClient client = Variant.hasty(broker.url())
                .onEvent(event -> {
                    heard.accept(event);
                    throw new AssertionError("a mistake");
                })
                .build()) {
            client.connect();
            heard.first(ConnectionEvent.Ready.class);
        }
        heard.first(ConnectionEvent.Closed.class);
    }

    @Test
    void listenerMayUseAndCloseTheClient() {
        AtomicReference<MqttClient> self = new AtomicReference<>();
        MqttClient client = Variant.hasty(broker.url())
                .onEvent(event -> {
                    events.accept(event);
                    if (event instanceof ConnectionEvent.Ready) {
                        self.get().publish(Message.of("a", "1"));
                        self.get().close();
                    }
                })
                .build();
        self.set(client);
        client.connect();
        events.first(ConnectionEvent.Closed.class);
        assertThat(client.statistics().acknowledged()).isEqualTo(1);
    }

    @Test
    void deliveriesOfALostConnectionAreStillHandledAndMayBeAcknowledged() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        ConcurrentHashMap<String, Integer> counts = new ConcurrentHashMap<>();
        try (MqttClient client = Variant.hasty(broker.url())
                .clientId("c")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .onEvent(events)
                .build()) {
            client.connect();
            client.subscribe(Subscription.to("a").qos(Qos.EXACTLY_ONCE), delivery -> {
                counts.merge(delivery.text(), 1, Integer::sum);
                go.await();
                inbox.handle(delivery);
            });
            events.first(ConnectionEvent.Ready.class);
            for (int i = 0; i < 10; i++) {
                broker.publish(Message.of("a", Integer.toString(i)).qos(Qos.EXACTLY_ONCE));
            }
            await().until(() -> client.statistics().unacknowledged() == 10);
            broker.server().cutConnections();
            events.nth(ConnectionEvent.Ready.class, 2);
            go.countDown();

            assertThat(inbox.nextTexts(10)).doesNotHaveDuplicates();
            await().until(() -> broker.server().pending("c") == 0);
            assertThat(counts.values()).containsOnly(1);
        }
    }

    @Test
    void flagThatAHandlerLeavesSetDoesNotReachItsNextAttemptNorTheNextMessage() {
        List<Boolean> flags = new CopyOnWriteArrayList<>();
        List<Long> times = new CopyOnWriteArrayList<>();
        for (Executor executor : List.<Executor>of(task -> new Thread(task).start(), Runnable::run)) {
            flags.clear();
            times.clear();
            try (MqttClient client = Variant.hasty(broker.url())
                    .handlerExecutor(executor)
                    .onHandlerFailure(FailurePolicy.attempts(3).backoff(Duration.ofMillis(40)))
                    .onEvent(events)
                    .build()) {
                client.connect();
                client.subscribe("flag", delivery -> {
                    flags.add(Thread.currentThread().isInterrupted());
                    times.add(System.nanoTime());
                    Thread.currentThread().interrupt();
                    if (delivery.text().equals("1")) {
                        throw new IllegalStateException("always");
                    }
                });
                broker.publish(Message.of("flag", "1"));
                broker.publish(Message.of("flag", "2"));
                broker.publish(Message.of("flag", "3"));
                await().until(() -> flags.size() == 5);
                client.publish(Message.of("other", "the connection lives"));
                assertThat(client.statistics().connections()).isEqualTo(1);
                assertThat(flags).containsOnly(false);
            }
        }
    }

    @Test
    void flagThatAHandlerLeavesSetDoesNotShortenTheWaitBetweenAttempts() {
        List<Long> times = new CopyOnWriteArrayList<>();
        try (MqttClient client = Variant.hasty(broker.url())
                .onHandlerFailure(FailurePolicy.attempts(3).backoff(Duration.ofMillis(40)))
                .build()) {
            client.connect();
            client.subscribe("flag", delivery -> {
                times.add(System.nanoTime());
                Thread.currentThread().interrupt();
                throw new IllegalStateException("always");
            });
            broker.publish(Message.of("flag", "1"));
            await().until(() -> times.size() == 3);
            // A wait is never shorter than asked for, however slow the machine is.
            assertThat(times.get(1) - times.get(0)).isGreaterThanOrEqualTo(40_000_000);
            assertThat(times.get(2) - times.get(1)).isGreaterThanOrEqualTo(80_000_000);
        }
    }
}
