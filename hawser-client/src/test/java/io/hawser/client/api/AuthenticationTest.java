package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Authentication;
import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.store.SessionStore;
import io.hawser.testing.AuthenticationScript;
import io.hawser.testing.AuthenticationScript.Answer;
import io.hawser.testing.BrokerExtension;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Enhanced authentication from the application to the broker and back (MQTT 5.0, section 4.12). */
@Timeout(60)
class AuthenticationTest {
    private static final Credentials CREDENTIALS = Credentials.of("user", "pencil");

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final Inbox inbox = new Inbox();
    private final Events events = new Events();
    private final AtomicInteger exchanges = new AtomicInteger();

    /** Says its number first, answers challenges with what they said and an exclamation mark, and believes everything. */
    private static class Steps implements Authentication {
        private final int number;

        Steps(int number) {
            this.number = number;
        }

        @Override
        public String method() {
            return "M";
        }

        @Override
        public byte[] begin() {
            return bytes("" + number);
        }

        @Override
        public byte[] challenge(byte[] data) throws Exception {
            return bytes(new String(data, StandardCharsets.UTF_8) + "!");
        }

        @Override
        public void complete(byte[] data) throws Exception {
            assertThat(data).isEmpty();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private ClientBuilder<MqttClient> client() {
        return Variant.hasty(broker.url()).clientId("c").onEvent(events);
    }

    private ClientBuilder<MqttClient> inSteps() {
        return client().authentication(() -> new Steps(exchanges.incrementAndGet()));
    }

    /** A broker that asks "?" once, and lets those in that answer "?!". */
    private static AuthenticationScript asksOnce() {
        return (method, data) -> switch (new String(data, StandardCharsets.UTF_8)) {
            case "?!" -> Answer.accept(null);
            default -> Answer.challenge(bytes("?"));
        };
    }

    private void scramBroker() {
        broker.grant().authentication(() -> new ScramServer("user", "pencil"));
    }

    private Throwable firstFailure() {
        return events.first(ConnectionEvent.Disconnected.class).cause();
    }

    @Test
    void scramLetsInWhoKnowsThePassword() throws Exception {
        scramBroker();
        try (MqttClient client = client().scramSha256(CREDENTIALS).build()) {
            assertThat(client.connect().version()).isEqualTo(ProtocolVersion.MQTT_5);
            client.subscribe("t", inbox);
            client.publish(Message.of("t", "hello"));
            assertThat(inbox.next().text()).isEqualTo("hello");
        }
    }

    @Test
    void scramRefusesAWrongPasswordForGood() {
        scramBroker();
        try (MqttClient client =
                client().scramSha256(Credentials.of("user", "crayon")).build()) {
            RequestRejectedException refusal = catchThrowableOfType(RequestRejectedException.class, client::connect);
            assertThat(refusal.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
            assertThat(refusal).hasMessageNotContaining("crayon");
            events.first(ConnectionEvent.Closed.class);
        }
    }

    @Test
    void scramRefusesABrokerThatDoesNotKnowThePassword() {
        AtomicInteger served = new AtomicInteger();
        broker.grant().authentication(() -> {
            boolean impostor = served.getAndIncrement() == 0;
            return new ScramServer("user", "pencil") {
                @Override
                byte[] proving(byte[] signature) {
                    return super.proving(impostor ? new byte[signature.length] : signature);
                }
            };
        });
        try (MqttClient client = client().scramSha256(CREDENTIALS).build()) {
            client.connect();

            assertThat(firstFailure())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("SCRAM-SHA-256")
                    .hasMessageContaining("signature is wrong");
            assertThat(broker.server().goodbye("c")).isEqualTo(ReasonCode.UNSPECIFIED_ERROR);
            events.first(ConnectionEvent.Ready.class);
            assertThat(events.of(ConnectionEvent.Connected.class)).hasSize(1);
            assertThat(served).hasValue(2);
        }
    }

    @Test
    void scramNeedsUserNameAndPassword() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client().scramSha256(Credentials.of("user")))
                .withMessageContaining("SCRAM needs both");
    }

    @Test
    void everyConnectionAuthenticatesAnew() {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = inSteps().build()) {
            client.connect();
            broker.server().cutConnections();
            events.nth(ConnectionEvent.Ready.class, 2);

            assertThat(exchanges).hasValue(2);
        }
    }

    @Test
    void messagesRightBehindConnAckArrive() throws Exception {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = inSteps()
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .subscription("t", inbox)
                .build()) {
            client.connect();
            events.first(ConnectionEvent.Ready.class);
            broker.server().cutConnections();
            for (int i = 0; i < 100; i++) {
                broker.publish(Message.of("t", "" + i).qos(Qos.AT_LEAST_ONCE));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(inbox.next().text()).isEqualTo("" + i);
            }
        }
    }

    @Test
    void authenticatesAgainWhileMessagesFlow() throws Exception {
        scramBroker();
        try (MqttClient client = client().scramSha256(CREDENTIALS).build()) {
            client.connect();
            client.subscribe("t", inbox);
            for (int i = 0; i < 10; i++) {
                CompletableFuture<Void> again = client.reauthenticateAsync();
                CompletableFuture<?> published = client.publishAsync(Message.of("t", "" + i));
                again.join();
                published.join();
                assertThat(inbox.next().text()).isEqualTo("" + i);
            }
            client.reauthenticate();
            assertThat(client.statistics().connections()).isEqualTo(1);
        }
    }

    @Test
    void aRefusalToAuthenticateAgainEndsTheConnection() {
        broker.grant()
                .authentication(() -> (method, data) -> new String(data, StandardCharsets.UTF_8).equals("2")
                        ? Answer.refuse(ReasonCode.NOT_AUTHORIZED)
                        : Answer.accept(null));
        try (MqttClient client = inSteps().build()) {
            client.connect();

            BrokerDisconnectException refusal =
                    catchThrowableOfType(BrokerDisconnectException.class, client::reauthenticate);

            assertThat(refusal.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
            assertThat(firstFailure()).isSameAs(refusal);
            events.nth(ConnectionEvent.Ready.class, 2);
        }
    }

    @Test
    void onlyOneAuthenticatesAgainAtATime() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(1);
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = client().authentication(() -> new Steps(exchanges.incrementAndGet()) {
                    @Override
                    public void complete(byte[] data) throws Exception {
                        if (exchanges.get() > 1) {
                            arrived.countDown();
                            proceed.await();
                        }
                    }
                })
                .build()) {
            client.connect();
            CompletableFuture<Void> first = client.reauthenticateAsync();
            arrived.await();

            assertThatThrownBy(client::reauthenticate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("already");
            proceed.countDown();
            first.join();
            client.reauthenticate();
        }
    }

    @Test
    void authenticatingAgainNeedsAuthenticationAndAConnection() {
        try (MqttClient without = client().build();
                MqttClient offline = inSteps().build()) {
            without.connect();
            assertThatThrownBy(without::reauthenticate)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("authentication is not set");
            assertThatThrownBy(offline::reauthenticate)
                    .isInstanceOf(ConnectionException.class)
                    .hasMessageContaining("DISCONNECTED");
            offline.closeAsync().join();
            assertThatThrownBy(offline::reauthenticate).isInstanceOf(ClientClosedException.class);
        }
    }

    @Test
    void aStepThatThrowsIsTheCauseAndTheNextConnectionTriesAgain() {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = client().authentication(() -> new Steps(exchanges.incrementAndGet()) {
                    @Override
                    public byte[] challenge(byte[] data) throws Exception {
                        if (exchanges.get() == 1) {
                            throw new Exception("no smart card");
                        }
                        return super.challenge(data);
                    }
                })
                .build()) {
            client.connect();

            assertThat(firstFailure())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining("authentication with M failed on this side: no smart card")
                    .hasRootCauseMessage("no smart card");
        }
    }

    @Test
    void aSupplierOrAFirstStepThatThrowsIsTheCause() {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = client().authentication(() -> {
                    if (exchanges.incrementAndGet() == 1) {
                        throw new IllegalStateException("no token");
                    }
                    return new Steps(exchanges.get()) {
                        @Override
                        public byte[] begin() {
                            if (exchanges.get() == 2) {
                                throw new IllegalStateException("no smart card");
                            }
                            return super.begin();
                        }
                    };
                })
                .build()) {
            client.connect();

            assertThat(firstFailure()).isInstanceOf(ConnectionException.class).hasRootCauseMessage("no token");
            assertThat(events.nth(ConnectionEvent.Disconnected.class, 2).cause())
                    .hasRootCauseMessage("no smart card");
        }
    }

    @Test
    void dataThatDoNotFitAreTheCause() {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = client().authentication(() -> new Steps(1) {
                    @Override
                    public byte[] challenge(byte[] data) {
                        return exchanges.getAndIncrement() == 0 ? new byte[65_536] : bytes("?!");
                    }
                })
                .build()) {
            client.connect();

            assertThat(firstFailure()).hasMessageContaining("65536 bytes, must have at most 65535");
        }
    }

    @Test
    void aStepThatBlocksHoldsNoOtherClient() throws Exception {
        CountDownLatch proceed = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(50);
        broker.grant().authentication(AuthenticationTest::asksOnce);
        MqttClient[] clients = new MqttClient[50];
        for (int i = 0; i < clients.length; i++) {
            clients[i] = Variant.hasty(broker.url())
                    .authentication(() -> new Steps(0) {
                        @Override
                        public void complete(byte[] data) throws Exception {
                            blocked.countDown();
                            proceed.await();
                        }
                    })
                    .build();
            clients[i].connectAsync();
        }
        blocked.await();
        try (MqttClient other = inSteps().build()) {
            other.connect();
            other.publish(Message.of("t", "x"));
            assertThat(clients[0].negotiated()).isNull();
        }
        proceed.countDown();
        for (MqttClient client : clients) {
            client.connect();
            client.close();
        }
    }

    @Test
    void aStepThatNeverReturnsIsEndedByTheConnectTimeout() {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        CountDownLatch never = new CountDownLatch(1);
        try (MqttClient client = client().connectTimeout(Duration.ofMillis(200))
                .authentication(() -> new Steps(exchanges.incrementAndGet()) {
                    @Override
                    public void complete(byte[] data) throws Exception {
                        if (exchanges.get() == 1) {
                            never.await();
                        }
                    }
                })
                .build()) {
            client.connect();

            assertThat(firstFailure())
                    .isInstanceOf(ConnectionException.class)
                    .hasMessageContaining("took longer than 200 ms");
            never.countDown();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a challenge that nobody asked for, F00618041500014D",
        "success that nobody asked for, F00600041500014D",
        "success without a word, F000",
        "a broker that wants to begin, F00619041500014D",
    })
    void authOutOfTurnIsAnsweredByDisconnect(String violation, String hex) {
        broker.grant().authentication(AuthenticationTest::asksOnce);
        try (MqttClient client = inSteps().build()) {
            client.connect();
            events.first(ConnectionEvent.Ready.class);

            broker.server().send("c", HexFormat.of().parseHex(hex));

            await().untilAsserted(() -> assertThat(broker.server().goodbye("c")).isEqualTo(ReasonCode.PROTOCOL_ERROR));
            assertThat(firstFailure()).isInstanceOf(ProtocolException.class);
            events.nth(ConnectionEvent.Ready.class, 2);
        }
    }

    private void assertIsViolated(Answer first) {
        AtomicInteger served = new AtomicInteger();
        broker.grant().authentication(() -> served.getAndIncrement() == 0 ? (method, data) -> first : asksOnce());
        try (MqttClient client = inSteps().build()) {
            client.connect();

            assertThat(broker.server().goodbye("c")).isEqualTo(ReasonCode.PROTOCOL_ERROR);
            assertThat(firstFailure()).isInstanceOf(ProtocolException.class);
        }
    }

    @Test
    void aChallengeUnderAnotherMethodIsAViolation() {
        assertIsViolated(Answer.challenge(null).naming("N"));
    }

    @Test
    void aConnAckUnderAnotherMethodIsAViolation() {
        assertIsViolated(Answer.accept(null).naming("N"));
    }

    @Test
    void aBrokerThatAsksForANewBeginningIsAViolation() {
        assertIsViolated(new Answer(ReasonCode.REAUTHENTICATE, null, null));
    }

    @Test
    void aMethodThatTheBrokerDoesNotKnowIsFinal() {
        try (MqttClient client = inSteps().build()) {
            RequestRejectedException refusal = catchThrowableOfType(RequestRejectedException.class, client::connect);

            assertThat(refusal.reasonCode()).isEqualTo(ReasonCode.BAD_AUTHENTICATION_METHOD);
            events.first(ConnectionEvent.Closed.class);
            assertThat(exchanges).hasValue(1);
        }
    }

    @Test
    void freshExchangesAreTriedAfterARefusal() {
        broker.grant()
                .authentication(() -> (method, data) -> new String(data, StandardCharsets.UTF_8).equals("1")
                        ? Answer.refuse(ReasonCode.NOT_AUTHORIZED)
                        : Answer.accept(null));
        try (MqttClient client = inSteps().build()) {
            client.connect();
            assertThat(exchanges).hasValue(2);
        }
    }

    @Test
    void noOtherVersionIsTried() {
        broker.misbehave().refuseVersion(ProtocolVersion.MQTT_5);
        try (MqttClient client = inSteps().build()) {
            MqttException refusal = catchThrowableOfType(MqttException.class, client::connect);

            assertThat(refusal)
                    .isInstanceOf(RequestRejectedException.class)
                    .hasMessageContaining("with MQTT 5.0, which authentication needs, was refused");
            events.first(ConnectionEvent.Closed.class);
            assertThat(events.of(ConnectionEvent.Connecting.class)).hasSize(1);
        }
    }

    @Test
    void doesNotGoWithOtherVersionsOrRetransmission() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> inSteps().version(ProtocolVersion.MQTT_3_1_1).build())
                .withMessageContaining("authentication is set, must not be in MQTT 3.1.1");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> inSteps().retransmission(Duration.ofSeconds(1)).build())
                .withMessageContaining("retransmission");
    }
}
