package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacketDecoderTest {
    private final PacketLog log = new PacketLog();

    private static ByteBuffer hex(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private List<String> decode(ProtocolVersion version, String hex) {
        log.lines.clear();
        new PacketDecoder(version, 1000).decode(hex(hex), log);
        return log.lines;
    }

    @Test
    void mqtt31IsLenientWhereItsTextIs() {
        assertThat(decode(MQTT_3_1, "20 02 ff 00")).containsExactly("CONNACK present=false SUCCESS");
        assertThat(decode(MQTT_3_1, "38 03 0001 61")).containsExactly("PUBLISH 0 a qos=0 []");
        assertThat(decode(MQTT_3_1, "6a 02 0001")).containsExactly("PUBREL 1 SUCCESS dup");
        String connect = "0006 4d5149736470 03 %s 0001 0001 63";
        assertThat(decode(MQTT_3_1, "10 0f" + connect.formatted("03"))).hasSize(1);
        assertThat(decode(MQTT_3_1, "10 0f" + connect.formatted("3a")))
                .as("will bits without a will are disregarded")
                .containsExactly("CONNECT 3.1 id='c' clean=true keepAlive=1");
        assertThat(decode(MQTT_3_1, "10 0f" + connect.formatted("c2")))
                .as("announced user name and password may be missing")
                .containsExactly("CONNECT 3.1 id='c' clean=true keepAlive=1");
        assertThat(decode(MQTT_3_1, "10 12" + connect.formatted("c2") + "0001 75"))
                .containsExactly("CONNECT 3.1 id='c' clean=true keepAlive=1 user='u'");
    }

    @Test
    void serverLearnsTheVersionFromConnect() {
        PacketDecoder decoder = PacketDecoder.server(1000);
        decoder.decode(hex("10 0f 0006 4d5149736470 03 02 003c 0001 63 6a 02 0001"), log);

        assertThat(log.lines).containsExactly("CONNECT 3.1 id='c' clean=true keepAlive=60", "PUBREL 1 SUCCESS dup");
        log.lines.clear();
        PacketDecoder other = PacketDecoder.server(1000);
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> other.decode(hex("10 0d 0004 4d515454 04 02 003c 0001 63 6a 02 0001"), log))
                .withMessageStartingWith("PUBREL, byte 0: has the flags 1010");
        assertThat(log.lines).containsExactly("CONNECT 3.1.1 id='c' clean=true keepAlive=60");
    }

    @Test
    void serverWantsConnectFirst() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> PacketDecoder.server(1000).decode(hex("c0"), log))
                .withMessage("PINGREQ, byte 0: comes before CONNECT, which must be first [MQTT-3.1.0-1]")
                .satisfies(e -> assertThat(e.reasonCode()).isEqualTo(ReasonCode.PROTOCOL_ERROR));
    }

    @Test
    void stopFromWithinTheSinkEndsDecoding() {
        PacketDecoder decoder = new PacketDecoder(MQTT_3_1_1, 1000);
        List<String> called = new ArrayList<>();
        PacketSink stopping = (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> {
                    called.add(method.getName());
                    if (called.size() == 2) {
                        decoder.stop();
                    }
                    return null;
                });
        ByteBuffer chunk = hex("d000 d000 d000 ff");
        decoder.decode(chunk, stopping);
        decoder.decode(hex("d000"), stopping);

        assertThat(called).hasSize(2);
        assertThat(chunk.hasRemaining()).isFalse();
    }

    @Test
    void memoryFollowsWhatHasArrivedAndNotWhatWasAnnounced() {
        PacketDecoder decoder = new PacketDecoder(MQTT_3_1_1, 268_435_460);
        decoder.decode(hex("30 ffffff7f 0001 61"), log);
        assertThat(decoder.reserved()).isLessThan(100);
        byte[] chunk = new byte[1000];
        for (int received = 1000; received <= 1_000_000; received += 1000) {
            decoder.decode(ByteBuffer.wrap(chunk), log);
            assertThat(decoder.reserved()).isLessThanOrEqualTo(2 * received + 100);
        }
        assertThat(log.lines).isEmpty();
        decoder.stop();
        assertThat(decoder.reserved()).isZero();
    }

    @Test
    void afterLargePayloadAsMuchIsReservedForTheNextAtOnce() {
        PacketDecoder decoder = new PacketDecoder(MQTT_3_1_1, 268_435_460);
        byte[] payload = new byte[100_000];
        ByteBuffer header = hex("30 a38d06 0001 61");
        decoder.decode(header.duplicate(), log);
        for (int sent = 0; sent < payload.length; sent += 1000) {
            decoder.decode(ByteBuffer.wrap(payload, sent, 1000), log);
        }
        assertThat(log.lines).hasSize(1);

        decoder.decode(header.duplicate(), log);
        decoder.decode(ByteBuffer.wrap(payload, 0, 1), log);
        assertThat(decoder.reserved()).isBetween(100_000, 100_100);
        decoder.decode(ByteBuffer.wrap(payload, 1, 99_999), log);
        assertThat(log.lines).hasSize(2);

        decoder.decode(hex("30 ffffff7f 0001 61 00"), log);
        assertThat(decoder.reserved()).isBetween(100_000, 100_100);
    }

    @Test
    void packetsOutsideOfTheHeapAreTheSame() {
        PacketDecoder decoder = new PacketDecoder(MQTT_3_1_1, 2000);
        ByteBuffer direct = ByteBuffer.allocateDirect(50_000);
        while (direct.remaining() > 1003) {
            direct.put(hex("30 e607 0001 61")).position(direct.position() + 995);
        }
        direct.flip();
        ByteBuffer heap =
                ByteBuffer.allocate(direct.limit()).put(direct.duplicate()).flip();
        decoder.decode(direct, log);
        List<String> lines = List.copyOf(log.lines);
        log.lines.clear();
        decoder.decode(heap, log);

        assertThat(direct.hasRemaining()).isFalse();
        assertThat(lines).hasSize(49).containsExactlyElementsOf(log.lines);
    }

    @Test
    void theBytesOfTheChunkAreNotKept() {
        List<Message> messages = new ArrayList<>();
        byte[] bytes = HexFormat.of().parseHex("3004000161783006000161" + "787878");
        PacketSink sink = (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> {
                    messages.add((Message) args[0]);
                    return null;
                });
        new PacketDecoder(MQTT_3_1_1, 1000).decode(ByteBuffer.wrap(bytes), sink);
        java.util.Arrays.fill(bytes, (byte) 0);

        assertThat(messages).extracting(Message::text).containsExactly("x", "xxx");
        assertThat(messages).extracting(Message::topic).containsOnly("a");
        assertThat(messages.get(0).topicName()).isSameAs(messages.get(1).topicName());
    }

    @Test
    void thousandsOfTopicsAreToldApart() {
        Collected out = new Collected();
        PacketEncoder encoder = new PacketEncoder(MQTT_3_1_1, out);
        List<String> expected = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 3000; i++) {
                String topic = "meters/" + i + "/temperature";
                expected.add(topic);
                encoder.publish(Message.of(topic, new byte[0]), 1, false);
            }
        }
        List<String> topics = new ArrayList<>();
        PacketSink sink = (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> {
                    topics.add(((Message) args[0]).topic());
                    return null;
                });
        new PacketDecoder(MQTT_3_1_1, 1000).decode(ByteBuffer.wrap(out.bytes()), sink);

        assertThat(topics).isEqualTo(expected);
    }

    @Test
    void maximumPacketSizeCountsTheFixedHeader() {
        new PacketDecoder(MQTT_3_1_1, 8).decode(hex("32 06 0001 61 0001 78"), log);
        assertThat(log.lines).hasSize(1);
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> new PacketDecoder(MQTT_3_1_1, 7).decode(hex("32 06"), log))
                .withMessage("PUBLISH, byte 1: packet has 8 bytes, the maximum packet size is 7");
        assertThatIllegalArgumentException().isThrownBy(() -> new PacketDecoder(MQTT_3_1_1, 1));
    }
}
