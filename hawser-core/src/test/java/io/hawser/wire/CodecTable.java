package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1;
import static io.hawser.mqtt.ProtocolVersion.MQTT_3_1_1;
import static io.hawser.mqtt.Qos.AT_LEAST_ONCE;
import static io.hawser.mqtt.Qos.AT_MOST_ONCE;
import static io.hawser.mqtt.Qos.EXACTLY_ONCE;
import static io.hawser.mqtt.ReasonCode.SUCCESS;
import static io.hawser.wire.Properties.NONE;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.Will;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Every packet in its forms: what it is, its bytes, and the versions that write it so. */
final class CodecTable {
    private static final Set<ProtocolVersion> BOTH = EnumSet.of(MQTT_3_1, MQTT_3_1_1);
    private static final Set<ProtocolVersion> ALL = EnumSet.allOf(ProtocolVersion.class);
    private static final Set<ProtocolVersion> ONLY_3_1 = EnumSet.of(MQTT_3_1);
    private static final Set<ProtocolVersion> ONLY_3_1_1 = EnumSet.of(MQTT_3_1_1);

    /** One row; {@code hex} may have spaces between fields. */
    record Row(String name, Set<ProtocolVersion> versions, Consumer<PacketSink> packet, String hex) {
        byte[] bytes() {
            return HexFormat.of().parseHex(hex.replace(" ", ""));
        }

        List<String> lines() {
            PacketLog log = new PacketLog();
            packet.accept(log);
            return log.lines;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private CodecTable() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        connects(rows);
        rows.add(row("CONNACK accepted", BOTH, s -> s.connAck(new ConnAck(false, SUCCESS, NONE)), "20 02 00 00"));
        rows.add(row(
                "CONNACK session present",
                ONLY_3_1_1,
                s -> s.connAck(new ConnAck(true, SUCCESS, NONE)),
                "20 02 01 00"));
        for (int code = 1; code <= 5; code++) {
            ReasonCode reason = ReasonCode.ofConnectReturnCode(code);
            rows.add(row(
                    "CONNACK refused " + code,
                    BOTH,
                    s -> s.connAck(new ConnAck(false, reason, NONE)),
                    "20 02 00 0" + code));
        }
        publishes(rows);
        acknowledgements(rows);
        subscriptions(rows);
        rows.add(row("PINGREQ", ALL, PacketSink::pingReq, "c0 00"));
        rows.add(row("PINGRESP", ALL, PacketSink::pingResp, "d0 00"));
        rows.add(row("DISCONNECT", ALL, s -> s.disconnect(SUCCESS, NONE), "e0 00"));
        CodecTable5.addTo(rows);
        return rows;
    }

    private static Row row(String name, Set<ProtocolVersion> versions, Consumer<PacketSink> packet, String hex) {
        return new Row(name, versions, packet, hex);
    }

    private static void connects(List<Row> rows) {
        rows.add(row(
                "CONNECT least",
                ONLY_3_1_1,
                connect(MQTT_3_1_1, "c", true, 60, null, null),
                "10 0d 0004 4d515454 04 02 003c 0001 63"));
        rows.add(row(
                "CONNECT least, 3.1",
                ONLY_3_1,
                connect(MQTT_3_1, "c", true, 60, null, null),
                "10 0f 0006 4d5149736470 03 02 003c 0001 63"));
        rows.add(row(
                "CONNECT without a client id",
                ONLY_3_1_1,
                connect(MQTT_3_1_1, "", true, 0, null, null),
                "10 0c 0004 4d515454 04 02 0000 0000"));
        rows.add(row(
                "CONNECT kept session, longest keep alive",
                ONLY_3_1_1,
                connect(MQTT_3_1_1, "é", false, 65_535, null, null),
                "10 0e 0004 4d515454 04 00 ffff 0002 c3a9"));
        rows.add(row(
                "CONNECT user name",
                ONLY_3_1_1,
                connect(MQTT_3_1_1, "c", true, 1, null, Credentials.of("u")),
                "10 10 0004 4d515454 04 82 0001 0001 63 0001 75"));
        rows.add(row(
                "CONNECT binary password",
                ONLY_3_1_1,
                connect(MQTT_3_1_1, "c", true, 1, null, Credentials.of("u", new byte[] {0, -1})),
                "10 14 0004 4d515454 04 c2 0001 0001 63 0001 75 0002 00ff"));
        rows.add(row(
                "CONNECT empty user name and password",
                ONLY_3_1_1,
                connect(MQTT_3_1_1, "c", true, 1, null, Credentials.of("", "")),
                "10 11 0004 4d515454 04 c2 0001 0001 63 0000 0000"));
        for (Qos qos : Qos.values()) {
            for (boolean retain : new boolean[] {false, true}) {
                int flags = 0x06 | qos.level() << 3 | (retain ? 0x20 : 0);
                rows.add(row(
                        "CONNECT will, QoS " + qos.level() + (retain ? ", retain" : ""),
                        ONLY_3_1_1,
                        connect(MQTT_3_1_1, "c", true, 1, will("w", new byte[] {7}, qos, retain), null),
                        "10 13 0004 4d515454 04 %02x 0001 0001 63 0001 77 0001 07".formatted(flags)));
            }
        }
        rows.add(row(
                "CONNECT everything, 3.1",
                ONLY_3_1,
                connect(MQTT_3_1, "c", false, 1, will("w", new byte[0], EXACTLY_ONCE, true), Credentials.of("u", "p")),
                "10 1a 0006 4d5149736470 03 f4 0001 0001 63 0001 77 0000 0001 75 0001 70"));
    }

    private static Consumer<PacketSink> connect(
            ProtocolVersion version, String id, boolean clean, int keepAlive, Will will, Credentials credentials) {
        return sink -> sink.connect(new Connect(version, id, clean, keepAlive, will, credentials, NONE));
    }

    private static Will will(String topic, byte[] payload, Qos qos, boolean retain) {
        return Will.of(Message.of(TopicName.of(topic), payload, qos, retain));
    }

    private static void publishes(List<Row> rows) {
        rows.add(row(
                "PUBLISH QoS 0", BOTH, publish("a/b", "hi", AT_MOST_ONCE, false, 0, false), "30 07 0003 612f62 6869"));
        rows.add(row(
                "PUBLISH QoS 0, retain, empty", BOTH, publish("a", "", AT_MOST_ONCE, true, 0, false), "31 03 0001 61"));
        rows.add(
                row("PUBLISH QoS 1", BOTH, publish("a", "x", AT_LEAST_ONCE, false, 1, false), "32 06 0001 61 0001 78"));
        rows.add(row(
                "PUBLISH QoS 1 again",
                BOTH,
                publish("a", "x", AT_LEAST_ONCE, true, 256, true),
                "3b 06 0001 61 0100 78"));
        rows.add(row(
                "PUBLISH QoS 2", BOTH, publish("a", "x", EXACTLY_ONCE, false, 65_535, false), "34 06 0001 61 ffff 78"));
        rows.add(row(
                "PUBLISH QoS 2 again", BOTH, publish("a", "", EXACTLY_ONCE, true, 32_768, true), "3d 05 0001 61 8000"));
        rows.add(row(
                "PUBLISH topic with U+FEFF and four-byte characters",
                BOTH,
                publish("\uFEFF\uD83D\uDE00", "", AT_MOST_ONCE, false, 0, false),
                "30 09 0007 efbbbf f09f9880"));
        rows.add(row(
                "PUBLISH remaining length 127",
                BOTH,
                publish("a", "x".repeat(124), AT_MOST_ONCE, false, 0, false),
                "30 7f 0001 61" + "78".repeat(124)));
        rows.add(row(
                "PUBLISH remaining length 128",
                BOTH,
                publish("a", "x".repeat(125), AT_MOST_ONCE, false, 0, false),
                "30 8001 0001 61" + "78".repeat(125)));
        rows.add(row(
                "PUBLISH remaining length 16383",
                BOTH,
                publish("a", "x".repeat(16_380), AT_MOST_ONCE, false, 0, false),
                "30 ff7f 0001 61" + "78".repeat(16_380)));
        rows.add(row(
                "PUBLISH remaining length 16384",
                BOTH,
                publish("a", "x".repeat(16_381), AT_MOST_ONCE, false, 0, false),
                "30 808001 0001 61" + "78".repeat(16_381)));
        rows.add(row(
                "PUBLISH large at QoS 2",
                BOTH,
                publish("a", "x".repeat(40_000), EXACTLY_ONCE, false, 5, false),
                "34 c5b802 0001 61 0005" + "78".repeat(40_000)));
        rows.add(row(
                "PUBLISH long topic without payload",
                BOTH,
                publish("t".repeat(20_000), "", AT_LEAST_ONCE, false, 5, false),
                "32 a49c01 4e20" + "74".repeat(20_000) + "0005"));
        rows.add(row(
                "PUBLISH longest topic",
                BOTH,
                publish("t".repeat(65_535), "x", AT_MOST_ONCE, false, 0, false),
                "30 828004 ffff" + "74".repeat(65_535) + "78"));
    }

    private static Consumer<PacketSink> publish(
            String topic, String payload, Qos qos, boolean retain, int packetId, boolean duplicate) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return sink -> sink.publish(Message.of(TopicName.of(topic), bytes, qos, retain), packetId, duplicate);
    }

    private static void acknowledgements(List<Row> rows) {
        rows.add(row("PUBACK", ALL, s -> s.pubAck(1, SUCCESS, NONE), "40 02 0001"));
        rows.add(row("PUBREC", ALL, s -> s.pubRec(258, SUCCESS, NONE), "50 02 0102"));
        rows.add(row("PUBREL", ALL, s -> s.pubRel(65_535, SUCCESS, NONE, false), "62 02 ffff"));
        rows.add(row("PUBREL again, 3.1", ONLY_3_1, s -> s.pubRel(9, SUCCESS, NONE, true), "6a 02 0009"));
        rows.add(row("PUBCOMP", ALL, s -> s.pubComp(32_768, SUCCESS, NONE), "70 02 8000"));
        rows.add(row("UNSUBACK", BOTH, s -> s.unsubAck(new UnsubAck(513, List.of(), NONE)), "b0 02 0201"));
    }

    private static void subscriptions(List<Row> rows) {
        Subscription a = Subscription.to("a/#").qos(AT_MOST_ONCE);
        Subscription b = Subscription.to("+").qos(AT_LEAST_ONCE);
        Subscription c = Subscription.to("$SYS/x").qos(EXACTLY_ONCE);
        rows.add(row(
                "SUBSCRIBE",
                BOTH,
                s -> s.subscribe(new Subscribe(10, List.of(a), NONE, false)),
                "82 08 000a 0003 612f23 00"));
        rows.add(row(
                "SUBSCRIBE several",
                BOTH,
                s -> s.subscribe(new Subscribe(10, List.of(a, b, c), NONE, false)),
                "82 15 000a 0003 612f23 00 0001 2b 01 0006 245359532f78 02"));
        rows.add(row(
                "SUBSCRIBE again, 3.1",
                ONLY_3_1,
                s -> s.subscribe(new Subscribe(10, List.of(b), NONE, true)),
                "8a 06 000a 0001 2b 01"));
        rows.add(row(
                "SUBACK",
                BOTH,
                s -> s.subAck(
                        new SubAck(10, List.of(SUCCESS, ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_2), NONE)),
                "90 05 000a 00 01 02"));
        rows.add(row(
                "SUBACK with a refusal",
                ONLY_3_1_1,
                s -> s.subAck(new SubAck(10, List.of(ReasonCode.UNSPECIFIED_ERROR, SUCCESS), NONE)),
                "90 04 000a 80 00"));
        List<TopicFilter> filters = Arrays.asList(TopicFilter.of("a/#"), TopicFilter.of("+"));
        rows.add(row(
                "UNSUBSCRIBE",
                BOTH,
                s -> s.unsubscribe(new Unsubscribe(11, filters, NONE, false)),
                "a2 0a 000b 0003 612f23 0001 2b"));
        rows.add(row(
                "UNSUBSCRIBE again, 3.1",
                ONLY_3_1,
                s -> s.unsubscribe(new Unsubscribe(11, filters, NONE, true)),
                "aa 0a 000b 0003 612f23 0001 2b"));
    }
}
