package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.cli.EmbeddedBroker;
import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.Tls;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ConnectionState;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each road to each broker that has it: the same messages, cuts and restarts. {@code docs/roads.md} has the table. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RoadsTest {
    private static final Duration EXPIRY = Duration.ofHours(1);
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(60);
    private static final Path PAGE = Path.of("..", "docs", "roads.md");

    private final Clients clients = new Clients();
    private final Inbox inbox = new Inbox();
    private final List<AutoCloseable> open = new ArrayList<>();

    private Tls identified;
    private Mosquitto.Options options;
    private Mosquitto mosquitto;
    private EmbeddedBroker artemis;
    private ProxyProcess httpProxy;
    private ProxyProcess socksProxy;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Authority authority = new Authority("Test Authority");
        Path trusted = Files.write(directory.resolve("authority.pem"), authority.pem());
        Authority.Identity broker = authority.issue("broker", "127.0.0.1", "localhost");
        Authority.Identity me = authority.issue("me");

        identified = Tls.trusting(trusted)
                .identifiedBy(
                        Files.write(directory.resolve("me.pem"), me.certificatePem()),
                        Files.write(directory.resolve("me-key.pem"), me.keyPem()));
        options = Mosquitto.options()
                .persistent()
                .line("max_inflight_messages 1000")
                .line("max_queued_messages 100000")
                .tls(
                        Files.write(directory.resolve("broker.pem"), broker.certificatePem()),
                        Files.write(directory.resolve("broker-key.pem"), broker.keyPem()))
                .clientCertificates(trusted)
                .webSockets()
                .unix();
        mosquitto = closing(options.start());
        artemis = closing(EmbeddedBroker.start());
        httpProxy = closing(ProxyProcess.tinyproxy(directory));
        socksProxy = closing(ProxyProcess.microsocks());
    }

    private <T extends AutoCloseable> T closing(T started) {
        open.add(0, started);
        return started;
    }

    @AfterEach
    void closeClients() {
        clients.close();
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private int port(RoadBroker broker, Road road) {
        if (broker == RoadBroker.ARTEMIS) {
            return artemis.port();
        }
        if (road.isWebSocket()) {
            return road.isTls() ? mosquitto.tlsWebSocketPort() : mosquitto.webSocketPort();
        }
        return road.isTls() ? mosquitto.tlsPort() : mosquitto.port();
    }

    private int proxyPort(Road road) {
        return road == Road.SOCKS5 ? socksProxy.port() : httpProxy.port();
    }

    private ClientBuilder<MqttClient> options(RoadBroker broker, Road road, ProtocolVersion version) {
        return options(broker, road, version, port(broker, road), proxyPort(road));
    }

    /** @param port of the broker, or where a stretch of network before it begins; so of the proxy */
    private ClientBuilder<MqttClient> options(
            RoadBroker broker, Road road, ProtocolVersion version, int port, int proxyPort) {
        String url = road == Road.UNIX
                ? "unix:" + mosquitto.socket()
                // Of a name, the proxy has to find the address.
                : road.scheme + "://" + (road.isProxied() ? "localhost" : "127.0.0.1") + ":" + port;
        return road.applyTo(clients.options(url, version), identified, proxyPort);
    }

    static Stream<Arguments> roads() {
        return Stream.of(RoadBroker.values())
                .filter(broker -> broker.foreign == null)
                .flatMap(
                        broker -> Stream.of(Road.values()).filter(broker::has).map(road -> Arguments.of(broker, road)));
    }

    static Stream<Arguments> roadsAndVersions() {
        return roads().flatMap(road -> Stream.of(ProtocolVersion.values())
                .map(version -> Arguments.of(road.get()[0], road.get()[1], version)));
    }

    @ParameterizedTest
    @MethodSource("roadsAndVersions")
    void messagesOfEachQosArrive(RoadBroker broker, Road road, ProtocolVersion version) throws Exception {
        MqttClient client = clients.connect(options(broker, road, version));
        for (Qos qos : Qos.values()) {
            String topic = "roads/" + Clients.id();
            client.subscribe(Subscription.to(topic).qos(qos), inbox);
            client.publish(Message.of(topic, "small").qos(qos));
            String large = "x".repeat(isSlow(broker, road) ? 20_000 : 300_000) + qos;
            client.publish(Message.of(topic, large).qos(qos));
            assertThat(inbox.nextTexts(2)).containsExactly("small", large);
        }
    }

    /** Mosquitto 2.0.11 sends 4 KiB each tenth of a second of what is larger, by WebSocket. */
    private static boolean isSlow(RoadBroker broker, Road road) {
        return broker == RoadBroker.MOSQUITTO && road.isWebSocket();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    /**
     * All that a publisher is given is delivered; how often is another test's: a broker that restarts may send what it had
     * passed on.
     */
    private void assertDelivered(MqttClient publisher, String topic, int count, Interruption between) throws Exception {
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            results.add(publisher.publishAsync(
                    Message.of(topic, Integer.toString(i)).qos(Qos.EXACTLY_ONCE)));
            if (i % (count / 3) == count / 6) {
                between.happens();
            }
        }
        for (CompletableFuture<PublishResult> result : results) {
            result.get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
        }
        publisher.publish(Message.of(topic, "end").qos(Qos.EXACTLY_ONCE));
        List<String> texts = inbox.textsBefore("end");
        assertThat(new LinkedHashSet<>(texts)).containsExactlyInAnyOrderElementsOf(numbers(count));
    }

    private interface Interruption {
        void happens() throws Exception;
    }

    private MqttClient kept(ClientBuilder<MqttClient> builder) {
        MqttClient client = clients.connect(builder.session(SessionStore.inMemory(), EXPIRY)
                .keepAlive(Duration.ofSeconds(2))
                .pingTimeout(Duration.ofSeconds(2)));
        await().until(() -> client.state() == ConnectionState.READY);
        return client;
    }

    /** A socket without a network is cut where the broker is: its restarts are another test. */
    static Stream<Arguments> roadsThatCanBeCut() {
        return roads().filter(road -> road.get()[1] != Road.UNIX);
    }

    @ParameterizedTest
    @MethodSource("roadsThatCanBeCut")
    void cutsLoseNothing(RoadBroker broker, Road road) throws Exception {
        String topic = "roads/" + Clients.id();
        int port = port(broker, road);
        try (Proxy network = new Proxy(road.isProxied() ? proxyPort(road) : port)) {
            int first = network.port();
            MqttClient subscriber =
                    kept(options(broker, road, ProtocolVersion.MQTT_3_1_1, road.isProxied() ? port : first, first)
                            .subscription(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox));
            MqttClient publisher =
                    kept(options(broker, road, ProtocolVersion.MQTT_3_1_1, road.isProxied() ? port : first, first));
            assertDelivered(publisher, topic, 300, network::cut);
            assertThat(subscriber.state()).isNotEqualTo(ConnectionState.CLOSED);
        }
    }

    @ParameterizedTest
    @EnumSource(Road.class)
    void restartsOfTheBrokerLoseNothing(Road road) throws Exception {
        String topic = "roads/" + Clients.id();
        MqttClient subscriber = kept(options(RoadBroker.MOSQUITTO, road, ProtocolVersion.MQTT_5)
                .subscription(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox));
        MqttClient publisher = kept(options(RoadBroker.MOSQUITTO, road, ProtocolVersion.MQTT_5));
        assertDelivered(publisher, topic, 90, mosquitto::restart);
        assertThat(subscriber.state()).isNotEqualTo(ConnectionState.CLOSED);
    }

    /** The broker stands still in the middle: the client notices, and goes on when it does. */
    @ParameterizedTest
    @EnumSource(names = {"WS", "WSS_THROUGH_HTTP_PROXY", "UNIX", "SOCKS5"})
    void stallsLoseNothing(Road road) throws Exception {
        String topic = "roads/" + Clients.id();
        kept(options(RoadBroker.MOSQUITTO, road, ProtocolVersion.MQTT_5)
                .subscription(Subscription.to(topic).qos(Qos.EXACTLY_ONCE), inbox));
        MqttClient publisher =
                kept(options(RoadBroker.MOSQUITTO, road, ProtocolVersion.MQTT_5).pingTimeout(Duration.ofMillis(500)));
        int events = clients.events.size();
        assertDelivered(publisher, topic, 90, () -> {
            mosquitto.pause();
            await().atMost(LONG_ENOUGH).until(() -> clients.events.size() > events);
            mosquitto.resume();
        });
    }

    private String failure(ClientBuilder<MqttClient> options) {
        MqttClient client = clients.build(options.reconnect(ReconnectPolicy.never()));
        Throwable thrown = Assertions.catchThrowable(() -> client.connectAsync().get(20, TimeUnit.SECONDS));
        assertThat(thrown.getCause()).isInstanceOf(ConnectionException.class);
        return thrown.getCause().getMessage();
    }

    @Test
    void saysInWordsWhatProxiesRefuse() {
        ClientBuilder<MqttClient> options = clients.options("mqtt://localhost:" + mosquitto.port());
        assertThat(failure(options.proxy(io.hawser.client.Proxy.http("127.0.0.1", httpProxy.port()))))
                .contains("through HTTP proxy 127.0.0.1:" + httpProxy.port(), "it wants credentials (HTTP 407");
        assertThat(failure(options.proxy(io.hawser.client.Proxy.http("127.0.0.1", httpProxy.port())
                        .withCredentials("me", "wrong"))))
                .contains("it does not accept these credentials (HTTP 4")
                .doesNotContain("wrong");
        assertThat(failure(options.proxy(io.hawser.client.Proxy.socks5("127.0.0.1", socksProxy.port()))))
                .contains("it wants credentials (SOCKS5 method 255)");
        assertThat(failure(options.proxy(io.hawser.client.Proxy.socks5("127.0.0.1", socksProxy.port())
                        .withCredentials("me", "wrong"))))
                .contains("it does not accept these credentials")
                .doesNotContain("wrong");
    }

    @Test
    void saysInWordsThatAProxyDoesNotReachTheServer() {
        int nobody = Mosquitto.freePort();
        for (Road road : List.of(Road.HTTP_PROXY, Road.SOCKS5)) {
            String words = road == Road.SOCKS5 ? "refuses its connection (SOCKS5 code 5)" : "(HTTP 50";
            assertThat(failure(options(RoadBroker.MOSQUITTO, road, ProtocolVersion.MQTT_5, nobody, proxyPort(road))))
                    .contains("cannot connect to localhost:" + nobody + " through ", words);
        }
    }

    @Test
    void saysInWordsThatAPortSpeaksSomethingElse() {
        assertThat(failure(clients.options("ws://127.0.0.1:" + mosquitto.port())))
                .containsAnyOf("closed by the peer during the WebSocket handshake", "Connection reset");
        assertThat(failure(clients.options("ws://127.0.0.1:" + httpProxy.port())))
                .contains("the server opens no WebSocket: ", "HTTP 4");
        assertThat(failure(clients.options("wss://127.0.0.1:" + mosquitto.webSocketPort())
                        .tls(identified)))
                .contains("cannot connect to 127.0.0.1:" + mosquitto.webSocketPort());
    }

    /** The page has the table of what is tested here and in {@link ForeignRoadsTest}; {@code -Dhawser.roads.write=true} writes it anew. */
    @Test
    void thePageHasTheTable() throws IOException {
        StringBuilder table = new StringBuilder("| road | URL |");
        StringBuilder line = new StringBuilder("|---|---|");
        for (RoadBroker broker : RoadBroker.values()) {
            table.append(' ').append(broker.words).append(" |");
            line.append("---|");
        }
        table.append('\n').append(line).append('\n');
        for (Road road : Road.values()) {
            table.append("| ").append(road.words).append(" | `").append(road.scheme);
            table.append(road == Road.UNIX ? ":` |" : "://` |");
            for (RoadBroker broker : RoadBroker.values()) {
                table.append(broker.has(road) ? " yes |" : " - |");
            }
            table.append('\n');
        }
        String page = Files.readString(PAGE);
        if (Boolean.getBoolean("hawser.roads.write")) {
            int begin = page.indexOf("| road | URL |");
            Files.writeString(PAGE, page.substring(0, begin) + table + page.substring(page.indexOf("\n\n", begin) + 1));
        } else {
            assertThat(page).contains(table);
        }
    }
}
