package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every packet where it has no business closes the connection, with a text that says so [MQTT-4.8.0-1]. */
class ViolationTest {
    private static final Map<String, Consumer<PacketSink>> PACKETS = new LinkedHashMap<>();

    static {
        PACKETS.put(
                "CONNECT",
                broker -> broker.connect(
                        new Connect(ProtocolVersion.MQTT_3_1_1, "c", true, 0, null, null, Properties.NONE)));
        PACKETS.put("CONNACK", broker -> broker.connAck(new ConnAck(false, ReasonCode.SUCCESS, Properties.NONE)));
        PACKETS.put("PUBLISH", broker -> broker.publish(Machine.message("m", 0), 0, false));
        PACKETS.put("PUBACK", broker -> broker.pubAck(1, ReasonCode.SUCCESS, Properties.NONE));
        PACKETS.put("PUBREC", broker -> broker.pubRec(1, ReasonCode.SUCCESS, Properties.NONE));
        PACKETS.put("PUBREL", broker -> broker.pubRel(1, ReasonCode.SUCCESS, Properties.NONE, false));
        PACKETS.put("PUBCOMP", broker -> broker.pubComp(1, ReasonCode.SUCCESS, Properties.NONE));
        PACKETS.put(
                "SUBSCRIBE",
                broker -> broker.subscribe(
                        new Subscribe(1, List.of(Subscription.to("a").qos(Qos.AT_MOST_ONCE)), Properties.NONE, false)));
        PACKETS.put("SUBACK", broker -> broker.subAck(new SubAck(1, List.of(ReasonCode.SUCCESS), Properties.NONE)));
        PACKETS.put(
                "UNSUBSCRIBE",
                broker -> broker.unsubscribe(new Unsubscribe(1, List.of(TopicFilter.of("a")), Properties.NONE, false)));
        PACKETS.put("UNSUBACK", broker -> broker.unsubAck(new UnsubAck(1, List.of(), Properties.NONE)));
        PACKETS.put("PINGREQ", PacketSink::pingReq);
        PACKETS.put("PINGRESP", PacketSink::pingResp);
        PACKETS.put("DISCONNECT", broker -> broker.disconnect(ReasonCode.SUCCESS, Properties.NONE));
    }

    static Stream<Arguments> packets() {
        return PACKETS.entrySet().stream().map(entry -> arguments(entry.getKey(), entry.getValue()));
    }

    static Stream<Arguments> packetsBeforeConnAck() {
        return packets().filter(arguments -> !arguments.get()[0].equals("CONNACK"));
    }

    static Stream<Arguments> packetsOfClients() {
        Set<String> clients = Set.of("CONNECT", "CONNACK", "SUBSCRIBE", "UNSUBSCRIBE", "PINGREQ");
        return packets().filter(arguments -> clients.contains((String) arguments.get()[0]));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packetsBeforeConnAck")
    void onlyConnAckMayComeFirst(String name, Consumer<PacketSink> packet) {
        Machine machine = Machine.offline(options -> {});
        machine.open();
        machine.take();

        machine.receive(packet);

        assertClosed(machine, name + " is not allowed before CONNACK");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packetsOfClients")
    void aBrokerMaySendOnlyWhatIsABrokers(String name, Consumer<PacketSink> packet) {
        Machine machine = Machine.online();

        machine.receive(packet);

        assertClosed(machine, name + " is not allowed on an accepted connection");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("packets")
    void withoutAConnectionNothingIsHeard(String name, Consumer<PacketSink> packet) {
        Machine machine = Machine.online();
        machine.lose();
        machine.effects.takeAll();

        machine.receive(packet, ProtocolVersion.MQTT_3_1_1);

        assertThat(machine.effects.takeAll()).isEmpty();
    }

    @Test
    void aDisconnectOfABrokerBefore5EndsTheConnectionInWords() {
        Machine machine = Machine.online();

        machine.receive(PACKETS.get("DISCONNECT"));

        assertThat(machine.take())
                .containsExactly(
                        "close the broker disconnected: SUCCESS, which is no packet of a broker in MQTT 3.1.1");
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @Test
    void malformedBytesCloseTheConnection() {
        Machine machine = Machine.online();

        machine.receive(new byte[] {(byte) 0xF0, 0});

        assertClosed(machine, "packet type 15, byte 0: is reserved (MQTT 3.1.1, section 2.2.1)");
    }

    @Test
    void aPacketAboveTheLimitClosesTheConnection() {
        Machine machine = Machine.online();

        machine.receive(new byte[] {(byte) 0x90, (byte) 0xC0, (byte) 0x84, 0x3D});

        assertClosed(machine, "SUBACK, byte 1: packet has 1000004 bytes, the maximum packet size is 1000000");
    }

    @Test
    void packetsBeforeTheViolationCount() {
        Machine machine = Machine.online();
        machine.publish(1, "m");
        machine.take();

        machine.receive(new byte[] {0x40, 2, 0, 1, 0, 0});

        assertThat(machine.take())
                .containsExactly(
                        "log settled m",
                        "complete m",
                        "close packet type 0, byte 0: is reserved (MQTT 3.1.1, section 2.2.1)");
    }

    private static void assertClosed(Machine machine, String why) {
        assertThat(machine.take()).containsExactly("close " + why);
        assertThat(machine.effects.events(Disconnected.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause())
                        .isInstanceOf(ProtocolException.class)
                        .hasMessage(why));
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }
}
