package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client whose process has a heap of 64 MB lives through a broker that does its worst, over TCP and TLS. */
class MemoryTest {
    private static final int DUPLICATE = 4;
    private static final int LARGE = 200_000;
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
        keys.setKeyEntry(
                "broker", broker.keys().getPrivate(), new char[0], new Certificate[] {broker.certificate()});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, new char[0]);
        tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
    }

    static Stream<Arguments> rowsAndRoads() {
        return Stream.of("stalled", "answers", "properties", "topics", "held", "bridge", "repeated", "events")
                .flatMap(row -> Stream.of(Arguments.of(row, false), Arguments.of(row, true)));
    }

    @ParameterizedTest
    @MethodSource("rowsAndRoads")
    void smallHeapOutlivesTheWorstBroker(String row, boolean secure) throws Exception {
        AtomicReference<WorstBroker.@Nullable Peer> last = new AtomicReference<>();
        try (WorstBroker broker = new WorstBroker(secure ? tls : null, (peer, first, body) -> {
                    last.set(peer);
                    return script(row, peer, first, body);
                });
                Program program = new Program(row, (secure ? "mqtts" : "mqtt") + "://localhost:" + broker.port(), secure)) {
            program.expect("ready");
            if (row.equals("stalled")) {
                program.expect("published");
            } else {
                awaitStandstill(last);
            }
            program.goOn();
            long heap = program.figure("heap ");
            long direct = program.figure("direct ");
            long queued = program.figure("queued ");
            assertThat(heap).isLessThan(56L << 20);
            assertThat(direct).isLessThan(row.equals("stalled") ? 2 * queued + (256 << 10) : 8L << 20);
            assertThat(program.line("state ")).isEqualTo("READY");
            assertThat(broker.connections).hasValue(1);
            last.get().readAgain();
            program.goOn();
            if (row.equals("stalled")) {
                assertThat(program.figure("settled ")).isEqualTo(80_000);
            }
            assertThat(program.output()).noneMatch(line -> line.contains("OutOfMemoryError"));
        }
    }

    /** The broker has sent everything, or the client takes no more of it. */
    private static void awaitStandstill(AtomicReference<WorstBroker.@Nullable Peer> last) {
        long[] before = {-1};
        await().atMost(LONG_ENOUGH).pollInterval(Duration.ofSeconds(2)).until(() -> {
            long now = last.get().sent.get();
            boolean still = now == before[0];
            before[0] = now;
            return still;
        });
    }

    private static boolean script(String row, WorstBroker.Peer peer, int first, byte[] body) throws Exception {
        int type = first >> 4;
        switch (row) {
            case "stalled" -> {
                if (type == 8) {
                    peer.usual(first, body);
                    peer.stopReading();
                    return true;
                }
            }
            case "answers" -> {
                if (type == 8) {
                    peer.usual(first, body);
                    for (int i = 0; i < 1_000_000; i++) {
                        peer.send(0x62, 2, 1, 1);
                    }
                    peer.stopReading();
                    return true;
                }
            }
            case "repeated" -> {
                if (type == 5) {
                    // The first has been handled: the second blocks its handler, and the first is repeated without end.
                    peer.send(publish("x", 2, 2, 0, new byte[0]));
                    WorstBroker.start(() -> flood(peer, row));
                    return true;
                }
                if (type == 8) {
                    peer.usual(first, body);
                    peer.send(publish("x", 2, 1, 0, new byte[0]));
                    return true;
                }
            }
            case "bridge" -> {
                if (type == 3) {
                    // The bridge's own messages are acknowledged slowly: reading waits behind what is sent.
                    peer.usual(first, body);
                    return true;
                }
                if (type == 8) {
                    peer.usual(first, body);
                    WorstBroker.start(() -> flood(peer, row));
                    return true;
                }
            }
            default -> {
                if (type == 8) {
                    peer.usual(first, body);
                    WorstBroker.start(() -> flood(peer, row));
                    return true;
                }
            }
        }
        return false;
    }

    private static void flood(WorstBroker.Peer peer, String row) throws IOException {
        for (int i = 1; i < 4_000; i++) {
            byte[] packet = switch (row) {
                case "properties" -> publish("x", 0, 0, LARGE, new byte[0]);
                case "topics" -> publish("x/" + "t".repeat(60_000), 0, 0, 0, new byte[0]);
                case "repeated" -> publish("x", 2 | DUPLICATE, 1, 0, new byte[100_000]);
                case "events" -> publish("x", 0, 0, 0, new byte[50_000]);
                default -> publish("x", 1, i, 0, new byte[16_384]);
            };
            peer.send(packet);
        }
    }

    /** PUBLISH with flags (QoS and DUP, as they stand in the first byte, shifted), with user properties of so many bytes. */
    private static byte[] publish(String topic, int flags, int packetId, int properties, byte[] payload) {
        var body = new java.io.ByteArrayOutputStream();
        byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        body.write(name.length >> 8);
        body.write(name.length);
        body.writeBytes(name);
        if ((flags & 3) > 0) {
            body.write(packetId >> 8);
            body.write(packetId);
        }
        var user = new java.io.ByteArrayOutputStream();
        while (user.size() < properties) {
            user.write(0x26);
            user.writeBytes(new byte[] {0, 1, 'k'});
            int length = Math.min(50_000, properties);
            user.write(length >> 8);
            user.write(length);
            user.writeBytes("v".repeat(length).getBytes(StandardCharsets.UTF_8));
        }
        variable(body, user.size());
        body.writeBytes(user.toByteArray());
        body.writeBytes(payload);
        var packet = new java.io.ByteArrayOutputStream();
        packet.write(0x30 | flags << 1);
        variable(packet, body.size());
        packet.writeBytes(body.toByteArray());
        return packet.toByteArray();
    }

    private static void variable(java.io.ByteArrayOutputStream out, int value) {
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

        Program(String row, String url, boolean secure) throws IOException {
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                    MemoryProgram.class.getName(),
                    row,
                    url));
            if (secure) {
                command.add(authority.toString());
            }
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            in = process.inputReader(StandardCharsets.UTF_8);
            out = process.getOutputStream();
        }

        /** What stands behind the beginning of the next line that has it. */
        String line(String beginning) throws IOException {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
                if (line.startsWith(beginning)) {
                    return line.substring(beginning.length());
                }
            }
            throw new AssertionError("no '" + beginning + "' in\n" + String.join("\n", lines));
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

        List<String> output() {
            return lines;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
