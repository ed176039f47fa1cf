package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/** Whatever the program's code, a store or allocation throws on the way between network and session: the client comes back. */
@Timeout(60)
class ThrowingTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final ConcurrentLinkedQueue<String> handled = new ConcurrentLinkedQueue<>();

    /** How many calls are to throw from now on. */
    private final AtomicInteger throwing = new AtomicInteger();

    @AfterEach
    void stopThreads() {
        pool.shutdownNow();
    }

    private enum Thrown {
        REJECTED(() -> new RejectedExecutionException("full")),
        STOPPED(() -> new IllegalStateException("stopped")),
        NO_MEMORY(() -> new OutOfMemoryError("unable to create native thread")),
        NO_STACK(StackOverflowError::new);

        private final Supplier<Throwable> made;

        Thrown(Supplier<Throwable> made) {
            this.made = made;
        }

        <T extends Throwable> void raise() throws T {
            @SuppressWarnings("unchecked")
            T thrown = (T) made.get();
            throw thrown;
        }
    }

    private boolean throwsNow() {
        return throwing.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    private void maybe(Thrown thrown) {
        if (throwsNow()) {
            thrown.<RuntimeException>raise();
        }
    }

    private ClientBuilder<MqttClient> client() {
        return Variant.hasty(broker.url())
                .clientId("c")
                .subscription(Subscription.to("t").qos(Qos.EXACTLY_ONCE), delivery -> handled.add(delivery.text()));
    }

    private void exchange(MqttClient client, int from) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(client.publishAsync(
                    Message.of("t", Integer.toString(from + i)).qos(Qos.of(i % 3))));
        }
        all.add(client.subscribeAsync(Subscription.to("other"), delivery -> {}));
        await("every future settles").until(() -> all.stream().allMatch(CompletableFuture::isDone));
        await("the client is ready again").until(() -> client.state() == ConnectionState.READY);
        await("nothing waits").until(() -> client.statistics().queued() == 0);
    }

    static Stream<Arguments> executors() {
        return Stream.of(Thrown.values())
                .flatMap(thrown -> Stream.of(1, 7, 1000).map(times -> Arguments.of(thrown, times)));
    }

    /** A handler executor that throws, once or for long, in a session that is cut, too. */
    @ParameterizedTest
    @MethodSource("executors")
    void anExecutorMayThrowAnything(Thrown thrown, int times) {
        AtomicInteger told = new AtomicInteger();
        try (MqttClient client = client().session(SessionStore.inMemory(), Duration.ofHours(1))
                .onEvent(event -> told.incrementAndGet())
                .handlerExecutor(task -> {
                    maybe(thrown);
                    pool.execute(task);
                })
                .build()) {
            client.connect();
            await().until(() -> told.get() >= 3);
            throwing.set(times);
            for (int i = 0; i < 12; i++) {
                broker.publish(Message.of("t", "m" + i).qos(Qos.AT_LEAST_ONCE));
            }
            broker.server().cutConnections();
            await().until(() -> Stream.iterate(0, i -> i + 1).limit(12).allMatch(i -> handled.contains("m" + i)));
            await().until(() -> client.state() == ConnectionState.READY && told.get() >= 6);
            throwing.set(0);
            exchange(client, 0);
        }
    }

    static Stream<Arguments> storeMethods() {
        return Stream.of(Thrown.values())
                .flatMap(thrown -> Stream.of(
                                "accepted",
                                "sent",
                                "released",
                                "settled",
                                "received",
                                "forgotten",
                                "subscribed",
                                "sync",
                                "flush",
                                "behind",
                                "failure")
                        .map(method -> Arguments.of(thrown, method)));
    }

    @ParameterizedTest
    @MethodSource("storeMethods")
    void aStoreMayThrowAnything(Thrown thrown, String method) {
        try (MqttClient client =
                client().session(throwing(thrown, method), Duration.ofHours(1)).build()) {
            client.connect();
            exchange(client, 0);
            throwing.set(1);
            exchange(client, 100);
            throwing.set(3);
            exchange(client, 200);
            throwing.set(0);
            exchange(client, 300);
            await().until(() -> handled.contains("311") && handled.contains("310"));
        }
    }

    /** The store in memory, one of whose methods throws as often as it is to. */
    private SessionStore throwing(Thrown thrown, String method) {
        SessionStore memory = SessionStore.inMemory();
        return clientId -> {
            SessionLog log = memory.open(clientId);
            return (SessionLog) Proxy.newProxyInstance(
                    SessionLog.class.getClassLoader(),
                    new Class<?>[] {SessionLog.class},
                    (proxy, called, arguments) -> {
                        if (called.getName().equals(method)) {
                            maybe(thrown);
                        }
                        try {
                            return called.invoke(log, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        };
    }

    static Stream<Thrown> throwables() {
        return Stream.of(Thrown.values());
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void aSupplierMayThrowAnything(Thrown thrown) {
        throwing.set(3);
        try (MqttClient client = client().credentials(() -> {
                    maybe(thrown);
                    return null;
                })
                .build()) {
            client.connect();
            throwing.set(3);
            broker.server().cutConnections();
            await().until(() -> throwing.get() == 0);
            exchange(client, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void aListenerMayThrowAnything(Thrown thrown) {
        AtomicInteger ready = new AtomicInteger();
        try (MqttClient client = client().onEvent(event -> {
                    ready.addAndGet(event instanceof ConnectionEvent.Ready ? 1 : 0);
                    maybe(thrown);
                })
                .build()) {
            throwing.set(1000);
            client.connect();
            await().until(() -> ready.get() == 1);
            broker.server().cutConnections();
            await().until(() -> ready.get() >= 2);
            exchange(client, 0);
        }
    }

    /** Handlers and what follows from futures run on the event loop here. */
    @ParameterizedTest
    @MethodSource("throwables")
    void whatRunsOnTheEventLoopMayThrowAnything(Thrown thrown) {
        try (MqttClient client = client().handlerExecutor(Runnable::run).build()) {
            client.connect();
            client.subscribe("bad", delivery -> thrown.<RuntimeException>raise());
            for (int i = 0; i < 3; i++) {
                client.publishAsync(Message.of("bad", "x").qos(Qos.of(i)))
                        .thenRun(() -> thrown.<RuntimeException>raise());
            }
            exchange(client, 0);
            await().until(() -> handled.contains("11"));
            assertThat(client.state()).isEqualTo(ConnectionState.READY);
        }
    }

    /** A subscriber that throws whatever it is told, also of its mistake, while the logger that is to write of it throws, too. */
    @ParameterizedTest
    @MethodSource("throwables")
    void aSubscriberOfAStreamAndItsLoggerMayThrowAnything(Thrown thrown) {
        LoggerContext logging = (LoggerContext) LoggerFactory.getILoggerFactory();
        TurboFilter throwing = new TurboFilter() {
            @Override
            public FilterReply decide(
                    Marker marker, Logger logger, Level level, String format, Object[] params, Throwable cause) {
                if (logger.getName().endsWith(".DeliveryQueue")) {
                    thrown.<RuntimeException>raise();
                }
                return FilterReply.NEUTRAL;
            }
        };
        logging.addTurboFilter(throwing);
        try (MqttClient client = client().build()) {
            client.connect();
            for (long demand : new long[] {0, 1}) {
                client.stream(Subscription.to("s" + demand)).subscribe(new Flow.Subscriber<>() {
                    @Override
                    public void onSubscribe(Flow.Subscription subscription) {
                        subscription.request(demand);
                    }

                    @Override
                    public void onNext(Delivery delivery) {
                        thrown.<RuntimeException>raise();
                    }

                    @Override
                    public void onError(Throwable cause) {
                        thrown.<RuntimeException>raise();
                    }

                    @Override
                    public void onComplete() {
                        thrown.<RuntimeException>raise();
                    }
                });
            }
            client.publish(Message.of("s1", "x").qos(Qos.AT_LEAST_ONCE));
            await("both streams have ended")
                    .until(() -> broker.server().subscriptions("c").stream()
                            .noneMatch(each -> each.filter().toString().startsWith("s")));
            exchange(client, 0);
        } finally {
            logging.getTurboFilterList().remove(throwing);
        }
    }

    @Test
    void aSupplierThatHangsIsAskedOnceAtATime() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch answers = new CountDownLatch(1);
        try (MqttClient client = client().connectTimeout(Duration.ofMillis(100))
                .credentials(() -> {
                    asked.incrementAndGet();
                    try {
                        answers.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return null;
                })
                .onEvent(event -> attempts.addAndGet(event instanceof ConnectionEvent.Connecting ? 1 : 0))
                .build()) {
            client.connectAsync();
            await().until(() -> attempts.get() >= 5);
            assertThat(asked).hasValue(1);

            answers.countDown();

            await().until(() -> client.state() == ConnectionState.READY);
        }
    }
}
