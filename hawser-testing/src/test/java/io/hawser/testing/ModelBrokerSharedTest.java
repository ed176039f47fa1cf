package io.hawser.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import org.junit.jupiter.api.Test;

/** Shared subscriptions of the model broker. */
class ModelBrokerSharedTest {
    private static final String SHARED = "$share/g/t/+";

    private final ModelBroker broker = new ModelBroker();

    private TestClient member(String clientId, String... filters) {
        TestClient client = new TestClient(broker, ProtocolVersion.MQTT_5).connect(clientId, false, null, 0xFFFF_FFFFL);
        for (String filter : filters) {
            client.subscribe(filter, Qos.AT_MOST_ONCE);
        }
        client.got();
        return client;
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            broker.publish(Message.of("t/x", Integer.toString(i)));
        }
    }

    @Test
    void theMembersOfAGroupTakeTurns() {
        TestClient a = member("a", SHARED);
        TestClient b = member("b", SHARED);
        publish(4);
        assertThat(a.got()).containsExactly("publish t/x=0 at 0", "publish t/x=2 at 0");
        assertThat(b.got()).containsExactly("publish t/x=1 at 0", "publish t/x=3 at 0");
    }

    @Test
    void eachGroupAndEachSubscriptionOfOnesOwnGetsACopy() {
        TestClient shared = member("a", SHARED);
        TestClient other = member("b", "$share/h/t/+");
        TestClient alone = member("c", "t/+");
        publish(1);
        assertThat(shared.got()).containsExactly("publish t/x=0 at 0");
        assertThat(other.got()).containsExactly("publish t/x=0 at 0");
        assertThat(alone.got()).containsExactly("publish t/x=0 at 0");
    }

    @Test
    void aMemberWithASubscriptionOfItsOwnGetsBothCopies() {
        TestClient both = member("a", SHARED, "t/+");
        publish(1);
        assertThat(both.got()).containsExactly("publish t/x=0 at 0", "publish t/x=0 at 0");
    }

    @Test
    void connectedMembersComeBeforeOthers() {
        TestClient a = member("a", SHARED);
        TestClient b = member("b", SHARED);
        a.peer.closed();
        publish(2);
        assertThat(b.got()).containsExactly("publish t/x=0 at 0", "publish t/x=1 at 0");
    }

    @Test
    void whatComesWhileNobodyIsThereWaitsForAMember() {
        TestClient a = member("a");
        a.subscribe(1, Subscription.to(SHARED));
        a.peer.closed();
        broker.publish(Message.of("t/x", "kept").qos(Qos.AT_LEAST_ONCE));
        assertThat(broker.pending("a")).isEqualTo(1);
    }

    @Test
    void retainedMessagesDoNotComeWithASharedSubscription() {
        broker.publish(Message.of("t/x", "kept").retain(true));
        TestClient a = new TestClient(broker, ProtocolVersion.MQTT_5).connect("a", true, null, 0);
        a.got();
        assertThat(a.subscribe(SHARED, Qos.AT_MOST_ONCE).got()).hasSize(1).allMatch(line -> line.startsWith("subAck"));
    }
}
