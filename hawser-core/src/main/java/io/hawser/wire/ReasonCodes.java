package io.hawser.wire;

import io.hawser.mqtt.ReasonCode;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The reason codes that each packet of MQTT 5.0 may carry: the tables of chapter 3, by number as there. */
final class ReasonCodes {
    private static final String OF_PUBLISH = "00 10 80 83 87 90 91 97 99";

    private static final Map<PacketType, Row> ROWS = new EnumMap<>(PacketType.class);

    static {
        row(PacketType.CONNACK, "[MQTT-3.2.2-8]", "00 80 81 82 83 84 85 86 87 88 89 8a 8c 90 95 97 99 9a 9b 9c 9d 9f");
        row(PacketType.PUBACK, "[MQTT-3.4.2-1]", OF_PUBLISH);
        row(PacketType.PUBREC, "[MQTT-3.5.2-1]", OF_PUBLISH);
        row(PacketType.PUBREL, "[MQTT-3.6.2-1]", "00 92");
        row(PacketType.PUBCOMP, "[MQTT-3.7.2-1]", "00 92");
        row(PacketType.SUBACK, "[MQTT-3.9.3-2]", "00 01 02 80 83 87 8f 91 97 9e a1 a2");
        row(PacketType.UNSUBACK, "[MQTT-3.11.3-2]", "00 11 80 83 87 8f 91");
        // 0x8C is missing in section 3.14.2.1, but the overview in section 2.4 has it, and re-authentication needs it.
        row(
                PacketType.DISCONNECT,
                "[MQTT-3.14.2-1]",
                "00 04 80 81 82 83 87 89 8b 8c 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2");
        row(PacketType.AUTH, "[MQTT-3.15.2-1]", "00 18 19");
    }

    private record Row(Set<ReasonCode> allowed, String rule) {}

    private ReasonCodes() {}

    private static void row(PacketType packet, String rule, String codes) {
        Set<ReasonCode> allowed = new HashSet<>();
        for (byte code : HexFormat.ofDelimiter(" ").parseHex(codes)) {
            allowed.add(ReasonCode.of(code & 0xFF));
        }
        ROWS.put(packet, new Row(Set.copyOf(allowed), rule));
    }

    /** The codes that this packet may carry. */
    static Set<ReasonCode> of(PacketType packet) {
        return row(packet).allowed;
    }

    /** The rule that limits these codes, for error messages. */
    static String rule(PacketType packet) {
        return row(packet).rule;
    }

    private static Row row(PacketType packet) {
        return Objects.requireNonNull(ROWS.get(packet), () -> packet + " has no reason code");
    }
}
