package io.hawser.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tolerant decoder makes of packets that are framed as they should be, and have something in them that is not allowed. */
class TolerantDecoderTest {
    private static final int MAXIMUM = 1000;
    private static final String NEXT = "d0 00";

    private final PacketLog log = new PacketLog();

    private static PacketDecoder tolerant(ProtocolVersion version) {
        PacketDecoder decoder = new PacketDecoder(version, MAXIMUM);
        decoder.topicAliasMaximum(2);
        decoder.tolerant();
        return decoder;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private List<String> decode(ProtocolVersion version, String hex) {
        log.lines.clear();
        tolerant(version).decode(ByteBuffer.wrap(bytes(hex)), log);
        return log.lines;
    }

    private List<String> decode5(String hex) {
        return decode(ProtocolVersion.MQTT_5, hex);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "payload format 2           | 30 07 0001 61 02 01 02 78            | PAYLOAD_FORMAT_INDICATOR is 2",
                "response topic with #      | 30 09 0001 61 04 08 0001 23 78       | RESPONSE_TOPIC is no topic name",
                "empty response topic       | 30 08 0001 61 03 08 0000 78          | RESPONSE_TOPIC is no topic name",
                "response topic not UTF-8   | 30 09 0001 61 04 08 0001 ff 78       | RESPONSE_TOPIC has 0xff",
                "content type with U+0000   | 30 09 0001 61 04 03 0001 00 78       | CONTENT_TYPE has U+0000",
                "user property not UTF-8    | 30 0b 0001 61 06 26 0001 c0 0000 78  | user property name has 0xc0",
                "identifier 0               | 30 07 0001 61 02 0b 00 78            | SUBSCRIPTION_IDENTIFIER is 0",
                "identifier in many bytes   | 30 08 0001 61 03 0b 80 00 78         | more bytes than needed",
                "payload format twice       | 30 09 0001 61 04 0100 0100 78        | PAYLOAD_FORMAT_INDICATOR is there twice",
                "a property of CONNACK      | 30 0a 0001 61 05 11 00000001 78      | does not belong here",
                "topic alias 0              | 30 08 0001 61 03 23 0000 78          | TOPIC_ALIAS is 0",
                "topic alias too high       | 30 08 0001 61 03 23 0011 78          | topic alias is 17",
                "DUP at QoS 0               | 38 05 0001 61 00 78                  | DUP is 1 at QoS 0",
            })
    void isDeliveredWithoutTheField(String name, String hex, String why) {
        List<String> lines = decode5(hex + NEXT);

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0))
                .startsWith("UNREADABLE 0 'a' qos=0 mended: PUBLISH, byte ")
                .contains(why);
        assertThat(lines.get(1)).startsWith("PUBLISH 0 a qos=0 [78]");
        assertThat(lines.get(2)).isEqualTo("PINGRESP");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "topic not UTF-8        | 32 07 0001 ff 0009 00 78              | 9 | \uFFFD | topic name has 0xff",
                "topic with a wildcard  | 32 07 0001 2b 0009 00 78              | 9 | +  | has the wildcard '+'",
                "no topic and no alias  | 32 06 0000 0009 00 78                 | 9 | '' | topic name is empty",
                "alias that is unknown  | 32 09 0000 0009 03 23 0001 78         | 9 | '' | stands for no topic yet",
                "alias too high         | 32 09 0000 0009 03 23 0003 78         | 9 | '' | topic alias is 3",
                "unknown property       | 32 09 0001 61 0009 02 7f 00 78        | 9 | a  | property 0x7f is unknown",
                "property cut           | 32 09 0001 61 0009 02 03 00 78        | 9 | a  | CONTENT_TYPE is missing",
                "text beyond properties | 32 0a 0001 61 0009 03 03 0005 78      | 9 | a  | announces 5 bytes",
                "packet identifier 0    | 32 07 0001 61 0000 00 78              | 0 | a  | packet identifier is 0",
            })
    void isRefusedByItself(String name, String hex, int packetId, String topic, String why) {
        List<String> lines = decode5(hex + NEXT);

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .startsWith("UNREADABLE " + packetId + " '"
                        + topic.replace("\\uFFFD", "\uFFFD")
                        + "' qos=1 refused: PUBLISH, byte ")
                .contains(why);
        assertThat(lines.get(1)).isEqualTo("PINGRESP");
    }

    private List<String> decodePublish(String property, int times) {
        ByteArrayOutputStream properties = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            properties.writeBytes(bytes(property));
        }
        int length = properties.size();
        ByteBuffer packet = ByteBuffer.allocate(length + 100);
        packet.put((byte) 0x30)
                .put(variable(3 + 4 + length))
                .put(bytes("0001 61"))
                .put(variable(length));
        packet.put(properties.toByteArray()).put(bytes(NEXT)).flip();
        PacketDecoder decoder = new PacketDecoder(ProtocolVersion.MQTT_5, packet.capacity());
        decoder.tolerant();
        decoder.decode(packet, log);
        return log.lines;
    }

    /** A number in four bytes, whatever it is. */
    private static byte[] variable(int value) {
        return new byte[] {
            (byte) (value | 0x80), (byte) (value >> 7 | 0x80), (byte) (value >> 14 | 0x80), (byte) (value >> 21)
        };
    }

    @ParameterizedTest
    @CsvSource({"26 0000 0000, USER_PROPERTY", "0b 01, SUBSCRIPTION_IDENTIFIER"})
    void oneWithMorePropertiesThanAnybodySendsIsRefused(String property, String name) {
        List<String> lines = decodePublish(property, PropertyReader.MOST_ELEMENTS + 1000);

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0))
                .startsWith("UNREADABLE 0 'a' qos=0 refused")
                .contains(name + " is there more than 131072 times");
        assertThat(lines.get(1)).isEqualTo("PINGRESP");
    }

    @Test
    void oneWithManyDefectsIsRefused() {
        List<String> lines = decodePublish("01 00", 1 + PropertyReader.MOST_DEFECTS);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("UNREADABLE 0 'a' qos=0 mended");
        lines.clear();

        assertThat(decodePublish("01 00", 2 + PropertyReader.MOST_DEFECTS)).hasSize(2);
        assertThat(lines.get(0)).startsWith("UNREADABLE 0 'a' qos=0 refused");
    }

    static Stream<MalformedTest.Case> wholePublishes() {
        return MalformedTest.cases().filter(each -> {
            byte[] bytes = each.row().bytes();
            return each.row().packet().equals("PUBLISH")
                    && bytes.length > 2
                    && bytes[1] == bytes.length - 2
                    && (bytes[0] & 0b0110) != 0b0110
                    && !each.row()
                            .rule()
                            .matches(".*(, the packet has|missing|announces 2 bytes|property length has).*");
        });
    }

    @ParameterizedTest
    @MethodSource("wholePublishes")
    void aPublishThatAStrictDecoderRefusesCostsItselfAtMost(MalformedTest.Case each) {
        String hex = each.row().hex();

        assertThat(decode(each.version(), hex + NEXT))
                .hasSizeBetween(2, 3)
                .last()
                .isEqualTo("PINGRESP");
        assertThat(log.lines.get(0)).startsWith("UNREADABLE ");
        List<String> whole = List.copyOf(log.lines);
        log.lines.clear();
        PacketDecoder decoder = tolerant(each.version());
        for (byte b : bytes(hex + NEXT)) {
            decoder.decode(ByteBuffer.wrap(new byte[] {b}), log);
        }
        assertThat(log.lines).isEqualTo(whole);
    }

    @Test
    void thereAreEnoughOfThem() {
        assertThat(wholePublishes().count()).isGreaterThan(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"30 03 0005 61", "30 05 0001 61 05 01", "32 04 0001 61 00"})
    void whatCannotBeFramedEndsTheDecoding(String hex) {
        assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> decode5(hex + NEXT));
        assertThat(log.lines).isEmpty();
    }

    @Test
    void anAliasThatCannotBeReadStandsForNoTopicAnyMore() {
        String learned = "30 07 0001 61 03 23 0001";
        String used = "30 06 0000 03 23 0001";

        assertThat(decode5(learned + used)).last().isEqualTo("PUBLISH 0 a qos=0 []");
        // Its new topic is no UTF-8; its property stands behind one that is unknown.
        for (String lost : List.of("30 07 0001 ff 03 23 0001", "30 09 0001 62 05 7f 00 23 0001")) {
            assertThat(decode5(learned + lost + used))
                    .hasSize(3)
                    .last()
                    .asString()
                    .contains("stands for no topic yet");
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void aPublishAboveTheMaximumIsPassedOverWithoutBeingKept(ProtocolVersion version) {
        PacketDecoder decoder = tolerant(version);
        byte[] head = bytes("32 80c200 0001 61 0009" + (version == ProtocolVersion.MQTT_5 ? "00" : ""));
        decoder.decode(ByteBuffer.wrap(head), log);
        int left = 4 + 0x2100 - head.length;
        for (int size; left > 0; left -= size) {
            size = Math.min(left, 700);
            assertThat(log.lines).isEmpty();
            decoder.decode(ByteBuffer.wrap(new byte[size]), log);
            assertThat(decoder.reserved()).isLessThan(200);
        }
        decoder.decode(ByteBuffer.wrap(bytes(NEXT)), log);

        assertThat(log.lines)
                .containsExactly(
                        "UNREADABLE 9 'a' qos=1 refused: PUBLISH, byte 1: packet has 8452 bytes, the maximum packet size is 1000",
                        "PINGRESP");
    }

    @Test
    void aPublishAboveTheMaximumIsPassedOverWhenItComesAsAWhole() {
        String hex = "32 ff07 0001 61 0009 00" + "78".repeat(1017) + NEXT;

        assertThat(decode5(hex)).hasSize(2).last().isEqualTo("PINGRESP");
        assertThat(log.lines.get(0)).contains("packet has 1026 bytes, the maximum packet size is 1000");
    }

    @Test
    void propertiesAboveTheMaximumEndTheDecoding() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> decode5("30 ff7f 0001 61 f07f"))
                .withMessageContaining("the maximum packet size is 1000");
    }

    @ParameterizedTest
    @CsvSource({"40, PUBACK", "50, PUBREC", "62, PUBREL", "70, PUBCOMP"})
    void anyCodeOfAnAcknowledgementIsUnderstood(String first, String packet) {
        for (int code = 0; code < 256; code++) {
            String hex = "%02x".formatted(code);
            ReasonCode meant = ReasonCode.of(code);
            boolean known = meant.isError()
                    || ReasonCodes.of(PacketType.valueOf(packet)).contains(meant);
            String line = packet + " 1 " + (known ? meant : ReasonCode.SUCCESS);

            assertThat(decode5(first + " 03 0001" + hex)).first().isEqualTo(line);
            assertThat(decode5(first + " 04 0001" + hex + "00")).first().isEqualTo(line);
        }
    }

    @Test
    void anyCodeForAFilterIsUnderstood() {
        for (int code = 0; code < 256; code++) {
            String hex = "%02x".formatted(code);
            ReasonCode meant = ReasonCode.of(code);
            ReasonCode granted = code <= 2 || meant.isError() ? meant : ReasonCode.SUCCESS;
            ReasonCode ended = code == 0x11 || meant.isError() ? meant : ReasonCode.SUCCESS;

            assertThat(decode5("90 05 0001 00 00" + hex)).first().isEqualTo("SUBACK 1 [SUCCESS, " + granted + "]");
            assertThat(decode5("b0 05 0001 00 00" + hex)).first().isEqualTo("UNSUBACK 1 [SUCCESS, " + ended + "]");
            for (ProtocolVersion old : List.of(ProtocolVersion.MQTT_3_1, ProtocolVersion.MQTT_3_1_1)) {
                assertThat(decode(old, "90 04 0001 00" + hex)).first().isEqualTo("SUBACK 1 [SUCCESS, " + granted + "]");
            }
        }
    }

    @Test
    void anyCodeOfDisconnectIsUnderstood() {
        for (int code = 0; code < 256; code++) {
            assertThat(decode5("e0 01" + "%02x".formatted(code)))
                    .first()
                    .isEqualTo("DISCONNECT " + ReasonCode.of(code));
        }
    }

    @Test
    void aRefusalInConnAckIsUnderstoodInEitherFrame() {
        for (int code = 1; code < 256; code++) {
            String hex = "%02x".formatted(code);
            if (code > 5 && code < 0x80) {
                for (String frame : List.of("20 02 00" + hex, "20 03 00" + hex + "00")) {
                    assertThatExceptionOfType(ProtocolException.class).isThrownBy(() -> decode5(frame));
                    assertThatExceptionOfType(ProtocolException.class)
                            .isThrownBy(() -> decode(ProtocolVersion.MQTT_3_1_1, frame));
                }
                continue;
            }
            ReasonCode meant = code <= 5 ? ReasonCode.ofConnectReturnCode(code) : ReasonCode.of(code);
            for (String frame : List.of("20 02 00" + hex, "20 03 00" + hex + "00", "20 02 01" + hex)) {
                assertThat(decode5(frame)).first().isEqualTo("CONNACK present=false " + meant);
                assertThat(decode(ProtocolVersion.MQTT_3_1_1, frame))
                        .first()
                        .isEqualTo("CONNACK present=false " + meant);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "40 05 0001 87 01 7f           | PUBACK 1 NOT_AUTHORIZED",
                "40 05 0001 87 05 1f           | PUBACK 1 NOT_AUTHORIZED",
                "40 07 0001 87 03 1f 0005      | PUBACK 1 NOT_AUTHORIZED",
                "40 08 0001 87 04 1f 0001 ff   | PUBACK 1 NOT_AUTHORIZED",
                "40 05 0001 87 00 00           | PUBACK 1 NOT_AUTHORIZED",
                "90 06 0001 02 24 00 01        | SUBACK 1 [GRANTED_QOS_1]",
                "b0 0a 0001 06 1f 0000 1f 0000 00 | UNSUBACK 1 [SUCCESS] REASON_STRING=''",
                "e0 06 8b 04 1f 0001 ff        | DISCONNECT SERVER_SHUTTING_DOWN",
                "e0 02 8b 07                   | DISCONNECT SERVER_SHUTTING_DOWN",
                "20 07 00 00 04 2401 2400      | CONNACK present=false SUCCESS MAXIMUM_QOS='1'",
                "20 06 00 00 03 21 0000        | CONNACK present=false SUCCESS",
                "20 05 00 00 02 24 02          | CONNACK present=false SUCCESS",
                "20 05 00 00 02 01 01          | CONNACK present=false SUCCESS",
            })
    void propertiesThatAreNotAllowedAreLeftOutOfOtherPackets(String hex, String line) {
        List<String> lines = decode5(hex + NEXT);

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo(line);
        assertThat(lines.get(1)).startsWith("tolerated ");
        assertThat(lines.get(2)).isEqualTo("PINGRESP");
    }

    @Test
    void acknowledgementsBefore5MayHaveMoreThanTheirIdentifier() {
        assertThat(decode(ProtocolVersion.MQTT_3_1_1, "40 03 0001 87 50 04 0001 00 00" + NEXT))
                .contains("PUBACK 1 NOT_AUTHORIZED", "PUBREC 1 SUCCESS", "PINGRESP");
    }
}
