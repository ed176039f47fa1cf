package io.hawser.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every malformed form, with what the refusal must say: the packet, the byte and the rule. */
class MalformedTest {
    private static final int MAXIMUM = 1000;
    private static final int WHOLE = 4096;

    record Case(MalformedRow row, ProtocolVersion version) {
        @Override
        public String toString() {
            return row.name() + " (" + version + ")";
        }
    }

    static Stream<Case> cases() {
        return rows().stream()
                .flatMap(row -> Stream.of(ProtocolVersion.values())
                        .filter(version -> row.holdsIn(version))
                        .map(version -> new Case(row, version)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRefusedNamingPacketByteAndRule(Case each) {
        ProtocolException refusal = decode(each, WHOLE);

        assertThat(refusal).isNotNull();
        assertThat(refusal.reasonCode()).isEqualTo(each.row.reason());
        assertThat(refusal).hasMessageStartingWith(each.row.packet() + ", byte " + each.row.at() + ": ");
        assertThat(refusal).hasMessageContaining(each.row.rule());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isRefusedTheSameWayByteByByte(Case each) {
        assertThat(decode(each, 1)).hasMessage(decode(each, WHOLE).getMessage());
    }

    private static ProtocolException decode(Case each, int chunk) {
        PacketLog log = new PacketLog();
        PacketDecoder decoder = new PacketDecoder(each.version, MAXIMUM);
        decoder.topicAliasMaximum(2);
        byte[] bytes = each.row.bytes();
        ProtocolException refusal = catchThrowableOfType(ProtocolException.class, () -> {
            for (int at = 0; at < bytes.length; at += chunk) {
                decoder.decode(ByteBuffer.wrap(bytes, at, Math.min(chunk, bytes.length - at)), log);
            }
        });
        decoder.decode(ByteBuffer.wrap(new byte[] {(byte) 0xd0, 0}), log);
        assertThat(log.lines).as("packets, even after the refusal").isEmpty();
        return refusal;
    }

    static List<MalformedRow> rows() {
        List<MalformedRow> rows = new ArrayList<>();
        MalformedPackets.addTo(rows);
        MalformedConnects.addTo(rows);
        MalformedPackets5.addTo(rows);
        MalformedProperties.addTo(rows);
        return rows;
    }
}
