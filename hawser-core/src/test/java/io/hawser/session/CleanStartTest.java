package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionEvent.SubscriptionUnclaimed;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionStore;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A session that is kept, and begins anew with the first connection: Clean Start 1 with a session expiry (MQTT 5.0). */
class CleanStartTest {
    private final SessionStore store = SessionStore.inMemory();

    private Machine client(Consumer<Options> setting) {
        return new Machine(store, options -> {
            options.versions = List.of(ProtocolVersion.MQTT_5);
            setting.accept(options);
        });
    }

    private Machine begun() {
        return client(options -> options.cleanStart = true);
    }

    /** A client that leaves one message in each state, a subscription, and a received QoS 2 message. */
    private void leave() {
        Machine first = client(options -> {});
        first.connect(false);
        first.subscribed("old/#", 2, "h");
        first.deliver("old/x", "in", 2, 7, false);
        first.acknowledge("in");
        first.publish(1, "sent");
        first.publish(2, "published", "released");
        first.pubRec(4);
        first.lose();
        first.publish(1, "queued");
        first.close();
        first.log.close();
    }

    @Test
    void saysCleanStartWithTheSessionExpiry() {
        Machine machine = begun();

        machine.open();

        assertThat(machine.effects.sink.connect.cleanSession()).isTrue();
        assertThat(machine.effects.sink.connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0))
                .isEqualTo(3_600);
    }

    @Test
    void saysItUntilABrokerHasAcceptedAndNeverAgain() {
        Machine machine = begun();
        machine.open();
        machine.lose();
        machine.open();
        assertThat(machine.effects.sink.connect.cleanSession()).isTrue();
        machine.connAck(false, Properties.NONE);

        machine.lose();
        machine.open();

        assertThat(machine.effects.sink.connect.cleanSession()).isFalse();
    }

    @Test
    void losesNothingThatWasAccepted() {
        leave();
        Machine machine = begun();

        machine.connect(false);

        assertThat(machine.packets())
                .containsExactly(
                        "CONNECT 5.0 clean",
                        "PUBLISH sent q1 #5",
                        "PUBLISH published q2 #6",
                        "PUBLISH released q2 #7",
                        "PUBLISH queued q1 #8");
    }

    @Test
    void treatsADoubtfulMessageAsThePolicySays() {
        leave();
        Machine machine = client(options -> {
            options.cleanStart = true;
            options.republishAmbiguous = false;
        });

        machine.connect(false);

        assertThat(machine.take())
                .contains("fail published SESSION_LOST", "fail released SESSION_LOST")
                .contains("> PUBLISH sent q1 #5", "> PUBLISH queued q1 #6");
    }

    @Test
    void dropsAndTellsTheSubscriptionsThatTheProgramDoesNotDeclare() {
        leave();
        Machine machine = begun();
        machine.declare("new", 1, "h");

        machine.connect(false);

        assertThat(machine.packets()).contains("SUBSCRIBE #5 new:1").noneMatch(packet -> packet.contains("old/#"));
        assertThat(machine.effects.events(SubscriptionUnclaimed.class))
                .containsExactly(new SubscriptionUnclaimed(TopicFilter.of("old/#")));
        machine.subAck(5, 1);
        machine.reconnect(false);
        assertThat(machine.packets()).contains("SUBSCRIBE #10 new:1").noneMatch(packet -> packet.contains("old/#"));
    }

    @Test
    void takesAMessageUnderAnEarlierIdentifierForANewOne() {
        leave();
        Machine machine = begun();
        machine.declare("old/#", 2, "h");
        machine.connect(false);
        machine.subAck(5, 2);
        machine.take();

        machine.deliver("old/x", "fresh", 2, 7, false);

        assertThat(machine.take()).containsExactly("deliver fresh #7 to h");
    }

    @Test
    void asksForTheOldSessionWhileNoBrokerHasAccepted() {
        leave();
        Machine given = begun();
        given.open();
        given.close();
        given.log.close();

        Machine next = client(options -> {});
        next.connect(true);

        assertThat(next.packets()).contains("CONNECT 5.0", "PUBLISH sent q1 #2 dup");
        assertThat(next.effects.events(SubscriptionUnclaimed.class)).isEmpty();
    }

    @Test
    void aBrokerThatHasASessionAllTheSameBreaksTheProtocol() {
        Machine machine = begun();
        machine.open();

        machine.connAck(true, Properties.NONE);

        assertThat(machine.effects.events(Disconnected.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).hasMessageContaining("session present"));
    }
}
