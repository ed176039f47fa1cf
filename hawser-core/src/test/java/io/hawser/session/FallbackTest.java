package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Connecting;
import io.hawser.mqtt.ConnectionEvent.ReconnectScheduled;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.MessageDroppedException.Rule;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.Will;
import io.hawser.wire.Properties;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From MQTT 5.0 to 3.1.1, and what becomes of what only 5.0 can say. */
class FallbackTest {
    private static final Map<String, UnaryOperator<Message>> ATTRIBUTES = new TreeMap<>(Map.of(
            "utf8", message -> message.utf8(true),
            "expiry", message -> message.expiry(Duration.ofSeconds(9)),
            "content type", message -> message.contentType("text/plain"),
            "response topic", message -> message.responseTopic("r"),
            "correlation data", message -> message.correlationData(new byte[] {1}),
            "user property", message -> message.userProperty("k", "v")));
    private static final Map<String, UnaryOperator<Subscription>> OPTIONS = new TreeMap<>(Map.of(
            "no local", subscription -> subscription.noLocal(true),
            "retain as published", subscription -> subscription.retainAsPublished(true),
            "retain handling", subscription -> subscription.retainHandling(RetainHandling.DO_NOT_SEND)));

    private static Machine on311(Consumer<Options> setting) {
        Machine machine = Machine.offline5(setting);
        machine.open();
        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        machine.opened();
        machine.connAck(false);
        machine.take();
        return machine;
    }

    @Test
    void aRefusalOf50IsFollowedBy311AtOnce() {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.take();

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        machine.opened();
        machine.connAck(false);

        assertThat(machine.take())
                .containsExactly(
                        "close CONNECT to mqtt://a with MQTT 5.0 was refused by the broker:"
                                + " UNSUPPORTED_PROTOCOL_VERSION",
                        "open 0 3.1.1",
                        "> CONNECT 3.1.1");
        assertThat(machine.effects.events(Connecting.class))
                .filteredOn(event -> event.refused() != null)
                .containsExactly(new Connecting("mqtt://a", ProtocolVersion.MQTT_3_1_1, 2, ProtocolVersion.MQTT_5));
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void aRefusalInTheWordsOf311IsUnderstood() {
        Machine machine = Machine.offline5(options -> {});
        machine.open();

        machine.receive(new byte[] {0x20, 2, 0, 1});

        assertThat(machine.take()).last().isEqualTo("open 0 3.1.1");
        assertThat(machine.effects.events(Connecting.class))
                .filteredOn(event -> event.refused() != null)
                .containsExactly(new Connecting("mqtt://a", ProtocolVersion.MQTT_3_1_1, 2, ProtocolVersion.MQTT_5));
    }

    @Test
    void twoConnectionsClosedWithoutConnAckAreTakenForARefusal() {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.lose();
        machine.open();
        assertThat(machine.packets()).containsExactly("CONNECT 5.0", "CONNECT 5.0");

        machine.lose();
        machine.opened();

        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1");
        assertThat(machine.effects.events(Connecting.class))
                .filteredOn(event -> event.refused() != null)
                .containsExactly(new Connecting("mqtt://a", ProtocolVersion.MQTT_3_1_1, 3, ProtocolVersion.MQTT_5));
    }

    /** The refusal of 3.x in the frame of 5.0, as Moquette 0.17 sends it; a length that is none; and no CONNACK at all. */
    @ParameterizedTest
    @ValueSource(strings = {"2003000100", "20020106", "20037f0000", "20ffffffff", "485454502f312e31"})
    void whatCannotBeReadInsteadOfConnAckIsTakenForARefusalAtOnce(String bytes) {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        machine.receive(HexFormat.of().parseHex(bytes));
        machine.opened();
        assertThat(machine.packets()).startsWith("CONNECT 5.0").endsWith("CONNECT 3.1.1");

        machine.connAck(false);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @Test
    void whatCannotBeReadInsteadOfConnAckStepsDownFrom311Too() {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.receive(new byte[] {0x20, 1, 0});
        machine.opened();

        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1", "CONNECT 3.1");
    }

    @Test
    void whatCannotBeReadSaysNothingOfTheVersionOnceTheBrokerHasAcceptedIt() {
        Machine machine = Machine.online5();
        machine.lose();
        for (int i = 0; i < 5; i++) {
            machine.open();
            machine.receive(new byte[] {0x20, 0});
        }

        assertThat(machine.packets())
                .filteredOn(packet -> packet.startsWith("CONNECT"))
                .containsOnly("CONNECT 5.0");
    }

    @Test
    void aBrokerOfWhichNothingCanBeReadIsTriedWithTheHighestVersionAgainSlowly() {
        Machine machine = Machine.offline5(options -> {});
        machine.open();
        for (int i = 0; i < 3; i++) {
            machine.receive(new byte[] {0x20, 0});
            if (i < 2) {
                machine.opened();
            }
        }

        List<ReconnectScheduled> waits = machine.effects.events(ReconnectScheduled.class);
        assertThat(waits).hasSize(1);
        assertThat(waits.get(0).delay()).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
        machine.open();
        assertThat(machine.packets())
                .filteredOn(packet -> packet.startsWith("CONNECT"))
                .containsExactly("CONNECT 5.0", "CONNECT 3.1.1", "CONNECT 3.1", "CONNECT 5.0");
    }

    @Test
    void aClosedConnectionSaysNothingOfTheVersionOnceTheBrokerHasAcceptedIt() {
        Machine machine = Machine.online5();
        for (int i = 0; i < 5; i++) {
            machine.lose();
            machine.open();
        }

        assertThat(machine.packets()).hasSize(5).containsOnly("CONNECT 5.0");
    }

    @Test
    void theVersionThatWasFoundIsKept() {
        Machine machine = on311(options -> {});

        machine.lose();
        machine.open();

        assertThat(machine.packets()).containsExactly("CONNECT 3.1.1");
    }

    @Test
    void aPinned50ThatIsRefusedClosesTheClient() {
        Machine machine = Machine.offline(options -> options.versions = List.of(ProtocolVersion.MQTT_5));
        machine.open();

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.CLOSED);
    }

    static Stream<String> attributes() {
        return ATTRIBUTES.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void attributesAreRefusedWhereTheyCannotBeSaid(String attribute) {
        Machine machine = on311(options -> {});

        PublishRequest request = machine.publish(ATTRIBUTES.get(attribute).apply(Machine.message("m", 1)));

        assertThat(machine.take())
                .containsExactly("log accepted m", "accepted m", "log settled m", "fail m NEEDS_MQTT_5");
        assertThat(machine.effects.failures.get(request))
                .isInstanceOfSatisfying(
                        MessageDroppedException.class,
                        cause -> assertThat(cause.rule()).isEqualTo(Rule.NEEDS_MQTT_5))
                .hasMessageContaining("3.1.1")
                .hasMessageContaining("dropMqtt5Attributes");
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void lenientClientsLeaveAttributesOut(String attribute) {
        Machine machine = on311(options -> options.dropMqtt5Attributes = true);

        machine.publish(ATTRIBUTES.get(attribute).apply(Machine.message("m", 1)));

        assertThat(machine.packets()).containsExactly("PUBLISH m q1 #1");
        assertThat(machine.effects.sink.published).isEqualTo(Machine.message("m", 1));
    }

    @ParameterizedTest
    @MethodSource("attributes")
    void attributesGoOutWhereTheyCanBeSaid(String attribute) {
        Machine machine = Machine.online5();
        Message message = ATTRIBUTES.get(attribute).apply(Machine.message("m", 1));

        machine.publish(message);

        assertThat(machine.effects.sink.published).isEqualTo(message);
    }

    @Test
    void attributesThatSayNothingAreNotRefused() {
        Machine machine = on311(options -> {});

        machine.publish(Machine.message("a", 1).utf8(false));
        machine.publish(Machine.message("b", 1).userProperties(List.of()));
        machine.publish(Machine.message("c", 1).subscriptionIdentifiers(List.of(1)));

        assertThat(machine.packets()).containsExactly("PUBLISH a q1 #1", "PUBLISH b q1 #2", "PUBLISH c q1 #3");
    }

    @Test
    void whatWasSentWith50AndCannotBeSaidAgainIsRefusedRatherThanCutDown() {
        Machine machine = Machine.online5();
        PublishRequest request = machine.publish(Machine.message("m", 1).responseTopic("r"));
        machine.publish(1, "n");
        machine.lose();
        machine.open();
        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        machine.opened();
        machine.take();

        machine.connAck(true);

        assertThat(machine.packets()).containsExactly("PUBLISH n q1 #2 dup");
        assertThat(machine.effects.failures).containsKey(request);
    }

    static Stream<String> options() {
        return OPTIONS.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("options")
    void subscriptionOptionsAreRefusedWhereTheyCannotBeSaid(String option) {
        Machine machine = on311(options -> {});

        machine.subscribe(OPTIONS.get(option).apply(Subscription.to("a")));

        assertThat(machine.take()).containsExactly("log unsubscribed a", "fail a UNSUPPORTED_PROTOCOL_VERSION");
    }

    @ParameterizedTest
    @MethodSource("options")
    void lenientClientsLeaveSubscriptionOptionsOut(String option) {
        Machine machine = on311(options -> options.dropMqtt5Attributes = true);

        machine.subscribe(OPTIONS.get(option).apply(Subscription.to("a").qos(Qos.AT_LEAST_ONCE)));

        assertThat(machine.effects.sink.subscribed.subscriptions())
                .containsExactly(Subscription.to("a").qos(Qos.AT_LEAST_ONCE));
    }

    @Test
    void subscriptionIdentifiersAreHintsAndLeftOut() {
        Machine machine = on311(options -> {});

        machine.subscribe(Subscription.to("a").identifier(3));

        assertThat(machine.effects.sink.subscribed.subscriptions()).containsExactly(Subscription.to("a"));
    }

    @Test
    void willsLoseWhatCannotBeSaid() {
        Message message = Message.of("gone", "w").qos(Qos.AT_LEAST_ONCE).retain(true);
        Will will = Will.of(message.contentType("text/plain").userProperty("k", "v"))
                .delay(Duration.ofSeconds(5));
        Machine machine = Machine.offline5(options -> {});
        machine.session.connect(machine.now());
        machine.effects.opened();
        machine.session.opened(will, null, null, machine.now());
        assertThat(machine.effects.sink.connect.will()).isEqualTo(will);

        machine.connAck(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION);
        machine.effects.opened();
        machine.session.opened(will, null, null, machine.now());

        assertThat(machine.effects.sink.connect.will()).isEqualTo(Will.of(message));
        assertThat(machine.effects.sink.connect.properties()).isEqualTo(Properties.NONE);
    }
}
