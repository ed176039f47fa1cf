package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.Delivery;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionLog;
import io.hawser.store.file.FileSessionStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code pub} and {@code sub} with a session on disk. */
@Timeout(60)
class StoreCommandsTest {
    private static EmbeddedBroker broker;

    private final BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();

    @TempDir
    Path store;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({"0, process", "1, power", "2, lazy"})
    void whatWasEnqueuedWithoutABrokerIsSentByTheNextRun(String qos, String durability) throws Exception {
        assertThat(pub(1, numbers(0, 500), "-t", "t", "-q", qos, "--enqueue-only", "--durability", durability))
                .isZero();
        assertThat(pub(1, numbers(500, 700), "-t", "t", "-q", qos, "--enqueue-only", "--durability", durability))
                .isZero();
        assertThat(waiting()).isEqualTo(700);

        try (MqttClient client = MqttClient.connect(broker.url())) {
            client.subscribe(Subscription.to("t").qos(Qos.EXACTLY_ONCE), received::add);
            // Not 5.0: this broker forgets topic aliases, and with them QoS 0, as soon as it sees the end of a
            // connection.
            assertThat(pub(broker.port(), "", "-V", "311")).isZero();
            for (int i = 0; i < 700; i++) {
                Delivery next = received.poll(20, TimeUnit.SECONDS);
                assertThat(next).as("message " + i).isNotNull();
                assertThat(next.text()).isEqualTo("" + i);
                assertThat(next.qos().level()).isEqualTo(Integer.parseInt(qos));
            }
        }
        assertThat(received).isEmpty();
        assertThat(waiting()).isZero();
    }

    @Test
    void linesAreAcceptedUntilThereIsABrokerAndThenAcknowledged() throws Exception {
        EmbeddedBroker late = EmbeddedBroker.start();
        int port = late.port();
        late.close();
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(numbers(0, 100).getBytes(StandardCharsets.UTF_8)));
        try {
            CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> run(port, "-t", "t", "-l"));
            late = EmbeddedBroker.start(port);
            assertThat(code.get(40, TimeUnit.SECONDS)).isZero();
        } finally {
            System.setIn(before);
            late.close();
        }
        assertThat(waiting()).isZero();
    }

    @Test
    void aRepeatedMessageIsStoredAsOftenAsItIsRepeated() throws Exception {
        assertThat(run(1, "-t", "t", "-m", "x", "--repeat", "3", "--enqueue-only"))
                .isZero();
        assertThat(waiting()).isEqualTo(3);
    }

    @Test
    void linesWithoutATopicAreRefused() {
        assertThat(pub(1, "a\n", "--enqueue-only")).isEqualTo(Failure.ERROR);
        assertThat(waiting()).isZero();
    }

    @Test
    void aStoreThatAnotherClientHasOpenIsAnErrorOfItsOwn() {
        SessionLog open = FileSessionStore.at(store).open("it");
        try {
            assertThat(pub(1, "a\n", "-t", "t", "--enqueue-only")).isEqualTo(Failure.STORE);
            assertThat(Main.run("sub", "-p", "1", "-t", "t", "--store", store.toString(), "-i", "it"))
                    .isEqualTo(Failure.STORE);
        } finally {
            open.close();
        }
    }

    @Test
    void whatTheBrokerRefusesIsAnErrorThoughItWasAccepted() throws Exception {
        assertThat(run(1, "-t", "t", "-m", "x", "-D", "publish", "content-type", "c", "--enqueue-only"))
                .isZero();
        // Not 5.0, so that what only 5.0 can say is refused.
        PrintStream before = System.err;
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        try {
            assertThat(pub(broker.port(), "", "-V", "311")).isEqualTo(Failure.ERROR);
        } finally {
            System.setErr(before);
        }
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("(message 1)").contains("0 waiting in ");
    }

    @Test
    void subStoresItsSubscriptionAndPrintsWhatComes() throws Exception {
        String[] options = {"-t", "s", "-q", "2", "-c", "-i", "it", "--store", store.toString()};
        // Ends with SUBACK; what ends with a message may end before that, which Artemis sends later now and then.
        assertThat(sub(and(options, "-E"))).isEqualTo("0:");
        List<TopicFilter> stored = new ArrayList<>();
        SessionLog log = FileSessionStore.at(store).open("it");
        log.replay(publish -> publish, id -> {}, subscription -> stored.add(subscription.filter()));
        log.close();
        assertThat(stored).containsExactly(TopicFilter.of("s"));

        try (MqttClient client = MqttClient.connect(broker.url())) {
            client.publish(Message.of("s", "a").qos(Qos.EXACTLY_ONCE));
        }
        assertThat(sub(and(options, "-C", "1"))).isEqualTo("0:a\n");
    }

    private static String[] and(String[] options, String... more) {
        return Stream.concat(Stream.of(options), Stream.of(more)).toArray(String[]::new);
    }

    private static String sub(String... args) {
        SubCommand sub = new SubCommand();
        new CommandLine(sub).parseArgs(args);
        sub.server.host = "127.0.0.1";
        sub.server.port = broker.port();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            return sub.run(out) + ":" + out.toString(StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private long waiting() {
        SessionLog log = FileSessionStore.at(store).open("it");
        try {
            return log.waiting();
        } finally {
            log.close();
        }
    }

    private int pub(int port, String input, String... args) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            String[] all = new String[args.length + 1];
            all[0] = "-l";
            System.arraycopy(args, 0, all, 1, args.length);
            return run(port, all);
        } finally {
            System.setIn(before);
        }
    }

    private int run(int port, String... args) {
        String[] all = new String[args.length + 8];
        System.arraycopy(
                new String[] {"pub", "-h", "127.0.0.1", "-p", "" + port, "--store", store.toString(), "-iit"},
                0,
                all,
                0,
                8);
        System.arraycopy(args, 0, all, 8, args.length);
        return Main.run(all);
    }

    private static String numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }
}
