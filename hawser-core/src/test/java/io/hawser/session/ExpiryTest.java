package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.store.SessionStore;
import io.hawser.wire.Properties;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Message expiry counts while a message waits here. */
class ExpiryTest {
    private static Message expiring(String name, int qos, long seconds) {
        return Machine.message(name, qos).expiry(Duration.ofSeconds(seconds));
    }

    private static Duration sentExpiry(Machine machine) {
        return machine.effects.sink.published.expiry();
    }

    @Test
    void aMessageThatDoesNotWaitKeepsItsExpiry() {
        Machine machine = Machine.online5();

        machine.publish(expiring("m", 1, 10));

        assertThat(sentExpiry(machine)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void expiryCountsDownInTheQueue() {
        Machine machine = Machine.offline5(options -> {});
        machine.publish(expiring("m", 1, 10));
        machine.pass(Duration.ofMillis(3_900));

        machine.connect(false);

        assertThat(sentExpiry(machine)).isEqualTo(Duration.ofSeconds(7));
    }

    @Test
    void aMessageThatHasExpiredInTheQueueFailsAndIsNotSent() {
        Machine machine = Machine.offline5(options -> {});
        machine.publish(expiring("m", 1, 10));
        machine.publish(expiring("z", 0, 10));
        machine.publish(expiring("n", 1, 11));
        machine.take();

        machine.pass(10);

        assertThat(machine.take()).containsExactly("log settled m", "fail m EXPIRED", "fail z EXPIRED");
        machine.connect(false);
        assertThat(machine.packets()).containsExactly("CONNECT 5.0", "PUBLISH n q1 #1");
        assertThat(sentExpiry(machine)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aMessageWithoutExpiryWaitsForever() {
        Machine machine = Machine.offline5(options -> {});
        machine.publish(1, "m");
        machine.pass(Duration.ofDays(400));

        machine.connect(false);

        assertThat(machine.packets()).contains("PUBLISH m q1 #1");
        assertThat(sentExpiry(machine)).isNull();
    }

    @Test
    void anExpiryOfZeroIsForAConnectionThatIsThere() {
        Machine machine = Machine.online5();
        machine.publish(expiring("now", 1, 0));
        assertThat(machine.packets()).containsExactly("PUBLISH now q1 #1");

        Machine late = Machine.offline5(options -> {});
        late.publish(expiring("late", 1, 0));
        late.pass(1);
        late.connect(false);
        assertThat(late.take()).contains("fail late EXPIRED");
    }

    @Test
    void whatIsSentAgainHasItsTimeCountedButIsSentEvenIfItHasExpired() {
        Machine machine = Machine.online5();
        machine.publish(expiring("m", 1, 100));
        machine.lose();
        machine.pass(40);
        while (!machine.effects.isOpening()) {
            machine.tickOnce();
        }
        long waited = (machine.now() - 1_000_000_000) / 1_000_000_000;
        machine.opened();
        machine.connAck(true);
        assertThat(sentExpiry(machine)).isEqualTo(Duration.ofSeconds(100 - waited));

        machine.pass(100);
        machine.take();
        machine.reconnect(true);
        assertThat(machine.packets()).containsExactly("PUBLISH m q1 #1 dup");
        assertThat(sentExpiry(machine)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whatTheBrokerLostExpiresLikeAnyOtherThatWaits() {
        Machine machine = Machine.online5();
        machine.publish(expiring("m", 1, 10));
        machine.pass(20);

        machine.reconnect(false);

        assertThat(machine.take()).contains("fail m EXPIRED").noneMatch(line -> line.startsWith("> PUBLISH"));
    }

    @Test
    void whatAnEarlierClientLeftCountsFromTheStart() {
        SessionStore store = SessionStore.inMemory();
        Machine first = new Machine(store, options -> {});
        first.publish(expiring("m", 1, 1));
        first.close();
        first.log.close();

        Machine second = new Machine(store, options -> options.versions = List.of(ProtocolVersion.MQTT_5));
        second.connect(false);

        assertThat(second.packets()).contains("PUBLISH m q1 #1");
        assertThat(sentExpiry(second)).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void whatWaitsForTheWindowExpires() {
        Machine machine = Machine.online5(Properties.NONE, options -> options.sendWindow = 1);
        machine.publish(1, "a");
        machine.publish(expiring("b", 1, 5));
        machine.take();

        machine.pass(5);

        assertThat(machine.take()).containsExactly("log settled b", "fail b EXPIRED");
        machine.pubAck(1);
        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void theQueuesTimeToLiveEndsTheWaitOfEveryMessage() {
        Machine machine = Machine.offline5(options -> options.queue = options.queue.timeToLive(Duration.ofSeconds(30)));
        machine.publish(1, "a");
        machine.pass(10);
        machine.publish(expiring("b", 1, 60));
        machine.publish(expiring("c", 0, 5));
        machine.take();

        machine.pass(Duration.ofMillis(19_999));
        assertThat(machine.take()).containsExactly("fail c EXPIRED");
        machine.pass(Duration.ofMillis(1));
        assertThat(machine.take()).containsExactly("log settled a", "fail a EXPIRED");
        machine.pass(10);

        assertThat(machine.take()).containsExactly("log settled b", "fail b EXPIRED");
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void lookingForWhatHasExpiredCostsOneLookPerSecond() {
        Machine machine = Machine.offline5(options -> {});
        for (int i = 0; i < 100; i++) {
            machine.publish(expiring("m", 0, 1));
            machine.pass(Duration.ofMillis(10));
        }
        int ticks = 0;
        while (machine.session.figures().queued() > 0) {
            machine.tickOnce();
            ticks++;
        }

        assertThat(ticks).isLessThanOrEqualTo(2);
    }
}
