package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.Proxy;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.Misbehaviour.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing: from every thread, in every state. */
@Timeout(60)
class ClosingTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    @Variant.Each
    void saysGoodbyeAndMayBeRepeated(Variant variant) throws Exception {
        try (MqttClient reader = variant.client(broker.url()).build()) {
            variant.connect(reader);
            variant.subscribe(reader, "will", inbox);
            MqttClient client = variant.client(broker.url())
                    .will(Will.of(Message.of("will", "gone")))
                    .onEvent(events)
                    .build();
            variant.connect(client);

            variant.close(client);
            variant.close(client);

            assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
            await().until(() -> broker.server().connectedClients().size() == 1);
            variant.publish(reader, Message.of("will", "end"));
            assertThat(inbox.next().text()).isEqualTo("end");
            assertThat(events.first(ConnectionEvent.Closed.class).cause()).isNull();
        }
    }

    @Variant.Each
    void beforeConnectingIsEnough(Variant variant) {
        MqttClient client = variant.client(broker.url()).build();
        CompletableFuture<?> published = client.publishAsync(Message.of("a", "1"));
        variant.close(client);
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(published));
        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> variant.connect(client));
        assertThat(broker.server().connectedClients()).isEmpty();
    }

    @Test
    void whileConnectingEndsTheAttempt() {
        broker.server().freeze();
        MqttClient client = Variant.hasty(broker.url()).onEvent(events).build();
        CompletableFuture<?> connected = client.connectAsync();
        events.first(ConnectionEvent.Connecting.class);

        client.close();

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(connected));
        broker.server().thaw();
        await().until(() -> broker.server().connectedClients().isEmpty());
    }

    /** Nothing was accepted, so there is nothing to wait for, in whatever stage the attempt is. */
    @ParameterizedTest
    @ValueSource(strings = {"mqtt", "mqtts", "ws", "wss", "mqtt http", "mqtt socks5"})
    void whileConnectingWithoutAPublishWaitsForNothing(String road) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String address = "://127.0.0.1:" + silent.getLocalPort();
            ClientBuilder<MqttClient> builder = Variant.hasty(road.split(" ")[0] + address)
                    .closeTimeout(Duration.ofHours(1))
                    .onEvent(events);
            if (road.contains(" ")) {
                builder.proxy(Proxy.parse(road.substring(road.indexOf(' ') + 1) + address));
            }
            MqttClient client = builder.build();
            client.connectAsync();
            // By now the server has got the first bytes of the road.
            silent.accept().getInputStream().read();
            Variant.outcome(client.closeAsync());
        }
    }

    @Test
    void whileASupplierBlocksEndsAtOnce() {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        MqttClient client = Variant.hasty(broker.url())
                .credentials(() -> {
                    asked.countDown();
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Credentials.of("joe");
                })
                .build();
        CompletableFuture<?> connected = client.connectAsync();
        await().until(() -> asked.getCount() == 0);

        client.close();

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(connected));
        go.countDown();
        assertThat(broker.server().connectedClients()).isEmpty();
    }

    @Test
    void whileWaitingToReconnectEndsAtOnce() {
        broker.server().stop(true);
        MqttClient client = MqttClient.builder(broker.url())
                .reconnect(ReconnectPolicy.exponential(Duration.ofHours(1), Duration.ofHours(1)))
                .onEvent(events)
                .build();
        CompletableFuture<?> connected = client.connectAsync();
        events.first(ConnectionEvent.ReconnectScheduled.class);
        assertThat(client.state()).isEqualTo(ConnectionState.WAITING);

        client.close();

        assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(connected));
        assertThat(events.names()).startsWith("Connecting", "Disconnected", "ReconnectScheduled");
    }

    @Test
    void letsTheHandlerThatRunsFinishAndAcknowledge() throws Exception {
        SessionStore store = SessionStore.inMemory();
        MqttClient client = Variant.hasty(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .build();
        client.connect();
        CountDownLatch go = new CountDownLatch(1);
        client.subscribe("a", delivery -> {
            inbox.handle(delivery);
            go.await();
        });
        broker.publish(Message.of("a", "1"));
        broker.publish(Message.of("a", "2"));
        inbox.next();
        CompletableFuture<Void> closed = client.closeAsync();
        assertThat(closed).isNotDone();
        go.countDown();

        Variant.outcome(closed);
        // The second one is not handled, or closing came after it.
        await().until(() -> broker.server().pending("c") == 1 - inbox.soFar().size());
    }

    @Tag("slow")
    @Test
    void doesNotWaitForeverForAHandlerThatBlocks() throws Exception {
        MqttClient client = Variant.hasty(broker.url()).build();
        client.connect();
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<Void> done = new CompletableFuture<>();
        client.subscribe(Subscription.to("a").qos(Qos.EXACTLY_ONCE), delivery -> {
            inbox.handle(delivery);
            go.await();
            delivery.defer();
            delivery.ack();
            done.complete(null);
        });
        broker.publish(Message.of("a", "1").qos(Qos.EXACTLY_ONCE));
        inbox.next();

        client.close();

        assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
        go.countDown();
        Variant.outcome(done);
    }

    @Test
    void interruptsTheWaitBetweenAttemptsOfAHandler() {
        MqttClient client = Variant.hasty(broker.url())
                .onHandlerFailure(FailurePolicy.attempts(100)
                        .backoff(Duration.ofMinutes(1))
                        .deadLetter(inbox))
                .onEvent(events)
                .build();
        client.connect();
        client.subscribe("a", delivery -> {
            throw new IllegalStateException("always");
        });
        broker.publish(Message.of("a", "1"));
        events.first(ConnectionEvent.DeliveryFailed.class);

        client.closeAsync().orTimeout(4, TimeUnit.SECONDS).join();

        assertThat(inbox.soFar()).isEmpty();
    }

    @Test
    void insideAHandlerDoesNotWaitForItself() throws Exception {
        MqttClient client = Variant.hasty(broker.url()).build();
        client.connect();
        client.subscribe("a", delivery -> {
            client.close();
            inbox.handle(delivery);
        });
        broker.publish(Message.of("a", "1"));
        inbox.next();
        Variant.outcome(client.closeAsync());
        assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void inAFutureOnTheEventLoopDoesNotWaitForItself() {
        MqttClient client = Variant.hasty(broker.url()).build();
        Variant.outcome(client.connectAsync().thenRun(client::close));
        Variant.outcome(client.closeAsync());
        assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void settlesEverythingThatIsOpen() {
        broker.misbehave().swallow(Answer.PUBACK, Answer.PUBREC, Answer.SUBACK, Answer.UNSUBACK);
        MqttClient client = Variant.hasty(broker.url())
                .sendWindow(2)
                .closeTimeout(Duration.ofMillis(100))
                .build();
        client.connect();
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            futures.add(client.publishAsync(Message.of("a", "1").qos(Qos.of(1 + i % 2))));
            futures.add(client.subscribeAsync(Subscription.to("b/" + i), inbox));
            futures.add(client.unsubscribeAsync(TopicFilter.of("c/" + i)));
        }
        futures.add(client.flushAsync());
        client.enqueue(Message.of("a", "1"));

        client.close();

        assertThat(futures)
                .allSatisfy(future -> assertThatExceptionOfType(ClientClosedException.class)
                        .isThrownBy(() -> Variant.outcome(future))
                        .withMessageStartingWith("the client is closed"));
        assertThat(client.statistics().queued()).isZero();
        assertThat(client.statistics().inFlight()).isZero();
    }

    @Test
    void racesWithEveryCallAndSettlesEachOnce() throws Exception {
        for (int round = 0; round < 30; round++) {
            MqttClient client = Variant.hasty(broker.url()).build();
            if (round % 3 > 0) {
                client.connect();
            } else {
                client.connectAsync();
            }
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<CompletableFuture<?>> futures = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch begun = new CountDownLatch(3);
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                Thread thread = new Thread(() -> {
                    for (int i = 0; i < 300; i++) {
                        futures.add(client.publishAsync(Message.of("a", "1").qos(Qos.of(i % 3))));
                        futures.add(client.enqueueAsync(Message.of("a", "1")));
                        if (i % 50 == 0) {
                            futures.add(client.subscribeAsync(Subscription.to("b/" + i), inbox));
                            futures.add(client.flushAsync());
                            futures.add(client.connectAsync());
                        }
                        if (i == 150) {
                            begun.countDown();
                        }
                    }
                });
                thread.setUncaughtExceptionHandler((at, e) -> failure.set(e));
                threads.add(thread);
                thread.start();
            }
            begun.await();
            client.close();
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failure.get()).isNull();
            await().until(() -> futures.stream().allMatch(CompletableFuture::isDone));
        }
    }

    @Test
    void brokerThatHangsDoesNotHoldItUp() {
        MqttPublisher client =
                Variant.hasty(MqttPublisher.builder(broker.url())).build();
        client.connect();
        broker.server().freeze();

        client.closeAsync().orTimeout(4, TimeUnit.SECONDS).join();

        assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
    }

    /** A peer that takes 2 MB each second, with pauses: all that was published at QoS 0 arrives, though closing takes longer than its time. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void letsOutToASlowPeerWhatWasPublishedAtQos0(boolean large) throws Exception {
        int total = 12_000_000;
        try (ServerSocket server = new ServerSocket()) {
            server.setReceiveBufferSize(64 * 1024);
            server.bind(new InetSocketAddress("127.0.0.1", 0));
            CompletableFuture<Long> got = CompletableFuture.supplyAsync(() -> readSlowly(server));
            MqttClient client = Variant.hasty("mqtt://127.0.0.1:" + server.getLocalPort())
                    .version(ProtocolVersion.MQTT_3_1_1)
                    .closeTimeout(Duration.ofSeconds(2))
                    .socketBuffers(64 * 1024, 0)
                    .onEvent(events)
                    .build();
            client.connect();
            int size = large ? total : 100_000;
            for (int sent = 0; sent < total; sent += size) {
                client.publishAsync(Message.of("t", new byte[size]).qos(Qos.AT_MOST_ONCE));
            }
            client.close();
            assertThat(got.get(60, TimeUnit.SECONDS)).isGreaterThan(total);
            assertThat(events.of(ConnectionEvent.OutputGivenUp.class)).isEmpty();
        }
    }

    private static long readSlowly(ServerSocket server) {
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            // CONNECT, whose length is less than 128.
            in.read();
            in.readNBytes(in.read());
            socket.getOutputStream().write(new byte[] {0x20, 2, 0, 0});
            long read = 0;
            byte[] chunk = new byte[1_000_000];
            for (int count = in.readNBytes(chunk, 0, chunk.length); count > 0; ) {
                read += count;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                count = in.readNBytes(chunk, 0, chunk.length);
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void saysHowMuchIsGivenUpOfWhatThePeerDoesNotTake() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<Socket> accepted = CompletableFuture.supplyAsync(() -> {
                try {
                    Socket socket = server.accept();
                    socket.getInputStream().read();
                    socket.getOutputStream().write(new byte[] {0x20, 2, 0, 0});
                    return socket;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            MqttClient client = Variant.hasty("mqtt://127.0.0.1:" + server.getLocalPort())
                    .version(ProtocolVersion.MQTT_3_1_1)
                    .closeTimeout(Duration.ofMillis(200))
                    .onEvent(events)
                    .build();
            client.connect();
            client.publishAsync(Message.of("t", new byte[50_000_000]).qos(Qos.AT_MOST_ONCE));
            client.close();
            ConnectionEvent.OutputGivenUp told = events.first(ConnectionEvent.OutputGivenUp.class);
            assertThat(told.unsentBytes()).isBetween(1_000_000L, 50_000_000L);
            assertThat(told.reason()).contains("has taken nothing for 1 s");
            accepted.join().close();
        }
    }

    @Test
    void onAnInterruptedThreadGoesOnInOrderAndKeepsTheFlag() {
        MqttClient client = Variant.hasty(broker.url()).build();
        client.connect();
        Thread.currentThread().interrupt();
        try {
            client.close();

            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
            assertThat(client.closeAsync()).isDone();
        } finally {
            Thread.interrupted();
        }
    }

    @Variant.Each
    void firstLetsOutWhatWasPublished(Variant variant) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        try (MqttClient client = variant.client(broker.url()).sendWindow(5).build()) {
            variant.connect(client);
            for (int i = 0; i < 2000; i++) {
                all.add(client.publishAsync(Message.of("t", "x").qos(Qos.of(i % 3))));
            }
        }
        assertThat(all).allSatisfy(publish -> assertThat(publish).isCompletedWithValueMatching(result -> true));
    }

    @Test
    void lettingOutSurvivesALostConnection() {
        broker.misbehave().swallow(Answer.PUBACK);
        MqttClient client = Variant.hasty(broker.url())
                .reconnect(ReconnectPolicy.exponential(Duration.ofHours(1), Duration.ofHours(1)))
                .closeTimeout(Duration.ofMinutes(1))
                .build();
        client.connect();
        CompletableFuture<?> published = client.publishAsync(Message.of("t", "x"));
        CompletableFuture<Void> closed = client.closeAsync();
        await().until(() -> client.statistics().sent() == 1);
        broker.misbehave().none();
        broker.server().cutConnections();

        Variant.outcome(closed);

        assertThat(published).isCompletedWithValueMatching(result -> true);
    }

    @Test
    void saysHowManyAreGivenUpWhenTheTimeIsOver() {
        broker.misbehave().swallow(Answer.PUBACK);
        MqttClient client = Variant.hasty(broker.url())
                .closeTimeout(Duration.ofMillis(50))
                .onEvent(events)
                .build();
        client.connect();
        CompletableFuture<?> published = client.publishAsync(Message.of("t", "x"));
        client.publishAsync(Message.of("t", "y"));

        client.close();

        assertThat(events.first(ConnectionEvent.PublishesGivenUp.class).count()).isEqualTo(2);
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> Variant.outcome(published))
                .withMessageContaining("was not acknowledged before close; flush() first")
                .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.CALLER));
    }

    @Test
    void waitsForNothingWithoutHopeOrWhenToldSo() {
        broker.misbehave().swallow(Answer.PUBACK);
        MqttClient never =
                Variant.hasty(broker.url()).closeTimeout(Duration.ofHours(1)).build();
        never.publishAsync(Message.of("t", "x"));
        never.close();

        MqttClient atOnce =
                Variant.hasty(broker.url()).closeTimeout(Duration.ofHours(1)).build();
        atOnce.connect();
        atOnce.publishAsync(Message.of("t", "x"));
        CompletableFuture<Void> patient = atOnce.closeAsync();
        atOnce.close(Disconnect.normal().timeout(Duration.ZERO));
        Variant.outcome(patient);

        broker.server().stop(true);
        MqttClient waiting = MqttClient.builder(broker.url())
                .closeTimeout(Duration.ofHours(1))
                .reconnect(ReconnectPolicy.exponential(Duration.ofHours(1), Duration.ofHours(1)))
                .build();
        waiting.connectAsync();
        waiting.publishAsync(Message.of("t", "x"));
        await().until(() -> waiting.state() == ConnectionState.WAITING);
        waiting.close();
    }

    @Test
    void withAKeptSessionWaitsOnlyIfToldSo() {
        broker.misbehave().swallow(Answer.PUBACK);
        MqttClient client = Variant.hasty(broker.url())
                .clientId("kept")
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .onEvent(events)
                .build();
        client.connect();
        CompletableFuture<?> published = client.publishAsync(Message.of("t", "x"));
        client.closeAsync().orTimeout(4, TimeUnit.SECONDS).join();
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> Variant.outcome(published))
                .withMessageContaining("stays in the session store");
        assertThat(events.of(ConnectionEvent.PublishesGivenUp.class)).isEmpty();
    }

    @Variant.Each
    void withWillHasTheWillPublished(Variant variant) throws Exception {
        try (MqttClient reader = variant.client(broker.url()).build()) {
            variant.connect(reader);
            variant.subscribe(reader, "will", inbox);
            MqttClient client = variant.client(broker.url())
                    .will(Will.of(Message.of("will", "gone")))
                    .build();
            variant.connect(client);

            client.close(Disconnect.withWill().reason("the bucket is full").userProperty("k", "v"));

            assertThat(inbox.next().text()).isEqualTo("gone");
        }
    }

    @Test
    void letsOutWhatWasPublishedAlthoughHandlersAreBehind() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        MqttClient client = Variant.hasty(broker.url())
                .receiveBuffer(1, 1)
                .closeTimeout(Duration.ofMinutes(1))
                .build();
        client.connect();
        client.subscribe("a", delivery -> {
            inbox.handle(delivery);
            go.await();
        });
        for (int i = 0; i < 50; i++) {
            broker.publish(Message.of("a", "1"));
        }
        inbox.next();
        CompletableFuture<?> published = client.publishAsync(Message.of("b", "1"));
        CompletableFuture<Void> closed = client.closeAsync();
        go.countDown();

        Variant.outcome(closed);

        assertThat(published).isCompletedWithValueMatching(result -> true);
    }
}
