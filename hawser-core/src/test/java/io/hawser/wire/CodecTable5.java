package io.hawser.wire;

import static io.hawser.mqtt.ProtocolVersion.MQTT_5;
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
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The rows of {@link CodecTable} for what only MQTT 5.0 has. */
final class CodecTable5 {
    private static final Set<ProtocolVersion> ONLY_5 = EnumSet.of(MQTT_5);
    private static final Properties TWICE =
            NONE.with(List.of(new UserProperty("k", "1"), new UserProperty("k", ""), new UserProperty("", "2")));
    private static final String TWICE_HEX = "26 0001 6b 0001 31 26 0001 6b 0000 26 0000 0001 32";

    /** Which codes each packet may carry, as the table of its section says. */
    static final Map<PacketType, String> REASON_CODES = new TreeMap<>(Map.of(
            PacketType.CONNACK, "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f",
            PacketType.PUBACK, "00 10 80 83 87 90 91 97 99",
            PacketType.PUBREC, "00 10 80 83 87 90 91 97 99",
            PacketType.PUBREL, "00 92",
            PacketType.PUBCOMP, "00 92",
            PacketType.SUBACK, "00 01 02 80 83 87 8f 91 97 9e a1 a2",
            PacketType.UNSUBACK, "00 11 80 83 87 8f 91",
            PacketType.DISCONNECT,
                    "00 04 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2",
            PacketType.AUTH, "00 18 19"));

    private CodecTable5() {}

    static void addTo(List<CodecTable.Row> rows) {
        connects(rows);
        publishes(rows);
        answers(rows);
        subscriptions(rows);
        reasonCodes(rows);
        properties(rows);
    }

    private static void row(List<CodecTable.Row> rows, String name, Consumer<PacketSink> packet, String hex) {
        rows.add(new CodecTable.Row(name + ", 5.0", ONLY_5, packet, hex));
    }

    private static Consumer<PacketSink> connect(
            String id, boolean cleanStart, Will will, Credentials credentials, Properties properties) {
        return sink -> sink.connect(new Connect(MQTT_5, id, cleanStart, 60, will, credentials, properties));
    }

    private static void connects(List<CodecTable.Row> rows) {
        row(rows, "CONNECT least", connect("", false, null, null, NONE), "10 0d 0004 4d515454 05 00 003c 00 0000");
        row(
                rows,
                "CONNECT clean start",
                connect("c", true, null, null, NONE),
                "10 0e 0004 4d515454 05 02 003c 00 0001 63");
        row(
                rows,
                "CONNECT password without user name",
                connect("c", true, null, Credentials.ofPassword(new byte[] {0, -1}), NONE),
                "10 12 0004 4d515454 05 42 003c 00 0001 63 0002 00ff");
        row(
                rows,
                "CONNECT user name without password",
                connect("c", true, null, Credentials.of("u"), NONE),
                "10 11 0004 4d515454 05 82 003c 00 0001 63 0001 75");
        Will plain = Will.of(Message.of(TopicName.of("w"), new byte[] {7}, EXACTLY_ONCE, true));
        row(
                rows,
                "CONNECT will",
                connect("c", true, plain, null, NONE),
                "10 15 0004 4d515454 05 36 003c 00 0001 63 00 0001 77 0001 07");
        Message attributes = Message.of(TopicName.of("w"), new byte[0], AT_LEAST_ONCE, false)
                .utf8(true)
                .expiry(Duration.ofSeconds(1))
                .contentType("t")
                .responseTopic("r")
                .correlationData(new byte[] {9})
                .userProperty("k", "v");
        row(
                rows,
                "CONNECT everything",
                connect(
                        "c",
                        false,
                        Will.of(attributes).delay(Duration.ofSeconds(2)),
                        Credentials.of("u", "p"),
                        NONE.with(Property.SESSION_EXPIRY_INTERVAL, 3).with(Property.RECEIVE_MAXIMUM, 4)),
                "10 41 0004 4d515454 05 cc 003c 08 11 00000003 21 0004 0001 63"
                        + "1f 18 00000002 01 01 02 00000001 03 0001 74 08 0001 72 09 0001 09 26 0001 6b 0001 76"
                        + "0001 77 0000 0001 75 0001 70");
    }

    private static Message message(String topic, String text, Qos qos) {
        return Message.of(topic, text).qos(qos);
    }

    private static void publishes(List<CodecTable.Row> rows) {
        row(
                rows,
                "PUBLISH QoS 0",
                s -> s.publish(message("a/b", "hi", AT_MOST_ONCE), 0, false),
                "30 08 0003 612f62 00 6869");
        row(
                rows,
                "PUBLISH QoS 1 again",
                s -> s.publish(message("a", "x", AT_LEAST_ONCE).retain(true), 256, true),
                "3b 07 0001 61 0100 00 78");
        row(
                rows,
                "PUBLISH QoS 2, empty",
                s -> s.publish(message("a", "", EXACTLY_ONCE), 65_535, false),
                "34 06 0001 61 ffff 00");
        Message all = message("a", "x", AT_LEAST_ONCE)
                .utf8(true)
                .expiry(Duration.ZERO)
                .contentType("")
                .responseTopic("r")
                .correlationData(new byte[0])
                .userProperties(TWICE.userProperties())
                .subscriptionIdentifiers(List.of(1, 128, 16_384, 2_097_152));
        row(
                rows,
                "PUBLISH everything",
                s -> s.publish(all, 1, false),
                "32 39 0001 61 0001 32 01 01 02 00000000 03 0000 08 0001 72 09 0000" + TWICE_HEX
                        + "0b 01 0b 8001 0b 808001 0b 80808001 78");
        Message longType = message("a", "x".repeat(40_000), EXACTLY_ONCE).contentType("t".repeat(30_000));
        row(
                rows,
                "PUBLISH large with large properties",
                s -> s.publish(longType, 5, false),
                "34 fba204 0001 61 0005 b3ea01 03 7530" + "74".repeat(30_000) + "78".repeat(40_000));
        row(
                rows,
                "PUBLISH large without properties",
                s -> s.publish(message("a", "x".repeat(40_000), AT_MOST_ONCE), 0, false),
                "30 c4b802 0001 61 00" + "78".repeat(40_000));
        row(
                rows,
                "PUBLISH large properties without payload",
                s -> s.publish(message("a", "", AT_MOST_ONCE).contentType("t".repeat(30_000)), 0, false),
                "30 b9ea01 0001 61 b3ea01 03 7530" + "74".repeat(30_000));
        row(
                rows,
                "PUBLISH property length 127",
                s -> s.publish(message("a", "", AT_MOST_ONCE).contentType("t".repeat(124)), 0, false),
                "30 8301 0001 61 7f 03 007c" + "74".repeat(124));
        row(
                rows,
                "PUBLISH property length 128",
                s -> s.publish(message("a", "", AT_MOST_ONCE).contentType("t".repeat(125)), 0, false),
                "30 8501 0001 61 8001 03 007d" + "74".repeat(125));
    }

    private static void answers(List<CodecTable.Row> rows) {
        Properties why = NONE.with(Property.REASON_STRING, "why");
        String whyHex = "1f 0003 776879";
        row(rows, "CONNACK accepted", s -> s.connAck(new ConnAck(false, SUCCESS, NONE)), "20 03 00 00 00");
        row(rows, "CONNACK session present", s -> s.connAck(new ConnAck(true, SUCCESS, NONE)), "20 03 01 00 00");
        row(
                rows,
                "CONNACK user properties",
                s -> s.connAck(new ConnAck(false, SUCCESS, TWICE)),
                "20 16 00 00 13" + TWICE_HEX);
        row(rows, "PUBACK why", s -> s.pubAck(1, SUCCESS, why), "40 0a 0001 00 06" + whyHex);
        row(rows, "PUBREC why not", s -> s.pubRec(1, ReasonCode.QUOTA_EXCEEDED, why), "50 0a 0001 97 06" + whyHex);
        row(rows, "PUBREL why", s -> s.pubRel(1, SUCCESS, why, false), "62 0a 0001 00 06" + whyHex);
        row(rows, "PUBCOMP user properties", s -> s.pubComp(1, SUCCESS, TWICE), "70 17 0001 00 13" + TWICE_HEX);
        row(rows, "DISCONNECT why", s -> s.disconnect(SUCCESS, why), "e0 08 00 06" + whyHex);
        row(rows, "AUTH short", s -> s.auth(SUCCESS, NONE), "f0 00");
        row(
                rows,
                "AUTH method and empty data",
                s -> s.auth(
                        ReasonCode.CONTINUE_AUTHENTICATION,
                        NONE.with(Property.AUTHENTICATION_METHOD, "m").with(Property.AUTHENTICATION_DATA, new byte[0])),
                "f0 09 18 07 15 0001 6d 16 0000");
    }

    private static void subscriptions(List<CodecTable.Row> rows) {
        Subscription plain = Subscription.to("a").qos(AT_MOST_ONCE);
        row(
                rows,
                "SUBSCRIBE options",
                s -> s.subscribe(new Subscribe(
                        10,
                        List.of(
                                plain,
                                plain.qos(AT_LEAST_ONCE).noLocal(true),
                                plain.qos(EXACTLY_ONCE).retainAsPublished(true),
                                plain.retainHandling(RetainHandling.SEND_IF_NEW),
                                plain.noLocal(true).retainAsPublished(true).retainHandling(RetainHandling.DO_NOT_SEND)),
                        NONE,
                        false)),
                "82 17 000a 00 0001 61 00 0001 61 05 0001 61 0a 0001 61 10 0001 61 2c");
        row(
                rows,
                "SUBSCRIBE with an identifier for all",
                s -> s.subscribe(
                        new Subscribe(10, List.of(plain.identifier(300), plain.identifier(300)), TWICE, false)),
                "82 21 000a 16 0b ac02" + TWICE_HEX + "0001 61 00 0001 61 00");
        row(
                rows,
                "SUBSCRIBE shared",
                s -> s.subscribe(new Subscribe(10, List.of(Subscription.to("$share/g/#")), NONE, false)),
                "82 10 000a 00 000a 2473686172652f672f23 02");
        row(
                rows,
                "SUBACK",
                s -> s.subAck(new SubAck(10, List.of(SUCCESS, ReasonCode.NOT_AUTHORIZED), TWICE)),
                "90 18 000a 13" + TWICE_HEX + "00 87");
        row(
                rows,
                "UNSUBSCRIBE",
                s -> s.unsubscribe(
                        new Unsubscribe(11, List.of(TopicFilter.of("a"), TopicFilter.of("+")), TWICE, false)),
                "a2 1c 000b 13" + TWICE_HEX + "0001 61 0001 2b");
        row(
                rows,
                "UNSUBACK",
                s -> s.unsubAck(new UnsubAck(11, List.of(SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED), NONE)),
                "b0 05 000b 00 00 11");
    }

    /** Each code where it is allowed, without properties. */
    private static void reasonCodes(List<CodecTable.Row> rows) {
        REASON_CODES.forEach((type, codes) -> {
            for (String hex : codes.split(" ")) {
                ReasonCode code = ReasonCode.of(Integer.parseInt(hex, 16));
                Consumer<PacketSink> packet = switch (type) {
                    case CONNACK -> s -> s.connAck(new ConnAck(false, code, NONE));
                    case SUBACK -> s -> s.subAck(new SubAck(1, List.of(code), NONE));
                    case UNSUBACK -> s -> s.unsubAck(new UnsubAck(1, List.of(code), NONE));
                    case AUTH -> s -> s.auth(code, NONE.with(Property.AUTHENTICATION_METHOD, "m"));
                    default -> answer(type, code, NONE);
                };
                boolean isShort = hex.equals("00");
                String bytes = switch (type) {
                    case CONNACK -> "20 03 00" + hex + "00";
                    case PUBACK -> isShort ? "40 02 0001" : "40 03 0001" + hex;
                    case PUBREC -> isShort ? "50 02 0001" : "50 03 0001" + hex;
                    case PUBREL -> isShort ? "62 02 0001" : "62 03 0001" + hex;
                    case PUBCOMP -> isShort ? "70 02 0001" : "70 03 0001" + hex;
                    case SUBACK -> "90 04 0001 00" + hex;
                    case UNSUBACK -> "b0 04 0001 00" + hex;
                    case DISCONNECT -> isShort ? "e0 00" : "e0 01" + hex;
                    default -> "f0 06" + hex + "04 15 0001 6d";
                };
                row(rows, type + " " + code, packet, bytes);
            }
        });
    }

    private static Consumer<PacketSink> answer(PacketType type, ReasonCode code, Properties properties) {
        return switch (type) {
            case PUBACK -> s -> s.pubAck(1, code, properties);
            case PUBREC -> s -> s.pubRec(1, code, properties);
            case PUBREL -> s -> s.pubRel(1, code, properties, false);
            case PUBCOMP -> s -> s.pubComp(1, code, properties);
            case DISCONNECT -> s -> s.disconnect(code, properties);
            case AUTH -> s -> s.auth(code, properties);
            default -> throw new IllegalArgumentException(type.name());
        };
    }

    /** Each property where it is allowed, alone as far as possible. */
    private static void properties(List<CodecTable.Row> rows) {
        for (PropertyTable.Row property : PropertyTable.rows()) {
            for (Frame frame : property.frames()) {
                if (property.property() == Property.TOPIC_ALIAS) {
                    continue; // never leaves the codec: AliasTest
                }
                String method = PropertyTable.method(frame, property.property());
                row(
                        rows,
                        property.property() + " in " + frame.name(),
                        packet(frame, property, method),
                        inOrder(frame, method, property.hex()));
            }
        }
    }

    private static String inOrder(Frame frame, String method, String property) {
        boolean before = !method.isEmpty() && property.compareTo(method) < 0;
        return frame.with(before ? property + method : method + property);
    }

    private static Consumer<PacketSink> packet(Frame frame, PropertyTable.Row row, String method) {
        if (frame == Frame.PUBLISH) {
            Message message = withAttribute(Message.of(TopicName.of("a"), new byte[0], AT_MOST_ONCE, false), row);
            return s -> s.publish(message, 0, false);
        }
        if (frame == Frame.WILL) {
            Will will = Will.of(withAttribute(Message.of(TopicName.of("w"), new byte[] {7}, AT_MOST_ONCE, false), row));
            boolean isDelay = row.property() == Property.WILL_DELAY_INTERVAL;
            return connect("c", true, isDelay ? will.delay(Duration.ofSeconds(0xFFFF_FFFFL)) : will, null, NONE);
        }
        Subscription plain = Subscription.to("a").qos(AT_MOST_ONCE);
        if (row.property() == Property.SUBSCRIPTION_IDENTIFIER) {
            return s -> s.subscribe(new Subscribe(1, List.of(plain.identifier(268_435_455)), NONE, false));
        }
        Properties with = row.addTo(method.isEmpty() ? NONE : NONE.with(Property.AUTHENTICATION_METHOD, "m"));
        return switch (frame.type()) {
            case CONNECT -> connect("c", true, null, null, with);
            case CONNACK -> s -> s.connAck(new ConnAck(false, SUCCESS, with));
            case SUBACK -> s -> s.subAck(new SubAck(1, List.of(SUCCESS), with));
            case UNSUBACK -> s -> s.unsubAck(new UnsubAck(1, List.of(SUCCESS), with));
            default -> answer(frame.type(), SUCCESS, with);
        };
    }

    private static Message withAttribute(Message message, PropertyTable.Row row) {
        return switch (row.property()) {
            case PAYLOAD_FORMAT_INDICATOR -> message.utf8(true);
            case MESSAGE_EXPIRY_INTERVAL -> message.expiry(Duration.ofSeconds((Long) row.value()));
            case CONTENT_TYPE -> message.contentType((String) row.value());
            case RESPONSE_TOPIC -> message.responseTopic((String) row.value());
            case CORRELATION_DATA -> message.correlationData((byte[]) row.value());
            case SUBSCRIPTION_IDENTIFIER -> message.subscriptionIdentifiers(List.of(((Long) row.value()).intValue()));
            default -> message;
        };
    }
}
