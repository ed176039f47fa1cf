package io.hawser.wire;

import static io.hawser.mqtt.ReasonCode.UNSUPPORTED_PROTOCOL_VERSION;
import static io.hawser.wire.MalformedRow.malformed;
import static io.hawser.wire.MalformedRow.protocolError;

import java.util.List;

/** Malformed forms of CONNECT in MQTT 3.x. */
final class MalformedConnects {
    private static final String CONNECT_3_1_1 = "0004 4d515454 04 ";
    private static final String CONNECT_3_1 = "0006 4d5149736470 03 ";

    private MalformedConnects() {}

    static void addTo(List<MalformedRow> rows) {
        String v = "3.1.1";
        rows.add(new MalformedRow(
                "CONNECT unknown name",
                "both",
                "10 0d 0004 58515454 04 02 003c 0001 63",
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                2,
                "[MQTT-3.1.2-1]"));
        rows.add(new MalformedRow(
                "CONNECT unknown level",
                "both",
                "10 0d 0004 4d515454 06 02 003c 0001 63",
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                8,
                "[MQTT-3.1.2-2]"));
        rows.add(new MalformedRow(
                "CONNECT 3.1 on a 3.1.1 connection",
                v,
                "10 0f" + CONNECT_3_1 + "02 003c 0001 63",
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                10,
                "this connection speaks 3.1.1"));
        rows.add(new MalformedRow(
                "CONNECT 3.1.1 on a 3.1 connection",
                "3.1",
                "10 0d" + CONNECT_3_1_1 + "02 003c 0001 63",
                UNSUPPORTED_PROTOCOL_VERSION,
                "CONNECT",
                8,
                "this connection speaks 3.1"));
        malformed(
                rows,
                "CONNECT name longer than the packet",
                "both",
                "10 0d 0104 4d515454 04 02 003c 0001 63",
                "CONNECT",
                2,
                "announces 260 bytes, the packet has 11 left");
        malformed(
                rows,
                "CONNECT reserved flag",
                v,
                "10 0d" + CONNECT_3_1_1 + "03 003c 0001 63",
                "CONNECT",
                9,
                "[MQTT-3.1.2-3]");
        malformed(
                rows,
                "CONNECT will QoS without will",
                v,
                "10 0d" + CONNECT_3_1_1 + "0a 003c 0001 63",
                "CONNECT",
                9,
                "[MQTT-3.1.2-13]");
        malformed(
                rows,
                "CONNECT will retain without will",
                v,
                "10 0d" + CONNECT_3_1_1 + "22 003c 0001 63",
                "CONNECT",
                9,
                "[MQTT-3.1.2-15]");
        malformed(
                rows,
                "CONNECT will QoS 3",
                v,
                "10 13" + CONNECT_3_1_1 + "1e 003c 0001 63 0001 77 0001 07",
                "CONNECT",
                9,
                "[MQTT-3.1.2-14]");
        malformed(
                rows,
                "CONNECT will QoS 3, 3.1",
                "3.1",
                "10 15" + CONNECT_3_1 + "1e 003c 0001 63 0001 77 0001 07",
                "CONNECT",
                11,
                "[MQTT-3.1.2-14]");
        malformed(
                rows,
                "CONNECT password without user name",
                v,
                "10 10" + CONNECT_3_1_1 + "42 003c 0001 63 0001 70",
                "CONNECT",
                9,
                "[MQTT-3.1.2-22]");
        malformed(
                rows,
                "CONNECT client id not UTF-8",
                v,
                "10 0e" + CONNECT_3_1_1 + "02 003c 0002 63ff",
                "CONNECT",
                15,
                "0xff, which begins no valid UTF-8 character [MQTT-1.5.3-1]");
        malformed(
                rows,
                "CONNECT client id with U+0000",
                v,
                "10 0e" + CONNECT_3_1_1 + "02 003c 0002 6300",
                "CONNECT",
                15,
                "[MQTT-1.5.3-2]");
        malformed(
                rows,
                "CONNECT client id cut",
                v,
                "10 0d" + CONNECT_3_1_1 + "02 003c 0002 63",
                "CONNECT",
                12,
                "client identifier announces 2 bytes, the packet has 1 left");
        malformed(
                rows,
                "CONNECT will missing",
                v,
                "10 0d" + CONNECT_3_1_1 + "06 003c 0001 63",
                "CONNECT",
                15,
                "will topic is missing");
        protocolError(
                rows,
                "CONNECT will topic empty",
                v,
                "10 12" + CONNECT_3_1_1 + "06 003c 0001 63 0000 0001 07",
                "CONNECT",
                15,
                "[MQTT-4.7.3-1]");
        protocolError(
                rows,
                "CONNECT will topic with a wildcard",
                v,
                "10 13" + CONNECT_3_1_1 + "06 003c 0001 63 0001 23 0001 07",
                "CONNECT",
                17,
                "[MQTT-3.3.2-2]");
        malformed(
                rows,
                "CONNECT will message missing",
                v,
                "10 10" + CONNECT_3_1_1 + "06 003c 0001 63 0001 77",
                "CONNECT",
                18,
                "will message is missing");
        malformed(
                rows,
                "CONNECT user name missing",
                v,
                "10 0d" + CONNECT_3_1_1 + "82 003c 0001 63",
                "CONNECT",
                15,
                "user name is missing");
        malformed(
                rows,
                "CONNECT user name not UTF-8",
                v,
                "10 10" + CONNECT_3_1_1 + "82 003c 0001 63 0001 c0",
                "CONNECT",
                17,
                "[MQTT-1.5.3-1]");
        malformed(
                rows,
                "CONNECT password missing",
                v,
                "10 10" + CONNECT_3_1_1 + "c2 003c 0001 63 0001 75",
                "CONNECT",
                18,
                "password is missing");
        malformed(
                rows,
                "CONNECT password cut",
                v,
                "10 13" + CONNECT_3_1_1 + "c2 003c 0001 63 0001 75 0002 70",
                "CONNECT",
                18,
                "password announces 2 bytes");
        malformed(
                rows,
                "CONNECT trailing bytes",
                v,
                "10 0f" + CONNECT_3_1_1 + "02 003c 0001 63 0000",
                "CONNECT",
                15,
                "2 bytes are left over");
    }
}
