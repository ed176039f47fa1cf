package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client whose process has a heap of 64 MB lives through a broker that does its worst, over TCP and TLS. */
@Tag("brokers")
class MemoryTest {
    private static final int DUPLICATE = 4;
    /** A PUBLISH of the row {@code stalled}: header, topic, properties, payload. */
    private static final int SMALL_PACKET =
            2 + 2 + MemoryProgram.SMALL_TOPIC.length() + 1 + MemoryProgram.SMALL_PAYLOAD;

    private static final Duration LONG_ENOUGH = Duration.ofMinutes(2);

    @TempDir
    static Path directory;

    private static SSLContext tls;
    private static Path authority;

    @BeforeAll
    static void certificates() throws Exception {
        Authority issuer = new Authority("memory");
        Authority.Identity broker = issuer.issue("localhost", "localhost", "127.0.0.1");
        authority = Files.write(directory.resolve("ca.pem"), issuer.pem());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("broker", broker.keys().getPrivate(), new char[0], new Certificate[] {broker.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
    }

    static Stream<Arguments> rowsAndRoads() {
        return Stream.of(
                        "queue",
                        "answers",
                        "properties",
                        "pairs",
                        "identifiers",
                        "huge",
                        "topics",
                        "held",
                        "bridge",
                        "repeated",
                        "events")
                .flatMap(row -> Stream.of(Arguments.of(row, false), Arguments.of(row, true)));
    }

    @ParameterizedTest
    @MethodSource("rowsAndRoads")
    void smallHeapOutlivesTheWorstBroker(String row, boolean secure) throws Exception {
        AtomicReference<WorstBroker.@Nullable Peer> last = new AtomicReference<>();
        try (WorstBroker broker = broker(row, secure, last);
                Program program = new Program(row, broker, secure)) {
            program.expect("ready");
            int published = (int) program.figure("published ");
            awaitStandstill(last.get().sent);
            program.goOn();
            assertThat(program.figure("heap ")).isLessThan(56L << 20);
            assertThat(program.figure("direct ")).isLessThan(16L << 20);
            assertThat(program.line("state ")).isEqualTo("READY");
            if (row.equals("bridge")) {
                // Acknowledgements that its handler waits for come behind what may not be read before it goes on.
                return;
            }
            last.get().readAgain();
            program.goOn();
            int failed = (int) program.figure("failed ");
            assertThat(program.figure("handled ")).isEqualTo(toBeHandled(row));
            assertThat(broker.connections).as(program::told).hasValue(1);
            assertThat(program.output()).noneMatch(line -> line.contains("OutOfMemoryError"));
            if (row.equals("queue")) {
                assertThat(failed).isBetween(published * 8 / 10, published - 500);
            } else {
                assertThat(failed).isZero();
            }
        }
    }

    /** However small the pieces are that come to it. What waits is what does not leave a process that is stopped. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void outputOfAStalledConnectionTakesLessThanTwiceItsBytes(boolean secure) throws Exception {
        AtomicReference<WorstBroker.@Nullable Peer> last = new AtomicReference<>();
        try (WorstBroker broker = broker("stalled", secure, last);
                Program program = new Program("stalled", broker, secure)) {
            program.expect("ready");
            WorstBroker.Peer peer = last.get();
            long before = peer.received.get();
            long published = program.figure("published ") * SMALL_PACKET;
            program.goOn();
            long memory = program.figure("more ");
            program.signal("-STOP");
            peer.readAgain();
            awaitStandstill(peer.received);
            long waited = published - (peer.received.get() - before);
            assertThat(waited).isGreaterThan(256 << 10);
            assertThat(memory).isLessThan(2 * waited + (256 << 10));
            program.signal("-CONT");
            program.goOn();
            assertThat(program.figure("failed ")).isZero();
            assertThat(peer.received.get() - before).isGreaterThan(published);
            assertThat(broker.connections).as(program::told).hasValue(1);
        }
    }

    /** How many of the broker's messages the handler gets when all goes on. */
    private static int toBeHandled(String row) {
        return switch (row) {
            case "properties", "pairs", "identifiers", "topics", "events" ->
                (int) packets(row).count();
            case "repeated" -> 2;
            default -> 0;
        };
    }

    private static WorstBroker broker(String row, boolean secure, AtomicReference<WorstBroker.@Nullable Peer> last)
            throws IOException {
        return new WorstBroker(secure ? tls : null, (peer, first, body) -> {
            last.set(peer);
            return script(row, peer, first, body);
        });
    }

    /** One side has sent everything, or the other takes no more of it. */
    private static void awaitStandstill(AtomicLong bytes) {
        long[] before = {-1, 0};
        await().atMost(LONG_ENOUGH).pollInterval(Duration.ofMillis(250)).until(() -> {
            long now = bytes.get();
            before[1] = now == before[0] ? before[1] + 1 : 0;
            before[0] = now;
            return before[1] == 4;
        });
    }

    private static boolean script(String row, WorstBroker.Peer peer, int first, byte[] body) throws Exception {
        int type = first >> 4;
        boolean subscribes = type == 8;
        switch (row) {
            case "stalled", "queue", "answers" -> {
                if (subscribes) {
                    peer.usual(first, body);
                    WorstBroker.start(() -> flood(peer, row));
                    peer.stopReading();
                    return true;
                }
            }
            case "repeated" -> {
                if (type == 5 && id(body) == 1 && peer.floods()) {
                    // The first has been handled: the second blocks its handler, and the first is repeated. Each
                    // repetition is
                    // answered as well, and must not begin another flood.
                    peer.send(publish("x", 2, 2, new byte[0], 0));
                    WorstBroker.start(() -> flood(peer, row));
                    return true;
                }
                if (subscribes) {
                    peer.usual(first, body);
                    peer.send(publish("x", 2, 1, new byte[0], 0));
                    return true;
                }
            }
            default -> {
                if (subscribes) {
                    // SUBACK first: a thread that floods gives up its turn to none that waits for it.
                    peer.usual(first, body);
                    WorstBroker.start(() -> flood(peer, row));
                    return true;
                }
            }
        }
        return false;
    }

    private static int id(byte[] body) {
        return (body[0] & 255) << 8 | body[1] & 255;
    }

    private static void flood(WorstBroker.Peer peer, String row) throws IOException {
        for (byte[] packet : (Iterable<byte[]>) packets(row)::iterator) {
            peer.send(packet);
        }
    }

    /** What floods the client: the heap twice over, or more. */
    private static Stream<byte[]> packets(String row) {
        return switch (row) {
            case "stalled", "queue" -> Stream.empty();
            case "answers" -> repeat(1_000, pubRels(1_000));
            case "properties" -> repeat(640, publish("x", 0, 0, pairs(4, 50_000), 0));
            case "pairs" -> repeat(640, publish("x", 0, 0, pairs(30_000, 1), 0));
            case "identifiers" -> repeat(640, publish("x", 0, 0, identifiers(65_536), 0));
            // Half of the largest packet, since the heap is a quarter of what that is meant for.
            case "huge" -> repeat(16, publish("x", 0, 0, pairs(1_150_000, 1), 0));
            case "topics" -> repeat(2_000, publish("x/" + "t".repeat(60_000), 0, 0, new byte[0], 0));
            case "repeated" -> repeat(1_500, publish("x", 2 | DUPLICATE, 1, new byte[0], 100_000));
            case "events" -> repeat(3_000, publish("x", 0, 0, pairs(300, 1), 40_000));
            default -> IntStream.rangeClosed(1, 8_000).mapToObj(id -> publish("x", 1, id, new byte[0], 16_384));
        };
    }

    private static Stream<byte[]> repeat(int count, byte[] packet) {
        return Stream.generate(() -> packet).limit(count);
    }

    private static byte[] pubRels(int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            out.writeBytes(new byte[] {0x62, 2, 1, 1});
        }
        return out.toByteArray();
    }

    /** User properties with a name of one byte and values of so many. */
    private static byte[] pairs(int count, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] value = "v".repeat(length).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < count; i++) {
            out.writeBytes(new byte[] {0x26, 0, 1, 'k', (byte) (length >> 8), (byte) length});
            out.writeBytes(value);
        }
        return out.toByteArray();
    }

    private static byte[] identifiers(int count) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            out.write(0x0b);
            variable(out, 128 + i % 10_000);
        }
        return out.toByteArray();
    }

    /** PUBLISH with flags: QoS and DUP, as they stand in the first byte, shifted. */
    private static byte[] publish(String topic, int flags, int packetId, byte[] properties, int payload) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        body.write(name.length >> 8);
        body.write(name.length);
        body.writeBytes(name);
        if ((flags & 3) > 0) {
            body.write(packetId >> 8);
            body.write(packetId);
        }
        variable(body, properties.length);
        body.writeBytes(properties);
        body.writeBytes(new byte[payload]);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(0x30 | flags << 1);
        variable(packet, body.size());
        packet.writeBytes(body.toByteArray());
        return packet.toByteArray();
    }

    private static void variable(ByteArrayOutputStream out, int value) {
        int rest = value;
        do {
            out.write(rest > 127 ? rest & 127 | 128 : rest);
            rest >>= 7;
        } while (rest > 0);
    }

    /** The client's process. */
    private static final class Program implements AutoCloseable {
        private final Process process;
        private final BufferedReader in;
        private final OutputStream out;
        private final List<String> lines = new ArrayList<>();

        Program(String row, WorstBroker broker, boolean secure) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    MemoryProgram.class.getName(),
                    row,
                    (secure ? "mqtts" : "mqtt") + "://localhost:" + broker.port(),
                    Integer.toString(toBeHandled(row))));
            if (secure) {
                command.add(authority.toString());
            }
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            in = process.inputReader(StandardCharsets.UTF_8);
            out = process.getOutputStream();
            CompletableFuture.delayedExecutor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)
                    .execute(this::close);
        }

        /** What stands behind the beginning of the next line that has it. */
        String line(String beginning) throws IOException {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                if (line.startsWith(beginning)) {
                    return line.substring(beginning.length());
                }
            }
            throw new AssertionError("no '" + beginning + "' in\n" + told());
        }

        void expect(String line) throws IOException {
            line(line);
        }

        long figure(String beginning) throws IOException {
            return Long.parseLong(line(beginning));
        }

        void goOn() throws IOException {
            out.write('\n');
            out.flush();
        }

        void signal(String signal) {
            Programs.run("kill", signal, Long.toString(process.pid()));
        }

        /** Everything it has said. */
        String told() {
            return String.join("\n", lines);
        }

        List<String> output() {
            return lines;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
