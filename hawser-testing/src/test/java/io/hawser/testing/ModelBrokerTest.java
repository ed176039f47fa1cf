package io.hawser.testing;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1_1;
import static io.hawser.mqtt.Qos.AT_LEAST_ONCE;
import static io.hawser.mqtt.Qos.AT_MOST_ONCE;
import static io.hawser.mqtt.Qos.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.testing.Misbehaviour.Answer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ModelBrokerTest {
    private static final String ACCEPTED = "connAck ConnAck[sessionPresent=false, reasonCode=SUCCESS]";
    private static final String RESUMED = "connAck ConnAck[sessionPresent=true, reasonCode=SUCCESS]";

    private final ModelBroker broker = new ModelBroker(2);

    private TestClient client(String clientId, boolean clean) {
        TestClient client = new TestClient(broker).connect(clientId, clean);
        client.got();
        return client;
    }

    private TestClient subscriber(String clientId, boolean clean, String filter, Qos qos) {
        TestClient client = client(clientId, clean).subscribe(filter, qos);
        client.got();
        return client;
    }

    private static Message message(String topic, String text, Qos qos) {
        return Message.of(topic, text).qos(qos);
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void answersEveryRequest(ProtocolVersion version) {
        TestClient client = new TestClient(broker, version).connect("c", true);
        client.subscribe(7, Subscription.to("a"), Subscription.to("b").qos(AT_MOST_ONCE))
                .unsubscribe(8, "a")
                .ping();
        client.publish(message("x", "", AT_LEAST_ONCE), 9, false);
        client.publish(message("x", "", EXACTLY_ONCE), 10, false)
                .pubRel(10)
                .pubRel(11)
                .disconnect();

        boolean explains = version == ProtocolVersion.MQTT_5;
        assertThat(client.got())
                .containsExactly(
                        ACCEPTED,
                        "subAck SubAck[packetId=7, reasonCodes=[GRANTED_QOS_2, SUCCESS]]",
                        "unsubAck UnsubAck[packetId=8, reasonCodes=[" + (explains ? "SUCCESS" : "") + "]]",
                        "pingResp",
                        "pubAck #9" + (explains ? " NO_MATCHING_SUBSCRIBERS" : ""),
                        "pubRec #10",
                        "pubComp #10",
                        "pubComp #11" + (explains ? " PACKET_IDENTIFIER_NOT_FOUND" : ""),
                        "closed");
        assertThat(broker.hasSession("c")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "0, 1, 0", "0, 2, 0", "1, 0, 0", "1, 1, 1", "1, 2, 1", "2, 0, 0", "2, 1, 1", "2, 2, 2"})
    void deliversAtTheLowerQos(int published, int granted, int delivered) {
        TestClient subscriber = subscriber("s", true, "a/+", Qos.of(granted));
        TestClient publisher = client("p", true);
        publisher.publish(message("a/b", "x", Qos.of(published)), published == 0 ? 0 : 5, false);
        if (published == 2) {
            assertThat(subscriber.got()).as("before PUBREL").isEmpty();
            publisher.pubRel(5);
        }
        assertThat(subscriber.got()).containsExactly("publish a/b=x at " + delivered + (delivered == 0 ? "" : " #1"));
    }

    @Test
    void overlappingSubscriptionsDeliverOnceAtTheHighestQos() {
        TestClient subscriber = subscriber("s", true, "a/+", AT_MOST_ONCE).subscribe("#", AT_LEAST_ONCE);
        subscriber.got();
        broker.publish(message("a/b", "x", EXACTLY_ONCE));
        broker.publish(message("$SYS/b", "x", EXACTLY_ONCE));

        assertThat(subscriber.got()).containsExactly("publish a/b=x at 1 #1");
        assertThat(broker.subscriptions("s"))
                .extracting(each -> each.filter() + " " + each.qos())
                .containsExactly("a/+ AT_MOST_ONCE", "# AT_LEAST_ONCE");
    }

    @Test
    void repeatedQos2PublishIsPublishedOnce() {
        TestClient subscriber = subscriber("s", true, "a", EXACTLY_ONCE);
        TestClient publisher = client("p", true);
        publisher.publish(message("a", "1", EXACTLY_ONCE), 5, false);
        publisher.publish(message("a", "1", EXACTLY_ONCE), 5, true).pubRel(5).pubRel(5);
        publisher.publish(message("a", "2", EXACTLY_ONCE), 5, false).pubRel(5);

        assertThat(subscriber.got()).containsExactly("publish a=1 at 2 #1", "publish a=2 at 2 #2");
    }

    @Test
    void keepsToTheInflightLimit() {
        TestClient subscriber = subscriber("s", true, "a", EXACTLY_ONCE);
        for (int i = 1; i <= 4; i++) {
            broker.publish(message("a", "" + i, i % 2 == 0 ? EXACTLY_ONCE : AT_LEAST_ONCE));
        }
        broker.publish(message("a", "passes", AT_MOST_ONCE));
        assertThat(subscriber.got())
                .containsExactly("publish a=1 at 1 #1", "publish a=2 at 2 #2", "publish a=passes at 0");
        assertThat(broker.pending("s")).isEqualTo(4);
        subscriber.pubAck(1);
        assertThat(subscriber.got()).containsExactly("publish a=3 at 1 #3");
        subscriber.pubRec(2);
        assertThat(subscriber.got()).containsExactly("pubRel #2");
        subscriber.pubComp(2);
        assertThat(subscriber.got()).containsExactly("publish a=4 at 2 #4");
    }

    @Test
    void packetIdentifiersGoRoundWithoutUsedOnes() {
        TestClient subscriber = subscriber("s", true, "a", AT_LEAST_ONCE);
        broker.publish(Message.of("a", "held"));
        IntStream.range(0, 65_534).forEach(i -> {
            broker.publish(Message.of("a", ""));
            subscriber.pubAck(2 + i);
        });
        subscriber.got();
        broker.publish(Message.of("a", "round"));
        assertThat(subscriber.got()).containsExactly("publish a=round at 1 #2");
    }

    @Test
    void resumedSessionGetsWhatWasOpenFirstAndThenWhatWaited() {
        TestClient subscriber = subscriber("s", false, "a", EXACTLY_ONCE);
        broker.publish(message("a", "1", EXACTLY_ONCE));
        broker.publish(message("a", "2", AT_LEAST_ONCE));
        subscriber.pubRec(1);
        subscriber.peer.closed();
        broker.publish(message("a", "3", AT_LEAST_ONCE));
        broker.publish(message("a", "lost", AT_MOST_ONCE));
        assertThat(broker.connectedClients()).isEmpty();
        assertThat(broker.pending("s")).isEqualTo(3);

        TestClient again = new TestClient(broker).connect("s", false);
        assertThat(again.got()).containsExactly(RESUMED, "pubRel #1", "publish a=2 at 1 #2 dup");
        again.pubComp(1);
        assertThat(again.got()).containsExactly("publish a=3 at 1 #3");
    }

    @Test
    void releaseIsMarkedDuplicateIn31() {
        TestClient subscriber =
                new TestClient(broker, MQTT_3_1).connect("s", false).subscribe("a", EXACTLY_ONCE);
        broker.publish(message("a", "1", EXACTLY_ONCE));
        subscriber.pubRec(1);
        subscriber.peer.closed();

        assertThat(new TestClient(broker, MQTT_3_1).connect("s", false).got())
                .containsExactly(ACCEPTED, "pubRel #1 dup");
    }

    @Test
    void cleanSessionForgetsOnBothEnds() {
        subscriber("s", false, "a", EXACTLY_ONCE).disconnect();
        TestClient clean = new TestClient(broker).connect("s", true);
        broker.publish(Message.of("a", "x"));
        assertThat(clean.got()).containsExactly(ACCEPTED);
        clean.subscribe("a", EXACTLY_ONCE).disconnect();
        assertThat(new TestClient(broker).connect("s", false).got()).containsExactly(ACCEPTED);
        assertThat(broker.subscriptions("s")).isEmpty();
    }

    @Test
    void sameClientIdTakesOver() {
        TestClient watcher = subscriber("w", true, "will", AT_MOST_ONCE);
        TestClient first = new TestClient(broker).connect("s", false, 0, Will.of(Message.of("will", "gone")));
        first.got();
        TestClient second = new TestClient(broker).connect("s", false);

        assertThat(first.got()).containsExactly("closed");
        assertThat(second.got()).containsExactly(RESUMED);
        assertThat(watcher.got()).containsExactly("publish will=gone at 0");
        first.peer.closed();
        assertThat(broker.connectedClients()).containsExactly("w", "s");
        TestClient clean = new TestClient(broker).connect("s", true);
        assertThat(clean.got()).containsExactly(ACCEPTED);
        assertThat(new TestClient(broker).connect("s", false).got())
                .as("a clean session is not taken over")
                .containsExactly(ACCEPTED);
    }

    @Test
    void retainedMessagesComeWithEachSubscription() {
        broker.publish(message("a/1", "old", AT_LEAST_ONCE).retain(true));
        broker.publish(message("a/1", "new", EXACTLY_ONCE).retain(true));
        broker.publish(message("a/2", "gone", AT_LEAST_ONCE).retain(true));
        broker.publish(message("a/2", "", AT_LEAST_ONCE).retain(true));
        TestClient subscriber = client("s", true).subscribe("a/#", AT_LEAST_ONCE);
        assertThat(subscriber.got().subList(1, 2)).containsExactly("publish a/1=new at 1 retained #1");

        broker.publish(message("a/1", "live", AT_MOST_ONCE).retain(true));
        assertThat(subscriber.got()).containsExactly("publish a/1=live at 0");
        subscriber.subscribe("a/#", AT_LEAST_ONCE);
        assertThat(subscriber.got()).contains("publish a/1=live at 0 retained");
        assertThat(broker.retained("a/1").text()).isEqualTo("live");
        assertThat(broker.retained("a/2")).isNull();
    }

    @Test
    void willIsPublishedUnlessTheClientDisconnects() {
        TestClient watcher = subscriber("w", true, "will", AT_LEAST_ONCE);
        Will will = Will.of(Message.of("will", "gone").retain(true));
        TestClient polite = new TestClient(broker).connect("p", true, 0, will).disconnect();
        polite.peer.closed();
        assertThat(watcher.got()).isEmpty();
        new TestClient(broker).connect("q", true, 0, will).peer.closed();
        assertThat(watcher.got()).containsExactly("publish will=gone at 1 #1");
        new TestClient(broker).connect("r", true, 0, will).raw(0xF0);
        assertThat(watcher.got()).as("after a violation").containsExactly("publish will=gone at 1 #2");
        assertThat(broker.retained("will").text()).isEqualTo("gone");
    }

    @Test
    void silenceBeyondTheKeepAliveClosesTheConnection() {
        broker.advanceTo(-5_000_000_000L);
        TestClient client = new TestClient(broker).connect("c", true, 10, null);
        TestClient other = new TestClient(broker).connect("d", true);
        broker.advanceTo(5_000_000_000L);
        client.ping();
        broker.advanceTo(20_000_000_000L);
        assertThat(client.got()).containsExactly(ACCEPTED, "pingResp");
        broker.advanceTo(20_000_000_001L);
        assertThat(client.got()).containsExactly("closed");
        assertThat(other.got()).containsExactly(ACCEPTED);
    }

    @Test
    void restartKeepsOrLosesSessions() {
        TestClient watcher = subscriber("w", false, "#", AT_LEAST_ONCE);
        TestClient publisher = new TestClient(broker).connect("p", false, 0, Will.of(Message.of("will", "no crash")));
        publisher.publish(message("a", "x", EXACTLY_ONCE), 3, false).got();
        broker.publish(Message.of("kept", "y").retain(true));
        broker.restart(true);
        assertThat(watcher.got()).containsExactly("publish kept=y at 1 #1", "closed");
        publisher.ping();
        assertThat(publisher.got()).containsExactly("closed");

        TestClient again = new TestClient(broker).connect("p", false).pubRel(3);
        assertThat(again.got()).containsExactly(RESUMED, "pubComp #3");
        assertThat(broker.pending("w")).isEqualTo(2);
        broker.restart(false);
        assertThat(new TestClient(broker).connect("p", false).got()).containsExactly(ACCEPTED);
        assertThat(broker.hasSession("w")).isFalse();
        assertThat(broker.retained("kept")).isNull();
    }

    @Test
    void clientIdentifiersFollowTheRulesOfTheVersion() {
        String refused = "connAck ConnAck[sessionPresent=false, reasonCode=CLIENT_IDENTIFIER_NOT_VALID]";
        TestClient assigned = new TestClient(broker).connect("", true);
        assertThat(assigned.got()).containsExactly(ACCEPTED);
        assertThat(broker.connectedClients()).hasSize(1);
        assertThat(new TestClient(broker).connect("", false).got()).containsExactly(refused, "closed");
        assertThat(new TestClient(broker, MQTT_3_1).connect("", true).got()).containsExactly(refused, "closed");
        assertThat(new TestClient(broker, MQTT_3_1)
                        .connect("c".repeat(24), true)
                        .got())
                .containsExactly(refused, "closed");
        assertThat(new TestClient(broker, MQTT_3_1)
                        .connect("c".repeat(23), true)
                        .got())
                .containsExactly(ACCEPTED);
        assertThat(new TestClient(broker).connect("c".repeat(65_535), true).got())
                .containsExactly(ACCEPTED);
    }

    @Test
    void violationsEndTheConnection() {
        assertThat(new TestClient(broker).ping().got()).as("no CONNECT").containsExactly("closed");
        assertThat(client("c", true).connect("c", true).got())
                .as("a second CONNECT")
                .containsExactly("closed");
        assertThat(client("c", true).raw(0x20, 2, 0, 0).got())
                .as("CONNACK from a client")
                .containsExactly("closed");
        TestClient future = new TestClient(broker).raw(0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 6, 2, 0, 60, 0, 0, 0);
        assertThat(future.got())
                .containsExactly(
                        "connAck ConnAck[sessionPresent=false, reasonCode=UNSUPPORTED_PROTOCOL_VERSION]", "closed");
    }

    @Test
    void refusesAndClosesOnCommand() {
        broker.misbehave().refuseConnects(1, ReasonCode.NOT_AUTHORIZED).refuseVersion(MQTT_3_1);
        assertThat(new TestClient(broker).connect("c", true).got())
                .containsExactly("connAck ConnAck[sessionPresent=false, reasonCode=NOT_AUTHORIZED]", "closed");
        assertThat(new TestClient(broker).connect("c", true).got()).containsExactly(ACCEPTED);
        assertThat(new TestClient(broker, MQTT_3_1).connect("c", true).got())
                .containsExactly(
                        "connAck ConnAck[sessionPresent=false, reasonCode=UNSUPPORTED_PROTOCOL_VERSION]", "closed");
        broker.misbehave().none().closeWithoutConnAck(1).closeAfterPackets(3);
        assertThat(new TestClient(broker).connect("c", true).got()).containsExactly("closed");
        assertThat(new TestClient(broker)
                        .connect("c", true)
                        .ping()
                        .ping()
                        .ping()
                        .got())
                .containsExactly(ACCEPTED, "pingResp", "pingResp", "closed");
        assertThat(new TestClient(broker)
                        .connect("c", true)
                        .ping()
                        .ping()
                        .ping()
                        .got())
                .hasSize(4);
    }

    @Test
    void swallowsAnswersOnCommandButActs() {
        TestClient client = subscriber("c", false, "a", EXACTLY_ONCE);
        broker.misbehave().swallow(Answer.values());
        client.publish(Message.of("a", "x"), 1, false)
                .subscribe("b", AT_LEAST_ONCE)
                .unsubscribe(3, "a")
                .ping();
        client.publish(message("b", "y", EXACTLY_ONCE), 2, false).pubRel(2);
        assertThat(client.got()).containsExactly("publish a=x at 1 #1", "publish b=y at 1 #2");
        broker.misbehave().none();
        client.pubRel(2);
        assertThat(client.got()).containsExactly("pubComp #2");
    }

    @Test
    void refusesFiltersRepeatsAndSendsAnythingOnCommand() {
        broker.misbehave().refuseFilter("secret/#").publishTwice(true);
        TestClient client = client("c", true).subscribe(4, Subscription.to("a"), Subscription.to("secret/#"));
        assertThat(client.got())
                .containsExactly("subAck SubAck[packetId=4, reasonCodes=[GRANTED_QOS_2, UNSPECIFIED_ERROR]]");
        TestClient old = new TestClient(broker, MQTT_3_1).connect("o", true).subscribe("secret/#", AT_LEAST_ONCE);
        assertThat(old.got()).contains("subAck SubAck[packetId=1, reasonCodes=[GRANTED_QOS_1]]");
        broker.publish(Message.of("secret/a", "x"));
        broker.publish(Message.of("a", "x"));
        assertThat(old.got()).isEmpty();
        assertThat(client.got()).containsExactly("publish a=x at 1 #1", "publish a=x at 1 #1");
        assertThat(broker.send("c", new byte[] {0x62, 2, 0, 77})).isTrue();
        assertThat(client.got()).containsExactly("pubRel #77");
        assertThat(broker.send("nobody", new byte[1])).isFalse();
    }

    @Test
    void unsubscribeIsExactAndLeavesOpenDeliveriesAlone() {
        TestClient client = subscriber("c", true, "a/+", AT_LEAST_ONCE);
        broker.publish(Message.of("a/1", "x"));
        client.unsubscribe(2, "a/#").unsubscribe(3, "a/+");
        broker.publish(Message.of("a/1", "y"));
        assertThat(client.got())
                .containsExactly(
                        "publish a/1=x at 1 #1",
                        "unsubAck UnsubAck[packetId=2, reasonCodes=[]]",
                        "unsubAck UnsubAck[packetId=3, reasonCodes=[]]");
        assertThat(broker.pending("c")).isEqualTo(1);
        assertThat(new TestClient(broker, MQTT_3_1_1)
                        .connect("d", true)
                        .unsubscribe(1, "never")
                        .got())
                .hasSize(2);
    }
}
