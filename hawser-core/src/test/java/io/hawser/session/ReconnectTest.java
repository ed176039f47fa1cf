package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hawser.mqtt.ConnectionEvent.ClientIdContested;
import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.wire.Properties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ReconnectTest {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static List<Duration> delays(Machine machine) {
        return machine.effects.events(ReconnectScheduled.class).stream()
                .map(ReconnectScheduled::delay)
                .toList();
    }

    private static List<Duration> delaysOfFailures(int failures, long seed) {
        Machine machine = Machine.offline(options -> options.seed = seed);
        machine.session.connect(machine.now());
        for (int i = 1; i < failures; i++) {
            machine.lose("refused");
            machine.tickOnce();
        }
        machine.lose("refused");
        return delays(machine);
    }

    @Test
    void waitsAreRandomBelowABoundThatDoublesUpToTheLongest() {
        List<Duration> longestSeen = new ArrayList<>();
        for (long seed = 0; seed < 300; seed++) {
            List<Duration> delays = delaysOfFailures(10, seed);
            for (int i = 0; i < delays.size(); i++) {
                if (seed == 0) {
                    longestSeen.add(Duration.ZERO);
                }
                if (delays.get(i).compareTo(longestSeen.get(i)) > 0) {
                    longestSeen.set(i, delays.get(i));
                }
            }
        }
        for (int i = 0; i < 10; i++) {
            Duration doubled = FIRST.multipliedBy(1L << i);
            Duration bound = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
            assertThat(longestSeen.get(i)).isBetween(bound.multipliedBy(9).dividedBy(10), bound);
        }
    }

    @Test
    void waitsFollowFromTheSeed() {
        assertThat(delaysOfFailures(10, 7)).isEqualTo(delaysOfFailures(10, 7)).isNotEqualTo(delaysOfFailures(10, 8));
    }

    @Test
    void theBoundStartsOverOnlyAfterTheConnectionWasStable() {
        long unstable = LongStream.range(0, 50)
                .filter(seed -> delayAfter(Duration.ofSeconds(9), seed).compareTo(FIRST) > 0)
                .count();
        long stable = LongStream.range(0, 50)
                .filter(seed -> delayAfter(Duration.ofSeconds(10), seed).compareTo(FIRST) > 0)
                .count();

        assertThat(unstable).isGreaterThan(30);
        assertThat(stable).isZero();
    }

    /** The wait after a connection of this length, which itself came after some failures. */
    private static Duration delayAfter(Duration length, long seed) {
        Machine machine = Machine.offline(options -> options.seed = seed);
        machine.session.connect(machine.now());
        for (int i = 0; i < 5; i++) {
            machine.lose("refused");
            machine.tickOnce();
        }
        machine.opened();
        machine.connAck(false);
        machine.pass(length);
        machine.lose();
        List<Duration> delays = delays(machine);
        return delays.get(delays.size() - 1);
    }

    @Test
    void theTimeUntilReadyDoesNotCountAsStable() {
        Machine machine = Machine.offline(options -> options.reconnect = ReconnectPolicy.exponential(FIRST, LONGEST));
        machine.declare("f", 1, "h");
        machine.connect(false);

        machine.pass(3_600);

        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
        machine.subAck(1, 1);
        assertThat(machine.session.nextDeadline())
                .isEqualTo(machine.now() + Duration.ofSeconds(10).toNanos());
    }

    @Test
    void serversAreTriedInTurnQuicklyUntilEachHasFailed() {
        Machine machine = Machine.offline(options -> options.servers = List.of("a", "b", "c"));
        machine.session.connect(machine.now());
        for (int i = 0; i < 6; i++) {
            machine.lose("refused");
            machine.tickOnce();
        }

        assertThat(machine.effects.events(Connecting.class))
                .extracting(Connecting::server)
                .containsExactly("a", "b", "c", "a", "b", "c", "a");
        List<Duration> delays = delays(machine);
        assertThat(delays)
                .hasSize(6)
                .satisfies(all -> assertThat(List.of(all.get(0), all.get(1), all.get(3), all.get(4)))
                        .containsOnly(Duration.ZERO));
        assertThat(delays.get(2)).isPositive();
        assertThat(delays.get(5)).isPositive();
    }

    @Test
    void aLostConnectionIsMadeAgainToTheSameServerFirst() {
        Machine machine = Machine.offline(options -> options.servers = List.of("a", "b"));
        machine.session.connect(machine.now());
        machine.lose("refused");
        machine.tickOnce();
        machine.opened();
        machine.connAck(false);
        machine.lose();
        machine.tickOnce();
        machine.lose("refused");
        machine.tickOnce();

        assertThat(machine.effects.events(Connecting.class))
                .extracting(Connecting::server)
                .containsExactly("a", "b", "b", "a");
        assertThat(delays(machine).get(2)).isZero();
    }

    @Test
    void anUnavailableServerIsFollowedByTheNextAndAWholeRoundOfThemByALongWait() {
        Machine machine = Machine.offline(options -> options.servers = List.of("a", "b"));
        machine.open();
        machine.connAck(ReasonCode.SERVER_UNAVAILABLE);
        machine.open();
        machine.connAck(ReasonCode.SERVER_UNAVAILABLE);

        assertThat(machine.effects.events(Connecting.class))
                .extracting(Connecting::server)
                .containsExactly("a", "b");
        assertThat(delays(machine).get(0)).isZero();
        assertThat(delays(machine).get(1)).isBetween(LONGEST.dividedBy(2), LONGEST);
    }

    @Test
    void attemptsAreCountedUntilOneSucceeds() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.lose("refused");
        machine.connect(false);
        machine.lose();
        machine.tickOnce();

        assertThat(machine.effects.events(Connecting.class))
                .extracting(Connecting::attempt)
                .containsExactly(1, 2, 1);
        assertThat(machine.session.figures().connections()).isEqualTo(1);
    }

    @Test
    void connectionsClosedSoonAgainAndAgainAreReportedAsAContestedIdentifier() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 4; i++) {
            machine.connect(false);
            machine.pass(Duration.ofSeconds(4));
            machine.lose();
        }

        assertThat(machine.effects.events(ClientIdContested.class)).containsExactly(new ClientIdContested("client", 3));
    }

    @Test
    void anotherContestIsReportedAgain() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 8; i++) {
            machine.connect(false);
            machine.pass(Duration.ofSeconds(i == 3 ? 6 : 4));
            machine.lose();
        }

        assertThat(machine.effects.events(ClientIdContested.class)).hasSize(2);
    }

    static Stream<Arguments> outstanding() {
        return Stream.of(
                arguments("a publish at QoS 0", (Consumer<Machine>) machine -> machine.publish(0, "m")),
                arguments("a publish at QoS 1", (Consumer<Machine>) machine -> machine.publish(1, "m")),
                arguments("a publish at QoS 2", (Consumer<Machine>) machine -> machine.publish(2, "m")),
                arguments("a subscription", (Consumer<Machine>) machine -> machine.subscribe("a", 1, "h")),
                arguments("an unsubscription", (Consumer<Machine>) machine -> machine.unsubscribe("a")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("outstanding")
    void whatWasOutstandingExplainsTheEndBetterThanAContest(String what, Consumer<Machine> request) {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 6; i++) {
            machine.connect(false);
            request.accept(machine);
            machine.lose();
        }

        assertThat(machine.effects.events(ClientIdContested.class)).isEmpty();
    }

    @Test
    void beingTakenOverIsAContestWhateverIsOutstanding() {
        Machine machine = Machine.offline5(options -> {});
        for (int i = 0; i < 6; i++) {
            machine.connect(true);
            machine.publish(1, "m");
            machine.pass(60);
            machine.disconnect(ReasonCode.SESSION_TAKEN_OVER, Properties.NONE);
        }

        assertThat(machine.effects.events(ClientIdContested.class)).containsExactly(new ClientIdContested("client", 3));
    }

    @Test
    void aConnectionThatLastsEndsTheSuspicionOfAContest() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 6; i++) {
            machine.connect(false);
            machine.pass(Duration.ofSeconds(i % 3 == 2 ? 6 : 4));
            machine.lose();
        }

        assertThat(machine.effects.events(ClientIdContested.class)).isEmpty();
    }

    @Test
    void connectionsThatThisSideClosesAreNoContest() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 6; i++) {
            machine.connect(false);
            machine.receive(new byte[] {0});
        }

        assertThat(machine.effects.events(ClientIdContested.class)).isEmpty();
    }

    @Test
    void aLossThatComesTooLateChangesNothing() {
        Machine machine = Machine.online();
        machine.lose();
        machine.effects.takeAll();

        machine.session.lost(new ConnectionException("late"), false, machine.now());

        assertThat(machine.effects.takeAll()).isEmpty();
    }
}
