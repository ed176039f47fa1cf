package io.hawser.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every stream of packets, tried on streams that seeds decide. */
class SeededCodecTest {
    private static final int MAXIMUM = 100_000;

    private static final int ALIASES = 3;

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void whatIsEncodedIsDecodedWhateverTheChunks(ProtocolVersion version) {
        for (long seed = 0; seed < 2000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            PacketLog expected = new PacketLog();
            byte[] stream = stream(random, version, expected);

            Outcome outcome = decode(version, stream, random);

            assertThat(outcome.lines()).as("seed %d", seed).isEqualTo(expected.lines);
            assertThat(outcome.refusal()).as("seed %d", seed).isEmpty();
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void damagedStreamsAreRefusedTheSameWayWhateverTheChunks(ProtocolVersion version) {
        int refused = 0;
        for (long seed = 0; seed < 6000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] stream = damage(stream(random, version, new PacketLog()), random);

            Outcome whole = decode(version, stream, null);
            Outcome split = decode(version, stream, random);

            assertThat(split).as("seed %d", seed).isEqualTo(whole);
            refused += whole.refusal().isEmpty() ? 0 : 1;
        }
        assertThat(refused).isGreaterThan(2000);
    }

    /** Whatever a decoder lets pass can be said again, and then means the same. */
    @Tag("slow")
    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void whatSurvivesDamageIsLegal(ProtocolVersion version) {
        for (long seed = 0; seed < 2000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] stream = damage(stream(random, version, new PacketLog()), random);
            PacketLog first = new PacketLog();
            Collected out = new Collected();

            try {
                decoder(version).decode(ByteBuffer.wrap(stream), both(first, version, out));
            } catch (ProtocolException e) {
                // What came before counts.
            }

            assertThat(decode(version, out.bytes(), null).lines())
                    .as("seed %d", seed)
                    .isEqualTo(first.lines);
        }
    }

    /** An encoder for each packet: after CONNECT one leaves out what only a broker may say. */
    private static PacketSink both(PacketLog log, ProtocolVersion version, Collected out) {
        return (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, (proxy, method, args) -> {
                    method.invoke(log, args);
                    return method.invoke(new PacketEncoder(version, out), args);
                });
    }

    private record Outcome(List<String> lines, String refusal) {}

    private static byte[] stream(SplittableRandom random, ProtocolVersion version, PacketLog expected) {
        Collected out = new Collected();
        PacketEncoder encoder = new PacketEncoder(version, out);
        encoder.topicAliasMaximum(version == ProtocolVersion.MQTT_5 ? random.nextInt(ALIASES + 1) : 0);
        for (int packets = 1 + random.nextInt(8); packets > 0; packets--) {
            // The same packet twice, from twins of one generator: once as text, once as bytes.
            long twin = random.nextLong();
            boolean ofBroker = expected.lines.stream().noneMatch(line -> line.startsWith("CONNECT "));
            new Seeded(twin, version, ofBroker).packet(expected);
            new Seeded(twin, version, ofBroker).packet(encoder);
        }
        return out.bytes();
    }

    private static PacketDecoder decoder(ProtocolVersion version) {
        PacketDecoder decoder = new PacketDecoder(version, MAXIMUM);
        decoder.topicAliasMaximum(ALIASES);
        return decoder;
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
        PacketDecoder decoder = decoder(version);
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
