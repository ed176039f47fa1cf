package io.hawser.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolVersion;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
    private static final int NO_MAXIMUM = 268_435_460;

    static Stream<Arguments> rows() {
        return CodecTable.rows().stream()
                .flatMap(row -> row.versions().stream().map(version -> Arguments.of(row, version)));
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void encoderWritesTheBytes(CodecTable.Row row, ProtocolVersion version) {
        Collected out = new Collected();
        row.packet().accept(new PacketEncoder(version, out));

        assertThat(out.bytes()).isEqualTo(row.bytes());
        assertThat(out.rooms).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void decoderReadsThePacket(CodecTable.Row row, ProtocolVersion version) {
        PacketLog log = new PacketLog();
        ByteBuffer chunk = ByteBuffer.wrap(row.bytes());
        new PacketDecoder(version, NO_MAXIMUM).decode(chunk, log);

        assertThat(log.lines).isEqualTo(row.lines());
        assertThat(chunk.hasRemaining()).isFalse();
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void decoderReadsThePacketFromDirectAndReadOnlyAndLittleEndianBuffers(CodecTable.Row row, ProtocolVersion version) {
        byte[] bytes = row.bytes();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 7).position(7);
        direct.put(bytes).position(7);

        for (ByteBuffer chunk :
                List.of(direct, direct.asReadOnlyBuffer(), direct.duplicate().order(ByteOrder.LITTLE_ENDIAN))) {
            PacketLog log = new PacketLog();
            new PacketDecoder(version, NO_MAXIMUM).decode(chunk, log);
            assertThat(log.lines).isEqualTo(row.lines());
        }
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void splitAnywhereGivesThePacketOnce(CodecTable.Row row, ProtocolVersion version) {
        byte[] bytes = row.bytes();
        int step = bytes.length < 2000 ? 1 : 997;
        for (int split = 0; split < bytes.length; split += split < 30 ? 1 : step) {
            PacketLog log = new PacketLog();
            PacketDecoder decoder = new PacketDecoder(version, NO_MAXIMUM);
            decoder.decode(ByteBuffer.wrap(bytes, 0, split), log);
            assertThat(log.lines).as("before byte %d", split).isEmpty();
            decoder.decode(ByteBuffer.wrap(bytes, split, bytes.length - split), log);
            assertThat(log.lines).as("split at byte %d", split).isEqualTo(row.lines());
        }
    }

    @ParameterizedTest(name = "{0} ({1})")
    @MethodSource("rows")
    void byteByByteGivesThePacketAtItsLastByte(CodecTable.Row row, ProtocolVersion version) {
        PacketLog log = new PacketLog();
        PacketDecoder decoder = new PacketDecoder(version, NO_MAXIMUM);
        byte[] bytes = row.bytes();
        for (int i = 0; i < bytes.length; i++) {
            assertThat(log.lines).isEmpty();
            decoder.decode(ByteBuffer.wrap(bytes, i, 1), log);
        }
        assertThat(log.lines).isEqualTo(row.lines());
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void manyPacketsInOneStreamComeInOrderWhateverTheChunks(ProtocolVersion version) {
        Collected out = new Collected();
        List<String> expected = new ArrayList<>();
        for (CodecTable.Row row : CodecTable.rows()) {
            if (row.versions().contains(version)) {
                row.packet().accept(new PacketEncoder(version, out));
                expected.addAll(row.lines());
            }
        }
        byte[] bytes = out.bytes();
        for (int chunk : new int[] {1, 2, 3, 7, 64, 1000, 16_384, 20_000, bytes.length}) {
            PacketLog log = new PacketLog();
            PacketDecoder decoder = new PacketDecoder(version, NO_MAXIMUM);
            for (int at = 0; at < bytes.length; at += chunk) {
                decoder.decode(ByteBuffer.wrap(bytes, at, Math.min(chunk, bytes.length - at)), log);
            }
            assertThat(log.lines).as("chunks of %d bytes", chunk).isEqualTo(expected);
        }
    }

    @Test
    void everyPacketTypeHasRows() {
        assertThat(CodecTable.rows().stream()
                        .map(row -> row.bytes()[0] >> 4 & 0xF)
                        .distinct()
                        .sorted())
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
}
