package io.hawser.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Will;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the model broker does when time passes: messages expire, wills and sessions wait. */
class ModelBrokerTimeTest {
    private static final long FOREVER = 0xFFFF_FFFFL;

    private final ModelBroker broker = new ModelBroker(1);
    private long seconds;

    private void pass(long more) {
        seconds += more;
        broker.advanceTo(Duration.ofSeconds(seconds).toNanos());
    }

    private TestClient connect(String clientId, boolean clean, Will will, long expirySeconds) {
        TestClient client =
                new TestClient(broker, ProtocolVersion.MQTT_5).connect(clientId, clean, will, expirySeconds);
        assertThat(client.got()).as("CONNACK").hasSize(1);
        return client;
    }

    private TestClient subscriber(String clientId, String filter) {
        TestClient client = connect(clientId, false, null, FOREVER).subscribe(filter, Qos.AT_LEAST_ONCE);
        client.got();
        return client;
    }

    private static Message message(String text, Qos qos, long expirySeconds) {
        return Message.of("t", text).qos(qos).expiry(Duration.ofSeconds(expirySeconds));
    }

    @Test
    void whatAMessageWaitsCountsAgainstItsExpiry() {
        TestClient subscriber = subscriber("s", "t");
        broker.publish(message("first", Qos.AT_LEAST_ONCE, 10));
        broker.publish(message("second", Qos.AT_LEAST_ONCE, 10));
        pass(4);
        assertThat(subscriber.pubAck(1).got())
                .containsExactly("publish t=first at 1 for 10 s #1", "publish t=second at 1 for 6 s #2");
    }

    @Test
    void aMessageWhoseExpiryHasPassedIsNotDelivered() {
        subscriber("s", "t").peer.closed();
        broker.publish(message("short", Qos.AT_LEAST_ONCE, 2));
        broker.publish(message("long", Qos.AT_LEAST_ONCE, 3));
        pass(2);
        assertThat(new TestClient(broker, ProtocolVersion.MQTT_5)
                        .connect("s", false, null, FOREVER)
                        .got())
                .endsWith("publish t=long at 1 for 1 s #1")
                .hasSize(2);
    }

    @Test
    void aDeliveryThatHasBegunGoesOnAfterTheExpiry() {
        TestClient subscriber = subscriber("s", "t");
        broker.publish(message("begun", Qos.AT_LEAST_ONCE, 2));
        subscriber.peer.closed();
        pass(5);
        assertThat(new TestClient(broker, ProtocolVersion.MQTT_5)
                        .connect("s", false, null, FOREVER)
                        .got())
                .endsWith("publish t=begun at 1 for 1 s #1 dup");
    }

    @Test
    void aMessageAtQos2ExpiresWhileItWaitsForItsRelease() {
        TestClient subscriber = subscriber("s", "t");
        TestClient publisher = connect("p", true, null, 0);
        publisher.publish(message("late", Qos.EXACTLY_ONCE, 2), 1, false);
        pass(3);
        publisher.pubRel(1);
        assertThat(subscriber.got()).isEmpty();
    }

    @Test
    void retainedMessagesExpire() {
        broker.publish(message("kept", Qos.AT_LEAST_ONCE, 5).retain(true));
        pass(2);
        TestClient subscriber = connect("s", true, null, 0).subscribe("t", Qos.AT_LEAST_ONCE);
        assertThat(subscriber.got()).endsWith("publish t=kept at 1 retained for 3 s #1");
        pass(3);
        assertThat(broker.retained("t")).isNull();
    }

    @Test
    void aWillWaitsForItsDelay() {
        TestClient watcher = subscriber("w", "will");
        Will will = Will.of(Message.of("will", "gone")).delay(Duration.ofSeconds(10));
        connect("c", true, will, 60).peer.closed();
        pass(9);
        assertThat(watcher.got()).isEmpty();
        pass(1);
        assertThat(watcher.got()).containsExactly("publish will=gone at 1 #1");
        pass(100);
        assertThat(watcher.got()).isEmpty();
    }

    @Test
    void aWillDoesNotOutliveItsSession() {
        TestClient watcher = subscriber("w", "will");
        Will will = Will.of(Message.of("will", "gone").qos(Qos.AT_MOST_ONCE)).delay(Duration.ofSeconds(10));
        connect("ends with its connection", true, will, 0).peer.closed();
        assertThat(watcher.got()).containsExactly("publish will=gone at 0");
        connect("expires", true, will, 3).peer.closed();
        pass(3);
        assertThat(watcher.got()).containsExactly("publish will=gone at 0");
        connect("starts anew", true, will, 60).peer.closed();
        connect("starts anew", true, null, 0);
        assertThat(watcher.got()).containsExactly("publish will=gone at 0");
    }

    @Test
    void aWillIsNotPublishedIfItsSessionGoesOn() {
        TestClient watcher = subscriber("w", "will");
        Will will = Will.of(Message.of("will", "gone")).delay(Duration.ofSeconds(10));
        connect("c", true, will, 60).peer.closed();
        pass(9);
        connect("c", false, null, 60);
        pass(100);
        assertThat(watcher.got()).isEmpty();
    }

    @Test
    void saysWhyItEndsAConnectionOnCommand() {
        TestClient client = connect("c", true, null, 0);
        assertThat(broker.disconnect("c", ReasonCode.SERVER_SHUTTING_DOWN)).isTrue();
        assertThat(client.got()).containsExactly("disconnect SERVER_SHUTTING_DOWN", "closed");
        assertThat(broker.disconnect("c", ReasonCode.SERVER_SHUTTING_DOWN)).isFalse();
    }

    @Test
    void refusesMessagesOnCommand() {
        TestClient subscriber = subscriber("s", "t");
        TestClient publisher = connect("p", true, null, 0);
        broker.misbehave().refusePublishes(2, ReasonCode.QUOTA_EXCEEDED);
        publisher.publish(Message.of("t", "1").qos(Qos.AT_LEAST_ONCE), 1, false);
        publisher.publish(Message.of("t", "2").qos(Qos.EXACTLY_ONCE), 2, false);
        publisher.publish(Message.of("t", "3").qos(Qos.AT_LEAST_ONCE), 3, false);
        assertThat(publisher.got())
                .containsExactly("pubAck #1 QUOTA_EXCEEDED", "pubRec #2 QUOTA_EXCEEDED", "pubAck #3");
        assertThat(subscriber.got()).containsExactly("publish t=3 at 1 #1");
    }
}
