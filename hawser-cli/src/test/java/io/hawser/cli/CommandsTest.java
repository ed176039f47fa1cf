package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The commands against a broker in this process. */
@Timeout(60)
class CommandsTest {
    private static EmbeddedBroker broker;

    private final BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
    private MqttClient client;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() {
        client = MqttClient.connect(broker.url());
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void anEmbeddedBrokerIsGoneWhenClosed() throws IOException {
        EmbeddedBroker second = EmbeddedBroker.start();
        assertThat(second.url()).isEqualTo("mqtt://127.0.0.1:" + second.port());
        second.close();
        second.close();

        new ServerSocket(second.port(), 1, InetAddress.getLoopbackAddress()).close();
    }

    @ParameterizedTest
    @CsvSource({
        "0, mqttv311",
        "1, mqttv311",
        "2, mqttv311",
        "0, mqttv31",
        "1, mqttv31",
        "2, mqttv31",
        "0, 5",
        "1, 5",
        "2, 5"
    })
    void pubSendsAFileAsItIs(int qos, String version, @TempDir Path dir) throws Exception {
        byte[] payload = {0, 10, 13, -1, -2, 0};
        Path file = Files.write(dir.resolve("f"), payload);
        client.subscribe("file/" + qos, received::add);

        int code = hawser("pub", "-V", version, "-q", "" + qos, "-t", "file/" + qos, "-f", file.toString());

        assertThat(code).isZero();
        Message message = next().message();
        assertThat(message.payloadBytes()).isEqualTo(payload);
        assertThat(message.qos().level()).isEqualTo(qos);
    }

    /**
     * At QoS 0 with 3.1.1: this broker forgets topic aliases as soon as it sees the end of a connection, and with them what
     * it has read and not handled yet.
     */
    @ParameterizedTest
    @CsvSource({"0, 311", "1, 311", "2, 311", "1, 5", "2, 5"})
    void pubSendsLinesInOrder(int qos, String version) throws Exception {
        client.subscribe("lines", received::add);
        String lines = String.join(
                "\n", IntStream.range(0, 500).mapToObj(Integer::toString).toList());

        int code = withInput(lines, "pub", "-V", version, "-q", "" + qos, "-t", "lines", "-l");

        assertThat(code).isZero();
        for (int i = 0; i < 500; i++) {
            assertThat(next().text()).isEqualTo("" + i);
        }
    }

    @Test
    void pubSendsEachLineToItsTopicAndALineThatIsWrongCostsNoOther() throws Exception {
        client.subscribe("tl/#", received::add);

        int code = withInput(
                "tl/a 00ff\ntl/# 01\ntl/b 0\n 02\ntl/c\ntl/d 64 65\n",
                "pub",
                "-q",
                "1",
                "--topic-lines",
                "--decode",
                "hex");

        assertThat(code).isEqualTo(1);
        for (String expected : List.of("tl/a [0, -1]", "tl/c []", "tl/d [100, 101]")) {
            Message message = next().message();
            assertThat(message.topic() + " " + Arrays.toString(message.payloadBytes()))
                    .isEqualTo(expected);
        }
    }

    @Test
    void whatSubPrintsPubCanSend() throws Exception {
        client.publish(Message.of("pipe/a", new byte[] {10, 0, -1}).retain(true));
        String lines = sub("-t", "pipe/a", "-v", "--encode", "base64", "-C", "1");
        assertThat(lines).isEqualTo("0:pipe/a CgD/\n");
        client.subscribe("pipe/a", delivery -> {
            if (!delivery.retain()) {
                received.add(delivery);
            }
        });

        assertThat(withInput(lines.substring(2), "pub", "--topic-lines", "--decode", "base64"))
                .isZero();

        assertThat(next().message().payloadBytes()).containsExactly(10, 0, -1);
        assertThat(sub("-t", "pipe/a", "--json", "--encode", "hex", "-C", "1")).contains("\"payloadHex\":\"0a00ff\"");
    }

    @Test
    void subWatchesATopicOnEachLine() throws Exception {
        client.publish(Message.of("w/a", "1\u001b[2J").retain(true));

        assertThat(sub("-t", "w/#", "-v", "--watch", "-C", "1"))
                .startsWith("0:\u001b[2J\u001b[1;1HBroker: mqtt://127.0.0.1:")
                .endsWith("\u001b[2;1H\u001b[?7lw/a 1\\u001b[2J\u001b[K\u001b[?7h\u001b[3;1H");
    }

    @Test
    void aHostMayBeAUrlAndAnAddressOfThisMachineBeChosen() throws Exception {
        client.subscribe("from/here", received::add);

        assertThat(Main.run("pub", "-h", broker.url() + "/from/here", "-A", "127.0.0.1", "-m", "x", "-q", "1"))
                .isZero();

        assertThat(next().text()).isEqualTo("x");
    }

    @Test
    void pubRepeatsRetainsAndSendsEmptyMessages() throws Exception {
        assertThat(hawser("pub", "-t", "kept", "-m", "v", "-r", "-q", "1")).isZero();
        client.subscribe("kept", received::add);
        assertThat(next().retain()).isTrue();
        assertThat(hawser("pub", "-t", "kept", "-n", "-r", "-q", "1")).isZero();
        assertThat(next().message().payloadSize()).isZero();

        assertThat(hawser("pub", "-t", "kept", "-m", "again", "-V", "311", "--repeat", "3", "--repeat-delay", "0.01"))
                .isZero();
        for (int i = 0; i < 3; i++) {
            assertThat(next().text()).isEqualTo("again");
        }
    }

    @Test
    void subPrintsWhatItIsToldToAndExitsAfterTheCount() throws Exception {
        client.publish(Message.of("s/a", "1").retain(true));
        client.publish(Message.of("s/b", "2").retain(true));
        client.publish(Message.of("s/c", "3").retain(true));

        assertThat(sub("-t", "s/#", "-t", "s/a", "-T", "s/b", "-v", "-q", "1", "-C", "2"))
                .satisfiesAnyOf(
                        out -> assertThat(out).isEqualTo("0:s/a 1\ns/c 3\n"),
                        // A broker may send what matches two filters twice.
                        out -> assertThat(out).isEqualTo("0:s/a 1\ns/a 1\n"),
                        out -> assertThat(out).isEqualTo("0:s/c 3\ns/a 1\n"));
        assertThat(sub("-t", "s/a", "-F", "%t=%p %r", "-N", "-C", "1")).isEqualTo("0:s/a=1 1");
        assertThat(sub("-t", "s/a", "-R", "-W", "1")).isEqualTo("27:");
        assertThat(sub("-t", "s/a", "--json", "-C", "1"))
                .startsWith("0:{\"tst\":")
                .contains("\"topic\":\"s/a\",\"qos\":0,\"retain\":true,\"dup\":false,\"payload\":\"1\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "content-type text/plain, '\"content-type\":\"text/plain\"', %C, text/plain",
        "correlation-data abc, '\"correlation-data\":\"abc\"', %D, abc",
        "payload-format-indicator 1, '\"payload-format-indicator\":1', %F, 1",
        "response-topic a/b, '\"response-topic\":\"a/b\"', %R, a/b",
        "user-property k v, '\"user-properties\":[{\"name\":\"k\",\"value\":\"v\"}]', %P, k:v",
    })
    void subShowsWhatPubHasSet(String property, String json, String format, String printed) throws Exception {
        String topic = "properties/" + format.substring(1);
        List<String> pub = new ArrayList<>(List.of("pub", "-q", "1", "-r", "-t", topic, "-m", "hi", "-D", "publish"));
        pub.addAll(List.of(property.split(" ", -1)));
        assertThat(hawser(pub.toArray(String[]::new))).isZero();

        assertThat(sub("-t", topic, "--json", "-C", "1"))
                .startsWith("0:{\"tst\":")
                .endsWith(",\"dup\":false,\"properties\":{" + json + "},\"payload\":\"hi\"}\n");
        assertThat(sub("-t", topic, "-F", format, "-C", "1")).isEqualTo("0:" + printed + "\n");
    }

    @Test
    void subFindsInItsSessionWhatCameMeanwhile() throws Exception {
        assertThat(sub("-t", "q/1", "-q", "2", "-i", "keeper", "-c", "-E")).isEqualTo("0:");
        client.publish(Message.of("q/1", "waited").qos(Qos.EXACTLY_ONCE));

        assertThat(sub("-t", "q/1", "-q", "2", "-i", "keeper", "-c", "-C", "1")).isEqualTo("0:waited\n");
        assertThat(sub("-U", "q/1", "-i", "keeper", "-c", "-E")).isEqualTo("0:");
        client.publish(Message.of("q/1", "too late").qos(Qos.EXACTLY_ONCE));
        assertThat(sub("-t", "other", "-i", "keeper", "-c", "-W", "1")).isEqualTo("27:");
    }

    @Test
    void exitsWhenNobodyListensAtThePort() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThat(Main.run("pub", "-h", "127.0.0.1", "-p", "" + port, "-t", "x", "-m", "a"))
                .isEqualTo(1);
        assertThat(Main.run("bench", "pub", "-h", "127.0.0.1", "-p", "" + port)).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"2", "4", "5"})
    void exitsWithTheReturnCodeOfABrokerThatRefuses(int returnCode) throws Exception {
        try (ServerSocket refusing = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> refuse(refusing, returnCode));

            int code = Main.run(
                    "pub", "-h", "127.0.0.1", "-p", "" + refusing.getLocalPort(), "-t", "x", "-m", "a", "-V", "311");

            assertThat(code).isEqualTo(returnCode);
            answered.get(10, TimeUnit.SECONDS);
        }
    }

    private static void refuse(ServerSocket server, int returnCode) {
        try (Socket socket = server.accept()) {
            InputStream in = socket.getInputStream();
            in.skipNBytes(1);
            in.skipNBytes(in.read());
            socket.getOutputStream().write(new byte[] {0x20, 2, 0, (byte) returnCode});
            in.transferTo(ByteArrayOutputStream.nullOutputStream());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"pub, 0", "pub, 1", "pub, 2", "roundtrip, 0", "roundtrip, 1", "roundtrip, 2"})
    void benchStopsByItself(String mode, int qos) {
        assertThat(hawser(
                        "bench",
                        mode,
                        "--qos",
                        "" + qos,
                        "--count",
                        "200",
                        "--warmup",
                        "50",
                        "--clients",
                        "2",
                        "--json"))
                .isZero();
    }

    private Delivery next() throws InterruptedException {
        Delivery delivery = received.poll(20, TimeUnit.SECONDS);
        assertThat(delivery).as("a delivery within 20 s").isNotNull();
        return delivery;
    }

    private static int hawser(String... args) {
        String[] all = new String[args.length + 4];
        int words = args[0].equals("bench") ? 2 : 1;
        System.arraycopy(args, 0, all, 0, words);
        System.arraycopy(new String[] {"-h", "127.0.0.1", "-p", "" + broker.port()}, 0, all, words, 4);
        System.arraycopy(args, words, all, words + 4, args.length - words);
        return Main.run(all);
    }

    private static int withInput(String input, String... args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            return hawser(args);
        } finally {
            System.setIn(before);
        }
    }

    /** Exit code, colon, standard output. */
    private static String sub(String... args) throws InterruptedException {
        SubCommand sub = new SubCommand();
        new CommandLine(sub).parseArgs(args);
        sub.server.host = "127.0.0.1";
        sub.server.port = broker.port();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        return sub.run(out) + ":" + out.toString(StandardCharsets.UTF_8);
    }
}
