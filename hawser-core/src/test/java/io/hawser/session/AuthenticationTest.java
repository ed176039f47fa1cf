package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.BrokerDisconnectException;
import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.wire.ConnAck;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Enhanced authentication, and authenticating again (MQTT 5.0, section 4.12). */
class AuthenticationTest {
    private static final Consumer<Options> ONLY_5 = options -> {
        options.versions = List.of(ProtocolVersion.MQTT_5);
        options.cleanSession = true;
    };
    private static final AuthenticationExchange NONE = null;

    private final AuthenticationExchange exchange = exchange("M", "hello");
    private final AuthenticationExchange again = exchange("M", "again");
    private final Machine machine = Machine.offline5(ONLY_5);

    private static AuthenticationExchange exchange(String method, String first) {
        return new AuthenticationExchange(method, first == null ? null : bytes(first));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Properties says(String method, String data) {
        Properties properties = Properties.NONE.with(Property.AUTHENTICATION_METHOD, method);
        return data == null ? properties : properties.with(Property.AUTHENTICATION_DATA, bytes(data));
    }

    private void auth(ReasonCode reasonCode, String method, String data) {
        machine.receive(broker -> broker.auth(reasonCode, says(method, data)));
    }

    private void challenge(String data) {
        auth(ReasonCode.CONTINUE_AUTHENTICATION, "M", data);
    }

    private void opened() {
        machine.open(exchange);
        machine.take();
    }

    private void accepted() {
        opened();
        machine.connAck(false, says("M", "proof"));
        machine.authenticated(exchange, null);
        machine.take();
    }

    private MqttException lastCause() {
        List<Disconnected> ends = machine.effects.events(Disconnected.class);
        return ends.get(ends.size() - 1).cause();
    }

    private void assertDisconnectsWith(ReasonCode reasonCode, String why) {
        assertThat(machine.take())
                .filteredOn(line -> !line.startsWith("fail "))
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0)).isEqualTo("> DISCONNECT " + reasonCode))
                .satisfies(lines -> assertThat(lines.get(1)).startsWith("close "));
        assertThat(lastCause())
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        cause -> assertThat(cause.reasonCode()).isEqualTo(reasonCode))
                .hasMessageContaining(why);
    }

    @Test
    void connectBeginsTheExchange() {
        machine.open(exchange);

        Properties connect = machine.effects.sink.connect.properties();
        assertThat(connect.text(Property.AUTHENTICATION_METHOD)).isEqualTo("M");
        assertThat(connect.binary(Property.AUTHENTICATION_DATA)).isEqualTo(bytes("hello"));
    }

    @Test
    void connectWithoutDataNamesTheMethodAlone() {
        machine.open(exchange("M", null));

        Properties connect = machine.effects.sink.connect.properties();
        assertThat(connect.text(Property.AUTHENTICATION_METHOD)).isEqualTo("M");
        assertThat(connect.has(Property.AUTHENTICATION_DATA)).isFalse();
    }

    @Test
    void challengesAreAnsweredUntilBothSidesAccept() {
        opened();

        challenge("1?");
        machine.authenticated(exchange, "1!");
        challenge(null);
        machine.authenticated(exchange, null);
        machine.connAck(false, says("M", "proof"));
        assertThat(machine.session.state()).isEqualTo(ConnectionState.CONNECTING);
        machine.authenticated(exchange, null);

        assertThat(machine.take())
                .containsExactly(
                        "challenge 1?",
                        "> AUTH CONTINUE_AUTHENTICATION M 1!",
                        "challenge ",
                        "> AUTH CONTINUE_AUTHENTICATION M",
                        "confirm proof",
                        "authenticated");
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
        assertThat(machine.session.nextDeadline()).as("no connect timeout").isGreaterThan(machine.now());
    }

    @Test
    void whatFollowsConnAckWaitsUntilTheBrokerIsBelieved() {
        machine.declare("t", 1, "h");
        machine.publish(1, "queued");
        opened();

        machine.receive(broker -> {
            broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, says("M", "proof")));
            broker.publish(Machine.message("first", 0), 0, false);
        });
        machine.deliver("second", 1, 7, false);
        assertThat(machine.take()).containsExactly("confirm proof");
        assertThat(machine.session.isSuspended()).isTrue();

        machine.authenticated(exchange, null);

        assertThat(machine.take())
                .contains("deliver first to h", "deliver second #7 to h")
                .anyMatch(line -> line.startsWith("> SUBSCRIBE"))
                .anyMatch(line -> line.startsWith("> PUBLISH queued"));
        assertThat(machine.session.isSuspended()).isFalse();
    }

    @Test
    void aViolationBehindConnAckIsFoundAfterwards() {
        opened();
        machine.receive(broker -> {
            broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, says("M", null)));
            broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, says("M", null)));
        });
        machine.take();

        machine.authenticated(exchange, null);

        assertThat(machine.take())
                .contains("> DISCONNECT PROTOCOL_ERROR")
                .last()
                .isEqualTo("close CONNACK is not allowed on an accepted connection");
    }

    @Test
    void aBrokerThatIsNotBelievedIsLeft() {
        machine.publish(1, "secret");
        opened();
        machine.connAck(false, says("M", "proof"));
        machine.take();
        RuntimeException why = new IllegalStateException("wrong signature");

        machine.unauthenticated(exchange, why);

        assertDisconnectsWith(
                ReasonCode.UNSPECIFIED_ERROR, "authentication with M failed on this side: wrong signature");
        assertThat(lastCause()).hasCause(why);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void aSessionThatAnUnbelievedBrokerHasMadeIsDoubtfulLater() {
        Machine kept = Machine.offline5(options -> options.versions = List.of(ProtocolVersion.MQTT_5));
        kept.declare("t", 1, "h");
        kept.open(NONE);
        kept.connAck(false);
        kept.subAck(1, 1);
        kept.lose();
        kept.open(exchange);
        kept.connAck(false, says("M", null));
        kept.unauthenticated(exchange, new IllegalStateException("no"));
        kept.open(again);
        kept.take();

        kept.connAck(true, says("M", null));
        kept.authenticated(again, null);

        assertThat(kept.packets()).anyMatch(line -> line.startsWith("SUBSCRIBE"));
    }

    @Test
    void aStepThatFailsEndsTheConnection() {
        opened();
        challenge("?");
        machine.take();

        machine.unauthenticated(exchange, new IllegalStateException("no idea"));

        assertDisconnectsWith(ReasonCode.UNSPECIFIED_ERROR, "no idea");
    }

    @Test
    void anAnswerForAConnectionThatIsGoneIsDropped() {
        opened();
        challenge("?");
        machine.lose();
        machine.open(again);
        machine.take();

        machine.authenticated(exchange, "late");
        machine.unauthenticated(exchange, new IllegalStateException("late"));

        assertThat(machine.take()).isEmpty();
        assertThat(machine.effects.open).isTrue();
    }

    @Test
    void theConnectTimeoutBoundsTheHandshake() {
        opened();
        machine.connAck(false, says("M", null));
        machine.session.readingPaused(true, machine.now());
        machine.take();

        machine.pass(Duration.ofSeconds(30));

        assertThat(machine.take())
                .containsExactly(
                        "close connecting to mqtt://a took longer than 30000 ms: the authentication did not end",
                        "fail authentication ConnectionException");
    }

    @Test
    void aBrokerThatChallengedIsNotSilent() {
        Machine any = Machine.offline5(options -> {});
        for (int i = 0; i < 3; i++) {
            AuthenticationExchange fresh = exchange("M", null);
            any.open(fresh);
            any.receive(broker -> broker.auth(ReasonCode.CONTINUE_AUTHENTICATION, says("M", null)));
            any.lose();
        }
        any.open(exchange);

        assertThat(any.packets()).filteredOn(line -> line.startsWith("CONNECT")).containsOnly("CONNECT 5.0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BAD_AUTHENTICATION_METHOD", "NOT_AUTHORIZED"})
    void aRefusalIsFinal(ReasonCode refusal) {
        opened();
        challenge("?");
        machine.authenticated(exchange, "!");

        machine.connAck(refusal);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(lastCause())
                .isInstanceOfSatisfying(
                        RequestRejectedException.class,
                        cause -> assertThat(cause.reasonCode()).isEqualTo(refusal));
    }

    @Test
    void aRefusalMayComeBeforeTheAnswer() {
        opened();
        challenge("?");

        machine.connAck(ReasonCode.NOT_AUTHORIZED);
        machine.authenticated(exchange, "!");

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(machine.packets()).isEmpty();
    }

    @Test
    void fallbackToVersionsWithoutItIsRefusedWithTheReason() {
        opened();

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(lastCause()).hasMessageContaining("with MQTT 5.0, which authentication needs, was refused");
    }

    private void assertViolates(Consumer<PacketSink> packets, String why) {
        machine.take();
        machine.receive(packets);
        assertDisconnectsWith(ReasonCode.PROTOCOL_ERROR, why);
    }

    @Test
    void authWithoutAMethodInConnectIsAViolation() {
        machine.open(NONE);
        assertViolates(
                broker -> broker.auth(ReasonCode.CONTINUE_AUTHENTICATION, says("M", null)),
                "AUTH is not allowed before CONNACK");
    }

    @Test
    void aMethodInConnAckWithoutOneInConnectIsAViolation() {
        machine.open(NONE);
        assertViolates(
                broker -> broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, says("M", null))), "[MQTT-4.12.0-6]");
    }

    @Test
    void anotherMethodInAuthIsAViolation() {
        opened();
        assertViolates(broker -> broker.auth(ReasonCode.CONTINUE_AUTHENTICATION, says("N", null)), "[MQTT-4.12.0-5]");
    }

    @Test
    void anotherMethodInConnAckIsAViolation() {
        opened();
        assertViolates(
                broker -> broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, says("N", null))), "[MQTT-4.12.0-5]");
    }

    @Test
    void noMethodInConnAckIsAViolation() {
        opened();
        assertViolates(
                broker -> broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, Properties.NONE)),
                "no authentication method after a CONNECT with 'M' [MQTT-4.12.0-5]");
    }

    @Test
    void aChallengeBeforeTheAnswerIsAViolation() {
        opened();
        challenge("1");
        assertViolates(
                broker -> broker.auth(ReasonCode.CONTINUE_AUTHENTICATION, says("M", "2")), "before it was answered");
    }

    @Test
    void acceptingBeforeTheAnswerIsAViolation() {
        opened();
        challenge("1");
        assertViolates(
                broker -> broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, says("M", null))),
                "before it was answered");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUCCESS", "REAUTHENTICATE"})
    void onlyChallengesComeBeforeConnAck(ReasonCode reasonCode) {
        opened();
        assertViolates(broker -> broker.auth(reasonCode, says("M", null)), "AUTH is not allowed before CONNACK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUCCESS", "CONTINUE_AUTHENTICATION", "REAUTHENTICATE"})
    void authOutOfTurnIsAViolation(ReasonCode reasonCode) {
        accepted();
        assertViolates(
                broker -> broker.auth(reasonCode, says("M", null)), "AUTH is not allowed on an accepted connection");
    }

    @Test
    void onlyTheClientBeginsAgain() {
        accepted();
        machine.reauthenticate(again);
        assertViolates(
                broker -> broker.auth(ReasonCode.REAUTHENTICATE, says("M", null)),
                "AUTH is not allowed on an accepted connection");
        assertThat(machine.effects.failures).containsKey(again);
    }

    @Test
    void anotherMethodWhileAuthenticatingAgainIsAViolation() {
        accepted();
        machine.reauthenticate(again);
        assertViolates(broker -> broker.auth(ReasonCode.SUCCESS, says("N", null)), "[MQTT-4.12.0-5]");
    }

    @Test
    void authenticatingAgainLetsMessagesFlow() {
        accepted();

        machine.reauthenticate(again);
        machine.publish(1, "a");
        challenge("?");
        machine.pubAck(1);
        machine.authenticated(again, "!");
        machine.publish(1, "b");
        auth(ReasonCode.SUCCESS, "M", "proof");
        machine.authenticated(again, null);

        assertThat(machine.take())
                .filteredOn(line -> !line.startsWith("log") && !line.startsWith("accepted"))
                .containsExactly(
                        "> AUTH REAUTHENTICATE M again",
                        "> PUBLISH a q1 #1",
                        "challenge ?",
                        "complete a",
                        "> AUTH CONTINUE_AUTHENTICATION M !",
                        "> PUBLISH b q1 #2",
                        "confirm proof",
                        "authenticated");
    }

    @Test
    void authenticatingAgainAndAgainWorks() {
        accepted();
        for (String name : List.of("1", "2")) {
            AuthenticationExchange next = exchange("M", name);
            machine.reauthenticate(next);
            auth(ReasonCode.SUCCESS, "M", null);
            machine.authenticated(next, null);
        }
        assertThat(machine.take()).filteredOn("authenticated"::equals).hasSize(2);
    }

    @Test
    void theBrokersRefusalToAuthenticateAgainIsTheCause() {
        accepted();
        machine.reauthenticate(again);

        machine.disconnect(ReasonCode.NOT_AUTHORIZED, Properties.NONE);

        assertThat(machine.effects.failures.get(again))
                .isSameAs(lastCause())
                .isInstanceOfSatisfying(
                        BrokerDisconnectException.class,
                        cause -> assertThat(cause.reasonCode()).isEqualTo(ReasonCode.NOT_AUTHORIZED));
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void aBrokerThatIsNotBelievedAgainIsLeft() {
        accepted();
        machine.reauthenticate(again);
        auth(ReasonCode.SUCCESS, "M", "proof");
        machine.take();

        machine.unauthenticated(again, new IllegalStateException("wrong"));

        assertDisconnectsWith(ReasonCode.UNSPECIFIED_ERROR, "wrong");
    }

    @Test
    void authenticatingAgainIsBoundedByTheConnectTimeoutToo() {
        accepted();
        machine.reauthenticate(again);
        machine.take();

        machine.pass(Duration.ofSeconds(30));

        assertThat(machine.take())
                .contains(
                        "close authenticating again with mqtt://a took longer than 30000 ms: the authentication did not end");
    }

    @Test
    void closingFailsWhatIsUnderWay() {
        accepted();
        machine.reauthenticate(again);

        machine.close();

        assertThat(machine.effects.failures).containsKey(again);
    }

    @Test
    void answersThatTheBrokerDoesNotTakeAreRefusedHere() {
        opened();
        machine.connAck(false, says("M", null).with(Property.MAXIMUM_PACKET_SIZE, 30));
        machine.authenticated(exchange, null);
        machine.effects.limit(30);
        assertThatThrownBy(() -> machine.reauthenticate(exchange("M", "x".repeat(30))))
                .isInstanceOf(IllegalArgumentException.class);
        machine.reauthenticate(again);
        challenge("?");
        machine.take();

        machine.authenticated(again, "x".repeat(30));

        assertDisconnectsWith(ReasonCode.UNSPECIFIED_ERROR, "the maximum packet size is 30");
    }

    @Test
    void authenticatingAgainNeedsItsTurnAndTheMethodOfConnect() {
        opened();
        assertThatThrownBy(() -> machine.reauthenticate(again)).isInstanceOf(IllegalStateException.class);

        machine.connAck(false, says("M", null));
        machine.authenticated(exchange, null);
        assertThatThrownBy(() -> machine.reauthenticate(exchange("N", null))).isInstanceOf(IllegalStateException.class);

        machine.reauthenticate(again);
        assertThatThrownBy(() -> machine.reauthenticate(exchange("M", "x"))).isInstanceOf(IllegalStateException.class);
    }
}
