package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolVersion;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RetransmissionTest {
    private static final Retransmission POLICY = new Retransmission(Duration.ofSeconds(10), 100, 3);

    private static Machine repeating() {
        return repeating(options -> {});
    }

    private static Machine repeating(Consumer<Options> setting) {
        return Machine.online(options -> {
            options.retransmission = POLICY;
            options.reconnect = options.reconnect.stableAfter(Duration.ZERO);
            setting.accept(options);
        });
    }

    /** Lets time pass until packets are sent, which must be after {@code seconds} and at most a tenth more. */
    private static List<String> packetsAfter(Machine machine, double seconds) {
        Duration least = Duration.ofNanos((long) (seconds * 1e9));
        machine.pass(least.minusNanos(1));
        assertThat(machine.packets()).isEmpty();
        machine.pass(least.dividedBy(10).plusNanos(2));
        return machine.packets();
    }

    @Test
    void isOffUnlessAskedFor() {
        Machine machine = Machine.online();
        machine.publish(1, "a");
        machine.publish(2, "b");
        machine.subscribe("c", 1, "h");
        machine.take();

        machine.pass(100_000);

        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void publishWaitsForTheInitialTimeAndItsSizeOverTheBandwidthTimesAGrowingFactor() {
        Machine machine = repeating();
        machine.publish(1, "x".repeat(199));
        machine.take();

        String again = "PUBLISH 199 bytes q1 #1 dup";
        assertThat(packetsAfter(machine, 10 + 1 * 200 / 100.0)).containsExactly(again);
        Machine later = repeating();
        later.publish(1, "x".repeat(199));
        later.pass(14);
        later.take();
        long repeatedFor = later.session.nextDeadline() - later.now();
        later.tickOnce();
        assertThat(later.packets()).containsExactly(again);
        // The first wait was 12 s to 13.2 s, the second is 16 s to 17.6 s.
        assertThat(14 + repeatedFor / 1e9).isBetween(12 + 16.0, 13.2 + 17.6);
    }

    @Test
    void pubRelWaitsTwiceAsLongEachTime() {
        Machine machine = repeating();
        machine.publish(2, "m");
        machine.pass(15);
        machine.pubRec(1);
        machine.take();

        assertThat(packetsAfter(machine, 10)).containsExactly("PUBREL #1");
        Machine later = repeating();
        later.publish(2, "m");
        later.pubRec(1);
        later.tickOnce();
        later.tickOnce();
        later.take();
        assertThat(packetsAfter(later, 20)).containsExactly("PUBREL #1");
    }

    @Test
    void subscribeAndUnsubscribeWaitTwiceAsLongEachTime() {
        Machine machine = repeating();
        machine.subscribe("a", 1, "h");
        machine.take();
        assertThat(packetsAfter(machine, 10)).containsExactly("SUBSCRIBE #1 a:1");

        Machine later = repeating();
        later.unsubscribe("a");
        later.tickOnce();
        later.tickOnce();
        later.take();
        assertThat(packetsAfter(later, 20)).containsExactly("UNSUBSCRIBE #1 a");
    }

    @Test
    void aSubscriptionOfTheFirstConnectionIsRepeatedToo() {
        Machine machine = Machine.offline(options -> {
            options.retransmission = POLICY;
            options.reconnect = options.reconnect.stableAfter(Duration.ZERO);
        });
        machine.declare("f", 1, "h");
        machine.session.connect(machine.now());
        machine.opened();
        machine.connAck(false);
        machine.take();

        assertThat(packetsAfter(machine, 10)).containsExactly("SUBSCRIBE #1 f:1");
    }

    @Test
    void mqtt31SaysDup() {
        Machine machine = repeating(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1));
        machine.subscribe("a", 1, "h");
        machine.unsubscribe("b");
        machine.publish(2, "m");
        machine.pubComps(3, 66);
        machine.pubRec(3);
        machine.take();

        machine.pass(12);

        assertThat(machine.packets())
                .containsExactlyInAnyOrder("SUBSCRIBE #1 dup a:1", "UNSUBSCRIBE #2 dup b", "PUBREL #3 dup");
    }

    @Test
    void anotherIdentifierIsReleasedIfTheFirstAreNotAnswered() {
        Machine machine = Machine.offline(options -> {
            options.retransmission = POLICY;
            options.reconnect = options.reconnect.stableAfter(Duration.ZERO);
        });
        machine.connect(true);
        machine.publish(2, "a");
        machine.take();

        assertThat(packetsAfter(machine, 10)).hasSize(64).startsWith("PUBREL #65");
        machine.pubComp(66);
        assertThat(machine.packets()).containsExactly("PUBLISH a q2 #66");
    }

    @Test
    void whatIsNotDueWhenAnotherIsStaysScheduled() {
        Machine machine = repeating();
        machine.publish(1, "a");
        machine.pass(5);
        machine.subscribe("b", 1, "h");
        machine.publish(1, "c");
        machine.take();

        machine.pass(7);
        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1 dup");
        machine.pass(5);
        assertThat(machine.packets()).containsExactlyInAnyOrder("SUBSCRIBE #2 b:1", "PUBLISH c q1 #3 dup");
    }

    @Test
    void aSubscriptionThatIsNotDueStaysScheduledWithoutAnyPublish() {
        Machine machine = repeating();
        machine.subscribe("a", 1, "h");
        machine.pass(5);
        machine.subscribe("b", 1, "h");
        machine.take();

        machine.pass(7);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 a:1");
        machine.pass(5);
        assertThat(machine.packets()).containsExactly("SUBSCRIBE #2 b:1");
    }

    @Test
    void whatIsDueAtOnceIsRepeatedInTheFirstOrder() {
        Machine machine = repeating();
        machine.publish(1, "a", "b", "c", "d", "e");
        machine.take();

        machine.session.tick(machine.now() + Duration.ofSeconds(20).toNanos());

        assertThat(machine.packets())
                .containsExactly(
                        "PUBLISH a q1 #1 dup",
                        "PUBLISH b q1 #2 dup",
                        "PUBLISH c q1 #3 dup",
                        "PUBLISH d q1 #4 dup",
                        "PUBLISH e q1 #5 dup");
    }

    @Test
    void whatIsAnsweredIsNotRepeated() {
        Machine machine = repeating();
        machine.publish(1, "a");
        machine.subscribe("b", 1, "h");
        machine.pubAck(1);
        machine.subAck(2, 1);
        machine.take();

        machine.pass(100_000);

        assertThat(machine.packets()).isEmpty();
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theNextConnectionStartsWithTheInitialTime() {
        Machine machine = repeating();
        machine.publish(1, "m");
        machine.pass(100);
        machine.reconnect(true);
        assertThat(machine.packets()).containsExactly("PUBLISH m q1 #1 dup");

        assertThat(packetsAfter(machine, 10.02)).containsExactly("PUBLISH m q1 #1 dup");
    }

    @Test
    void aRequestThatIsNeverAnsweredIsRepeatedEverMoreRarely() {
        Machine machine = repeating();
        machine.publish(2, "m");
        machine.pubRec(1);
        machine.subscribe("a", 1, "h");
        machine.take();

        machine.pass(10 * 1024);
        assertThat(machine.packets()).hasSizeBetween(18, 22);
        machine.pass(Duration.ofDays(100 * 365));
        assertThat(machine.packets()).hasSizeBetween(30, 60);
    }
}
