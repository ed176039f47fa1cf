package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.client.ClientBuilder;
import io.hawser.client.Delivery;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttClient;
import io.hawser.client.api.FieldBroker.Published;
import io.hawser.client.api.FieldBroker.Said;
import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectResult.Negotiated;
import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.SubscriptionRefused;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UnsubscribeResult;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import io.hawser.wire.Connect;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unsubscribe;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program can say in MQTT 5.0, and what it sees of what a broker says. */
@Timeout(60)
class FieldsTest {
    private static final List<UserProperty> WHY = List.of(new UserProperty("why", "test"));
    private static final Properties WORDS =
            Properties.NONE.with(Property.REASON_STRING, "in words").with(WHY);

    private final FieldBroker broker = new FieldBroker();
    private final Inbox inbox = new Inbox();
    private final Events events = new Events();

    FieldsTest() throws IOException {}

    @AfterEach
    void closeBroker() throws IOException {
        broker.close();
    }

    private ClientBuilder<MqttClient> builder() {
        return Variant.hasty(broker.url()).clientId("c").onEvent(events);
    }

    private MqttClient connected() {
        MqttClient client = builder().build();
        client.connect();
        return client;
    }

    private static Message full(Qos qos) {
        return Message.of("a/topic", "payload")
                .qos(qos)
                .utf8(true)
                .expiry(Duration.ofSeconds(77))
                .contentType("text/plain")
                .responseTopic("reply/here")
                .correlationData(new byte[] {1, 2, 3})
                .userProperty("why", "test");
    }

    // The client says.

    @Test
    void connectSaysAllThatTheBuilderIsGiven() throws Exception {
        Will will = Will.of(full(Qos.EXACTLY_ONCE).retain(true)).delay(Duration.ofSeconds(5));
        try (MqttClient client = builder()
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .keepAlive(Duration.ofSeconds(33))
                .credentials(Credentials.of("user", "secret"))
                .will(will)
                .receiveMaximum(7)
                .maximumPacketSize(5_000)
                .topicAliasMaximum(9)
                .problemInformation(false)
                .userProperty("why", "test")
                .build()) {
            client.connect();

            Connect said = broker.next(Connect.class);
            assertThat(said.clientId()).isEqualTo("c");
            assertThat(said.cleanSession()).isFalse();
            assertThat(said.keepAliveSeconds()).isEqualTo(33);
            assertThat(said.credentials().userName()).isEqualTo("user");
            assertThat(said.credentials().password()).asString().isEqualTo("secret");
            assertThat(said.will()).isEqualTo(will);
            assertThat(said.properties())
                    .isEqualTo(Properties.NONE
                            .with(Property.SESSION_EXPIRY_INTERVAL, 3600)
                            .with(Property.RECEIVE_MAXIMUM, 7)
                            .with(Property.MAXIMUM_PACKET_SIZE, 5_000)
                            .with(Property.TOPIC_ALIAS_MAXIMUM, 9)
                            .with(Property.REQUEST_PROBLEM_INFORMATION, 0)
                            .with(Property.REQUEST_RESPONSE_INFORMATION, 1)
                            .with(WHY));
        }
    }

    @Test
    void responseInformationCanBeOff() throws Exception {
        try (MqttClient client = builder().responseInformation(false).build()) {
            client.connect();

            assertThat(broker.next(Connect.class).properties().has(Property.REQUEST_RESPONSE_INFORMATION))
                    .isFalse();
        }
    }

    @Test
    void cleanStartGoesWithASessionExpiryUntilABrokerHasAccepted() throws Exception {
        try (MqttClient client = builder()
                .session(SessionStore.inMemory(), Duration.ofHours(1))
                .cleanStart(true)
                .build()) {
            client.connect();
            Connect first = broker.next(Connect.class);
            broker.sessionPresent = true;
            broker.cut();
            Connect second = broker.next(Connect.class);

            assertThat(first.cleanSession()).isTrue();
            assertThat(second.cleanSession()).isFalse();
            assertThat(List.of(first, second))
                    .allSatisfy(each -> assertThat(each.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0))
                            .isEqualTo(3600));
        }
    }

    @Test
    void cleanStartOfAKeptSessionNeedsMqtt5() {
        ClientBuilder<MqttClient> builder =
                builder().session(SessionStore.inMemory(), Duration.ofHours(1)).cleanStart(true);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.version(ProtocolVersion.MQTT_3_1_1).build())
                .withMessage("cleanStart is set, must not be without MQTT 5.0: no other version has such a session");
    }

    @ParameterizedTest
    @EnumSource
    void publishSaysAllAttributesOfTheMessage(Qos qos) throws Exception {
        try (MqttClient client = connected()) {
            client.publish(full(qos).retain(true));

            Published said = broker.next(Published.class);
            assertThat(said.message()).isEqualTo(full(qos).retain(true));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 256})
    void topicAliasesAreUsedAsFarAsTheProgramAllows(int most) throws Exception {
        broker.granted = Properties.NONE.with(Property.TOPIC_ALIAS_MAXIMUM, 100);
        try (MqttClient client = builder().topicAliases(most).build()) {
            client.connect();
            String topic = "x".repeat(500);
            client.publish(Message.of(topic, "m"));
            long before = broker.received.get();

            client.publish(Message.of(topic, "m"));

            assertThat(broker.received.get() - before > 500).isEqualTo(most == 0);
            broker.next(Published.class);
            assertThat(broker.next(Published.class).message().topic()).isEqualTo(topic);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void aRejectionSaysCodeTextAndUserProperties(Qos qos) throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe("#", delivery -> inbox.handle(delivery.defer()));
            broker.say(sink -> sink.publish(full(qos), 42, false));
            Delivery delivery = inbox.next();
            assertThat(delivery.packetId()).isEqualTo(42);

            delivery.reject(ReasonCode.PAYLOAD_FORMAT_INVALID, "in words", WHY);

            assertThat(broker.next(qos == Qos.AT_LEAST_ONCE ? "PUBACK" : "PUBREC"))
                    .isEqualTo(new Said(
                            qos == Qos.AT_LEAST_ONCE ? "PUBACK" : "PUBREC",
                            42,
                            ReasonCode.PAYLOAD_FORMAT_INVALID,
                            WORDS));
        }
    }

    @Test
    void aRejectionThatCannotBeSaidLeavesTheMessageToTheProgram() throws Exception {
        try (MqttClient client = builder().build()) {
            client.connect();
            client.subscribe("#", delivery -> inbox.handle(delivery.defer()));
            broker.say(sink -> sink.publish(Message.of("a", "m"), 1, false));
            Delivery delivery = inbox.next();

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> delivery.reject(ReasonCode.SERVER_BUSY))
                    .withMessageStartingWith("reason code is SERVER_BUSY, must be one of");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> delivery.reject(ReasonCode.QUOTA_EXCEEDED, "two\nlines"))
                    .withMessageStartingWith("reason string has U+000A");
            delivery.reject(ReasonCode.QUOTA_EXCEEDED);

            assertThat(broker.next("PUBACK"))
                    .isEqualTo(new Said("PUBACK", 1, ReasonCode.QUOTA_EXCEEDED, Properties.NONE));
        }
    }

    @Test
    void aHandlerThatThrowsRejectsWithoutAReason() throws Exception {
        try (MqttClient client =
                builder().onHandlerFailure(FailurePolicy.attempts(1)).build()) {
            client.connect();
            client.subscribe("#", delivery -> {
                throw new IllegalStateException("provoked");
            });
            broker.say(sink -> sink.publish(Message.of("a", "m"), 1, false));

            assertThat(broker.next("PUBACK"))
                    .isEqualTo(new Said("PUBACK", 1, ReasonCode.UNSPECIFIED_ERROR, Properties.NONE));
        }
    }

    @Test
    void receivingExactlyOnceSaysPubRecAndPubComp() throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe("#", inbox);
            broker.say(sink -> sink.publish(full(Qos.EXACTLY_ONCE), 9, false));

            assertThat(broker.next("PUBREC").reasonCode()).isEqualTo(ReasonCode.SUCCESS);
            assertThat(broker.next("PUBCOMP").reasonCode()).isEqualTo(ReasonCode.SUCCESS);
            broker.say(sink -> sink.pubRel(77, ReasonCode.SUCCESS, WORDS, false));
            assertThat(broker.next("PUBCOMP"))
                    .isEqualTo(new Said("PUBCOMP", 77, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.NONE));
        }
    }

    @Test
    void publishingExactlyOnceSaysPubRel() throws Exception {
        try (MqttClient client = connected()) {
            client.publish(full(Qos.EXACTLY_ONCE));
            assertThat(broker.next("PUBREL").reasonCode()).isEqualTo(ReasonCode.SUCCESS);

            broker.say(sink -> sink.pubRec(77, ReasonCode.SUCCESS, WORDS));
            assertThat(broker.next("PUBREL"))
                    .isEqualTo(new Said("PUBREL", 77, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.NONE));
        }
    }

    @Test
    void oneCallSubscribesToManyFiltersByOnePacket() throws Exception {
        List<Subscription> subscriptions = List.of(
                Subscription.to("a/+").qos(Qos.AT_LEAST_ONCE).noLocal(true).identifier(5),
                Subscription.to("b")
                        .qos(Qos.AT_MOST_ONCE)
                        .retainAsPublished(true)
                        .identifier(5),
                Subscription.to("c/#")
                        .retainHandling(RetainHandling.DO_NOT_SEND)
                        .identifier(5));
        broker.filterCodes = List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.NOT_AUTHORIZED, ReasonCode.GRANTED_QOS_2);
        broker.words = WORDS;
        try (MqttClient client = connected()) {
            List<SubscribeResult> results = client.subscribe(subscriptions, WHY, inbox);

            Subscribe said = broker.next(Subscribe.class);
            assertThat(said.subscriptions()).isEqualTo(subscriptions);
            assertThat(said.properties().userProperties()).isEqualTo(WHY);
            assertThat(results).extracting(SubscribeResult::subscription).isEqualTo(subscriptions);
            assertThat(results)
                    .extracting(SubscribeResult::reasonCode)
                    .containsExactly(ReasonCode.GRANTED_QOS_1, ReasonCode.NOT_AUTHORIZED, ReasonCode.GRANTED_QOS_2);
            assertThat(results).extracting(SubscribeResult::reasonString).containsOnly("in words");
            assertThat(results).extracting(SubscribeResult::userProperties).containsOnly(WHY);
            assertThat(results.get(0).granted()).isEqualTo(Qos.AT_LEAST_ONCE);
            assertThat(results.get(2).granted()).isEqualTo(Qos.EXACTLY_ONCE);
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> results.get(1).granted())
                    .withMessageStartingWith("SUBSCRIBE to 'b' was refused by the broker: NOT_AUTHORIZED, in words");
            assertThat(events.first(SubscriptionRefused.class).subscription().filter())
                    .isEqualTo(TopicFilter.of("b"));
        }
    }

    @Test
    void oneCallUnsubscribesFromManyFiltersByOnePacket() throws Exception {
        List<TopicFilter> filters = List.of(TopicFilter.of("a/+"), TopicFilter.of("b"), TopicFilter.of("c/#"));
        broker.filterCodes = List.of(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED, ReasonCode.NOT_AUTHORIZED);
        broker.words = WORDS;
        try (MqttClient client = connected()) {
            List<UnsubscribeResult> results = client.unsubscribe(filters, WHY);

            Unsubscribe said = broker.next(Unsubscribe.class);
            assertThat(said.filters()).isEqualTo(filters);
            assertThat(said.properties().userProperties()).isEqualTo(WHY);
            assertThat(results).extracting(UnsubscribeResult::filter).isEqualTo(filters);
            assertThat(results).extracting(UnsubscribeResult::reasonCode).isEqualTo(broker.filterCodes);
            assertThat(results).extracting(UnsubscribeResult::reasonString).containsOnly("in words");
            assertThat(results).extracting(UnsubscribeResult::userProperties).containsOnly(WHY);
            assertThat(results).extracting(result -> result.refusal() == null).containsExactly(true, true, false);
        }
    }

    @Test
    void aCallWithoutAFilterOrWithOneTwiceIsAnErrorOfTheProgram() {
        try (MqttClient client = connected()) {
            Subscription a = Subscription.to("a");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.subscribeAsync(List.of(), inbox))
                    .withMessage("filters is empty, must have at least one [MQTT-3.8.3-2]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.subscribeAsync(List.of(a, a.qos(Qos.AT_MOST_ONCE)), inbox))
                    .withMessage("filter 'a' is given twice, must be once in a call");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> client.unsubscribeAsync(List.of(a.filter(), a.filter()), WHY))
                    .withMessage("filter 'a' is given twice, must be once in a call");
        }
    }

    @Test
    void disconnectSaysAllThatTheProgramGives() throws Exception {
        try (MqttClient client =
                builder().session(SessionStore.inMemory(), Duration.ofHours(1)).build()) {
            client.connect();

            client.close(Disconnect.withWill()
                    .reason("in words")
                    .userProperty("why", "test")
                    .sessionExpiry(Duration.ofSeconds(9)));

            assertThat(broker.next("DISCONNECT"))
                    .isEqualTo(new Said(
                            "DISCONNECT",
                            0,
                            ReasonCode.DISCONNECT_WITH_WILL_MESSAGE,
                            WORDS.with(Property.SESSION_EXPIRY_INTERVAL, 9)));
        }
    }

    // The broker says.

    @Test
    void allThatConnAckSaysIsSeen() throws Exception {
        broker.sessionPresent = true;
        broker.granted = WORDS.with(Property.SESSION_EXPIRY_INTERVAL, 99)
                .with(Property.RECEIVE_MAXIMUM, 7)
                .with(Property.MAXIMUM_QOS, 1)
                .with(Property.RETAIN_AVAILABLE, 0)
                .with(Property.MAXIMUM_PACKET_SIZE, 5_000)
                .with(Property.TOPIC_ALIAS_MAXIMUM, 3)
                .with(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, 0)
                .with(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, 0)
                .with(Property.SHARED_SUBSCRIPTION_AVAILABLE, 0)
                .with(Property.SERVER_KEEP_ALIVE, 44)
                .with(Property.RESPONSE_INFORMATION, "replies/c");
        try (MqttClient client =
                builder().session(SessionStore.inMemory(), Duration.ofHours(1)).build()) {
            ConnectResult result = client.connect();

            assertThat(result.sessionPresent()).isTrue();
            assertThat(result.reasonString()).isEqualTo("in words");
            assertThat(result.userProperties()).isEqualTo(WHY);
            assertThat(client.negotiated())
                    .isEqualTo(result.negotiated())
                    .isEqualTo(new Negotiated(
                            Duration.ofSeconds(44),
                            Duration.ofSeconds(99),
                            7,
                            Qos.AT_LEAST_ONCE,
                            5_000,
                            3,
                            false,
                            false,
                            false,
                            false,
                            "replies/c"));
        }
    }

    @Test
    void allThatARefusalOfConnectSaysIsSeen() {
        broker.connAckCode = ReasonCode.USE_ANOTHER_SERVER;
        broker.granted = WORDS.with(Property.SERVER_REFERENCE, "other:1883");
        try (MqttClient client = builder().reconnect(ReconnectPolicy.never()).build()) {
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(client::connect)
                    .satisfies(cause -> {
                        assertThat(cause.reasonCode()).isEqualTo(ReasonCode.USE_ANOTHER_SERVER);
                        assertThat(cause.reasonString()).isEqualTo("in words");
                        assertThat(cause.userProperties()).isEqualTo(WHY);
                        assertThat(cause.serverReference()).isEqualTo("other:1883");
                    });
        }
    }

    @Test
    void theAssignedClientIdentifierIsSeen() {
        broker.granted = Properties.NONE.with(Property.ASSIGNED_CLIENT_IDENTIFIER, "assigned");
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId("").onEvent(events).build()) {
            assertThat(client.connect().clientId()).isEqualTo("assigned");
            assertThat(client.clientId()).isEqualTo("assigned");
        }
    }

    @ParameterizedTest
    @EnumSource
    void allThatPublishSaysIsSeen(Qos qos) throws Exception {
        try (MqttClient client = connected()) {
            client.subscribe(Subscription.to("#").identifier(5), inbox);
            Message message = full(qos).retain(true).subscriptionIdentifiers(List.of(5, 6));
            broker.say(sink -> sink.publish(message, qos == Qos.AT_MOST_ONCE ? 0 : 42, qos != Qos.AT_MOST_ONCE));

            Delivery seen = inbox.next();
            assertThat(seen.message()).isEqualTo(message);
            assertThat(seen.message().subscriptionIdentifiers()).containsExactly(5, 6);
            assertThat(seen.packetId()).isEqualTo(qos == Qos.AT_MOST_ONCE ? 0 : 42);
            assertThat(seen.duplicate()).isEqualTo(qos != Qos.AT_MOST_ONCE);
            assertThat(seen.retain()).isTrue();
        }
    }

    @Test
    void allThatPubAckSaysIsSeen() {
        broker.words = WORDS;
        broker.pubAckCode = ReasonCode.NO_MATCHING_SUBSCRIBERS;
        try (MqttClient client = connected()) {
            assertThat(client.publish(Message.of("a", "m")))
                    .isEqualTo(new PublishResult(ReasonCode.NO_MATCHING_SUBSCRIBERS, "in words", WHY, false));
        }
    }

    @Test
    void allThatPubRecAndPubCompSayIsSeen() {
        broker.words = WORDS;
        broker.pubAckCode = ReasonCode.NO_MATCHING_SUBSCRIBERS;
        try (MqttClient client = connected()) {
            PublishResult result = client.publish(Message.of("a", "m").qos(Qos.EXACTLY_ONCE));
            assertThat(result.reasonCode()).isEqualTo(ReasonCode.NO_MATCHING_SUBSCRIBERS);
            assertThat(result.reasonString()).isEqualTo("in words");
            assertThat(result.userProperties()).containsExactly(WHY.get(0), WHY.get(0));

            broker.pubAckCode = ReasonCode.SUCCESS;
            broker.pubCompCode = ReasonCode.PACKET_IDENTIFIER_NOT_FOUND;
            assertThat(client.publish(Message.of("a", "m").qos(Qos.EXACTLY_ONCE))
                            .reasonCode())
                    .isEqualTo(ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"AT_LEAST_ONCE", "EXACTLY_ONCE"})
    void allThatARefusalOfAPublishSaysIsSeen(Qos qos) {
        broker.words = WORDS;
        broker.pubAckCode = ReasonCode.NOT_AUTHORIZED;
        try (MqttClient client = connected()) {
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> client.publish(Message.of("a", "m").qos(qos)))
                    .satisfies(cause -> {
                        assertThat(cause.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED);
                        assertThat(cause.reasonString()).isEqualTo("in words");
                        assertThat(cause.userProperties()).isEqualTo(WHY);
                    });
        }
    }

    @Test
    void allThatSubAckAndUnsubAckSayOfOneFilterIsSeen() {
        broker.words = WORDS;
        broker.filterCodes = List.of(ReasonCode.GRANTED_QOS_1);
        try (MqttClient client = connected()) {
            Subscription subscription = Subscription.to("a");
            assertThat(client.subscribe(subscription, inbox))
                    .isEqualTo(new SubscribeResult(subscription, ReasonCode.GRANTED_QOS_1, "in words", WHY, null));
            broker.filterCodes = List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED);
            assertThat(client.unsubscribe("a"))
                    .isEqualTo(new UnsubscribeResult(
                            TopicFilter.of("a"), ReasonCode.NO_SUBSCRIPTION_EXISTED, "in words", WHY, null));
            broker.filterCodes = List.of(ReasonCode.NOT_AUTHORIZED);
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> client.unsubscribe("a"))
                    .satisfies(cause -> assertThat(cause.userProperties()).isEqualTo(WHY));
        }
    }

    @Test
    void allThatDisconnectSaysIsSeen() {
        try (MqttClient client = connected()) {
            assertThat(client.clientId()).isNotEmpty();
            broker.say(sink -> sink.disconnect(
                    ReasonCode.USE_ANOTHER_SERVER, WORDS.with(Property.SERVER_REFERENCE, "other:1883")));

            assertThat(events.first(Disconnected.class).cause())
                    .isInstanceOfSatisfying(BrokerDisconnectException.class, cause -> {
                        assertThat(cause.reasonCode()).isEqualTo(ReasonCode.USE_ANOTHER_SERVER);
                        assertThat(cause.reasonString()).isEqualTo("in words");
                        assertThat(cause.userProperties()).isEqualTo(WHY);
                        assertThat(cause.serverReference()).isEqualTo("other:1883");
                    });
        }
    }
}
