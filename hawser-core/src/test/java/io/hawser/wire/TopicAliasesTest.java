package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicAliasesTest {
    private final Collected out = new Collected();
    private final PacketEncoder encoder = new PacketEncoder(MQTT_5, out);
    private int written;

    private static Message to(String topic) {
        return Message.of(TopicName.of(topic), new byte[0]).qos(Qos.AT_MOST_ONCE);
    }

    private String publish(String topic) {
        return publish(to(topic));
    }

    private String publish(Message message) {
        encoder.publish(message, 0, false);
        String all = HexFormat.of().formatHex(out.bytes());
        String last = all.substring(written);
        written = all.length();
        return last;
    }

    @Test
    void aTopicThatComesAgainIsSentByItsAlias() {
        encoder.topicAliasMaximum(10);

        assertThat(publish("a/b/c")).isEqualTo("300b" + "0005612f622f63" + "03230001");
        assertThat(publish("a/b/c")).isEqualTo("3006" + "0000" + "03230001");
        assertThat(publish("a/b/d")).endsWith("03230002");
        assertThat(publish(to("a/b/c").contentType("t"))).isEqualTo("300a" + "0000" + "07230001" + "03000174");
    }

    @Test
    void aTopicAsShortAsAnAliasIsSentAsItIs() {
        encoder.topicAliasMaximum(10);
        publish("abc");

        assertThat(publish("abc")).isEqualTo("3006" + "0003616263" + "00");
        publish("abcd");
        assertThat(publish("abcd")).isEqualTo("3006" + "0000" + "03230001");
    }

    @Test
    void theTopicNotUsedForTheLongestTimeLosesItsAlias() {
        encoder.topicAliasMaximum(2);
        publish("topic/1");
        publish("topic/2");
        publish("topic/1");

        assertThat(publish("topic/3"))
                .as("takes over from topic/2")
                .endsWith("03230002")
                .contains("746f706963");
        assertThat(publish("topic/1")).isEqualTo("3006" + "0000" + "03230001");
        assertThat(publish("topic/2")).as("told anew").endsWith("03230002").contains("746f706963");
    }

    @Test
    void withoutLeaveNoAliasIsSent() {
        assertThat(publish("topic/1")).endsWith("00");
        assertThat(publish("topic/1")).hasSize(2 * (2 + 2 + 7 + 1));
        encoder.topicAliasMaximum(0);
        assertThat(publish("topic/1")).hasSize(2 * (2 + 2 + 7 + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> encoder.topicAliasMaximum(65_536));
        assertThatIllegalArgumentException().isThrownBy(() -> encoder.topicAliasMaximum(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PacketEncoder(MQTT_3_1_1, out).topicAliasMaximum(1))
                .withMessage("topic alias maximum is 1, must be 0 to 0 in MQTT 3.1.1");
    }

    @Test
    void tellingAnAliasDoesNotMakeAPacketTooLarge() {
        encoder.topicAliasMaximum(10);
        encoder.maximumPacketSize((int) PacketEncoder.publishSize(to("topic/1"), MQTT_5) + 2);

        assertThat(publish("topic/1")).isEqualTo("300a" + "0007746f7069632f31" + "00");
        encoder.maximumPacketSize(100);
        assertThat(publish("topic/1")).endsWith("03230001");
    }

    @Test
    void aRefusedPacketLeavesNoAliasBehind() {
        encoder.topicAliasMaximum(10);
        encoder.maximumPacketSize(10);
        assertThatIllegalArgumentException().isThrownBy(() -> publish("topic/1"));
        encoder.maximumPacketSize(100);

        assertThat(publish("topic/2")).endsWith("03230001").contains("746f706963");
        assertThat(publish("topic/1")).endsWith("03230002").contains("746f706963");
    }

    /** Against the plainest map that says the same. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 15, 16, 17, 100, 65_535})
    void aliasesAreThoseOfALeastRecentlyUsedMap(int maximum) {
        SplittableRandom random = new SplittableRandom(maximum);
        TopicAliases aliases = new TopicAliases(maximum);
        Map<String, Integer> model = new LinkedHashMap<>(16, 0.75f, true);
        int most = Math.min(maximum, TopicAliases.MOST);
        for (int i = 0; i < 20_000; i++) {
            String name = "topic/" + random.nextInt(1 + random.nextInt(3 * Math.min(most, 500)));
            TopicName topic = TopicName.of(name);
            Integer expected = model.get(name);
            int found = aliases.find(topic);
            assertThat(found).isEqualTo(expected == null ? 0 : expected);
            if (found == 0) {
                int given = aliases.add(topic);
                if (model.size() < most) {
                    assertThat(given).isEqualTo(model.size() + 1);
                } else {
                    String oldest = model.keySet().iterator().next();
                    assertThat(given).isEqualTo(model.remove(oldest));
                }
                model.put(name, given);
            }
        }
    }

    @Test
    void theDecoderKnowsEachTopicByItsLatestAlias() {
        encoder.topicAliasMaximum(3);
        SplittableRandom random = new SplittableRandom(5);
        PacketLog expected = new PacketLog();
        for (int i = 0; i < 5000; i++) {
            Message message = to("some/topic/" + random.nextInt(5)).qos(Qos.of(random.nextInt(3)));
            int packetId = message.qos() == Qos.AT_MOST_ONCE ? 0 : 1 + i;
            expected.publish(message, packetId, false);
            encoder.publish(message, packetId, false);
        }
        PacketLog log = new PacketLog();
        PacketDecoder decoder = new PacketDecoder(MQTT_5, 1000);
        decoder.topicAliasMaximum(3);
        decoder.decode(ByteBuffer.wrap(out.bytes()), log);

        assertThat(log.lines).isEqualTo(expected.lines);
    }

    private static void decode(PacketDecoder decoder, PacketLog log, String hex) {
        decoder.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))), log);
    }

    @Test
    void everyAliasUpToTheMaximumIsTaken() {
        PacketLog log = new PacketLog();
        PacketDecoder decoder = new PacketDecoder(MQTT_5, 1000);
        decoder.topicAliasMaximum(65_535);
        List<String> expected = new ArrayList<>();
        for (String alias : List.of("ffff", "0001", "00ff", "0100")) {
            decode(decoder, log, "30 07 0001 61 03 23" + alias);
            decode(decoder, log, "30 07 0001 62 03 23" + alias);
            decode(decoder, log, "30 06 0000 03 23" + alias);
            expected.addAll(List.of("PUBLISH 0 a qos=0 []", "PUBLISH 0 b qos=0 []", "PUBLISH 0 b qos=0 []"));
        }

        assertThat(log.lines).isEqualTo(expected);
        assertThatIllegalArgumentException().isThrownBy(() -> decoder.topicAliasMaximum(65_536));
    }

    @Test
    void anAliasIsGoodForLargeMessagesToo() {
        encoder.topicAliasMaximum(1);
        PacketLog expected = new PacketLog();
        for (int i = 0; i < 3; i++) {
            Message message = Message.of("some/topic", new byte[40_000]);
            encoder.publish(message, 1 + i, false);
            expected.publish(message, 1 + i, false);
        }
        PacketLog log = new PacketLog();
        PacketDecoder decoder = new PacketDecoder(MQTT_5, 100_000);
        decoder.topicAliasMaximum(1);
        byte[] bytes = out.bytes();
        for (int at = 0; at < bytes.length; at += 7) {
            decoder.decode(ByteBuffer.wrap(bytes, at, Math.min(7, bytes.length - at)), log);
        }

        assertThat(log.lines).isEqualTo(expected.lines);
    }

    @Test
    void anAliasWithoutLeaveIsRefused() {
        PacketLog log = new PacketLog();
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> decode(new PacketDecoder(MQTT_5, 1000), log, "30 07 0001 61 03 23 0001"))
                .withMessage("PUBLISH, byte 5: topic alias is 1, the topic alias maximum is 0 [MQTT-3.3.2-11]")
                .satisfies(e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.TOPIC_ALIAS_INVALID));
    }
}
