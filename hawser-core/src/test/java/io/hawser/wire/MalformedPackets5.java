package io.hawser.wire;

import static io.hawser.mqtt.ReasonCode.PACKET_TOO_LARGE;
import static io.hawser.mqtt.ReasonCode.TOPIC_ALIAS_INVALID;
import static io.hawser.mqtt.ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
import static io.hawser.wire.MalformedRow.malformed;
import static io.hawser.wire.MalformedRow.protocolError;

import io.hawser.mqtt.ReasonCode;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Malformed forms of packets in MQTT 5.0, properties apart. */
final class MalformedPackets5 {
    private static final String CONNECT = "0004 4d515454 05 ";

    private MalformedPackets5() {}

    static void addTo(List<MalformedRow> rows) {
        fixedHeader(rows);
        lengths(rows);
        reasonCodes(rows);
        connect(rows);
        connAck(rows);
        publish(rows);
        subscriptions(rows);
    }

    private static void fixedHeader(List<MalformedRow> rows) {
        malformed(rows, "reserved type 0", "5.0", "00", "packet type 0", 0, "MQTT 5.0, section 2.1.2");
        for (PacketType type : PacketType.values()) {
            if (type == PacketType.PUBLISH) {
                continue;
            }
            int right = Set.of(PacketType.PUBREL, PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE)
                            .contains(type)
                    ? 2
                    : 0;
            String rule = switch (type) {
                case PUBREL -> "[MQTT-3.6.1-1]";
                case SUBSCRIBE -> "[MQTT-3.8.1-1]";
                case UNSUBSCRIBE -> "[MQTT-3.10.1-1]";
                case DISCONNECT -> "[MQTT-3.14.1-1]";
                case AUTH -> "[MQTT-3.15.1-1]";
                default -> "[MQTT-2.1.3-1]";
            };
            for (int flags = 0; flags < 16; flags++) {
                if (flags != right) {
                    String hex = "%x%x".formatted(type.code(), flags);
                    malformed(rows, type + " with flags " + flags, "5.0", hex, type.name(), 0, rule);
                }
            }
        }
        for (String flags : List.of("6", "7", "e", "f")) {
            malformed(rows, "PUBLISH at QoS 3, flags " + flags, "5.0", "3" + flags, "PUBLISH", 0, "[MQTT-3.3.1-4]");
        }
        for (String flags : List.of("8", "9")) {
            malformed(rows, "PUBLISH with DUP at QoS 0, " + flags, "5.0", "3" + flags, "PUBLISH", 0, "[MQTT-3.3.1-2]");
        }
        malformed(
                rows,
                "five bytes of remaining length",
                "5.0",
                "30 80808080",
                "PUBLISH",
                4,
                "more than four bytes (MQTT 5.0, section 1.5.5)");
        for (String remaining : List.of("8700", "878000", "87808000")) {
            malformed(
                    rows,
                    "remaining length 7 as " + remaining,
                    "5.0",
                    "30" + remaining,
                    "PUBLISH",
                    1,
                    "remaining length is 7 in more bytes than needed [MQTT-1.5.5-1]");
        }
        rows.add(new MalformedRow(
                "PUBACK above the maximum", "5.0", "40 e607", PACKET_TOO_LARGE, "PUBACK", 1, "maximum packet size"));
        rows.add(new MalformedRow(
                "AUTH above the maximum", "5.0", "f0 e607", PACKET_TOO_LARGE, "AUTH", 1, "maximum packet size"));
    }

    private static void lengths(List<MalformedRow> rows) {
        tooShort(rows, "10", "CONNECT", 12, 13);
        tooShort(rows, "20", "CONNACK", 1, 2);
        tooShort(rows, "30", "PUBLISH", 2, 3);
        for (String ack : List.of("40 PUBACK", "50 PUBREC", "62 PUBREL", "70 PUBCOMP")) {
            tooShort(rows, ack.substring(0, 2), ack.substring(3), 1, 2);
        }
        for (String other : List.of("82 SUBSCRIBE", "90 SUBACK", "a2 UNSUBSCRIBE", "b0 UNSUBACK")) {
            tooShort(rows, other.substring(0, 2), other.substring(3), 2, 3);
        }
        for (String ping : List.of("c0 PINGREQ", "d0 PINGRESP")) {
            malformed(
                    rows, ping + " with a body", "5.0", ping.substring(0, 2) + "01", ping.substring(3), 1, "must be 0");
        }
        for (Frame frame : Frame.ALL) {
            if (Set.of(PacketType.CONNACK, PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP)
                            .contains(frame.type())
                    || frame == Frame.DISCONNECT) {
                malformed(
                        rows,
                        frame.name() + " bytes behind the properties",
                        "5.0",
                        frame.raw("00 00"),
                        frame.name(),
                        frame.sectionAt() + 1,
                        "1 bytes are left over");
            }
        }
        malformed(rows, "AUTH of one byte", "5.0", "f0 01 18", "AUTH", 3, "property length is missing");
    }

    private static void tooShort(List<MalformedRow> rows, String first, String name, int length, int least) {
        malformed(
                rows,
                name + " with remaining length " + length,
                "5.0",
                first + "%02x".formatted(length),
                name,
                1,
                "remaining length is " + length + ", must be " + least + " to");
    }

    /** Every code where it is not allowed, and some that do not exist. */
    private static void reasonCodes(List<MalformedRow> rows) {
        CodecTable5.REASON_CODES.forEach((type, codes) -> {
            Set<String> allowed = new HashSet<>(List.of(codes.split(" ")));
            for (int code = 0; code < 256; code++) {
                String hex = "%02x".formatted(code);
                boolean isTried = ReasonCode.of(code).isKnown() || code % 32 == 3;
                if (isTried && !allowed.contains(hex)) {
                    reasonCode(rows, type, hex);
                }
            }
        });
    }

    private static void reasonCode(List<MalformedRow> rows, PacketType type, String hex) {
        String bytes = switch (type) {
            case CONNACK -> "20 03 00" + hex + "00";
            case PUBACK -> "40 03 0001" + hex;
            case PUBREC -> "50 04 0001" + hex + "00";
            case PUBREL -> "62 03 0001" + hex;
            case PUBCOMP -> "70 03 0001" + hex;
            case SUBACK -> "90 05 0001 00 00" + hex;
            case UNSUBACK -> "b0 05 0001 00 00" + hex;
            case DISCONNECT -> "e0 01" + hex;
            default -> "f0 06" + hex + "04 15 0001 6d";
        };
        int at = switch (type) {
            case CONNACK -> 3;
            case SUBACK, UNSUBACK -> 6;
            case DISCONNECT, AUTH -> 2;
            default -> 4;
        };
        String rule = switch (type) {
            case CONNACK -> "[MQTT-3.2.2-8]";
            case PUBACK -> "[MQTT-3.4.2-1]";
            case PUBREC -> "[MQTT-3.5.2-1]";
            case PUBREL -> "[MQTT-3.6.2-1]";
            case PUBCOMP -> "[MQTT-3.7.2-1]";
            case SUBACK -> "[MQTT-3.9.3-2]";
            case UNSUBACK -> "[MQTT-3.11.3-2]";
            case DISCONNECT -> "[MQTT-3.14.2-1]";
            default -> "[MQTT-3.15.2-1]";
        };
        protocolError(rows, type + " reason code " + hex, "5.0", bytes, type.name(), at, rule);
    }

    private static void connect(List<MalformedRow> rows) {
        String rest = " 003c 00 0001 63";
        rows.add(new MalformedRow(
                "CONNECT 3.1.1 on a 5.0 connection",
                "5.0",
                "10 0d 0004 4d515454 04 02 003c 0001 63",
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                8,
                "this connection speaks 5.0 [MQTT-3.1.2-2]"));
        rows.add(new MalformedRow(
                "CONNECT 5.0 on a 3.x connection",
                "both",
                "10 0e" + CONNECT + "02" + rest,
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                8,
                "[MQTT-3.1.2-2]"));
        rows.add(new MalformedRow(
                "CONNECT level 6",
                "all",
                "10 0e 0004 4d515454 06 02" + rest,
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                8,
                "[MQTT-3.1.2-2]"));
        rows.add(new MalformedRow(
                "CONNECT unknown name",
                "all",
                "10 0e 0004 58515454 05 02" + rest,
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                2,
                "[MQTT-3.1.2-1]"));
        connect(rows, "reserved flag", "10 0e" + CONNECT + "03" + rest, 9, "[MQTT-3.1.2-3]");
        connect(rows, "will QoS without will", "10 0e" + CONNECT + "0a" + rest, 9, "[MQTT-3.1.2-11]");
        connect(rows, "will retain without will", "10 0e" + CONNECT + "22" + rest, 9, "[MQTT-3.1.2-13]");
        connect(rows, "will QoS 3", "10 15" + CONNECT + "1e" + rest + "00 0001 77 0001 07", 9, "[MQTT-3.1.2-12]");
        connect(rows, "will missing", "10 0e" + CONNECT + "06" + rest, 16, "property length is missing");
        connect(rows, "will topic missing", "10 0f" + CONNECT + "06" + rest + "00", 17, "will topic is missing");
        protocolError(
                rows,
                "CONNECT will topic with a wildcard, 5.0",
                "5.0",
                "10 15" + CONNECT + "06" + rest + "00 0001 23 0001 07",
                "CONNECT",
                19,
                "[MQTT-3.3.2-2]");
        protocolError(
                rows,
                "CONNECT will topic empty, 5.0",
                "5.0",
                "10 14" + CONNECT + "06" + rest + "00 0000 0001 07",
                "CONNECT",
                17,
                "[MQTT-4.7.3-1]");
        connect(rows, "client id not UTF-8", "10 0e" + CONNECT + "02 003c 00 0001 ff", 15, "[MQTT-1.5.4-1]");
        connect(rows, "client id with U+0000", "10 0e" + CONNECT + "02 003c 00 0001 00", 15, "[MQTT-1.5.4-2]");
        connect(rows, "password missing", "10 0e" + CONNECT + "42" + rest, 16, "password is missing");
        connect(rows, "user name missing", "10 0e" + CONNECT + "82" + rest, 16, "user name is missing");
        connect(rows, "trailing byte", "10 0f" + CONNECT + "02" + rest + "00", 16, "1 bytes are left over");
    }

    private static void connect(List<MalformedRow> rows, String name, String hex, int at, String rule) {
        malformed(rows, "CONNECT " + name + ", 5.0", "5.0", hex, "CONNECT", at, rule);
    }

    private static void connAck(List<MalformedRow> rows) {
        malformed(rows, "CONNACK reserved bits", "5.0", "20 03 02 00 00", "CONNACK", 2, "[MQTT-3.2.2-1]");
        malformed(rows, "CONNACK reserved high bit", "5.0", "20 03 81 00 00", "CONNACK", 2, "[MQTT-3.2.2-1]");
        protocolError(
                rows,
                "CONNACK refusal with a session present",
                "5.0",
                "20 03 01 87 00",
                "CONNACK",
                2,
                "[MQTT-3.2.2-6]");
        protocolError(
                rows, "CONNACK of 3.x with a session present", "5.0", "20 02 01 01", "CONNACK", 2, "[MQTT-3.2.2-6]");
        for (String code : List.of("00", "06", "85", "ff")) {
            malformed(
                    rows,
                    "CONNACK of two bytes with " + code,
                    "5.0",
                    "20 02 00" + code,
                    "CONNACK",
                    4,
                    "property length is missing");
        }
    }

    private static void publish(List<MalformedRow> rows) {
        protocolError(
                rows,
                "PUBLISH empty topic without alias",
                "5.0",
                "30 03 0000 00",
                "PUBLISH",
                2,
                "topic name is empty without a topic alias [MQTT-4.7.3-1]");
        malformed(rows, "PUBLISH topic cut", "5.0", "30 03 0002 61", "PUBLISH", 2, "announces 2 bytes");
        protocolError(rows, "PUBLISH topic with #", "5.0", "30 04 0001 23 00", "PUBLISH", 4, "[MQTT-3.3.2-2]");
        malformed(rows, "PUBLISH topic with U+0000", "5.0", "30 04 0001 00 00", "PUBLISH", 4, "[MQTT-1.5.4-2]");
        malformed(rows, "PUBLISH topic not UTF-8", "5.0", "30 04 0001 c0 00", "PUBLISH", 4, "[MQTT-1.5.4-1]");
        protocolError(rows, "PUBLISH identifier 0", "5.0", "32 06 0001 61 0000 00", "PUBLISH", 5, "[MQTT-2.2.1-3]");
        malformed(
                rows,
                "PUBLISH identifier cut",
                "5.0",
                "32 04 0001 61 00",
                "PUBLISH",
                5,
                "packet identifier is missing");
        malformed(
                rows,
                "PUBLISH without property length",
                "5.0",
                "32 05 0001 61 0001",
                "PUBLISH",
                7,
                "property length is missing");
        // The decoder of these tests takes aliases up to 2.
        rows.add(new MalformedRow(
                "PUBLISH alias above the maximum",
                "5.0",
                "30 07 0001 61 03 23 0003",
                TOPIC_ALIAS_INVALID,
                "PUBLISH",
                5,
                "topic alias is 3, the topic alias maximum is 2 [MQTT-3.3.2-11]"));
        rows.add(new MalformedRow(
                "PUBLISH alias 0",
                "5.0",
                "30 07 0001 61 03 23 0000",
                TOPIC_ALIAS_INVALID,
                "PUBLISH",
                6,
                "TOPIC_ALIAS is 0, must be 1 to 65535 [MQTT-3.3.2-8]"));
        protocolError(
                rows,
                "PUBLISH unknown alias",
                "5.0",
                "30 06 0000 03 23 0002",
                "PUBLISH",
                4,
                "topic alias 2 stands for no topic yet");
    }

    private static void subscriptions(List<MalformedRow> rows) {
        for (String type : List.of("40 PUBACK", "50 PUBREC", "62 PUBREL", "70 PUBCOMP")) {
            protocolError(
                    rows,
                    type.substring(3) + " identifier 0",
                    "5.0",
                    type.substring(0, 2) + "02 0000",
                    type.substring(3),
                    2,
                    "[MQTT-2.2.1-3]");
        }
        for (String type : List.of("82 SUBSCRIBE", "90 SUBACK", "a2 UNSUBSCRIBE", "b0 UNSUBACK")) {
            String name = type.substring(3);
            String first = type.substring(0, 2);
            protocolError(rows, name + " identifier 0", "5.0", first + "03 0000 00", name, 2, "[MQTT-2.2.1-3]");
            String rule = switch (name) {
                case "SUBSCRIBE" -> "[MQTT-3.8.3-2]";
                case "SUBACK" -> "[MQTT-3.8.4-6]";
                case "UNSUBSCRIBE" -> "[MQTT-3.10.3-2]";
                default -> "[MQTT-3.11.3-2]";
            };
            protocolError(rows, name + " without payload", "5.0", first + "03 0001 00", name, 5, rule);
        }
        for (String options : List.of("40", "80", "c1")) {
            malformed(
                    rows,
                    "SUBSCRIBE options " + options,
                    "5.0",
                    "82 07 0001 00 0001 61" + options,
                    "SUBSCRIBE",
                    8,
                    "subscription options are 0x" + options + ", the upper two bits must be 0 [MQTT-3.8.3-5]");
        }
        protocolError(
                rows, "SUBSCRIBE QoS 3", "5.0", "82 07 0001 00 0001 61 03", "SUBSCRIBE", 8, "QoS 3 does not exist");
        protocolError(
                rows,
                "SUBSCRIBE retain handling 3",
                "5.0",
                "82 07 0001 00 0001 61 30",
                "SUBSCRIBE",
                8,
                "retain handling 3 does not exist");
        protocolError(
                rows,
                "SUBSCRIBE shared with no local",
                "5.0",
                "82 10 0001 00 000a 2473686172652f672f23 04",
                "SUBSCRIBE",
                17,
                "no local is 1 on a shared subscription, must be 0 [MQTT-3.8.3-4]");
        malformed(
                rows,
                "SUBSCRIBE options missing",
                "5.0",
                "82 06 0001 00 0001 61",
                "SUBSCRIBE",
                8,
                "subscription options is missing");
        protocolError(
                rows, "SUBSCRIBE misplaced #", "5.0", "82 08 0001 00 0002 6123 00", "SUBSCRIBE", 7, "[MQTT-4.7.1-2]");
        protocolError(
                rows,
                "SUBSCRIBE shared without a group",
                "5.0",
                "82 0f 0001 00 0009 2473686172652f2f61 00",
                "SUBSCRIBE",
                7,
                "[MQTT-4.8.2-1]");
        malformed(
                rows, "UNSUBSCRIBE filter cut", "5.0", "a2 06 0001 00 0002 61", "UNSUBSCRIBE", 5, "announces 2 bytes");
    }
}
