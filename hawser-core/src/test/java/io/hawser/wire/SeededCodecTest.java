package io.hawser.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every stream of packets, tried on streams that seeds decide. */
class SeededCodecTest {
    private static final int MAXIMUM = 100_000;

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void whatIsEncodedIsDecodedWhateverTheChunks(ProtocolVersion version) {
        for (long seed = 0; seed < 2000; seed++) {
            Seeded seeded = new Seeded(seed);
            PacketLog expected = new PacketLog();
            byte[] stream = stream(seeded, version, expected);

            Outcome outcome = decode(version, stream, seeded.random);

            assertThat(outcome.lines()).as("seed %d", seed).isEqualTo(expected.lines);
            assertThat(outcome.refusal()).as("seed %d", seed).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void damagedStreamsAreRefusedTheSameWayWhateverTheChunks(ProtocolVersion version) {
        int refused = 0;
        for (long seed = 0; seed < 6000; seed++) {
            Seeded seeded = new Seeded(seed);
            byte[] stream = damage(stream(seeded, version, new PacketLog()), seeded.random);

            Outcome whole = decode(version, stream, null);
            Outcome split = decode(version, stream, seeded.random);

            assertThat(split).as("seed %d", seed).isEqualTo(whole);
            refused += whole.refusal().isEmpty() ? 0 : 1;
        }
        assertThat(refused).isGreaterThan(2000);
    }

    private record Outcome(List<String> lines, String refusal) {}

    private static byte[] stream(Seeded seeded, ProtocolVersion version, PacketLog expected) {
        Collected out = new Collected();
        PacketEncoder encoder = new PacketEncoder(version, out);
        for (int packets = 1 + seeded.random.nextInt(8); packets > 0; packets--) {
            // The same packet twice, from twins of one generator: once as text, once as bytes.
            long twin = seeded.random.nextLong();
            new Seeded(twin).packet(version, expected);
            new Seeded(twin).packet(version, encoder);
        }
        return out.bytes();
    }

    private static byte[] damage(byte[] stream, SplittableRandom random) {
        byte[] damaged = stream.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(5)) {
                case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> damaged[at] = (byte) random.nextInt(256);
                case 2 -> damaged[at] = (byte) (random.nextBoolean() ? 0 : 0xFF);
                case 3 -> damaged = Arrays.copyOf(damaged, at + 1);
                default -> {
                    byte[] without = Arrays.copyOf(damaged, damaged.length - 1);
                    System.arraycopy(damaged, at + 1, without, at, damaged.length - at - 1);
                    damaged = without.length == 0 ? damaged : without;
                }
            }
        }
        return damaged;
    }

    /** Anything but a ProtocolException fails the test. */
    private static Outcome decode(ProtocolVersion version, byte[] stream, SplittableRandom chunks) {
        PacketLog log = new PacketLog();
        PacketDecoder decoder = new PacketDecoder(version, MAXIMUM);
        List<String> refusals = new ArrayList<>();
        int at = 0;
        while (at < stream.length) {
            int left = stream.length - at;
            int size = chunks == null ? left : Math.min(left, 1 + chunks.nextInt(chunks.nextInt(4) == 0 ? 40_000 : 20));
            try {
                decoder.decode(ByteBuffer.wrap(stream, at, size), log);
            } catch (ProtocolException e) {
                refusals.add(e.reasonCode() + " " + e.getMessage());
            }
            at += size;
            assertThat(decoder.reserved()).isLessThanOrEqualTo(2 * at + 1024);
        }
        assertThat(refusals).hasSizeLessThanOrEqualTo(1);
        return new Outcome(log.lines, String.join("", refusals));
    }
}
