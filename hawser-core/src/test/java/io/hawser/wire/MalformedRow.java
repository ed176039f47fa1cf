package io.hawser.wire;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import java.util.HexFormat;
import java.util.List;

/**
 * A malformed form, and what the refusal must say.
 *
 * @param versions one version, "both" for 3.1 and 3.1.1, or "all"
 * @param hex the bytes, with spaces between fields
 */
record MalformedRow(String name, String versions, String hex, ReasonCode reason, String packet, int at, String rule) {
    static void malformed(
            List<MalformedRow> rows, String name, String versions, String hex, String packet, int at, String rule) {
        rows.add(new MalformedRow(name, versions, hex, ReasonCode.MALFORMED_PACKET, packet, at, rule));
    }

    static void protocolError(
            List<MalformedRow> rows, String name, String versions, String hex, String packet, int at, String rule) {
        rows.add(new MalformedRow(name, versions, hex, ReasonCode.PROTOCOL_ERROR, packet, at, rule));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    boolean holdsIn(ProtocolVersion version) {
        return versions.equals("all")
                || versions.equals("both") && version != ProtocolVersion.MQTT_5
                || versions.equals(version.toString());
    }
}
