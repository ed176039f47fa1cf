package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Closed;
import io.hawser.mqtt.ConnectionEvent.Connected;
import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Will;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectTest {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @Test
    void goesThroughItsStatesWithAnEventForEach() {
        Machine machine = Machine.offline(options -> {});
        assertThat(machine.session.state()).isEqualTo(ConnectionState.DISCONNECTED);
        machine.declare("f", 1, "h");

        machine.session.connect(machine.now());
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CONNECTING);
        machine.opened();
        machine.connAck(true);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CONNECTED);
        machine.subAck(1, 1);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
        machine.lose();
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        machine.close();
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);

        assertThat(machine.effects.events())
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Connecting", "Connected", "Ready", "Disconnected", "ReconnectScheduled", "Closed");
        assertThat(machine.effects.events(Connected.class).get(0).result().sessionPresent())
                .isTrue();
    }

    @Test
    void willAndCredentialsGoWithConnect() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.effects.opened();

        machine.session.opened(
                Will.of(Message.of("t", "gone")), Credentials.of("user", new byte[] {1}), null, machine.now());

        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1 will=gone user=user");
    }

    @Test
    void aPasswordWithoutAUserNameThat3xCannotSayEndsTheAttemptWithTheReason() {
        Machine machine = Machine.offline(options -> options.freshCredentials = true);
        machine.session.connect(machine.now());
        machine.effects.opened();

        machine.session.opened(null, Credentials.ofPassword(new byte[] {1}), null, machine.now());

        assertWaitsSlowly(machine);
        assertThat(machine.take())
                .endsWith("close CONNECT to mqtt://a with MQTT 3.1.1 was not sent: BAD_USER_NAME_OR_PASSWORD,"
                        + " a password without a user name needs MQTT 5.0");
    }

    @Test
    void connectingTwiceIsConnectingOnce() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.session.connect(machine.now());

        assertThat(machine.take()).containsExactly("open 0 3.1.1");
    }

    @Test
    void theFirstConnectionIsRetriedLikeAnyOther() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.lose("refused");

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        machine.connect(false);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void connectionAttemptsTimeOut() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.pass(29);
        assertThat(machine.take()).containsExactly("open 0 3.1.1");
        machine.tickOnce();

        assertThat(machine.take())
                .startsWith("close connecting to mqtt://a took longer than 30000 ms: no network connection");
    }

    @Test
    void aBrokerThatDoesNotAnswerConnectTimesOutAndIsNotTakenForOneThatRefusesTheVersion() {
        Machine machine = Machine.offline(options -> {});
        for (int attempt = 1; attempt <= 5; attempt++) {
            machine.open();
            machine.tickOnce();
            assertThat(machine.take())
                    .contains("> CONNECT 3.1.1", "close connecting to mqtt://a took longer than 30000 ms: no CONNACK");
        }
    }

    @Test
    void connAckEndsTheTimeout() {
        Machine machine = Machine.online();

        machine.pass(3_600);

        assertThat(machine.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 5})
    void refusalsThatTryingAgainCannotMendCloseTheClient(int code) {
        Machine machine = Machine.offline(options -> {});
        PublishRequest publish = machine.publish(Machine.message("m", 1));
        machine.open();
        machine.take();

        ReasonCode reason = ReasonCode.ofConnectReturnCode(code);
        machine.connAck(reason);

        String text = "CONNECT to mqtt://a with MQTT 3.1.1 was refused by the broker: " + reason;
        assertThat(machine.take()).containsExactly("close " + text, "fail m ClientClosedException");
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(machine.effects.events(Closed.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause()).hasMessage(text));
        assertThat(machine.effects.isSettled(publish)).isTrue();
        assertThat(machine.session.nextDeadline()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anUnavailableServerIsTriedAgainSlowly() {
        Machine machine = Machine.offline(options -> {});
        machine.open();

        machine.connAck(ReasonCode.SERVER_UNAVAILABLE);

        assertWaitsSlowly(machine);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BAD_USER_NAME_OR_PASSWORD", "NOT_AUTHORIZED"})
    void refusedCredentialsAreTriedAgainSlowlyIfFreshOnesCanBeHad(ReasonCode reason) {
        Machine machine = Machine.offline(options -> options.freshCredentials = true);
        machine.open();

        machine.connAck(reason);

        assertWaitsSlowly(machine);
    }

    @Test
    void credentialsThatWereAcceptedBeforeAreTriedAgainSlowly() {
        Machine machine = Machine.online();
        machine.lose();
        machine.open();

        machine.connAck(ReasonCode.NOT_AUTHORIZED);

        assertWaitsSlowly(machine);
    }

    private static void assertWaitsSlowly(Machine machine) {
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        List<ReconnectScheduled> waits = machine.effects.events(ReconnectScheduled.class);
        assertThat(waits.get(waits.size() - 1).delay()).isBetween(LONGEST.dividedBy(2), LONGEST);
    }

    @Test
    void aRefusedVersionIsFollowedByTheNextAtOnce() {
        Machine machine = Machine.offline(options -> {});
        machine.open();

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        machine.opened();
        machine.connAck(false);

        assertThat(machine.take())
                .containsExactly(
                        "open 0 3.1.1",
                        "> CONNECT 3.1.1",
                        "close CONNECT to mqtt://a with MQTT 3.1.1 was refused by the broker:"
                                + " UNSUPPORTED_PROTOCOL_VERSION",
                        "open 0 3.1",
                        "> CONNECT 3.1");
        assertThat(machine.effects.events(Connecting.class))
                .filteredOn(event -> event.refused() != null)
                .containsExactly(new Connecting("mqtt://a", ProtocolVersion.MQTT_3_1, 2, ProtocolVersion.MQTT_3_1_1));
    }

    @Test
    void theLowestVersionRefusedClosesTheClient() {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        machine.opened();

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void aPinnedVersionIsTheOnlyOneTried() {
        Machine refused = Machine.offline(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1_1));
        refused.open();
        refused.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        assertThat(refused.session.state()).isEqualTo(ConnectionState.CLOSED);

        Machine silent = Machine.offline(options -> options.versions = List.of(ProtocolVersion.MQTT_3_1_1));
        for (int i = 0; i < 10; i++) {
            silent.open();
            silent.lose();
        }
        assertThat(silent.packets()).hasSize(10).containsOnly("CONNECT 3.1.1");
    }

    @Test
    void twoSilentClosesInARowAreTakenForARefusedVersion() {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.lose();
        machine.open();
        machine.lose();
        machine.opened();
        machine.lose();
        machine.open();
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "CONNECT 3.1.1", "CONNECT 3.1", "CONNECT 3.1");

        machine.lose();
        machine.open();
        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1");
    }

    @Test
    void oneSilentCloseBetweenOtherFailuresIsAnAccident() {
        Machine machine = Machine.offline(options -> {});
        for (int i = 0; i < 5; i++) {
            machine.open();
            machine.lose();
            machine.tickOnce();
            machine.lose("refused");
        }

        assertThat(machine.packets()).hasSize(5).containsOnly("CONNECT 3.1.1");
    }

    @Test
    void silentClosesOfABrokerThatHasAcceptedBeforeAreNotTakenForARefusedVersion() {
        Machine machine = Machine.online();
        machine.lose();
        for (int i = 0; i < 5; i++) {
            machine.open();
            machine.lose();
        }

        assertThat(machine.packets()).hasSize(5).containsOnly("CONNECT 3.1.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abcdefghijklmnopqrstuvwx"})
    void doesNotFallBackToAVersionThatDoesNotAllowTheClientIdentifier(String clientId) {
        Machine machine = Machine.offline(options -> {
            options.clientId = clientId;
            options.cleanSession = true;
        });
        machine.open();

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void withReconnectNeverAFailureClosesTheClient() {
        Machine first = Machine.offline(options -> options.reconnect = ReconnectPolicy.never());
        first.session.connect(first.now());
        first.lose("refused");
        assertThat(first.session.state()).isEqualTo(ConnectionState.CLOSED);

        Machine later = Machine.online(options -> options.reconnect = ReconnectPolicy.never());
        later.publish(1, "m");
        later.take();
        later.lose();
        assertThat(later.take()).containsExactly("fail m ClientClosedException");
        assertThat(later.session.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(later.effects.events(Closed.class).get(0).cause()).hasMessage("the link was cut");
    }

    @Test
    void anotherConnAckIsOutOfTurn() {
        Machine machine = Machine.online();

        machine.connAck(false);

        assertThat(machine.take()).containsExactly("close CONNACK is not allowed on an accepted connection");
    }

    @Test
    void bytesBehindARefusalAreIgnored() {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.take();

        machine.receive(new byte[] {0x20, 2, 0, 3, (byte) 0xD0, 0, 0x20, 2, 0, 0});

        assertThat(machine.take())
                .containsExactly(
                        "close CONNECT to mqtt://a with MQTT 3.1.1 was refused by the broker: SERVER_UNAVAILABLE");
    }

    @Test
    void aConnectionThatOpensTooLateIsNotUsed() {
        Machine machine = Machine.offline(options -> {});
        machine.session.connect(machine.now());
        machine.close();
        machine.take();

        machine.session.opened(null, null, null, machine.now());

        assertThat(machine.take()).isEmpty();
    }
}
