package io.hawser.wire;

import static io.hawser.wire.MalformedRow.malformed;
import static io.hawser.wire.MalformedRow.protocolError;

import io.hawser.mqtt.ReasonCode;
import java.util.List;

/** Malformed forms of properties, in every packet that has any. */
final class MalformedProperties {
    private static final String METHOD = "15 0001 6d";

    private MalformedProperties() {}

    static void addTo(List<MalformedRow> rows) {
        for (Frame frame : Frame.ALL) {
            lengths(rows, frame);
            unknown(rows, frame);
            userProperties(rows, frame);
        }
        for (PropertyTable.Row row : PropertyTable.rows()) {
            for (Frame frame : Frame.ALL) {
                if (row.frames().contains(frame)) {
                    values(rows, frame, row);
                } else {
                    misplaced(rows, frame, row);
                }
            }
        }
        authentication(rows);
    }

    private static String packet(Frame frame) {
        return frame.type().name();
    }

    /** Where the first property stands. */
    private static int at(Frame frame) {
        return frame.sectionAt() + 1;
    }

    private static int size(String hex) {
        return hex.replace(" ", "").length() / 2;
    }

    private static void lengths(List<MalformedRow> rows, Frame frame) {
        String name = frame.name() + " property length ";
        malformed(
                rows,
                name + "beyond the packet",
                "5.0",
                frame.raw("7f"),
                packet(frame),
                at(frame),
                "property section has 127 bytes, the packet has");
        malformed(
                rows,
                name + "in two bytes instead of one",
                "5.0",
                frame.raw("8000"),
                packet(frame),
                frame.sectionAt(),
                "[MQTT-1.5.5-1]");
        malformed(
                rows,
                name + "of five bytes",
                "5.0",
                frame.raw("8080808001"),
                packet(frame),
                frame.sectionAt() + 3,
                "property length has more than four bytes");
        // At the end of the others a missing length means that there are no properties.
        if (frame.after().isEmpty() && frame != Frame.PUBLISH && frame != Frame.AUTH) {
            return;
        }
        String before = frame.before().replace(" ", "");
        String hex = frame.first() + "%02x".formatted(before.length() / 2) + before;
        if (frame.type() != PacketType.CONNECT && before.length() / 2 > 2) {
            malformed(
                    rows, name + "missing", "5.0", hex, packet(frame), frame.sectionAt(), "property length is missing");
        }
    }

    private static void unknown(List<MalformedRow> rows, Frame frame) {
        for (String identifier : List.of("00", "04", "0a", "1d", "20", "2b", "7f")) {
            malformed(
                    rows,
                    frame.name() + " property " + identifier,
                    "5.0",
                    frame.with(identifier + "00"),
                    packet(frame),
                    at(frame),
                    "is unknown (MQTT 5.0, section 2.2.2.2)");
        }
        malformed(
                rows,
                frame.name() + " property 0x81",
                "5.0",
                frame.with("8101 00"),
                packet(frame),
                at(frame),
                "property 0x81 is unknown");
        malformed(
                rows,
                frame.name() + " property 0x26 in two bytes",
                "5.0",
                frame.with("a600 0000 0000"),
                packet(frame),
                at(frame),
                "[MQTT-1.5.5-1]");
    }

    private static void userProperties(List<MalformedRow> rows, Frame frame) {
        String name = frame.name() + " user property ";
        malformed(
                rows,
                name + "without a value",
                "5.0",
                frame.with("26 0001 6b"),
                packet(frame),
                at(frame) + 4,
                "user property value is missing; the property length is too short");
        malformed(
                rows,
                name + "longer than the properties",
                "5.0",
                frame.with("26 0001 6b 0002 76"),
                packet(frame),
                at(frame) + 4,
                "user property value announces 2 bytes, the properties have 1 left");
        malformed(
                rows,
                name + "name with U+0000",
                "5.0",
                frame.with("26 0001 00 0000"),
                packet(frame),
                at(frame) + 3,
                "[MQTT-1.5.4-2]");
        malformed(
                rows,
                name + "value not UTF-8",
                "5.0",
                frame.with("26 0000 0001 ff"),
                packet(frame),
                at(frame) + 5,
                "[MQTT-1.5.4-1]");
    }

    private static void misplaced(List<MalformedRow> rows, Frame frame, PropertyTable.Row row) {
        malformed(
                rows,
                row.property() + " in " + frame.name(),
                "5.0",
                frame.with(row.hex()),
                packet(frame),
                at(frame),
                row.property() + " does not belong");
    }

    private static void values(List<MalformedRow> rows, Frame frame, PropertyTable.Row row) {
        String name = row.property() + " in " + frame.name();
        String identifier = row.hex().substring(0, 2);
        String method = PropertyTable.method(frame, row.property());
        int at = at(frame) + size(method);
        boolean repeats = frame == Frame.PUBLISH && row.property() == Property.SUBSCRIPTION_IDENTIFIER;
        if (!repeats) {
            protocolError(
                    rows,
                    name + " twice",
                    "5.0",
                    frame.with(method + row.hex() + row.hex()),
                    packet(frame),
                    at + size(row.hex()),
                    row.property() + " is there twice");
        }
        String cut = row.hex().replace(" ", "");
        malformed(
                rows,
                name + " cut",
                "5.0",
                frame.with(method + cut.substring(0, cut.length() - 2)),
                packet(frame),
                at + 1 + (row.property().type() == Property.Type.VARIABLE ? 3 : 0),
                row.property().name());
        for (String illegal : row.illegal()) {
            boolean isAlias = row.property() == Property.TOPIC_ALIAS;
            rows.add(new MalformedRow(
                    name + " with " + illegal,
                    "5.0",
                    frame.with(method + identifier + illegal),
                    isAlias ? ReasonCode.TOPIC_ALIAS_INVALID : ReasonCode.PROTOCOL_ERROR,
                    packet(frame),
                    at,
                    row.property() + " is "));
        }
        if (row.property().type() == Property.Type.TEXT) {
            malformed(
                    rows,
                    name + " with U+0000",
                    "5.0",
                    frame.with(method + identifier + "0002 6100"),
                    packet(frame),
                    at + 4,
                    "[MQTT-1.5.4-2]");
            malformed(
                    rows,
                    name + " not UTF-8",
                    "5.0",
                    frame.with(method + identifier + "0003 eda080"),
                    packet(frame),
                    at + 3,
                    "[MQTT-1.5.4-1]");
        }
        if (row.property().type() == Property.Type.VARIABLE) {
            malformed(
                    rows,
                    name + " in more bytes than needed",
                    "5.0",
                    frame.with(identifier + "8100"),
                    packet(frame),
                    at + 1,
                    "[MQTT-1.5.5-1]");
            malformed(
                    rows,
                    name + " in five bytes",
                    "5.0",
                    frame.with(identifier + "8080808001"),
                    packet(frame),
                    at + 4,
                    "more than four bytes");
        }
        if (row.property() == Property.RESPONSE_TOPIC) {
            for (String topic : List.of("0000", "0001 2b", "0003 612f23")) {
                protocolError(
                        rows,
                        name + " with " + topic,
                        "5.0",
                        frame.with(identifier + topic),
                        packet(frame),
                        at,
                        "[MQTT-3.3.2-14]");
            }
        }
    }

    private static void authentication(List<MalformedRow> rows) {
        for (Frame frame : List.of(Frame.CONNECT, Frame.CONNACK, Frame.AUTH)) {
            protocolError(
                    rows,
                    frame.name() + " authentication data without method",
                    "5.0",
                    frame.with("16 0000"),
                    packet(frame),
                    frame.sectionAt(),
                    "AUTHENTICATION_DATA is there without AUTHENTICATION_METHOD");
        }
        protocolError(
                rows,
                "AUTH without method",
                "5.0",
                Frame.AUTH.with("1f 0000"),
                "AUTH",
                Frame.AUTH.sectionAt(),
                "AUTHENTICATION_METHOD is missing [MQTT-4.12.0-5]");
        protocolError(
                rows,
                "AUTH without properties",
                "5.0",
                "f0 02 18 00",
                "AUTH",
                3,
                "AUTHENTICATION_METHOD is missing [MQTT-4.12.0-5]");
        malformed(
                rows,
                "AUTH bytes behind the properties",
                "5.0",
                "f0 07 18 04" + METHOD + "00",
                "AUTH",
                8,
                "1 bytes are left over");
    }
}
