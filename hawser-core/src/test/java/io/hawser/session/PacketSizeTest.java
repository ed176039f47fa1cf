package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.Disconnected;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Disconnect;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.wire.Outlet;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unsubscribe;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every maximum packet size that a broker may say, from 1 byte to 64, against every packet that a client sends. */
class PacketSizeTest {
    static IntStream usable() {
        return IntStream.rangeClosed(4, 64);
    }

    private static Machine granted(int maximum) {
        Machine machine = Machine.offline5(options -> {
            options.keepAliveSeconds = 10;
            options.defaultHandler = "h";
        });
        machine.open();
        machine.connAck(false, Properties.NONE.with(Property.MAXIMUM_PACKET_SIZE, maximum));
        machine.effects.limit(maximum);
        machine.take();
        return machine;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aMaximumBelowEveryAcknowledgementIsABrokenBrokerThatIsTriedAgainLater(int maximum) {
        Machine machine = granted(maximum);

        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
        assertThat(machine.effects.events(Disconnected.class))
                .singleElement()
                .satisfies(event -> assertThat(event.cause())
                        .isInstanceOf(ProtocolException.class)
                        .hasMessage("CONNACK has a maximum packet size of " + maximum
                                + " bytes, every acknowledgement has 4"));
        machine.connect(false);
        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
    }

    @ParameterizedTest
    @MethodSource("usable")
    void everyAnswerFindsAFormThatFits(int maximum) {
        Machine machine = granted(maximum);

        machine.deliver("a", 1, 1, false);
        machine.deliver("b", 2, 2, false);
        machine.deliver("c", 1, 3, false);
        machine.acknowledge("a");
        machine.acknowledge("b");
        machine.refuse("c");
        machine.pubRel(2);
        machine.pubRel(9);
        machine.receive(HexFormat.of().parseHex("320600012b000400"));
        machine.pubRec(8);
        machine.pass(Duration.ofSeconds(10));

        assertThat(machine.session.state()).isEqualTo(ConnectionState.READY);
        assertThat(machine.packets())
                .containsExactly(
                        "PUBACK #1",
                        "PUBREC #2",
                        "PUBACK #3 UNSPECIFIED_ERROR",
                        "PUBCOMP #2",
                        "PUBCOMP #9 PACKET_IDENTIFIER_NOT_FOUND",
                        "PUBACK #4 IMPLEMENTATION_SPECIFIC_ERROR",
                        "PUBREL #8 PACKET_IDENTIFIER_NOT_FOUND",
                        "PINGREQ");
        machine.session.close(Disconnect.normal().sessionExpiry(Duration.ofSeconds(7)), machine.now());
        assertThat(machine.packets()).containsExactly("DISCONNECT expiry 7");
    }

    @ParameterizedTest
    @MethodSource("usable")
    void aViolationIsAnsweredInAFormThatFits(int maximum) {
        Machine machine = granted(maximum);

        machine.receive(new byte[] {0, 0});

        assertThat(machine.packets()).containsExactly("DISCONNECT MALFORMED_PACKET");
        assertThat(machine.session.state()).isEqualTo(ConnectionState.WAITING);
    }

    @ParameterizedTest
    @MethodSource("usable")
    void noAnswerIsLargerThanTheMaximum(int maximum) {
        Properties words =
                Properties.NONE.with(Property.REASON_STRING, "because").with(List.of(new UserProperty("k", "v")));
        for (Properties properties : List.of(Properties.NONE, words)) {
            for (Consumer<PacketSink> packet : List.<Consumer<PacketSink>>of(
                    to -> to.pubAck(1, ReasonCode.UNSPECIFIED_ERROR, properties),
                    to -> to.pubRec(1, ReasonCode.UNSPECIFIED_ERROR, properties),
                    to -> to.pubRel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, properties, false),
                    to -> to.pubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, properties),
                    to -> to.disconnect(ReasonCode.PROTOCOL_ERROR, properties),
                    to -> to.disconnect(ReasonCode.SUCCESS, properties.with(Property.SESSION_EXPIRY_INTERVAL, 7)),
                    PacketSink::pingReq)) {
                assertThat(size(packet, maximum)).isBetween(2, maximum);
            }
        }
        assertThat(size(to -> to.disconnect(ReasonCode.PROTOCOL_ERROR, words), 3))
                .isEqualTo(3);
        assertThat(size(to -> to.pubAck(1, ReasonCode.UNSPECIFIED_ERROR, words), 5))
                .isEqualTo(5);
    }

    private static int size(Consumer<PacketSink> packet) {
        return size(packet, 1000);
    }

    private static int size(Consumer<PacketSink> packet, int maximum) {
        ByteBuffer out = ByteBuffer.allocate(1000);
        PacketEncoder encoder = new PacketEncoder(ProtocolVersion.MQTT_5, new Outlet() {
            @Override
            public ByteBuffer room(int size) {
                return out;
            }

            @Override
            public void append(ByteBuffer bytes) {
                out.put(bytes);
            }
        });
        encoder.maximumPacketSize(maximum);
        packet.accept(encoder);
        return out.position();
    }

    @ParameterizedTest
    @MethodSource("usable")
    void aRequestIsRefusedExactlyIfItDoesNotFit(int maximum) {
        for (int length = 1; length <= maximum; length++) {
            String filter = "f".repeat(length);
            for (int identifier : new int[] {0, 1, 127, 128, 20_000}) {
                Subscription subscription = Subscription.to(filter).identifier(identifier);
                boolean fits = maximum
                        >= size(to -> to.subscribe(new Subscribe(1, List.of(subscription), Properties.NONE, false)));
                Machine machine = granted(maximum);
                SubscriptionRequest request = machine.subscribe(subscription);
                assertThat(machine.effects.isSettled(request)).isEqualTo(!fits);
                assertThat(machine.packets()).hasSize(fits ? 1 : 0);
            }
            boolean fits = maximum
                    >= size(to -> to.unsubscribe(
                            new Unsubscribe(1, List.of(TopicFilter.of(filter)), Properties.NONE, false)));
            Machine machine = granted(maximum);
            SubscriptionRequest request = machine.unsubscribe(filter);
            assertThat(machine.effects.isSettled(request)).isEqualTo(!fits);
        }
    }

    @ParameterizedTest
    @MethodSource("usable")
    void aMessageIsRefusedExactlyIfItDoesNotFit(int maximum) {
        for (int length = 0; length <= maximum; length++) {
            for (Qos qos : Qos.values()) {
                Message plain = Message.of(TopicName.of("t"), new byte[length], qos, false);
                for (Message message : List.of(
                        plain,
                        plain.utf8(true),
                        plain.userProperties(List.of(new UserProperty("k", "v"))),
                        plain.subscriptionIdentifiers(List.of(7, 8, 9)))) {
                    Message sent = message.subscriptionIdentifiers(List.of());
                    boolean fits = maximum >= size(to -> to.publish(sent, qos == Qos.AT_MOST_ONCE ? 0 : 1, false));
                    Machine machine = granted(maximum);
                    PublishRequest request = machine.publish(message);
                    assertThat(machine.effects.failures.containsKey(request)).isEqualTo(!fits);
                    assertThat(machine.packets()).hasSize(fits ? 1 : 0);
                }
            }
        }
    }

    @Test
    void oneFilterIsNotTooLargeWhereItJustFits() {
        Machine machine = granted(20);

        machine.subscribe("abcdefghijkl", 0, "h");

        assertThat(machine.packets()).containsExactly("SUBSCRIBE #1 abcdefghijkl:0");
        assertThat(ReasonCode.PACKET_TOO_LARGE.isError()).isTrue();
    }
}
