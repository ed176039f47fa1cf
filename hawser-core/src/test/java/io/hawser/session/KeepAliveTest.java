package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static Machine alive(int keepAlive, int pingTimeout) {
        return Machine.online(options -> {
            options.keepAliveSeconds = keepAlive;
            options.pingTimeout = Duration.ofSeconds(pingTimeout);
        });
    }

    @Test
    void pingsWhenNothingWasSentForTheInterval() {
        Machine machine = alive(60, 10);
        for (int i = 0; i < 3; i++) {
            machine.pass(59);
            assertThat(machine.packets()).isEmpty();
            machine.pass(1);
            assertThat(machine.packets()).containsExactly("PINGREQ");
            machine.pingResp();
        }
    }

    @Test
    void theIntervalCountsFromConnect() {
        Machine machine = Machine.offline(options -> options.keepAliveSeconds = 60);
        machine.open();
        machine.pass(20);
        machine.connAck(false);
        machine.take();

        machine.pass(40);

        assertThat(machine.packets()).containsExactly("PINGREQ");
    }

    @Test
    void sendingPutsThePingOff() {
        Machine machine = alive(60, 10);
        machine.pass(30);
        machine.publish(1, "m");
        machine.pass(1);
        machine.pubAck(1);
        machine.take();

        machine.pass(58);
        assertThat(machine.packets()).isEmpty();
        machine.pass(1);
        assertThat(machine.packets()).containsExactly("PINGREQ");
    }

    @Test
    void aClientThatOnlySendsPingsWhenNothingWasReceived() {
        Machine machine = alive(60, 10);
        for (int second = 1; second < 60; second++) {
            machine.pass(1);
            machine.publish(0, "m");
        }
        machine.take();

        machine.pass(1);
        assertThat(machine.packets()).containsExactly("PINGREQ");
        for (int second = 0; second < 9; second++) {
            machine.publish(0, "m");
            machine.pass(1);
        }
        machine.take();
        machine.pass(1);
        assertThat(machine.take()).containsExactly("close mqtt://a has sent nothing for 10000 ms after PINGREQ");
    }

    @Test
    void aClientThatOnlyReceivesStillPings() {
        Machine machine = alive(60, 10);
        for (int second = 0; second < 60; second++) {
            machine.pass(1);
            machine.deliver("m", 0, 0, false);
        }

        assertThat(machine.packets()).containsExactly("PINGREQ");
    }

    @Test
    void silenceAfterThePingEndsTheConnection() {
        Machine machine = alive(60, 10);
        machine.pass(69);
        machine.take();

        machine.pass(1);

        assertThat(machine.take()).first().isEqualTo("close mqtt://a has sent nothing for 10000 ms after PINGREQ");
    }

    @Test
    void anySignOfLifeAfterThePingIsEnough() {
        Machine machine = alive(60, 10);
        machine.pass(69);
        machine.deliver("m", 0, 0, false);
        machine.pass(9);
        machine.pingResp();
        machine.take();

        machine.pass(40);

        assertThat(machine.take()).isEmpty();
    }

    @Test
    void pingsGoOnWhileAnAnswerIsOutstanding() {
        Machine machine = alive(10, 25);
        machine.pass(34);

        assertThat(machine.packets()).containsExactly("PINGREQ", "PINGREQ", "PINGREQ");
        machine.pass(1);
        assertThat(machine.take()).first().asString().startsWith("close");
    }

    @Test
    void aTickThatComesLateEndsADeadConnectionWithoutAnotherPing() {
        Machine machine = alive(10, 15);
        machine.pass(10);
        machine.take();

        machine.session.tick(machine.now() + Duration.ofSeconds(60).toNanos());

        assertThat(machine.take()).containsExactly("close mqtt://a has sent nothing for 15000 ms after PINGREQ");
    }

    @Test
    void whileReadingIsPausedSilenceProvesNothing() {
        Machine machine = alive(60, 10);
        machine.pass(30);
        machine.session.readingPaused(true, machine.now());
        machine.pass(605);
        assertThat(machine.packets()).isNotEmpty().containsOnly("PINGREQ");

        machine.session.readingPaused(false, machine.now());
        machine.pass(9);
        assertThat(machine.take()).isEmpty();
        machine.pass(1);
        assertThat(machine.take()).first().asString().startsWith("close");
    }

    @Test
    void aPauseThatBeganBeforeConnAckGoesOnAfterIt() {
        Machine machine = Machine.offline(options -> options.keepAliveSeconds = 60);
        machine.open();
        machine.session.readingPaused(true, machine.now());
        machine.connAck(false);
        machine.pass(600);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void whileReadingIsPausedConnAckIsWaitedForLonger() {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.session.readingPaused(true, machine.now());
        machine.pass(600);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CONNECTING);

        machine.session.readingPaused(false, machine.now());
        machine.pass(30);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void aPauseOfTheLastConnectionIsOverOnTheNext() {
        Machine machine = alive(60, 10);
        machine.session.readingPaused(true, machine.now());
        machine.lose();
        machine.tickOnce();
        machine.pass(30);
        assertThat(machine.take())
                .contains("close connecting to mqtt://a took longer than 30000 ms: no network connection");

        machine.connect(true);
        machine.pass(70);
        assertThat(machine.take()).contains("close mqtt://a has sent nothing for 10000 ms after PINGREQ");
    }

    @Test
    void zeroIsOff() {
        Machine machine = alive(0, 10);

        machine.pass(100_000);

        assertThat(machine.take()).isEmpty();
        machine.pingResp();
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anUnaskedPingRespIsTolerated() {
        Machine machine = alive(60, 10);

        machine.pingResp();

        assertThat(machine.take()).isEmpty();
    }

    @Test
    void eachConnectionStartsAfresh() {
        Machine machine = alive(60, 10);
        machine.pass(65);
        machine.reconnect(true);
        machine.take();

        machine.pass(59);
        assertThat(machine.take()).isEmpty();
        machine.pass(1);
        assertThat(machine.packets()).containsExactly("PINGREQ");
    }

    @Test
    void whileOutputShrinksTheConnectionLives() {
        Machine machine = alive(3, 2);
        long left = 0;
        machine.session.output(1_000, 1_000, left, machine.now());
        for (int second = 0; second < 300; second++) {
            machine.pass(1);
            machine.session.output(1_000, 1_000, ++left, machine.now());
        }

        assertThat(machine.take()).noneMatch(line -> line.startsWith("close"));
    }

    @Test
    void outputOfWhichNothingLeavesForThePingTimeoutIsADeadConnection() {
        Machine machine = alive(60, 10);
        machine.session.output(1_000, 1_000, 500, machine.now());
        machine.session.readingPaused(true, machine.now());
        machine.pass(9);
        machine.session.output(1_000, 1_000, 501, machine.now());
        machine.pass(9);
        assertThat(machine.take()).isEmpty();

        machine.pass(1);

        assertThat(machine.take()).first().isEqualTo("close mqtt://a has taken nothing of what was sent for 10000 ms");
    }

    @Test
    void outputThatWaitsForTheStoreIsNoStall() {
        Machine machine = alive(60, 10);
        machine.session.output(1_000, 500, 500, machine.now());

        machine.pass(50);

        assertThat(machine.take()).isEmpty();
    }

    @Test
    void thePingClockStartsWhenPingReqHasLeft() {
        Machine machine = alive(10, 5);
        machine.session.output(1_000, 1_000, 0, machine.now());
        long left = 0;
        for (int second = 0; second < 40; second++) {
            machine.pass(1);
            machine.session.output(1_002, 1_002, left += 10, machine.now());
        }
        assertThat(machine.take()).noneMatch(line -> line.startsWith("close"));
        machine.session.output(1_002, 1_002, 1_002, machine.now());

        // What left before PINGREQ may stand in the system's buffers before it: three timeouts, and no more.
        machine.pass(14);
        assertThat(machine.take()).noneMatch(line -> line.startsWith("close"));
        machine.pass(1);
        assertThat(machine.take()).anyMatch(line -> line.startsWith("close"));
    }

    @Test
    void aBrokerThatSendsAndDoesNotAnswerIsNoticed() {
        Machine machine = alive(60, 10);
        int seconds = 0;
        for (; seconds < 200 && machine.session.state() == ConnectionState.READY; seconds++) {
            machine.pass(1);
            machine.deliver("m", 0, 0, false);
        }

        assertThat(seconds).isBetween(70, 90);
    }

    @Test
    void aBrokerThatSendsAndTakesAndDoesNotAnswerIsNoticed() {
        Machine machine = alive(60, 10);
        int seconds = 0;
        for (; seconds < 200 && machine.session.state() == ConnectionState.READY; seconds++) {
            machine.pass(1);
            machine.deliver("m", 0, 0, false);
            machine.publish(0, "n");
        }

        assertThat(seconds).isBetween(70, 90);
    }

    @Test
    void whoAnswersIsNotAsked() {
        Machine machine = alive(60, 10);
        for (int second = 0; second < 200; second++) {
            machine.pass(1);
            machine.publish(1, "m" + second);
            machine.pubAck(second + 1);
        }

        assertThat(machine.packets()).doesNotContain("PINGREQ");
    }
}
