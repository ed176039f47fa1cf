package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.OperationTimeoutException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import io.hawser.testing.Misbehaviour.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and replies. On MQTT 3.x the reply goes to a topic by convention: the request's, and {@code /reply}. */
@Timeout(60)
class RequestTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Variant FIVE = new Variant(ProtocolVersion.MQTT_5, true);

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private final List<MqttClient> clients = new ArrayList<>();
    private final Events events = new Events();
    private final Inbox inbox = new Inbox();

    @AfterEach
    void closeClients() {
        clients.forEach(MqttClient::close);
    }

    private ClientBuilder<MqttClient> kept(Variant variant, String clientId) {
        return variant.client(broker.url())
                .clientId(clientId)
                .session(SessionStore.inMemory(), Duration.ofDays(1))
                .onEvent(events);
    }

    private MqttClient connected(ClientBuilder<MqttClient> options) {
        MqttClient client = options.build();
        clients.add(client);
        client.connect();
        return client;
    }

    private MqttClient requester(Variant variant) {
        return connected(kept(variant, "requester"));
    }

    private MqttClient responder(Variant variant) {
        return connected(kept(variant, "responder"));
    }

    /** A request as this version can make it. */
    private static Message request(Variant variant, String topic, String text) {
        Message message = Message.of(topic, text);
        return variant.version() == ProtocolVersion.MQTT_5 ? message : message.responseTopic(topic + "/reply");
    }

    private static Message reply(Delivery request, String text) {
        return Message.of(request.topic() + "/reply", text);
    }

    private static Message upper(Delivery request) {
        return reply(request, request.text().toUpperCase(Locale.ROOT));
    }

    private static Message ask(Variant variant, MqttClient client, Message request) {
        return variant.blocking() ? client.request(request, LONG) : Variant.outcome(client.requestAsync(request, LONG));
    }

    private static void respond(
            Variant variant, MqttClient client, String filter, Function<Delivery, @Nullable Message> responder) {
        if (variant.blocking()) {
            client.respond(filter, responder);
        } else {
            Variant.outcome(client.respondAsync(Subscription.to(filter), responder));
        }
    }

    private List<String> subscribed(String clientId) {
        return broker.server().subscriptions(clientId).stream()
                .map(subscription -> subscription.filter().toString())
                .toList();
    }

    @Variant.Each
    void getsItsReply(Variant variant) {
        respond(variant, responder(variant), "up/+", RequestTest::upper);

        Message reply = ask(variant, requester(variant), request(variant, "up/1", "a"));

        assertThat(reply.text()).isEqualTo("A");
        assertThat(reply.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        await().until(() ->
                broker.server().pending("responder") == 0 && broker.server().pending("requester") == 0);
    }

    @ParameterizedTest
    @EnumSource(Qos.class)
    void replyHasTheQosOfTheRequest(Qos qos) {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            Variant variant = new Variant(version, true);
            respond(variant, responder(variant), "up", RequestTest::upper);

            assertThat(ask(
                                    variant,
                                    requester(variant),
                                    request(variant, "up", "a").qos(qos))
                            .qos())
                    .isEqualTo(qos);
            closeClients();
            clients.clear();
        }
    }

    @Variant.Each
    void onesMadeTogetherGetTheirOwnReplies(Variant variant) {
        respond(variant, responder(variant), "up/+", RequestTest::upper);
        MqttClient client = requester(variant);
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            replies.add(client.requestAsync(request(variant, "up/" + i % 3, "n" + i), LONG));
        }
        for (int i = 0; i < 300; i++) {
            assertThat(Variant.outcome(replies.get(i)).text()).isEqualTo("N" + i);
        }
    }

    @Test
    void getTheirOwnRepliesInAnyOrder() throws Exception {
        MqttClient responder = responder(FIVE);
        responder.subscribe("up", inbox);
        MqttClient client = requester(FIVE);
        CompletableFuture<Message> first = client.requestAsync(Message.of("up", "1"), LONG);
        CompletableFuture<Message> second = client.requestAsync(Message.of("up", "2"), LONG);
        List<Message> requests =
                new ArrayList<>(List.of(inbox.next().message(), inbox.next().message()));
        Collections.reverse(requests);

        for (Message request : requests) {
            responder.publish(Message.of(request.responseTopic(), "re " + request.text())
                    .correlationData(request.correlationData()));
        }

        assertThat(Variant.outcome(second).text()).isEqualTo("re 2");
        assertThat(Variant.outcome(first).text()).isEqualTo("re 1");
        assertThat(requests.get(0).correlationData())
                .isNotEqualTo(requests.get(1).correlationData());
    }

    @Test
    void thousandShareOneSubscription() {
        respond(FIVE, responder(FIVE), "up", RequestTest::upper);
        MqttClient client = requester(FIVE);
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            replies.add(client.requestAsync(Message.of("up", "n" + i), LONG));
        }
        replies.forEach(Variant::outcome);

        assertThat(subscribed("requester")).containsExactly("hawser/replies/requester");
    }

    @Test
    void replyTopicOfAClientIdentifierWithWildcardsIsATopic() {
        respond(FIVE, responder(FIVE), "up", RequestTest::upper);

        ask(FIVE, connected(FIVE.client(broker.url()).clientId("a/+#%")), Message.of("up", "a"));

        assertThat(subscribed("a/+#%")).containsExactly("hawser/replies/a/%2B%23%25");
    }

    @Test
    void useTheResponseInformationOfTheBroker() {
        broker.grant().responseInformation("private/7");
        respond(FIVE, responder(FIVE), "up", RequestTest::upper);
        MqttClient client = requester(FIVE);
        ask(FIVE, client, Message.of("up", "a"));
        assertThat(subscribed("requester")).containsExactly("private/7/hawser");

        broker.grant().responseInformation("private/8/");
        broker.server().cutConnections();
        events.nth(ConnectionEvent.Ready.class, 4);

        assertThat(ask(FIVE, client, Message.of("up", "b")).text()).isEqualTo("B");
        await().until(() -> subscribed("requester").equals(List.of("private/8/hawser")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"private/#", "+", "$share/a"})
    void passOverResponseInformationThatMakesNoTopic(String base) {
        broker.grant().responseInformation(base);
        respond(FIVE, responder(FIVE), "up", RequestTest::upper);

        assertThat(ask(FIVE, requester(FIVE), Message.of("up", "a")).text()).isEqualTo("A");
        assertThat(subscribed("requester")).containsExactly("hawser/replies/requester");
    }

    @Variant.Each
    void goToAResponseTopicOfOnesOwnAsLongAsNeeded(Variant variant) {
        respond(variant, responder(variant), "up", RequestTest::upper);
        MqttClient client = requester(variant);
        Message request = Message.of("up", "a").responseTopic("up/reply");

        CompletableFuture<Message> first = client.requestAsync(request, LONG);
        CompletableFuture<Message> second =
                client.requestAsync(Message.of("up", "b").responseTopic("up/reply"), LONG);

        assertThat(Variant.outcome(first).text()).isEqualTo("A");
        assertThat(Variant.outcome(second).text()).isEqualTo("B");
        await().until(() -> subscribed("requester").isEmpty());
        assertThat(ask(variant, client, request).text()).isEqualTo("A");
    }

    @ParameterizedTest
    @MethodSource("io.hawser.client.api.Variant#before50")
    void needAResponseTopicBefore50(Variant variant) {
        MqttClient client = requester(variant);

        MessageDroppedException refusal =
                catchThrowableOfType(MessageDroppedException.class, () -> ask(variant, client, Message.of("up", "a")));

        assertThat(refusal.rule()).isEqualTo(Rule.NEEDS_MQTT_5);
        assertThat(refusal).hasMessageContaining("no response topic").hasMessageContaining("responseTopic(...)");
    }

    @ParameterizedTest
    @MethodSource("io.hawser.client.api.Variant#before50")
    void otherAttributesAreRefusedBefore50AsEver(Variant variant) {
        respond(variant, responder(variant), "up", RequestTest::upper);
        Message request = request(variant, "up", "a").contentType("text/plain");

        assertThat(catchThrowableOfType(MessageDroppedException.class, () -> ask(variant, requester(variant), request))
                        .rule())
                .isEqualTo(Rule.NEEDS_MQTT_5);
        MqttClient dropMqtt5Attributes = connected(variant.client(broker.url()).dropMqtt5Attributes(true));
        assertThat(ask(variant, dropMqtt5Attributes, request).text()).isEqualTo("A");
    }

    @ParameterizedTest
    @MethodSource("io.hawser.client.api.Variant#before50")
    void areAnsweredByOneOfAnotherVersion(Variant variant) {
        MqttClient five = connected(FIVE.client(broker.url()).clientId("five"));
        MqttClient old = connected(variant.client(broker.url()).clientId("old"));
        respond(FIVE, five, "to/five", RequestTest::upper);
        respond(variant, old, "to/old", RequestTest::upper);

        assertThat(ask(variant, old, request(variant, "to/five", "a")).text()).isEqualTo("A");
        assertThat(ask(FIVE, five, Message.of("to/old", "b").responseTopic("to/old/reply"))
                        .text())
                .isEqualTo("B");
    }

    @Variant.Each
    void failWhenNobodyAnswersInTime(Variant variant) {
        MqttClient responder = responder(variant);
        responder.subscribe("up", inbox);
        MqttClient client = requester(variant);

        assertThatExceptionOfType(OperationTimeoutException.class)
                .isThrownBy(() -> Variant.outcome(client.requestAsync(request(variant, "up", "a"), SHORT)))
                .withMessage("request to 'up' has not been answered within PT0.05S");
        assertThatExceptionOfType(OperationTimeoutException.class)
                .isThrownBy(() -> client.request(request(variant, "up", "a"), SHORT));
    }

    @Test
    void lateReplyIsIgnored() throws Exception {
        MqttClient responder = responder(FIVE);
        responder.subscribe("up", inbox);
        MqttClient client = requester(FIVE);
        CompletableFuture<Message> late = client.requestAsync(Message.of("up", "1"), SHORT);
        Message first = inbox.next().message();
        await().until(late::isCompletedExceptionally);

        CompletableFuture<Message> next = client.requestAsync(Message.of("up", "2"), LONG);
        Message second = inbox.next().message();
        responder.publish(Message.of(first.responseTopic(), "re 1").correlationData(first.correlationData()));
        responder.publish(Message.of(first.responseTopic(), "re nothing"));
        responder.publish(Message.of(second.responseTopic(), "re 2").correlationData(second.correlationData()));

        assertThat(Variant.outcome(next).text()).isEqualTo("re 2");
        await().until(() -> broker.server().pending("requester") == 0);
    }

    @Variant.Each
    void whatTheBrokerHasKeptIsNoReply(Variant variant) {
        broker.publish(Message.of("up/reply", "kept").retain(true));
        respond(variant, responder(variant), "up", RequestTest::upper);

        assertThat(ask(variant, requester(variant), Message.of("up", "a").responseTopic("up/reply"))
                        .text())
                .isEqualTo("A");
    }

    @Test
    void expireWithTheirTimeout() throws Exception {
        MqttClient responder = responder(FIVE);
        responder.subscribe("up", inbox);
        MqttClient client = requester(FIVE);

        CompletableFuture<Message> first = client.requestAsync(Message.of("up", "a"), LONG);
        CompletableFuture<Message> second =
                client.requestAsync(Message.of("up", "a").expiry(Duration.ofHours(1)), LONG);

        assertThat(inbox.next().message().expiry()).isBetween(Duration.ofSeconds(10), LONG.plusSeconds(2));
        assertThat(inbox.next().message().expiry()).isEqualTo(Duration.ofHours(1));
        assertThat(first.isDone() || second.isDone()).isFalse();
    }

    @Test
    void failAtOnceWhenNobodyIsSubscribed() {
        assertThat(catchThrowableOfType(
                                RequestRejectedException.class,
                                () -> requester(FIVE).request(Message.of("nobody", "a"), LONG))
                        .reasonCode())
                .isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
    }

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"MQTT_3_1_1", "MQTT_5"})
    void failWhenTheirReplyTopicIsRefused(ProtocolVersion version) {
        Variant variant = new Variant(version, true);
        broker.misbehave().refuseFilter("up/reply");
        MqttClient client = requester(variant);
        Message request = Message.of("up", "a").responseTopic("up/reply");

        assertThatExceptionOfType(RequestRejectedException.class).isThrownBy(() -> client.request(request, LONG));

        broker.misbehave().none();
        respond(variant, responder(variant), "up", RequestTest::upper);
        assertThat(client.request(request, LONG).text()).isEqualTo("A");
    }

    @Variant.Each
    void madeBeforeConnectingWaitForTheConnection(Variant variant) {
        respond(variant, responder(variant), "up", RequestTest::upper);
        MqttClient client = variant.client(broker.url()).clientId("requester").build();
        clients.add(client);
        CompletableFuture<Message> tooEarly = client.requestAsync(request(variant, "up", "a"), SHORT);
        CompletableFuture<Message> early = client.requestAsync(request(variant, "up", "b"), LONG);
        assertThatExceptionOfType(OperationTimeoutException.class)
                .isThrownBy(() -> Variant.outcome(tooEarly))
                .withMessageContaining("it waited to be sent");

        client.connect();

        assertThat(Variant.outcome(early).text()).isEqualTo("B");
    }

    @Variant.Each
    void outliveALostConnection(Variant variant) throws Exception {
        MqttClient responder = responder(variant);
        responder.subscribe("up", inbox);
        MqttClient client = requester(variant);
        CompletableFuture<Message> reply = client.requestAsync(request(variant, "up", "a"), LONG);
        Delivery request = inbox.next();
        events.nth(ConnectionEvent.Ready.class, 2);

        broker.server().cutConnections();
        events.nth(ConnectionEvent.Ready.class, 4);
        Message made = reply(request, "re a");
        String to = request.message().responseTopic();
        responder.publish(
                to == null
                        ? made
                        : Message.of(to, "re a")
                                .correlationData(request.message().correlationData()));

        assertThat(Variant.outcome(reply).text()).isEqualTo("re a");
    }

    @Variant.Each
    void workAfterTheBrokerHasLostTheSession(Variant variant) {
        respond(variant, responder(variant), "up", RequestTest::upper);
        MqttClient client = requester(variant);
        assertThat(ask(variant, client, request(variant, "up", "a")).text()).isEqualTo("A");

        broker.server().restart(false);
        events.nth(ConnectionEvent.Ready.class, 4);

        assertThat(ask(variant, client, request(variant, "up", "b")).text()).isEqualTo("B");
    }

    @Variant.Each
    void failWhenTheClientCloses(Variant variant) {
        MqttClient responder = responder(variant);
        responder.subscribe("up", inbox);
        MqttClient client = requester(variant);
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            replies.add(client.requestAsync(request(variant, "up", "a"), LONG));
        }

        variant.close(client);

        replies.add(client.requestAsync(request(variant, "up", "a"), LONG));
        for (CompletableFuture<Message> reply : replies) {
            assertThatExceptionOfType(ClientClosedException.class).isThrownBy(() -> Variant.outcome(reply));
        }
    }

    @Variant.Each
    void cancelledOneLetsTheNextPass(Variant variant) throws Exception {
        MqttClient responder = responder(variant);
        CountDownLatch asked = new CountDownLatch(1);
        respond(variant, responder, "up", request -> {
            asked.countDown();
            return request.text().equals("a") ? null : upper(request);
        });
        MqttClient client = requester(variant);
        CompletableFuture<Message> first = client.requestAsync(request(variant, "up", "a"), LONG);
        CompletableFuture<Message> second = client.requestAsync(request(variant, "up", "b"), LONG);
        asked.await();

        first.cancel(true);

        assertThat(Variant.outcome(second).text()).isEqualTo("B");
    }

    @Variant.Each
    void handlerMayWaitForAReply(Variant variant) throws Exception {
        respond(variant, responder(variant), "up", RequestTest::upper);
        MqttClient client = requester(variant);
        client.subscribe("start", delivery -> {
            Message reply = ask(variant, client, request(variant, "up", delivery.text()));
            client.publish(Message.of("end", reply.text()));
        });
        client.subscribe("hawser/#", delivery -> {});
        client.subscribe("up/reply/#", delivery -> {});
        client.subscribe("end", inbox);

        client.publish(Message.of("start", "a"));
        client.publish(Message.of("start", "b"));

        assertThat(inbox.nextTexts(2)).containsExactly("A", "B");
        await().until(() -> broker.server().pending("requester") == 0);
    }

    @Variant.Each
    void responderMayWaitForItsClientInAWindowOfOne(Variant variant) throws Exception {
        MqttClient responder =
                connected(kept(variant, "responder").sendWindow(1).receiveBuffer(1, 1));
        responder.subscribe("seen", inbox);
        respond(variant, responder, "up", request -> {
            responder.publish(Message.of("seen", request.text()).qos(Qos.EXACTLY_ONCE));
            return upper(request);
        });
        MqttClient client = requester(variant);
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            replies.add(client.requestAsync(request(variant, "up", "a" + i), LONG));
        }
        for (int i = 0; i < 30; i++) {
            assertThat(Variant.outcome(replies.get(i)).text()).isEqualTo("A" + i);
        }
        inbox.nextTexts(30);
    }

    @Variant.Each
    void responderThatThrowsGivesNoReply(Variant variant) {
        MqttClient responder = responder(variant);
        respond(variant, responder, "up", request -> {
            throw new IllegalStateException("no");
        });

        assertThatExceptionOfType(OperationTimeoutException.class)
                .isThrownBy(() -> Variant.outcome(
                        requester(variant).requestAsync(request(variant, "up", "a"), Duration.ofMillis(500))));
        ConnectionEvent.DeliveryFailed failed = events.first(ConnectionEvent.DeliveryFailed.class);
        assertThat(failed.cause()).hasMessage("no");
        assertThat(failed.givenUp()).isTrue();
    }

    @Variant.Each
    void withoutResponseTopicIsHandledAndAcknowledged(Variant variant) {
        AtomicInteger handled = new AtomicInteger();
        MqttClient responder = responder(variant);
        respond(variant, responder, "up", request -> {
            handled.incrementAndGet();
            return Message.of(request.topic(), "nobody asks");
        });

        broker.publish(Message.of("up", "a"));
        broker.publish(Message.of("up", "b"));

        await().until(() -> handled.get() == 2 && broker.server().pending("responder") == 0);
        variant.publish(responder, Message.of("other", "round trip"));
        assertThat(handled).hasValue(2);
    }

    @Test
    void replyKeepsItsAttributesAndAsksForNone() {
        MqttClient responder = responder(FIVE);
        respond(
                FIVE,
                responder,
                "up",
                request -> request.message()
                        .utf8(true)
                        .contentType("text/plain")
                        .expiry(Duration.ofSeconds(90))
                        .userProperty("k", "v")
                        .retain(true));

        Message reply = ask(FIVE, requester(FIVE), Message.of("up", "echo"));

        assertThat(reply.text()).isEqualTo("echo");
        assertThat(reply.utf8()).isTrue();
        assertThat(reply.contentType()).isEqualTo("text/plain");
        assertThat(reply.expiry()).isEqualTo(Duration.ofSeconds(90));
        assertThat(reply.userProperties()).containsExactly(new UserProperty("k", "v"));
        assertThat(reply.responseTopic()).isNull();
        assertThat(broker.server().retained(reply.topic())).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void isNotLostWithAResponderThatEndsBeforeItsReply(Qos qos) {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            Variant variant = new Variant(version, true);
            CompletableFuture<Void> asked = new CompletableFuture<>();
            CountDownLatch never = new CountDownLatch(1);
            MqttClient first = responder(variant);
            respond(variant, first, "up", request -> {
                asked.complete(null);
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new IllegalStateException("it has been killed");
            });
            CompletableFuture<Message> reply =
                    requester(variant).requestAsync(request(variant, "up", "a").qos(qos), LONG);
            Variant.outcome(asked);

            // Another process with its session: the broker cuts the first.
            MqttClient second = responder(variant);
            respond(variant, second, "up", RequestTest::upper);

            assertThat(Variant.outcome(reply).text()).isEqualTo("A");
            never.countDown();
            closeClients();
            clients.clear();
            broker.server().restart(false);
        }
    }

    @Variant.Each
    void isAcknowledgedOnceTheBrokerHasTheReply(Variant variant) {
        MqttClient responder = responder(variant);
        AtomicInteger handled = new AtomicInteger();
        respond(variant, responder, "up", request -> {
            handled.incrementAndGet();
            return upper(request);
        });
        MqttClient client = requester(variant);
        broker.misbehave().swallow(Answer.PUBACK);
        assertThat(ask(variant, client, request(variant, "up", "a")).text()).isEqualTo("A");
        await().until(() -> responder.statistics().inFlight() == 1);
        assertThat(handled).hasValue(1);
        assertThat(broker.server().pending("responder")).isEqualTo(1);

        broker.misbehave().none();
        broker.server().cutConnections();

        await().until(() -> broker.server().pending("responder") == 0);
        if (variant.version() == ProtocolVersion.MQTT_5) {
            assertThat(ask(variant, client, request(variant, "up", "b")).text()).isEqualTo("B");
        } else {
            // The reply was sent again, and where nothing correlates it may be taken for the next one.
            await().until(
                            () -> ask(variant, client, request(variant, "up", "b"))
                                    .text(),
                            "B"::equals);
        }
    }

    @Test
    void replyThatTheBrokerRefusesRefusesTheRequest() {
        broker.grant().maximumPacketSize(500);
        MqttClient responder = responder(FIVE);
        respond(FIVE, responder, "up", request -> Message.of(request.topic(), "x".repeat(600)));

        CompletableFuture<Message> reply = requester(FIVE).requestAsync(Message.of("up", "a"), LONG);

        ConnectionEvent.DeliveryFailed failed = events.first(ConnectionEvent.DeliveryFailed.class);
        assertThat(failed.cause()).isInstanceOf(RequestRejectedException.class);
        await().until(() -> broker.server().pending("responder") == 0);
        assertThat(reply).isNotDone();
    }

    @Test
    void areBoundedLikeTheQueueWhileTheyWait() {
        MqttClient client = Variant.hasty(broker.url())
                .queue(QueuePolicy.bounded(2))
                .clientId("requester")
                .build();
        clients.add(client);
        client.requestAsync(Message.of("up", "1"), LONG);
        CompletableFuture<Message> given = client.requestAsync(Message.of("up", "2"), LONG);
        assertThat(catchThrowableOfType(
                                MessageDroppedException.class,
                                () -> Variant.outcome(client.requestAsync(Message.of("up", "3"), LONG)))
                        .rule())
                .isEqualTo(Rule.QUEUE_FULL);

        given.cancel(false);

        await().until(() -> !client.requestAsync(Message.of("up", "4"), LONG).isCompletedExceptionally());
    }

    @Test
    void openOnesHaveDifferentCorrelationData() {
        MqttClient client = requester(FIVE);
        responder(FIVE).subscribe("up", inbox);
        Message request = Message.of("up", "a").correlationData(new byte[] {1});
        CompletableFuture<Message> first = client.requestAsync(request, LONG);

        assertThatIllegalArgument(() -> Variant.outcome(client.requestAsync(request, LONG)));
        assertThat(first).isNotDone();
    }

    private static void assertThatIllegalArgument(ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call);
    }

    @Test
    void saysWhatIsWrongWithItsArguments() {
        MqttClient client = requester(FIVE);
        Message message = Message.of("up", "a");

        assertThatIllegalArgument(() -> client.requestAsync(message, Duration.ZERO));
        assertThatIllegalArgument(() -> client.requestAsync(message, Duration.ofDays(366)));
        assertThatIllegalArgument(() -> client.requestAsync(message.responseTopic("$share/g/a"), LONG));
        assertThatIllegalArgument(() -> client.requestAsync(message.responseTopic("$share/g"), LONG));
    }
}
