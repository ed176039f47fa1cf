package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1_1;
import static io.hawser.wire.Properties.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketEncoderTest {
    private final Collected out = new Collected();

    static Stream<Arguments> refusals() {
        Message qos0 = Message.of("a", "x").qos(Qos.AT_MOST_ONCE);
        Message qos1 = Message.of("a", "x");
        List<Subscription> none = List.of();
        List<Subscription> some = List.of(Subscription.to("a"));
        List<TopicFilter> filters = List.of(TopicFilter.of("a"));
        return Stream.of(
                refusal("PUBLISH has packet identifier 0", MQTT_3_1_1, s -> s.publish(qos1, 0, false)),
                refusal("PUBLISH has packet identifier 65536", MQTT_3_1_1, s -> s.publish(qos1, 65_536, false)),
                refusal(
                        "PUBLISH at QoS 0 has packet identifier 1, must have none",
                        MQTT_3_1_1,
                        s -> s.publish(qos0, 1, false)),
                refusal("PUBLISH at QoS 0 has DUP set [MQTT-3.3.1-2]", MQTT_3_1_1, s -> s.publish(qos0, 0, true)),
                refusal("PUBACK has packet identifier 0", MQTT_3_1_1, s -> s.pubAck(0, ReasonCode.SUCCESS, NONE)),
                refusal("PUBREC has packet identifier -1", MQTT_3_1_1, s -> s.pubRec(-1, ReasonCode.SUCCESS, NONE)),
                refusal(
                        "PUBREL has packet identifier 0",
                        MQTT_3_1_1,
                        s -> s.pubRel(0, ReasonCode.SUCCESS, NONE, false)),
                refusal("PUBCOMP has packet identifier 0", MQTT_3_1_1, s -> s.pubComp(0, ReasonCode.SUCCESS, NONE)),
                refusal(
                        "PUBACK has reason code NOT_AUTHORIZED, for which MQTT 3.1.1 has no room",
                        MQTT_3_1_1,
                        s -> s.pubAck(1, ReasonCode.NOT_AUTHORIZED, NONE)),
                refusal(
                        "SUBSCRIBE has packet identifier 0",
                        MQTT_3_1,
                        s -> s.subscribe(new Subscribe(0, some, NONE, false))),
                refusal(
                        "SUBSCRIBE has no topic filter",
                        MQTT_3_1_1,
                        s -> s.subscribe(new Subscribe(1, none, NONE, false))),
                refusal(
                        "SUBACK has packet identifier 0",
                        MQTT_3_1,
                        s -> s.subAck(new SubAck(0, List.of(ReasonCode.SUCCESS), NONE))),
                refusal("SUBACK has no return code", MQTT_3_1_1, s -> s.subAck(new SubAck(1, List.of(), NONE))),
                refusal(
                        "SUBACK refuses a filter with UNSPECIFIED_ERROR, which MQTT 3.1 cannot say",
                        MQTT_3_1,
                        s -> s.subAck(new SubAck(1, List.of(ReasonCode.UNSPECIFIED_ERROR), NONE))),
                refusal(
                        "UNSUBSCRIBE has packet identifier 0",
                        MQTT_3_1,
                        s -> s.unsubscribe(new Unsubscribe(0, filters, NONE, false))),
                refusal(
                        "UNSUBSCRIBE has no topic filter",
                        MQTT_3_1,
                        s -> s.unsubscribe(new Unsubscribe(1, List.of(), NONE, false))),
                refusal(
                        "UNSUBACK has packet identifier 0",
                        MQTT_3_1_1,
                        s -> s.unsubAck(new UnsubAck(0, List.of(), NONE))),
                refusal(
                        "CONNACK refuses with a session present",
                        MQTT_3_1_1,
                        s -> s.connAck(new ConnAck(true, ReasonCode.NOT_AUTHORIZED, NONE))),
                refusal(
                        "CONNACK has a session present, for which MQTT 3.1 has no room",
                        MQTT_3_1,
                        s -> s.connAck(new ConnAck(true, ReasonCode.SUCCESS, NONE))),
                refusal(
                        "CONNECT is for MQTT 3.1, this connection speaks 3.1.1",
                        MQTT_3_1_1,
                        s -> s.connect(new Connect(MQTT_3_1, "c", true, 0, null, null, NONE))),
                refusal(
                        "CONNECT has a keep alive of 65536 seconds",
                        MQTT_3_1_1,
                        s -> s.connect(new Connect(MQTT_3_1_1, "c", true, 65_536, null, null, NONE))),
                refusal(
                        "client identifier has 65536 bytes in UTF-8",
                        MQTT_3_1_1,
                        s -> s.connect(new Connect(MQTT_3_1_1, "c".repeat(65_536), true, 0, null, null, NONE))),
                refusal(
                        "client identifier has U+0000",
                        MQTT_3_1_1,
                        s -> s.connect(new Connect(MQTT_3_1_1, "\0", true, 0, null, null, NONE))),
                refusal(
                        "DISCONNECT has reason code PROTOCOL_ERROR",
                        MQTT_3_1_1,
                        s -> s.disconnect(ReasonCode.PROTOCOL_ERROR, NONE)));
    }

    private static Arguments refusal(String words, ProtocolVersion version, Consumer<PacketSink> packet) {
        return Arguments.of(words, version, packet);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("refusals")
    void refusesBeforeAnythingIsWritten(String words, ProtocolVersion version, Consumer<PacketSink> packet) {
        PacketEncoder encoder = new PacketEncoder(version, out);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> packet.accept(encoder))
                .withMessageContaining(words);
        assertThat(out.rooms).isZero();
        assertThat(out.bytes()).isEmpty();
    }

    @Test
    void refusesMoreThanTheRemainingLengthCanSay() {
        // The largest payload, beside a topic that is 5 bytes longer than the shortest.
        byte[] payload = new byte[Message.MAXIMUM_PAYLOAD];
        Message message = Message.of(TopicName.of("topics"), payload, Qos.AT_LEAST_ONCE, false);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PacketEncoder(MQTT_3_1_1, out).publish(message, 1, false))
                .withMessage("PUBLISH has a remaining length of 268435460 bytes, must have at most 268435455");
        assertThat(out.rooms).isZero();
    }

    @Test
    void refusesMoreThanTheMaximumPacketSize() {
        PacketEncoder encoder = new PacketEncoder(MQTT_3_1_1, out);
        encoder.maximumPacketSize(8);
        encoder.publish(Message.of("a", "x"), 1, false);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.publish(Message.of("a", "xy"), 2, false))
                .withMessage("PUBLISH has 9 bytes, the maximum packet size is 8");
        assertThatIllegalArgumentException().isThrownBy(() -> encoder.maximumPacketSize(0));
        assertThat(out.bytes()).hasSize(8);
    }

    @Test
    void duplicateRequestsHaveNoMarkIn311() {
        PacketEncoder encoder = new PacketEncoder(MQTT_3_1_1, out);
        encoder.pubRel(1, ReasonCode.SUCCESS, NONE, true);
        encoder.subscribe(new Subscribe(2, List.of(Subscription.to("a")), NONE, true));
        encoder.unsubscribe(new Unsubscribe(3, List.of(TopicFilter.of("a")), NONE, true));

        assertThat(out.bytes()).startsWith(0x62, 2, 0, 1, 0x82).contains(0xa2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 16_383, 16_384, 100_000, 2_097_152})
    void largePayloadsGoByReferenceAndTheSizeIsKnownBefore(int size) {
        Message message = Message.of("a/b", new byte[size]);
        new PacketEncoder(MQTT_3_1, out).publish(message, 7, false);

        assertThat(out.appended).isEqualTo(size >= PacketEncoder.BY_REFERENCE ? size : 0);
        assertThat(PacketEncoder.publishSize(message, MQTT_3_1)).isEqualTo(out.bytes().length);
    }
}
