package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.UserProperty;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the decoder does about MQTT 5.0 beside reading the rows of {@link CodecTable5}. */
class PacketDecoder5Test {
    private final PacketLog log = new PacketLog();

    private static ByteBuffer hex(String hex) {
        return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private List<String> decode(String hex) {
        log.lines.clear();
        PacketDecoder decoder = new PacketDecoder(MQTT_5, 1000);
        decoder.decode(hex(hex), log);
        return log.lines;
    }

    @Test
    void longFormsMeanTheSameAsShortOnes() {
        assertThat(decode("40 03 0001 00")).containsExactly("PUBACK 1 SUCCESS");
        assertThat(decode("50 04 0001 00 00")).containsExactly("PUBREC 1 SUCCESS");
        assertThat(decode("62 04 0001 92 00")).containsExactly("PUBREL 1 PACKET_IDENTIFIER_NOT_FOUND");
        assertThat(decode("70 03 0001 00")).containsExactly("PUBCOMP 1 SUCCESS");
        assertThat(decode("e0 01 00")).containsExactly("DISCONNECT SUCCESS");
        assertThat(decode("e0 02 04 00")).containsExactly("DISCONNECT DISCONNECT_WITH_WILL_MESSAGE");
    }

    @Test
    void propertiesComeInAnyOrder() {
        assertThat(decode("30 0f 0001 61 0b 03 0001 74 01 01 26 0000 0000"))
                .containsExactly("PUBLISH 0 a qos=0 [] utf8 contentType='t' ''=''");
        assertThat(decode("20 0e 00 00 0b 1f 0001 77 11 00000001 24 00"))
                .containsExactly(
                        "CONNACK present=false SUCCESS SESSION_EXPIRY_INTERVAL='1' REASON_STRING='w' MAXIMUM_QOS='0'");
    }

    @Test
    void aPayloadFormatOfBytesIsTheDefault() {
        assertThat(decode("30 06 0001 61 02 01 00")).containsExactly("PUBLISH 0 a qos=0 []");
    }

    @Test
    void brokersOf3MayRefuse5TheirWay() {
        assertThat(decode("20 02 00 01")).containsExactly("CONNACK present=false UNSUPPORTED_PROTOCOL_VERSION");
        assertThat(decode("20 02 00 84")).containsExactly("CONNACK present=false UNSUPPORTED_PROTOCOL_VERSION");
        assertThat(decode("20 02 00 05")).containsExactly("CONNACK present=false NOT_AUTHORIZED");
    }

    @Test
    void serverLearnsTheVersionFromConnect() {
        PacketDecoder decoder = PacketDecoder.server(1000);
        decoder.decode(hex("10 0e 0004 4d515454 05 02 003c 00 0001 63 40 03 0001 87 e0 01 04"), log);

        assertThat(log.lines)
                .containsExactly(
                        "CONNECT 5.0 id='c' clean=true keepAlive=60",
                        "PUBACK 1 NOT_AUTHORIZED",
                        "DISCONNECT DISCONNECT_WITH_WILL_MESSAGE");
    }

    @Test
    void serverHoldsTheFirstPacketToTheVersionThatItTells() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() ->
                        PacketDecoder.server(1000).decode(hex("10 8e00 0004 4d515454 05 02 003c 00 0001 63"), log))
                .withMessage("CONNECT, byte 1: remaining length is 14 in more bytes than needed [MQTT-1.5.5-1]");
        assertThat(log.lines).isEmpty();
        PacketDecoder.server(1000).decode(hex("10 8d00 0004 4d515454 04 02 003c 0001 63"), log);
        assertThat(log.lines).containsExactly("CONNECT 3.1.1 id='c' clean=true keepAlive=60");
    }

    @Test
    void aConnectOf5MayBeLongerThanAnyOf3() {
        Collected out = new Collected();
        Properties properties =
                Properties.NONE.with(Collections.nCopies(10, new UserProperty("k".repeat(60_000), "v".repeat(60_000))));
        new PacketEncoder(MQTT_5, out).connect(new Connect(MQTT_5, "c", true, 60, null, null, properties));
        PacketDecoder.server(10_000_000).decode(ByteBuffer.wrap(out.bytes()), log);

        assertThat(log.lines).hasSize(1);
    }

    @Test
    void attributesOfOneMessageAreNotThoseOfTheNext() {
        assertThat(decode("30 08 0001 61 04 03 0001 74 30 04 0001 61 00"))
                .containsExactly("PUBLISH 0 a qos=0 [] contentType='t'", "PUBLISH 0 a qos=0 []");
    }

    @Test
    void memoryFollowsWhatHasArrivedAndNotWhatPropertiesAnnounce() {
        PacketDecoder decoder = new PacketDecoder(MQTT_5, 268_435_460);
        decoder.decode(hex("30 ffffff7f 0001 61 f0ffff7f 03 ffff"), log);
        assertThat(decoder.reserved()).isLessThan(200);
        byte[] chunk = new byte[1000];
        for (int received = 1000; received <= 100_000; received += 1000) {
            decoder.decode(ByteBuffer.wrap(chunk), log);
            assertThat(decoder.reserved()).isLessThanOrEqualTo(2 * received + 200);
        }
        assertThat(log.lines).isEmpty();
    }

    @Test
    void messagesWithoutPropertiesAreWithoutAttributes() {
        Message[] message = new Message[1];
        PacketSink sink = (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> {
                    message[0] = (Message) args[0];
                    return null;
                });
        new PacketDecoder(MQTT_5, 1000).decode(hex("30 05 0001 61 00 78"), sink);

        assertThat(message[0].hasAttributes()).isFalse();
        assertThat(message[0].text()).isEqualTo("x");
    }
}
