package io.hawser.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.UserProperty;
import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PacketTraceTest {
    private static final int NO_MAXIMUM = 268_435_460;
    private static final Pattern HEX = Pattern.compile("\\[((?:[0-9a-f]{2})*)\\]");
    private static final Pattern LARGE = Pattern.compile("\\[(\\d+) bytes, hash -?\\d+\\]");

    private final List<String> lines = new ArrayList<>();

    /** Each packet of the codec's table, in each version that has it. */
    static Stream<Arguments> rows() {
        return CodecTable.rows().stream()
                .flatMap(row -> row.versions().stream().map(version -> Arguments.of(row, version)));
    }

    /** The line of the codec's tests, which shows all of a packet, without payloads and secrets. */
    private static String without(String line) {
        if (line.startsWith("UNSUBACK")) {
            // An empty list of codes looks like no bytes.
            return Utf8.printable(line);
        }
        String secrets = line.replaceAll("( password|AUTHENTICATION_DATA)=\\[[^]]*\\]", "$1=(hidden)");
        String small =
                HEX.matcher(secrets).replaceAll(found -> "(" + found.group(1).length() / 2 + " bytes)");
        return Utf8.printable(LARGE.matcher(small).replaceAll("($1 bytes)"));
    }

    private static List<String> expected(CodecTable.Row row) {
        return row.lines().stream().map(PacketTraceTest::without).toList();
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void aReceivedPacketHasOneLineWithAllItsFieldsButPayloadAndSecrets(CodecTable.Row row, ProtocolVersion version) {
        PacketLog next = new PacketLog();

        new PacketDecoder(version, NO_MAXIMUM)
                .decode(ByteBuffer.wrap(row.bytes()), PacketTrace.receiving(next, lines::add));

        assertThat(next.lines).isEqualTo(row.lines());
        assertThat(lines).isEqualTo(expected(row));
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void aSentPacketHasTheSameLineAndTheSameBytes(CodecTable.Row row, ProtocolVersion version) {
        Collected out = new Collected();

        row.packet().accept(PacketTrace.sending(new PacketEncoder(version, out), lines::add));

        assertThat(out.bytes()).isEqualTo(row.bytes());
        assertThat(lines)
                .hasSize(1)
                .first()
                .asString()
                .startsWith(expected(row).get(0).split(" ")[0]);
    }

    @Test
    void everyPropertyIsInTheLineOfEachPacketThatMayCarryIt() {
        for (Property property : Property.values()) {
            if (property == Property.USER_PROPERTY) {
                continue;
            }
            Properties properties = switch (property.type()) {
                case TEXT -> Properties.NONE.with(property, "text");
                case BINARY -> Properties.NONE.with(property, "secret".getBytes(StandardCharsets.UTF_8));
                default -> Properties.NONE.with(property, property.least());
            };
            lines.clear();
            PacketTrace.receiving(new PacketLog(), lines::add).disconnect(ReasonCode.SUCCESS, properties);
            assertThat(lines)
                    .singleElement()
                    .asString()
                    .contains(property + "=")
                    .doesNotContain("secret");
        }
    }

    @Test
    void stringsOfPeersAreMadePrintable() {
        PacketTrace trace = PacketTrace.receiving(new PacketLog(), lines::add);

        new PacketDecoder(ProtocolVersion.MQTT_3_1_1, NO_MAXIMUM)
                .decode(ByteBuffer.wrap(new byte[] {0x30, 5, 0, 3, 'a', '\n', 'b'}), trace);
        trace.disconnect(
                ReasonCode.SUCCESS,
                Properties.NONE
                        .with(Property.REASON_STRING, "\u001B[2J")
                        .with(List.of(new UserProperty("\u202Ename", "\u0085"))));

        assertThat(lines)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.codePoints().anyMatch(Character::isISOControl))
                        .isFalse())
                .noneMatch(line -> line.contains("\u202E"));
    }

    @Test
    void whatIsNotWrittenHasNoLine() {
        PacketTrace trace =
                PacketTrace.sending(new PacketEncoder(ProtocolVersion.MQTT_3_1_1, new Collected()), lines::add);

        assertThatThrownBy(() -> trace.pubAck(0, ReasonCode.SUCCESS, Properties.NONE))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(lines).isEmpty();
    }
}
