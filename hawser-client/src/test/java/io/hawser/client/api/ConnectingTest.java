package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.Proxy;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.OperationInterruptedException;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.BrokerServer;
import io.hawser.testing.Misbehaviour;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConnectingTest {
    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Events events = new Events();

    @Variant.Each
    void connectSettlesWhenTheSubscriptionsOfTheBuilderAreInPlace(Variant variant) {
        try (MqttClient client = variant.client(broker.url())
                .clientId("c")
                .subscription("a", delivery -> {})
                .subscription("b/#", delivery -> {})
                .build()) {
            variant.connect(client);

            assertThat(client.state()).isEqualTo(ConnectionState.READY);
            assertThat(broker.server().subscriptions("c")).hasSize(2);
        }
    }

    @Variant.Each
    void connects(Variant variant) {
        try (MqttClient client =
                variant.client(broker.url()).clientId("c").onEvent(events).build()) {
            assertThat(client.state()).isEqualTo(ConnectionState.DISCONNECTED);

            ConnectResult result = variant.connect(client);

            assertThat(result)
                    .isEqualTo(new ConnectResult(variant.version(), "c", false, client.negotiated(), "", List.of()));
            await().until(() -> client.state() == ConnectionState.READY);
            assertThat(variant.connect(client)).isEqualTo(result);
            assertThat(broker.server().connectedClients()).containsExactly("c");
        }
        events.first(ConnectionEvent.Closed.class);
        assertThat(events.names()).containsExactly("Connecting", "Connected", "Ready", "Disconnected", "Closed");
    }

    @Variant.Each
    void firstConnectionIsTriedAgainUntilThereIsABroker(Variant variant) {
        broker.server().stop(true);
        try (MqttClient client = variant.client(broker.url()).onEvent(events).build()) {
            CompletableFuture<ConnectResult> connected = client.connectAsync();
            events.nth(ConnectionEvent.ReconnectScheduled.class, 3);
            assertThat(connected).isNotDone();

            broker.server().resume();

            assertThat(variant.connect(client).version()).isEqualTo(variant.version());
            assertThat(Variant.outcome(connected).version()).isEqualTo(variant.version());
            ConnectionEvent.ReconnectScheduled waiting = events.first(ConnectionEvent.ReconnectScheduled.class);
            assertThat(waiting.cause())
                    .isInstanceOf(ConnectionException.class)
                    .hasMessageContaining("127.0.0.1:" + broker.server().port())
                    .hasMessageContaining("refused");
            assertThat(waiting.delay()).isBetween(Duration.ZERO, Duration.ofMillis(20));
            assertThat(events.of(ConnectionEvent.Connecting.class))
                    .extracting(ConnectionEvent.Connecting::attempt)
                    .startsWith(1, 2, 3);
        }
    }

    @Test
    void connectThatTakesTooLongTellsWhyAndGoesOn() {
        broker.server().stop(true);
        try (MqttClient client = Variant.hasty(broker.url())
                .timeout(Duration.ofMillis(300))
                .onEvent(events)
                .build()) {
            assertThatExceptionOfType(OperationTimeoutException.class)
                    .isThrownBy(client::connect)
                    .withMessageContaining("connect has not been answered within PT0.3S")
                    .withMessageContaining("goes on")
                    .withMessageContaining(
                            "cannot connect to 127.0.0.1:" + broker.server().port())
                    .withCauseInstanceOf(ConnectionException.class)
                    .satisfies(e -> assertThat(e.retryable()).isTrue())
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.NETWORK));
            assertThat(client.state()).isNotEqualTo(ConnectionState.CLOSED);

            broker.server().resume();
            Variant.outcome(client.connectAsync());
        }
    }

    @Test
    void brokerThatNeverAnswersIsGivenUpAfterConnectTimeout() {
        broker.server().freeze();
        try (MqttClient client = Variant.hasty(broker.url())
                .connectTimeout(Duration.ofMillis(100))
                .onEvent(events)
                .build()) {
            client.connectAsync();

            awaitReconnectBecauseOf(
                    "connecting to " + broker.url() + " took longer than 100 ms: no CONNACK, at 127.0.0.1");
            broker.server().thaw();
            Variant.outcome(client.connectAsync());
        }
    }

    /** Each stage of an attempt that takes too long is named, and whom it waited for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "mqtt, no CONNACK, at 127.0.0.1",
                "mqtts, the TLS handshake did not end",
                "ws, the WebSocket handshake did not end",
                "wss, the TLS handshake did not end",
                "mqtt through http, the dialogue with the HTTP proxy 127.0.0.1:",
                "mqtts through socks5, the dialogue with the SOCKS5 proxy 127.0.0.1:",
                "wss through socks4, the dialogue with the SOCKS4a proxy 127.0.0.1:",
                "mqtt asking, the program's suppliers have not answered",
            })
    void timeoutNamesTheStage(String row) throws Exception {
        String road = row.substring(0, row.indexOf(", "));
        CountDownLatch never = new CountDownLatch(1);
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + silent.getLocalPort();
            ClientBuilder<MqttClient> builder = Variant.hasty(road.split(" ")[0] + "://" + address)
                    .connectTimeout(Duration.ofMillis(200))
                    .onEvent(events);
            if (road.contains(" through ")) {
                builder.proxy(Proxy.parse(road.substring(road.lastIndexOf(' ') + 1) + "://" + address));
            }
            if (road.endsWith(" asking")) {
                builder.credentials(() -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return null;
                });
            }
            try (MqttClient client = builder.build()) {
                client.connectAsync();
                awaitReconnectBecauseOf(row.substring(row.indexOf(", ") + 2));
            }
        } finally {
            never.countDown();
        }
    }

    /** On a slow machine the first attempts may run out of time at an earlier stage. */
    private void awaitReconnectBecauseOf(String words) {
        await().untilAsserted(() -> assertThat(events.of(ConnectionEvent.ReconnectScheduled.class))
                .extracting(event -> event.cause().getMessage())
                .anyMatch(message -> message.contains(words)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLIENT_IDENTIFIER_NOT_VALID", "BAD_USER_NAME_OR_PASSWORD", "NOT_AUTHORIZED"})
    void refusalThatWillNotChangeEndsTheClient(ReasonCode reason) {
        broker.misbehave().refuseConnects(100, reason);
        MqttClient client = Variant.hasty(broker.url())
                .credentials(Credentials.of("joe", "sesame"))
                .onEvent(events)
                .build();

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(client::connect)
                .withMessageContaining("CONNECT to " + broker.url())
                .withMessageContaining("was refused by the broker")
                .satisfies(e -> assertThat(e.reasonCode()).isEqualTo(reason))
                .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.BROKER))
                .satisfies(e -> assertThat(e.retryable()).isFalse())
                .satisfies(e -> assertThat(e.filter()).isNull());
        assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(events.first(ConnectionEvent.Closed.class).cause()).isInstanceOf(RequestRejectedException.class);
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(() -> client.publish(Message.of("a", "b")))
                .satisfies(e -> assertThat(e.retryable()).isFalse());
        client.close();
    }

    @Test
    void refusalThatMayChangeIsTriedAgainSoonAfterIt() {
        broker.misbehave().refuseConnects(3, ReasonCode.SERVER_UNAVAILABLE);
        try (MqttClient client = Variant.hasty(broker.url())
                .connectTimeout(Duration.ofHours(1))
                .onEvent(events)
                .build()) {
            client.connect();

            assertThat(events.of(ConnectionEvent.ReconnectScheduled.class))
                    .hasSize(3)
                    .allSatisfy(waiting -> assertThat(waiting.cause())
                            .isInstanceOfSatisfying(
                                    RequestRejectedException.class,
                                    e -> assertThat(e.retryable()).isTrue()));
        }
    }

    @Test
    void credentialsThatAreAskedForAnewAreTriedAnew() {
        broker.misbehave().refuseConnects(2, ReasonCode.BAD_USER_NAME_OR_PASSWORD);
        AtomicInteger asked = new AtomicInteger();
        try (MqttClient client = Variant.hasty(broker.url())
                .credentials(() -> Credentials.of("joe", "token" + asked.incrementAndGet()))
                .build()) {
            client.connect();

            assertThat(asked).hasValue(3);
        }
    }

    @Test
    void supplierThatFailsIsAskedAgain() {
        AtomicInteger asked = new AtomicInteger();
        try (MqttClient client = Variant.hasty(broker.url())
                .credentials(() -> {
                    if (asked.incrementAndGet() < 3) {
                        throw new IllegalStateException("the vault is closed");
                    }
                    return Credentials.of("joe");
                })
                .onEvent(events)
                .build()) {
            client.connect();

            assertThat(asked).hasValue(3);
            assertThat(events.first(ConnectionEvent.ReconnectScheduled.class).cause())
                    .hasMessageContaining("cannot prepare to connect to " + broker.url())
                    .hasRootCauseMessage("the vault is closed");
        }
    }

    @Test
    void fallsBackToTheVersionThatTheBrokerSpeaks() {
        broker.misbehave().refuseVersion(ProtocolVersion.MQTT_5).refuseVersion(ProtocolVersion.MQTT_3_1_1);
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("c").onEvent(events).build()) {
            assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1);

            events.first(ConnectionEvent.Connected.class);
            assertThat(events.of(ConnectionEvent.Connecting.class))
                    .extracting(ConnectionEvent.Connecting::version, ConnectionEvent.Connecting::refused)
                    .containsExactly(
                            tuple(ProtocolVersion.MQTT_5, null),
                            tuple(ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_5),
                            tuple(ProtocolVersion.MQTT_3_1, ProtocolVersion.MQTT_3_1_1));
            assertThat(events.of(ConnectionEvent.ReconnectScheduled.class)).isEmpty();
        }
    }

    @Test
    void fallsBackWhenTheBrokerOnlyCloses() {
        broker.misbehave().closeOn(ProtocolVersion.MQTT_5);
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("c").onEvent(events).build()) {
            assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1_1);
            events.first(ConnectionEvent.Connected.class);

            assertThat(events.of(ConnectionEvent.Connecting.class))
                    .filteredOn(event -> event.refused() != null)
                    .extracting(ConnectionEvent.Connecting::version, ConnectionEvent.Connecting::refused)
                    .containsExactly(tuple(ProtocolVersion.MQTT_3_1_1, ProtocolVersion.MQTT_5));
        }
    }

    @Test
    void fallsBackFromARefusalInTheFormOf50() {
        broker.misbehave().refuseConnects(1, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("c").onEvent(events).build()) {
            assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_3_1_1);
            events.first(ConnectionEvent.Connected.class);

            assertThat(events.of(ConnectionEvent.Connecting.class))
                    .extracting(ConnectionEvent.Connecting::refused)
                    .containsExactly(null, ProtocolVersion.MQTT_5);
        }
    }

    @Variant.Each
    void pinnedVersionThatIsRefusedEndsTheClient(Variant variant) {
        broker.misbehave().refuseVersion(variant.version());
        MqttClient client = variant.client(broker.url()).onEvent(events).build();

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> variant.connect(client))
                .withMessageContaining("with MQTT " + variant.version())
                .satisfies(e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION));
        assertThat(events.of(ConnectionEvent.Connecting.class)).allMatch(event -> event.refused() == null);
        client.close();
    }

    @Test
    void goesOnToTheNextServer() {
        broker.server().stop(true);
        try (var other = BrokerServer.start();
                MqttClient client =
                        Variant.hasty(broker.url(), other.url()).onEvent(events).build()) {
            client.connect();

            assertThat(events.first(ConnectionEvent.Connected.class).server()).isEqualTo(other.url());
        }
    }

    @Test
    void withoutReconnectingTheFirstFailureEndsTheClient() {
        broker.server().stop(true);
        MqttClient client = MqttClient.builder(broker.url())
                .reconnect(ReconnectPolicy.never())
                .onEvent(events)
                .build();

        assertThatExceptionOfType(ConnectionException.class)
                .isThrownBy(client::connect)
                .withMessageContaining("cannot connect to");
        assertThat(client.state()).isEqualTo(ConnectionState.CLOSED);
        client.close();
    }

    @Test
    void failureTellsWhoWaitedForItWithoutGrowingForever() {
        MqttClient client = MqttClient.builder(broker.url()).build();
        client.close();
        Throwable failure = null;
        for (int i = 0; i < 100; i++) {
            failure = catchThrowable(client::connect);
        }
        assertThat(failure).isInstanceOf(ClientClosedException.class);
        assertThat(failure.getSuppressed()).hasSizeBetween(1, 10);
        assertThat(failure.getSuppressed()[0].getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(ConnectingTest.class.getName()));
    }

    @Test
    void shortcutClosesWhatItCannotConnect() {
        broker.misbehave().refuseConnects(1, ReasonCode.NOT_AUTHORIZED);

        assertThatExceptionOfType(RequestRejectedException.class).isThrownBy(() -> MqttPublisher.connect(broker.url()));
        assertThat(broker.server().connectedClients()).isEmpty();
    }

    @Variant.Each
    void protocolErrorOfTheBrokerIsToldAndFollowedByAnotherConnectionAtOnce(Variant variant) {
        try (MqttClient client = variant.client(broker.url())
                .clientId("c")
                .keepAlive(Duration.ofHours(1))
                .onEvent(events)
                .build()) {
            variant.connect(client);
            await().until(() -> client.state() == ConnectionState.READY);

            broker.server().send("c", new byte[] {(byte) 0xF0, 0});

            assertThat(events.first(ConnectionEvent.Disconnected.class).cause()).isInstanceOf(ProtocolException.class);
            events.nth(ConnectionEvent.Ready.class, 2);
        }
    }

    @Variant.Each
    void brokerThatHangsIsNoticedWithinKeepAliveAndPingTimeout(Variant variant) {
        try (MqttClient client = variant.client(broker.url())
                .keepAlive(Duration.ofSeconds(1))
                .pingTimeout(Duration.ofMillis(100))
                .onEvent(events)
                .build()) {
            variant.connect(client);
            broker.server().freeze();

            assertThat(events.first(ConnectionEvent.Disconnected.class).cause())
                    .isInstanceOf(ConnectionException.class)
                    .hasMessageContaining("has sent nothing for 100 ms after PINGREQ");
            broker.server().thaw();
            events.nth(ConnectionEvent.Connected.class, 2);
        }
    }

    @Test
    void clientIdentifierThatIsTakenOverAgainAndAgainIsReported() {
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("twin").onEvent(events).build()) {
            client.connect();
            for (int i = 1; i <= 3; i++) {
                events.nth(ConnectionEvent.Ready.class, i);
                broker.server().cutConnections();
            }

            ConnectionEvent.ClientIdContested contested = events.first(ConnectionEvent.ClientIdContested.class);
            assertThat(contested.clientId()).isEqualTo("twin");
            assertThat(contested.closes()).isEqualTo(3);
        }
    }

    @Variant.Each
    void keptSessionIsResumedBySecondClient(Variant variant) throws Exception {
        SessionStore store = SessionStore.inMemory();
        MqttClient first = variant.client(broker.url())
                .clientId("c")
                .session(store, Duration.ofDays(1))
                .build();
        variant.enqueue(first, Message.of("news", "kept"));
        variant.connect(first);
        variant.subscribe(first, "mail/#", delivery -> {});
        variant.flush(first);
        broker.server().stop(true);
        variant.enqueue(first, Message.of("news", "waiting"));
        variant.close(first);
        broker.server().resume();
        broker.publish(Message.of("mail/1", "meanwhile"));

        Inbox inbox = new Inbox();
        Inbox reader = new Inbox();
        try (MqttClient other = variant.client(broker.url()).build();
                MqttClient second = variant.client(broker.url())
                        .clientId("c")
                        .session(store, Duration.ofDays(1))
                        .subscription("mail/#", inbox)
                        .build()) {
            variant.connect(other);
            variant.subscribe(other, "news", reader);
            ConnectResult result = variant.connect(second);

            assertThat(result.sessionPresent()).isEqualTo(variant.version() != ProtocolVersion.MQTT_3_1);
            assertThat(inbox.next().text()).isEqualTo("meanwhile");
            assertThat(reader.next().text()).isEqualTo("waiting");
        }
    }

    @Test
    void isSettledWhenTheDeclaredSubscriptionsAreInPlace() throws Exception {
        try (MqttClient writer = MqttClient.connect(broker.url())) {
            for (int i = 0; i < 30; i++) {
                Inbox inbox = new Inbox();
                try (MqttClient client = Variant.hasty(broker.url())
                        .subscription("ready/" + i, inbox)
                        .build()) {
                    client.connect();
                    assertThat(client.state()).isEqualTo(ConnectionState.READY);
                    writer.publish(Message.of("ready/" + i, "x"));
                    assertThat(inbox.next().text()).isEqualTo("x");
                }
            }
        }
    }

    @Test
    void isNotSettledWhileASubscriptionIsNotAnswered() {
        broker.misbehave().swallow(Misbehaviour.Answer.SUBACK);
        try (MqttClient client = Variant.hasty(broker.url())
                .timeout(Duration.ofMillis(300))
                .subscription("a", delivery -> {})
                .build()) {
            assertThatExceptionOfType(OperationTimeoutException.class)
                    .isThrownBy(client::connect)
                    .withMessageContaining("the broker has not answered every SUBSCRIBE");
        }
    }

    @Test
    void whileLostWaitsForTheNextAcceptance() {
        try (MqttClient client = Variant.hasty(broker.url()).onEvent(events).build()) {
            client.connect();
            broker.server().stop(true);
            events.first(ConnectionEvent.ReconnectScheduled.class);
            CompletableFuture<ConnectResult> again = client.connectAsync();
            events.nth(ConnectionEvent.ReconnectScheduled.class, 3);
            assertThat(again).isNotDone();

            broker.server().resume();

            Variant.outcome(again);
            assertThat(client.state()).isEqualTo(ConnectionState.READY);
        }
    }

    @Test
    void onAClosedClientFailsWithWhyItClosed() {
        MqttClient asked = MqttClient.connect(broker.url());
        asked.close();
        assertThatExceptionOfType(ClientClosedException.class)
                .isThrownBy(asked::connect)
                .satisfies(e -> assertThat(e.getCause()).isNull())
                .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.CALLER))
                .satisfies(e -> assertThat(e.retryable()).isFalse());

        broker.server().stop(true);
        MqttClient gone = MqttClient.builder(broker.url())
                .reconnect(ReconnectPolicy.never())
                .build();
        CompletableFuture<?> published = gone.publishAsync(Message.of("a", "1"));
        assertThatExceptionOfType(ConnectionException.class).isThrownBy(gone::connect);
        List<ThrowableAssert.ThrowingCallable> calls = List.of(
                () -> Variant.outcome(published),
                gone::connect,
                gone::flush,
                gone::reauthenticate,
                () -> gone.publish(Message.of("a", "1")),
                () -> gone.enqueue(Message.of("a", "1")),
                () -> gone.subscribe("a", delivery -> {}),
                () -> gone.unsubscribe("a"),
                () -> gone.request(Message.of("a", "1"), Duration.ofSeconds(1)));
        for (ThrowableAssert.ThrowingCallable call : calls) {
            assertThatExceptionOfType(ClientClosedException.class)
                    .isThrownBy(call)
                    .withCauseInstanceOf(ConnectionException.class)
                    .withMessageContaining("cannot connect")
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.NETWORK))
                    .satisfies(e -> assertThat(e.retryable()).isTrue());
        }
    }

    @Test
    void endsTheWaitForTheNextAttempt() {
        for (boolean now : new boolean[] {true, false}) {
            Events heard = new Events();
            try (MqttClient client = MqttClient.builder(broker.url())
                    .reconnect(ReconnectPolicy.exponential(Duration.ofHours(1), Duration.ofHours(2)))
                    .onEvent(heard)
                    .build()) {
                client.connectNow();
                assertThat(client.state()).isEqualTo(ConnectionState.DISCONNECTED);
                client.connect();
                broker.server().stop(true);
                heard.first(ConnectionEvent.ReconnectScheduled.class);
                broker.server().resume();

                if (now) {
                    client.connectNow();
                } else {
                    Variant.outcome(client.connectAsync());
                }

                heard.nth(ConnectionEvent.Ready.class, 2);
            }
        }
    }

    @Test
    void callsThatTakeTooLongSayThatNobodyHasCalledConnect() {
        try (MqttClient client =
                MqttClient.builder(broker.url()).timeout(Duration.ofMillis(50)).build()) {
            for (ThrowableAssert.ThrowingCallable call : List.<ThrowableAssert.ThrowingCallable>of(
                    () -> client.publish(Message.of("a", "1")),
                    client::flush,
                    () -> client.subscribe("a", delivery -> {}),
                    () -> client.unsubscribe("a"))) {
                assertThatExceptionOfType(OperationTimeoutException.class)
                        .isThrownBy(call)
                        .withMessageContaining("nobody has called connect()");
            }
        }
    }

    @Test
    void shortcutOnAnInterruptedThreadSaysSoAndClosesInOrder() {
        broker.server().freeze();
        Thread.currentThread().interrupt();
        try {
            assertThatExceptionOfType(OperationInterruptedException.class)
                    .isThrownBy(() -> MqttClient.connect(broker.url()))
                    .withMessageContaining("waiting for connect was interrupted")
                    .satisfies(e -> assertThat(e.fault()).isEqualTo(MqttException.Fault.CALLER))
                    .satisfies(e -> assertThat(e.getSuppressed()).isEmpty());
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        broker.server().thaw();
        await().until(() -> broker.server().connectedClients().isEmpty());
    }
}
