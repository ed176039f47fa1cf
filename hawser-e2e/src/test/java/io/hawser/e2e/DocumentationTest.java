package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.hawser.bridge.MqttBridge;
import io.hawser.cli.EmbeddedBroker;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.examples.Snippets;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages show code that compiles and does what they say. */
class DocumentationTest {
    private static final Path ROOT = root();
    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void everyJavaBlockOfAPageStandsInTheExamples() throws IOException {
        String examples = "";
        for (Path source : files(ROOT.resolve("hawser-examples/src/main/java"), ".java")) {
            examples += Files.readString(source) + "\n";
        }
        for (Path page : pages()) {
            for (String block : javaBlocks(Files.readString(page))) {
                assertThat(examples.replaceAll("\\s+", " "))
                        .as("a block of %s", ROOT.relativize(page))
                        .contains(block.strip().replaceAll("\\s+", " "));
            }
        }
    }

    @Test
    void everyLinkOfAPageLeadsToAFile() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
        for (Path page : pages()) {
            Matcher found = link.matcher(Files.readString(page));
            while (found.find()) {
                assertThat(page.resolveSibling(found.group(1))).exists();
            }
        }
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md"))).hasSizeLessThanOrEqualTo(150);
    }

    @Test
    void theFirstExamplePublishesAndReceives() throws InterruptedException {
        BlockingQueue<String> out = new LinkedBlockingQueue<>();
        try (var listening = MqttClient.connect(broker.url())) {
            listening.subscribe("meters/+/temp", delivery -> out.add(delivery.text()));
            Snippets.hello(broker.url(), line -> {});
            assertThat(out.poll(10, TimeUnit.SECONDS)).isEqualTo("21.5");
        }
    }

    @Test
    void eventsGoToTheLoggerOfTheProgram() {
        Logger logger = Logger.getLogger("mqtt");
        List<String> lines = new CopyOnWriteArrayList<>();
        var handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getLevel() + " " + line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try (MqttClient client = Snippets.logged(broker.url())) {
            client.connect();
            await().until(() -> lines.stream().anyMatch(line -> line.startsWith("INFO Connected")));
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void aTokenIsRenewedBeforeItsClaimSays() {
        List<Instant> asked = new CopyOnWriteArrayList<>();
        try (MqttClient client = Snippets.renewing(broker.url(), () -> {
            asked.add(Instant.now());
            String claims = "{\"sub\": \"device\", \"exp\": "
                    + Instant.now().plusSeconds(4).getEpochSecond() + "}";
            return CompletableFuture.completedFuture("e30."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                    + ".signature");
        })) {
            client.connect();
            await().atMost(30, TimeUnit.SECONDS).until(() -> client.statistics().connections() >= 2);
        }
        assertThat(asked).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void serversAndLimitsAreAsThePageSays() {
        try (MqttClient client = Snippets.ordered("mqtt://127.0.0.1:1", broker.url())) {
            client.connect();
        }
        assertThatThrownBy(() -> {
                    try (MqttClient client = Snippets.limited()) {
                        client.publish(Message.of("t", "x").qos(Qos.EXACTLY_ONCE));
                    }
                })
                .hasMessageContaining("the broker profile AWS_IOT allows QoS up to 1");
    }

    @Test
    void aWebSocketIsAskedForAnewWithEachAttempt() {
        List<String> asked = new CopyOnWriteArrayList<>();
        try (MqttClient client = Snippets.signed(
                broker.url().replace("mqtt://", "ws://"),
                () -> {
                    asked.add("signature");
                    return "s";
                },
                () -> {
                    asked.add("token");
                    return "t";
                })) {
            client.connect();
            assertThat(asked).containsExactly("signature", "token");
        }
    }

    @Test
    void theQuestionIsAnswered() {
        List<String> out = new ArrayList<>();
        Snippets.question(broker.url(), out::add);
        assertThat(out).containsExactly("21.5");
    }

    @Test
    void theDeviceDeliversWhatItAcceptedAndTheServiceHandlesIt(@TempDir Path directory) throws InterruptedException {
        BlockingQueue<String> out = new LinkedBlockingQueue<>();
        try (var listening = MqttClient.connect(broker.url());
                MqttPublisher meter = Snippets.device(broker.url(), broker.url(), directory);
                MqttSubscriber service = Snippets.service(broker.url(), alarm -> out.add(alarm.text()))) {
            meter.flush();
            service.connect();
            // Connected, it may not have subscribed yet.
            await().until(() -> service.state() == ConnectionState.READY);
            listening.publish(Message.of("alarms/1", "smoke"));
            assertThat(out.poll(10, TimeUnit.SECONDS)).isEqualTo("smoke");
        }
    }

    @Test
    void theBillerHearsByItsKeyWhatBecameOfABill(@TempDir Path directory) throws InterruptedException {
        BlockingQueue<String> ledger = new LinkedBlockingQueue<>();
        try (MqttPublisher biller =
                Snippets.biller(broker.url(), directory, (key, outcome) -> ledger.add(key + ": " + outcome))) {
            biller.flush();
            assertThat(ledger.poll(10, TimeUnit.SECONDS)).isEqualTo("bill 2026-11-7: delivered");
        }
    }

    @Test
    void theBridgePassesMessagesOnUnderTheirOtherNames(@TempDir Path directory) throws InterruptedException {
        BlockingQueue<String> out = new LinkedBlockingQueue<>();
        try (EmbeddedBroker remote = EmbeddedBroker.start();
                var there = MqttClient.connect(remote.url());
                MqttBridge bridge = Snippets.bridge(broker.url(), remote.url(), directory);
                var here = MqttClient.connect(broker.url())) {
            bridge.connectAsync().join();
            there.subscribe("plant-7/meters/+", delivery -> out.add(delivery.topic() + " " + delivery.text()));
            here.publish(Message.of("meters/a", "21.5"));
            assertThat(out.poll(10, TimeUnit.SECONDS)).isEqualTo("plant-7/meters/a 21.5");
        }
    }

    @Test
    void theWorkerTakesMessagesOneByOne() throws InterruptedException {
        BlockingQueue<String> done = new LinkedBlockingQueue<>();
        try (var subscriber = MqttClient.connect(broker.url());
                var publisher = MqttPublisher.connect(broker.url())) {
            Thread worker = new Thread(() -> Snippets.worker(subscriber, done::add));
            worker.start();
            String first = null;
            for (int i = 0; i < 100 && first == null; i++) {
                publisher.publish(Message.of("jobs/" + i, "job").qos(Qos.EXACTLY_ONCE));
                first = done.poll(100, TimeUnit.MILLISECONDS);
            }
            assertThat(first).isEqualTo("job");
            worker.interrupt();
            worker.join(10_000);
            assertThat(worker.isAlive()).isFalse();
        }
    }

    @Test
    void aGrantedSubscriptionIsNoRefusal() {
        try (var client = MqttClient.connect(broker.url())) {
            assertThat(Snippets.refusal(client, "anything/#")).isEqualTo("granted");
        }
    }

    private static List<String> javaBlocks(String page) {
        List<String> blocks = new ArrayList<>();
        Matcher found = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        while (found.find()) {
            blocks.add(found.group(1));
        }
        return blocks;
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>();
        try (Stream<Path> top = Files.list(ROOT)) {
            top.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        if (Files.isDirectory(ROOT.resolve("docs"))) {
            pages.addAll(files(ROOT.resolve("docs"), ".md"));
        }
        return pages;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    private static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.exists(at.resolve("README.md"))) {
            at = at.getParent();
        }
        return at;
    }
}
