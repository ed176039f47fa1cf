package io.hawser.wire;

import static io.hawser.mqtt.ReasonCode.PACKET_TOO_LARGE;
import static io.hawser.wire.MalformedRow.malformed;
import static io.hawser.wire.MalformedRow.protocolError;

import java.util.List;

/** Malformed forms of packets in MQTT 3.x. */
final class MalformedPackets {
    private MalformedPackets() {}

    static void addTo(List<MalformedRow> rows) {
        fixedHeader(rows);
        connAck(rows);
        publish(rows);
        others(rows);
    }

    private static void fixedHeader(List<MalformedRow> rows) {
        malformed(rows, "reserved type 0", "both", "00", "packet type 0", 0, "section 2.2.1");
        malformed(rows, "reserved type 15", "both", "f0", "packet type 15", 0, "section 2.2.1");
        List<String> fixed = List.of(
                "CONNECT",
                "CONNACK",
                "",
                "PUBACK",
                "PUBREC",
                "",
                "PUBCOMP",
                "",
                "SUBACK",
                "",
                "UNSUBACK",
                "PINGREQ",
                "PINGRESP",
                "DISCONNECT");
        for (int i = 0; i < fixed.size(); i++) {
            for (int flags = 1; flags < 16 && !fixed.get(i).isEmpty(); flags++) {
                String rule = fixed.get(i).equals("DISCONNECT") ? "[MQTT-3.14.1-1]" : "[MQTT-2.2.2-2]";
                malformed(
                        rows,
                        fixed.get(i) + " with flags " + flags,
                        "both",
                        "%x%x".formatted(i + 1, flags),
                        fixed.get(i),
                        0,
                        rule);
            }
        }
        for (int flags = 0; flags < 16; flags++) {
            String versions = flags == 2 ? "none" : flags == 10 ? "3.1.1" : "both";
            malformed(
                    rows,
                    "PUBREL with flags " + flags,
                    versions,
                    "6%x".formatted(flags),
                    "PUBREL",
                    0,
                    "[MQTT-3.6.1-1]");
            malformed(
                    rows,
                    "SUBSCRIBE with flags " + flags,
                    versions,
                    "8%x".formatted(flags),
                    "SUBSCRIBE",
                    0,
                    "[MQTT-3.8.1-1]");
            malformed(
                    rows,
                    "UNSUBSCRIBE with flags " + flags,
                    versions,
                    "a%x".formatted(flags),
                    "UNSUBSCRIBE",
                    0,
                    "[MQTT-3.10.1-1]");
        }
        for (String flags : List.of("6", "7", "e", "f")) {
            malformed(rows, "PUBLISH at QoS 3, flags " + flags, "both", "3" + flags, "PUBLISH", 0, "[MQTT-3.3.1-4]");
        }
        malformed(rows, "PUBLISH with DUP at QoS 0", "3.1.1", "38", "PUBLISH", 0, "[MQTT-3.3.1-2]");
        malformed(rows, "PUBLISH with DUP at QoS 0, retain", "3.1.1", "39", "PUBLISH", 0, "[MQTT-3.3.1-2]");
        malformed(rows, "five bytes of remaining length", "both", "30 80808080", "PUBLISH", 4, "more than four bytes");
        rows.add(new MalformedRow(
                "PUBLISH above the maximum",
                "both",
                "30 e607",
                PACKET_TOO_LARGE,
                "PUBLISH",
                1,
                "maximum packet size is 1000"));
        rows.add(new MalformedRow(
                "PUBLISH of 256 MiB",
                "both",
                "30 ffffff7f",
                PACKET_TOO_LARGE,
                "PUBLISH",
                1,
                "packet has 268435460 bytes"));
        rows.add(new MalformedRow(
                "SUBSCRIBE above the maximum",
                "both",
                "82 ffff03",
                PACKET_TOO_LARGE,
                "SUBSCRIBE",
                1,
                "maximum packet size"));
        for (String ack : List.of("40 PUBACK", "50 PUBREC", "62 PUBREL", "70 PUBCOMP", "b0 UNSUBACK", "20 CONNACK")) {
            String name = ack.substring(3);
            for (int length : new int[] {0, 1, 3, 4}) {
                String hex = ack.substring(0, 2) + " %02x".formatted(length);
                malformed(rows, name + " with remaining length " + length, "both", hex, name, 1, "must be 2");
            }
        }
        for (String empty : List.of("c0 PINGREQ", "d0 PINGRESP", "e0 DISCONNECT")) {
            malformed(
                    rows,
                    empty + " with a body",
                    "both",
                    empty.substring(0, 2) + " 01",
                    empty.substring(3),
                    1,
                    "must be 0");
        }
        malformed(rows, "CONNECT too short", "both", "10 0b", "CONNECT", 1, "remaining length is 11, must be 12 to");
        malformed(rows, "CONNECT longer than any can be", "both", "10 ffffff7f", "CONNECT", 1, "must be 12 to 327697");
        malformed(rows, "PUBLISH too short", "both", "30 01", "PUBLISH", 1, "must be 2 to");
        malformed(rows, "SUBSCRIBE too short", "both", "82 01", "SUBSCRIBE", 1, "must be 2 to");
        malformed(rows, "SUBACK too short", "both", "90 00", "SUBACK", 1, "must be 2 to");
        malformed(rows, "UNSUBSCRIBE too short", "both", "a2 01", "UNSUBSCRIBE", 1, "must be 2 to");
    }

    private static void connAck(List<MalformedRow> rows) {
        malformed(rows, "CONNACK reserved bits", "3.1.1", "20 02 02 00", "CONNACK", 2, "[MQTT-2.2.2-1]");
        malformed(
                rows,
                "CONNACK reserved bits beside session present",
                "3.1.1",
                "20 02 81 00",
                "CONNACK",
                2,
                "[MQTT-2.2.2-1]");
        malformed(
                rows,
                "CONNACK return code 6",
                "both",
                "20 02 00 06",
                "CONNACK",
                3,
                "return code is 6, must be 0 to 5 [MQTT-3.2.2-6]");
        malformed(rows, "CONNACK return code 255", "both", "20 02 00 ff", "CONNACK", 3, "return code is 255");
        protocolError(
                rows, "CONNACK refusal with a session present", "3.1.1", "20 02 01 05", "CONNACK", 2, "[MQTT-3.2.2-4]");
    }

    private static void publish(List<MalformedRow> rows) {
        protocolError(rows, "PUBLISH empty topic", "both", "30 02 0000", "PUBLISH", 2, "[MQTT-4.7.3-1]");
        malformed(
                rows,
                "PUBLISH topic longer than the packet",
                "both",
                "30 03 0002 61",
                "PUBLISH",
                2,
                "announces 2 bytes, the packet has 1 left");
        malformed(
                rows,
                "PUBLISH topic longer than a large packet",
                "both",
                "32 cf07 ffff" + "61".repeat(973),
                "PUBLISH",
                3,
                "announces 65535 bytes");
        protocolError(
                rows, "PUBLISH topic with +", "both", "30 05 0003 612f2b", "PUBLISH", 6, "wildcard '+' [MQTT-3.3.2-2]");
        protocolError(
                rows, "PUBLISH topic with #", "both", "30 05 0003 612f23", "PUBLISH", 6, "wildcard '#' [MQTT-3.3.2-2]");
        malformed(rows, "PUBLISH topic with U+0000", "both", "30 05 0003 610062", "PUBLISH", 5, "[MQTT-1.5.3-2]");
        malformed(rows, "PUBLISH topic not UTF-8", "both", "30 05 0003 61eda0", "PUBLISH", 5, "[MQTT-1.5.3-1]");
        protocolError(rows, "PUBLISH identifier 0", "both", "32 05 0001 61 0000", "PUBLISH", 5, "[MQTT-2.3.1-1]");
        malformed(
                rows,
                "PUBLISH identifier missing",
                "both",
                "32 03 0001 61",
                "PUBLISH",
                5,
                "packet identifier is missing");
        malformed(
                rows,
                "PUBLISH identifier cut",
                "both",
                "34 04 0001 61 00",
                "PUBLISH",
                5,
                "packet identifier is missing");
    }

    private static void others(List<MalformedRow> rows) {
        for (String type : List.of("40 PUBACK", "50 PUBREC", "62 PUBREL", "70 PUBCOMP", "b0 UNSUBACK")) {
            String name = type.substring(3);
            protocolError(
                    rows, name + " identifier 0", "both", type.substring(0, 2) + " 02 0000", name, 2, "[MQTT-2.3.1-1]");
        }
        protocolError(
                rows, "SUBSCRIBE identifier 0", "both", "82 06 0000 0001 61 00", "SUBSCRIBE", 2, "[MQTT-2.3.1-1]");
        protocolError(rows, "SUBSCRIBE without filters", "both", "82 02 0001", "SUBSCRIBE", 4, "[MQTT-3.8.3-3]");
        malformed(rows, "SUBSCRIBE QoS 3", "both", "82 06 0001 0001 61 03", "SUBSCRIBE", 7, "[MQTT-3.8.3-4]");
        malformed(
                rows,
                "SUBSCRIBE reserved QoS bits",
                "both",
                "82 06 0001 0001 61 81",
                "SUBSCRIBE",
                7,
                "byte is 0x81, must be 0, 1 or 2 [MQTT-3.8.3-4]");
        malformed(
                rows,
                "SUBSCRIBE QoS missing",
                "both",
                "82 05 0001 0001 61",
                "SUBSCRIBE",
                7,
                "requested QoS is missing");
        malformed(
                rows,
                "SUBSCRIBE second filter cut",
                "both",
                "82 08 0001 0001 61 00 0005",
                "SUBSCRIBE",
                8,
                "announces 5 bytes, the packet has 0 left");
        protocolError(rows, "SUBSCRIBE empty filter", "both", "82 05 0001 0000 00", "SUBSCRIBE", 6, "[MQTT-4.7.3-1]");
        protocolError(
                rows, "SUBSCRIBE misplaced #", "both", "82 08 0001 0003 232f61 00", "SUBSCRIBE", 6, "[MQTT-4.7.1-2]");
        protocolError(
                rows, "SUBSCRIBE misplaced +", "both", "82 07 0001 0002 612b 00", "SUBSCRIBE", 6, "[MQTT-4.7.1-3]");
        malformed(
                rows,
                "SUBSCRIBE filter with U+0000",
                "both",
                "82 07 0001 0002 6100 00",
                "SUBSCRIBE",
                7,
                "[MQTT-1.5.3-2]");
        protocolError(rows, "SUBACK identifier 0", "both", "90 03 0000 00", "SUBACK", 2, "[MQTT-2.3.1-1]");
        protocolError(rows, "SUBACK without codes", "both", "90 02 0001", "SUBACK", 4, "[MQTT-3.8.4-5]");
        malformed(rows, "SUBACK code 3", "both", "90 04 0001 0003", "SUBACK", 5, "0x3, must be 0, 1");
        malformed(
                rows,
                "SUBACK code 0x81",
                "3.1.1",
                "90 03 0001 81",
                "SUBACK",
                4,
                "must be 0, 1, 2 or 0x80 [MQTT-3.9.3-2]");
        malformed(
                rows,
                "SUBACK refusal in 3.1",
                "3.1",
                "90 03 0001 80",
                "SUBACK",
                4,
                "must be 0, 1 or 2 in MQTT 3.1 [MQTT-3.9.3-2]");
        protocolError(
                rows, "UNSUBSCRIBE identifier 0", "both", "a2 05 0000 0001 61", "UNSUBSCRIBE", 2, "[MQTT-2.3.1-1]");
        protocolError(rows, "UNSUBSCRIBE without filters", "both", "a2 02 0001", "UNSUBSCRIBE", 4, "[MQTT-3.10.3-2]");
        malformed(rows, "UNSUBSCRIBE filter cut", "both", "a2 05 0001 0002 61", "UNSUBSCRIBE", 4, "announces 2 bytes");
        malformed(
                rows,
                "UNSUBSCRIBE length cut",
                "both",
                "a2 06 0001 0001 61 00",
                "UNSUBSCRIBE",
                7,
                "topic filter is missing");
        protocolError(
                rows, "UNSUBSCRIBE misplaced #", "both", "a2 06 0001 0002 6123", "UNSUBSCRIBE", 6, "[MQTT-4.7.1-2]");
    }
}
