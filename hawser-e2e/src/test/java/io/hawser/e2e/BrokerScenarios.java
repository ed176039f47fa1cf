package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.hawser.client.Delivery;
import io.hawser.client.DeliveryStream;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.ConnectResult;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.SubscribeResult;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What must work with every broker. Tests share the broker and keep apart by topic and client identifier. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrokerScenarios {
    private static final Duration EXPIRY = Duration.ofHours(1);

    private Clients clients = new Clients();

    abstract int port();

    final String url() {
        return "mqtt://127.0.0.1:" + port();
    }

    final Clients clients() {
        return clients;
    }

    @AfterEach
    void closeClients() {
        clients.close();
        clients = new Clients();
    }

    /** A topic level that no other test uses. */
    static String topic() {
        return Clients.id();
    }

    static Stream<Arguments> versionsAndQosPairs() {
        return Stream.of(ProtocolVersion.values())
                .flatMap(version -> Stream.of(Qos.values())
                        .flatMap(published -> Stream.of(Qos.values())
                                .map(subscribed -> Arguments.of(version, published, subscribed))));
    }

    @ParameterizedTest
    @MethodSource("versionsAndQosPairs")
    void deliversAtTheLowerOfTwoQualitiesOfService(ProtocolVersion version, Qos published, Qos subscribed)
            throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        MqttClient subscriber = clients.connect(clients.options(url(), version));
        SubscribeResult granted = subscriber.subscribe(Subscription.to(topic).qos(subscribed), inbox);
        assertThat(granted.granted()).isEqualTo(subscribed);

        MqttClient publisher = clients.connect(clients.options(url(), version));
        publisher.publish(Message.of(topic, "payload ü").qos(published));

        Message message = inbox.next();
        assertThat(message.topic()).isEqualTo(topic);
        assertThat(message.text()).isEqualTo("payload ü");
        assertThat(message.qos()).isEqualTo(published.atMost(subscribed));
        assertThat(message.retain()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void connectsWithThePinnedVersion(ProtocolVersion version) {
        MqttClient client = clients.build(clients.options(url(), version));
        ConnectResult result = client.connect();
        assertThat(result.version()).isEqualTo(version);
        assertThat(result.sessionPresent()).isFalse();
        await().untilAsserted(() -> assertThat(client.state()).isEqualTo(ConnectionState.READY));
    }

    @Test
    void startsWithTheHighestVersion() {
        assertThat(clients.build(clients.options(url())).connect().version()).isEqualTo(ProtocolVersion.MQTT_5);
    }

    @ParameterizedTest
    @EnumSource(Qos.class)
    void attributesOfMqtt5SurviveTheRoundTrip(Qos qos) throws Exception {
        Inbox inbox = new Inbox();
        Message message = Message.of(topic(), "text")
                .qos(qos)
                .utf8(true)
                .contentType("text/plain")
                .responseTopic("answers")
                .correlationData(new byte[] {0, 1, -1})
                .userProperty("k", "1")
                .userProperty("k", "2");
        clients.connect(clients.options(url(), ProtocolVersion.MQTT_5)).subscribe(message.topic(), inbox);
        MqttClient publisher = clients.connect(clients.options(url(), ProtocolVersion.MQTT_5));
        publisher.publish(message);
        assertThat(inbox.next()).isEqualTo(message);
        publisher.publish(message.expiry(Duration.ofSeconds(100)));
        assertThat(inbox.next().expiry()).isBetween(Duration.ofSeconds(80), Duration.ofSeconds(100));
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void requestsGetTheirOwnReplies(ProtocolVersion version) throws Exception {
        String topic = topic();
        clients.connect(clients.options(url(), version))
                .respond(
                        Subscription.to(topic + "/+"),
                        request -> Message.of(request.topic() + "/reply", "re " + request.text()));
        MqttClient client = clients.connect(clients.options(url(), version));
        List<CompletableFuture<Message>> replies = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Message request = Message.of(topic + "/" + i % 4, "" + i).qos(Qos.of(i % 3));
            replies.add(client.requestAsync(
                    version == ProtocolVersion.MQTT_5 ? request : request.responseTopic(request.topic() + "/reply"),
                    Duration.ofSeconds(20)));
        }
        for (int i = 0; i < 100; i++) {
            Message reply = replies.get(i).get(20, TimeUnit.SECONDS);
            assertThat(reply.text()).isEqualTo("re " + i);
            assertThat(reply.qos().level()).isEqualTo(i % 3);
        }
    }

    @ParameterizedTest
    @EnumSource(Qos.class)
    void carriesPayloadsOfAnySizeUnchanged(Qos qos) throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        MqttClient client = clients.connect(url());
        client.subscribe(topic, inbox);
        for (int size : new int[] {0, 1, 127, 128, 16_383, 16_384, 70_000, 2_100_000}) {
            byte[] payload = new byte[size];
            for (int i = 0; i < size; i++) {
                payload[i] = (byte) (i * 31 + size);
            }
            client.publish(Message.of(topic, payload).qos(qos));
            assertThat(inbox.next().payloadBytes()).isEqualTo(payload);
        }
    }

    @ParameterizedTest
    @EnumSource(Qos.class)
    void keepsTheOrderOfManyMessages(Qos qos) throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        MqttClient client = clients.connect(url());
        client.subscribe(topic, inbox);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            sent.add("message " + i);
            client.publishAsync(Message.of(topic, "message " + i).qos(qos));
        }
        assertThat(inbox.nextTexts(2_000)).isEqualTo(sent);
    }

    @Test
    void deliversRetainedMessagesToLaterSubscribersUntilTheyAreCleared() throws Exception {
        String topic = topic();
        MqttClient publisher = clients.connect(url());
        publisher.publish(Message.of(topic + "/a", "old").retain(true));
        publisher.publish(Message.of(topic + "/a", "kept").retain(true).qos(Qos.EXACTLY_ONCE));
        publisher.publish(Message.of(topic + "/b", "passing"));

        Inbox first = new Inbox();
        clients.connect(url()).subscribe(topic + "/#", first);
        Message kept = first.next();
        assertThat(kept.text()).isEqualTo("kept");
        assertThat(kept.retain()).isTrue();

        publisher.publish(Message.of(topic + "/a", new byte[0]).retain(true));
        Inbox second = new Inbox();
        clients.connect(url()).subscribe(topic + "/#", second);
        publisher.publish(Message.of(topic + "/end", "end"));
        assertThat(second.textsBefore("end")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void publishesTheWillOfAClientWhoseConnectionDies(ProtocolVersion version) throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        clients.connect(url()).subscribe(topic, inbox);
        try (Proxy network = new Proxy(port())) {
            clients.connect(clients.options(network.url(), version)
                    .will(Will.of(Message.of(topic, "gone").qos(Qos.AT_LEAST_ONCE))));
            network.cut();
            Message will = inbox.next();
            assertThat(will.text()).isEqualTo("gone");
            assertThat(will.qos()).isEqualTo(Qos.AT_LEAST_ONCE);
        }
    }

    @Test
    void takesIdentifiersOf23CharactersAndNoMoreInMqtt31() {
        String longest = (Clients.id() + "x".repeat(23)).substring(0, 23);
        MqttClient client =
                clients.build(clients.options(url(), ProtocolVersion.MQTT_3_1).clientId(longest));
        assertThat(client.connect().clientId()).isEqualTo(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clients.build(
                        clients.options(url(), ProtocolVersion.MQTT_3_1).clientId(longest + "y")))
                .withMessageContaining("has 24 characters, must have 1 to 23");
    }

    @Test
    void takesIdentifiersOf65535Bytes() throws Exception {
        String id = (Clients.id() + "x".repeat(65_535)).substring(0, 65_535);
        SessionStore store = SessionStore.inMemory();
        String topic = topic();
        Inbox inbox = new Inbox();
        MqttClient first = clients.connect(clients.options(url(), ProtocolVersion.MQTT_3_1_1)
                .clientId(id)
                .session(store, EXPIRY)
                .subscription(topic, inbox));
        first.close();
        MqttClient second = clients.build(clients.options(url(), ProtocolVersion.MQTT_3_1_1)
                .clientId(id)
                .session(store, EXPIRY)
                .subscription(topic, inbox));
        assertThat(second.connect().sessionPresent()).isTrue();
        second.publish(Message.of(topic, "to myself"));
        assertThat(inbox.nextTexts(1)).containsExactly("to myself");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> clients.options(url()).clientId(id + "y"))
                .withMessageContaining("clientId")
                .withMessageContaining("65536")
                .withMessageContaining("65535");
    }

    @Test
    void matchesWildcardsAsTheBrokerDoes() throws Exception {
        String topic = topic();
        Inbox one = new Inbox();
        Inbox many = new Inbox();
        MqttClient single = clients.connect(url());
        single.subscribe(topic + "/+/temp", one);
        MqttClient multi = clients.connect(url());
        multi.subscribe(topic + "/#", many);
        MqttClient publisher = clients.connect(url());
        List<String> all = List.of("", "/a", "/a/temp", "//temp", "/a/b/temp", "/a/temp/c", "/b/temp", "/end/temp");
        for (String rest : all) {
            publisher.publish(Message.of(topic + rest, rest));
        }
        assertThat(one.textsBefore("/end/temp")).containsExactly("/a/temp", "//temp", "/b/temp");
        assertThat(many.nextTexts(all.size())).isEqualTo(all);
    }

    @Test
    void wildcardsAtTheStartDoNotMatchDollarTopics() throws Exception {
        String level = topic();
        Inbox everything = new Inbox();
        Inbox dollar = new Inbox();
        MqttClient wide = clients.connect(url());
        wide.subscribe("#", everything);
        wide.subscribe("+/" + level, everything);
        MqttClient narrow = clients.connect(url());
        narrow.subscribe("$hawser/#", dollar);
        MqttClient publisher = clients.connect(url());
        publisher.publish(Message.of("$hawser/" + level, "hidden"));
        publisher.publish(Message.of(level, "end"));
        assertThat(dollar.nextTexts(1)).containsExactly("hidden");
        assertThat(everything.textsBefore("end")).doesNotContain("hidden");
    }

    @Test
    void deliversNothingAfterUnsubscribing() throws Exception {
        String topic = topic();
        Inbox gone = new Inbox();
        Inbox stays = new Inbox();
        MqttClient client = clients.connect(url());
        client.subscribe(topic + "/a", gone);
        client.subscribe(topic + "/b", stays);
        client.publish(Message.of(topic + "/a", "one"));
        assertThat(gone.nextTexts(1)).containsExactly("one");
        client.unsubscribe(topic + "/a");
        client.publish(Message.of(topic + "/a", "two"));
        client.publish(Message.of(topic + "/b", "end"));
        assertThat(stays.nextTexts(1)).containsExactly("end");
        assertThat(gone.soFar()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void holdsMessagesOfAResumedSessionUntilThereIsAHandler(ProtocolVersion version) throws Exception {
        String topic = topic();
        String id = Clients.id();
        SessionStore store = SessionStore.inMemory();
        MqttClient first =
                clients.connect(clients.options(url(), version).clientId(id).session(store, EXPIRY));
        first.subscribe(topic, new Inbox());
        first.close();

        MqttClient publisher = clients.connect(url());
        publisher.publish(Message.of(topic, "one"));
        publisher.publish(Message.of(topic, "two").qos(Qos.EXACTLY_ONCE));
        publisher.publish(Message.of(topic, "three"));

        MqttClient second =
                clients.build(clients.options(url(), version).clientId(id).session(store, EXPIRY));
        assertThat(second.connect().sessionPresent()).isEqualTo(version != ProtocolVersion.MQTT_3_1);
        await().until(() -> second.statistics().received() == 3);
        assertThat(second.statistics().unacknowledged()).isEqualTo(3);
        Inbox inbox = new Inbox();
        second.subscribe(topic, inbox);
        assertThat(inbox.nextTexts(3)).containsExactly("one", "two", "three");
        await().until(() -> second.statistics().unacknowledged() == 0);
    }

    @Test
    void handlersOfTheBuilderGetWhatWaitedInTheSession() throws Exception {
        String topic = topic();
        String id = Clients.id();
        SessionStore store = SessionStore.inMemory();
        MqttClient before = clients.connect(
                clients.options(url()).clientId(id).session(store, EXPIRY).subscription(topic, new Inbox()));
        await().until(() -> before.state() == ConnectionState.READY);
        before.close();
        MqttClient publisher = clients.connect(url());
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            publisher.publishAsync(Message.of(topic, "message " + i).qos(Qos.of(1 + i % 2)));
            sent.add("message " + i);
        }
        publisher.flush();
        Inbox inbox = new Inbox();
        clients.connect(
                clients.options(url()).clientId(id).session(store, EXPIRY).subscription(topic, inbox));
        assertThat(inbox.nextTexts(200)).containsExactlyInAnyOrderElementsOf(sent);
    }

    /** The broker waits for PUBREL under the identifiers 1 to 3, of which the later client knows nothing. */
    @Test
    void whatALaterClientOfTheSessionPublishesIsNotTakenForTheEarlierOnes() throws Exception {
        String topic = topic();
        String id = Clients.id();
        Inbox inbox = new Inbox();
        clients.connect(url()).subscribe(topic, inbox);
        leaveUnreleased(id, topic, "same", 3);

        MqttClient later = clients.connect(clients.options(url(), ProtocolVersion.MQTT_3_1_1)
                .clientId(id)
                .session(SessionStore.inMemory(), EXPIRY));
        for (int i = 0; i < 3; i++) {
            later.publish(Message.of(topic, "same").qos(Qos.EXACTLY_ONCE));
        }
        later.publish(Message.of(topic, "end").qos(Qos.EXACTLY_ONCE));
        assertThat(inbox.textsBefore("end")).hasSize(6).containsOnly("same");
    }

    /** A client of MQTT 3.1.1 that ends between PUBREC and PUBREL. */
    private void leaveUnreleased(String clientId, String topic, String payload, int count) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port())) {
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(0x1000 + 12 + clientId.length());
            out.writeUTF("MQTT");
            out.writeShort(0x0400);
            out.writeShort(60);
            out.writeUTF(clientId);
            for (int i = 1; i <= count; i++) {
                out.writeShort(0x3400 + 4 + topic.length() + payload.length());
                out.writeUTF(topic);
                out.writeShort(i);
                out.writeBytes(payload);
            }
            byte[] answers = socket.getInputStream().readNBytes(4 + 4 * count);
            assertThat(answers).hasSize(4 + 4 * count);
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void publishesExactlyOnceThoughItsConnectionIsCutAgainAndAgain(ProtocolVersion version) throws Exception {
        Traffic traffic = publishAndCut(version, Qos.EXACTLY_ONCE, false, true);
        assertThat(traffic.received).containsExactlyInAnyOrderElementsOf(traffic.sent);
    }

    @ParameterizedTest
    @MethodSource("versionsAndReliableQos")
    void losesNothingThoughAllConnectionsAreCutAgainAndAgain(ProtocolVersion version, Qos qos) throws Exception {
        Traffic traffic = publishAndCut(version, qos, true, true);
        assertThat(traffic.received).containsAll(traffic.sent);
    }

    static Stream<Arguments> versionsAndReliableQos() {
        return Stream.of(ProtocolVersion.values())
                .flatMap(version ->
                        Stream.of(Qos.AT_LEAST_ONCE, Qos.EXACTLY_ONCE).map(qos -> Arguments.of(version, qos)));
    }

    record Traffic(List<String> sent, List<String> received) {}

    /** Sends 500 messages from one kept session to another and cuts the connections of one or both five times. */
    final Traffic publishAndCut(ProtocolVersion version, Qos qos, boolean cutSubscriber, boolean cutPublisher)
            throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        List<String> sent = new ArrayList<>();
        try (Proxy network = new Proxy(port())) {
            MqttClient subscriber = clients.connect(clients.options(cutSubscriber ? network.url() : url(), version)
                    .session(SessionStore.inMemory(), EXPIRY)
                    .subscription(topic, inbox));
            MqttClient publisher = clients.connect(clients.options(cutPublisher ? network.url() : url(), version)
                    .session(SessionStore.inMemory(), EXPIRY));
            await().until(() -> subscriber.state() == ConnectionState.READY);
            List<CompletableFuture<?>> results = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                results.add(
                        publisher.publishAsync(Message.of(topic, "message " + i).qos(qos)));
                sent.add("message " + i);
                if (i % 100 == 99) {
                    // Some are acknowledged, some are half way, some are not sent.
                    results.get(i - 60).get(20, TimeUnit.SECONDS);
                    if (cutSubscriber && !cutPublisher) {
                        awaitResent(subscriber);
                    }
                    network.cut();
                }
            }
            for (CompletableFuture<?> result : results) {
                result.get(20, TimeUnit.SECONDS);
            }
            publisher.publish(Message.of(topic, "end").qos(qos));
            List<String> received = inbox.textsBefore("end");
            // Every cut was survived by a new connection, except that two cuts may have hit the same one.
            assertThat(publisher.statistics().connections()
                            + subscriber.statistics().connections())
                    .isGreaterThan(2);
            return new Traffic(sent, received);
        }
    }

    /**
     * Waits until the broker has resent all that it owes to the connection of {@code subscriber}: Mosquitto 2.0.11 forgets
     * that it has sent PUBREL when a connection ends before that, and sends PUBLISH again on the next, against
     * [MQTT-4.3.3-1]. A client that has forgotten the identifier at PUBREL, as it must [MQTT-4.3.3-2], takes that for new.
     */
    private static void awaitResent(MqttClient subscriber) throws Exception {
        subscriber.publishAsync(Message.of(topic(), "processed after CONNECT")).get(20, TimeUnit.SECONDS);
    }

    @Test
    void subscribesAgainWhenTheSessionIsGone() throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        try (Proxy network = new Proxy(port())) {
            MqttClient subscriber = clients.connect(network.url());
            subscriber.subscribe(topic + "/a", inbox);
            subscriber.subscribe(topic + "/b", inbox);
            subscriber.unsubscribe(topic + "/b");
            network.cut();
            await().until(() ->
                    subscriber.statistics().connections() == 2 && subscriber.state() == ConnectionState.READY);
            MqttClient publisher = clients.connect(url());
            publisher.publish(Message.of(topic + "/b", "no longer wanted"));
            publisher.publish(Message.of(topic + "/a", "end"));
            assertThat(inbox.textsBefore("end")).isEmpty();
        }
    }

    @Test
    void refusesWhatNoPacketCanHoldBeforeItIsSent() {
        MqttClient client = clients.connect(url());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Message.of("t", new byte[Message.MAXIMUM_PAYLOAD + 1]))
                .withMessageContaining(Integer.toString(Message.MAXIMUM_PAYLOAD));
        Message justTooLarge = Message.of("topic", new byte[Message.MAXIMUM_PAYLOAD]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> client.publishAsync(justTooLarge))
                .withMessageContaining("268435460");
        assertThat(client.state()).isNotEqualTo(ConnectionState.CLOSED);
        assertThat(client.statistics().sent()).isZero();
    }

    @Test
    void holdsAThousandSubscriptions() throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        MqttClient client = clients.connect(url());
        List<CompletableFuture<SubscribeResult>> results = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            results.add(client.subscribeAsync(Subscription.to(topic + "/" + i + "/+"), inbox));
        }
        for (CompletableFuture<SubscribeResult> result : results) {
            assertThat(result.get(30, TimeUnit.SECONDS).granted()).isEqualTo(Qos.EXACTLY_ONCE);
        }
        for (int i = 0; i < 1_000; i += 111) {
            client.publish(Message.of(topic + "/" + i + "/x", "to " + i));
            assertThat(inbox.nextTexts(1)).containsExactly("to " + i);
        }
        List<CompletableFuture<?>> ends = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            ends.add(client.unsubscribeAsync(TopicFilter.of(topic + "/" + i + "/+")));
        }
        for (CompletableFuture<?> end : ends) {
            end.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void handlersMayPublishAndSubscribeAndWait() throws Exception {
        String topic = topic();
        Inbox answers = new Inbox();
        MqttClient client = clients.connect(url());
        client.subscribe(topic + "/question", delivery -> {
            client.subscribe(topic + "/answer", answers);
            client.publish(Message.of(topic + "/answer", delivery.text() + "!").qos(Qos.EXACTLY_ONCE));
        });
        client.publish(Message.of(topic + "/question", "well"));
        assertThat(answers.nextTexts(1)).containsExactly("well!");
    }

    @Test
    void aHandlerThatThrowsLeavesTheConnectionUp() throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        MqttClient client = clients.connect(url());
        client.subscribe(topic + "/bad", delivery -> {
            throw new IllegalStateException("on purpose");
        });
        client.subscribe(topic + "/good", inbox);
        client.publish(Message.of(topic + "/bad", "x"));
        client.publish(Message.of(topic + "/good", "y"));
        assertThat(inbox.nextTexts(1)).containsExactly("y");
        assertThat(client.statistics().connections()).isEqualTo(1);
        await().untilAsserted(() -> assertThat(clients.events)
                .filteredOn(ConnectionEvent.DeliveryFailed.class::isInstance)
                .hasSize(1));
    }

    @Test
    void aStreamHandsOverMessagesOneByOne() throws Exception {
        String topic = topic();
        MqttClient client = clients.connect(url());
        MqttClient publisher = clients.connect(url());
        try (DeliveryStream jobs = client.stream(Subscription.to(topic))) {
            await().until(() -> client.state() == ConnectionState.READY);
            client.subscribe(topic + "/barrier", new Inbox());
            for (int i = 0; i < 10; i++) {
                publisher.publish(Message.of(topic, "job " + i));
            }
            for (int i = 0; i < 10; i++) {
                Delivery job = jobs.poll(Duration.ofSeconds(10));
                assertThat(job).isNotNull();
                assertThat(job.text()).isEqualTo("job " + i);
                job.ack();
            }
        }
        await().until(() -> client.statistics().unacknowledged() == 0);
    }

    @Test
    void whatIsQueuedBeforeConnectingIsSentAfterwards() throws Exception {
        String topic = topic();
        Inbox inbox = new Inbox();
        clients.connect(url()).subscribe(topic, inbox);
        MqttClient late = clients.build(clients.options(url()).sendWindow(1));
        for (int i = 0; i < 100; i++) {
            late.enqueue(Message.of(topic, Integer.toString(i)));
        }
        late.connectAsync();
        late.flush();
        List<String> texts = inbox.nextTexts(100);
        assertThat(texts).isSortedAccordingTo((a, b) -> Integer.parseInt(a) - Integer.parseInt(b));
    }
}
