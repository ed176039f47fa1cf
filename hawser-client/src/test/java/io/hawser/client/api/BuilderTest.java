package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.hawser.client.ClientBuilder;
import io.hawser.client.FailurePolicy;
import io.hawser.client.MqttClient;
import io.hawser.client.MqttPublisher;
import io.hawser.client.MqttSubscriber;
import io.hawser.client.Proxy;
import io.hawser.client.Tls;
import io.hawser.client.WebSocket;
import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.store.SessionStore;
import io.hawser.testing.BrokerExtension;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be is refused where it is said, by a text that names option, value and limit. */
@Timeout(60)
class BuilderTest {
    private static final String SECRET = "open sesame";
    private static final String URL = "mqtt://localhost";

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    /** Sets an option. */
    private interface Option extends Function<ClientBuilder<MqttClient>, Object> {}

    private static Arguments bad(Option option, String... words) {
        return Arguments.of(option, List.of(words));
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    static Stream<Arguments> mistakes() {
        Duration day = Duration.ofDays(1);
        String longest = "x".repeat(65_536);
        return Stream.of(
                bad(b -> b.keepAlive(seconds(-1)), "keepAlive", "PT-1S", "PT0S", "PT18H12M15S"),
                bad(b -> b.keepAlive(seconds(65_536)), "keepAlive", "PT18H12M16S", "PT18H12M15S"),
                bad(b -> b.keepAlive(millis(1500)), "keepAlive", "PT1.5S", "whole seconds"),
                bad(b -> b.pingTimeout(millis(9)), "pingTimeout", "PT0.009S", "PT0.01S"),
                bad(b -> b.pingTimeout(seconds(3601)), "pingTimeout", "PT1H1S", "PT1H"),
                bad(b -> b.connectTimeout(millis(9)), "connectTimeout", "PT0.009S", "PT0.01S"),
                bad(b -> b.connectTimeout(seconds(3601)), "connectTimeout", "PT1H1S", "PT1H"),
                bad(b -> b.timeout(Duration.ZERO), "timeout", "PT0S", "PT0.001S"),
                bad(b -> b.timeout(Duration.ofDays(10_001)), "timeout", "PT240024H", "PT240000H"),
                bad(b -> b.quotaPatience(millis(-1)), "quotaPatience", "PT-0.001S", "PT0S"),
                bad(b -> b.quotaPatience(Duration.ofDays(10_001)), "quotaPatience", "PT240024H", "PT240000H"),
                bad(b -> b.sendWindow(0), "sendWindow is 0", "1 to 65535"),
                bad(b -> b.sendWindow(65_536), "sendWindow is 65536", "1 to 65535"),
                bad(b -> b.maximumPacketSize(127), "maximumPacketSize is 127", "128 to 268435460"),
                bad(b -> b.maximumPacketSize(268_435_461), "maximumPacketSize is 268435461", "268435460"),
                bad(b -> b.receiveBuffer(0, 1), "receiveBuffer messages is 0", "1 to 1000000"),
                bad(b -> b.receiveBuffer(1_000_001, 1), "receiveBuffer messages is 1000001", "1000000"),
                bad(b -> b.receiveBuffer(1, 0), "receiveBuffer megabytes is 0", "1 to 2047"),
                bad(b -> b.receiveBuffer(1, 2048), "receiveBuffer megabytes is 2048", "2047"),
                bad(b -> b.unansweredAfter(seconds(-1)), "unansweredAfter", "PT-1S", "PT0S"),
                bad(b -> b.closeTimeout(seconds(-1)), "closeTimeout", "PT-1S", "PT0S"),
                bad(b -> b.closeTimeout(seconds(3601)), "closeTimeout", "PT1H1S", "PT1H"),
                bad(b -> b.session(SessionStore.inMemory(), millis(999)), "session expiry", "PT0.999S", "PT1S"),
                bad(b -> b.session(SessionStore.inMemory(), seconds(1L << 32)), "session expiry", "PT1193046H28M15S"),
                bad(b -> b.clientId("a\0"), "clientId", "U+0000", "index 1"),
                bad(b -> b.clientId("\uD800"), "clientId", "surrogate"),
                bad(b -> b.clientId(longest), "clientId", "65536", "65535"),
                bad(b -> b.queue(QueuePolicy.bounded(0)), "queue messages is 0", "1 to 50000000"),
                bad(b -> b.queue(QueuePolicy.bounded(50_000_001)), "queue messages is 50000001", "50000000"),
                bad(b -> b.queue(QueuePolicy.bounded(1).megabytes(0)), "queue bytes is 0", "1 to 274877906944"),
                bad(b -> b.queue(QueuePolicy.bounded(1).megabytes(262_145)), "queue bytes is", "274877906944"),
                bad(
                        b -> b.reconnect(ReconnectPolicy.exponential(Duration.ZERO, day)),
                        "reconnect first",
                        "PT0S",
                        "PT0.001S"),
                bad(
                        b -> b.reconnect(ReconnectPolicy.exponential(seconds(2), seconds(1))),
                        "reconnect longest",
                        "PT1S",
                        "PT2S",
                        "PT24H"),
                bad(
                        b -> b.reconnect(ReconnectPolicy.never().stableAfter(seconds(-1))),
                        "reconnect stableAfter",
                        "PT-1S",
                        "PT0S"),
                bad(b -> b.onHandlerFailure(FailurePolicy.attempts(0)), "failure attempts is 0", "1 to 100"),
                bad(b -> b.onHandlerFailure(FailurePolicy.attempts(101)), "failure attempts is 101", "1 to 100"),
                bad(
                        b -> b.onHandlerFailure(FailurePolicy.attempts(1).backoff(seconds(61))),
                        "failure backoff",
                        "PT1M1S",
                        "0 to PT1M"),
                bad(b -> b.retransmission(millis(1)), "retransmission initial", "1 s to 1024 s"),
                bad(b -> b.retransmission(seconds(1), 0, 2), "retransmission bandwidth is 0", "at least 1"),
                bad(b -> b.retransmission(seconds(1), 1, 0.5), "retransmission factor is 0.5", "1 to 1024"),
                bad(
                        b -> b.will(Will.of(Message.of("a", new byte[65_536]))),
                        "will payload has 65536 bytes",
                        "at most 65535"),
                bad(b -> b.credentials(Credentials.of("a\0")), "user name", "U+0000"),
                bad(
                        b -> b.credentials(Credentials.of("joe", new byte[65_536])),
                        "password has 65536 bytes",
                        "at most 65535"),
                bad(b -> b.subscription("a/#/b", delivery -> {}), "topic filter 'a/#/b'"),
                bad(b -> b.subscription("", delivery -> {}), "topic filter ''", "at least one"),
                bad(b -> b.will(Will.of(Message.of("a/+", "x"))), "topic name 'a/+'", "wildcard", "index 2"),
                bad(b -> b.will(Will.of(Message.of("", "x"))), "topic name is empty", "at least one character"),
                bad(b -> MqttClient.builder(), "servers is empty"),
                bad(b -> MqttClient.builder("localhost"), "server 'localhost'", "mqtt:// or mqtts://"),
                bad(b -> MqttClient.builder("http://localhost"), "server 'http://localhost'", "mqtt://"),
                bad(b -> MqttClient.builder("mqtt://"), "server 'mqtt://'", "host"),
                bad(b -> MqttClient.builder("mqtt://h:0"), "server 'mqtt://h:0'", "port '0'", "1 to 65535"),
                bad(b -> MqttClient.builder("mqtt://h:65536"), "port '65536'", "1 to 65535"),
                bad(b -> MqttClient.builder("mqtt://h:"), "port ''", "1 to 65535"),
                bad(b -> MqttClient.builder("mqtt://h:1/path"), "after host and port"),
                bad(b -> MqttClient.builder("mqtt://a\nb"), "'mqtt://a\\u000ab'", "host"),
                bad(b -> MqttClient.builder("mqtt://[::1"), "host"),
                bad(b -> MqttClient.builder("mqtt://joe:" + SECRET + "@h"), "credentials(…)"),
                bad(b -> MqttClient.builder("wss://h/a b?" + SECRET), "percent-encoded"),
                bad(b -> MqttClient.builder("unix:broker.sock"), "absolute path"),
                bad(b -> b.webSocket(WebSocket.standard().withPath(SECRET)), "path", "begin with /"),
                bad(b -> b.webSocket(WebSocket.standard().withPath("/#" + SECRET)), "path", "#"),
                bad(b -> b.webSocket(WebSocket.standard().withHeader("a b", SECRET)), "header 'a b'"),
                bad(b -> b.webSocket(WebSocket.standard().withHeader("Upgrade", SECRET)), "header 'Upgrade'"),
                bad(b -> b.webSocket(WebSocket.standard().withHeader("sec-websocket-key", SECRET)), "protocol's own"),
                bad(b -> b.webSocket(WebSocket.standard().withHeader("X", SECRET + "\r\nY: z")), "header 'X'"),
                bad(b -> b.webSocket(WebSocket.standard().withSubprotocols()), "subprotocols"),
                bad(b -> b.webSocket(WebSocket.standard().withSubprotocols("mqtt, x")), "subprotocols"),
                bad(b -> b.webSocket(WebSocket.standard().withHeader("X", "y".repeat(32_768))), "32769", "32768"),
                bad(b -> b.proxy(Proxy.http("h", 0)), "proxy port is 0", "1 to 65535"),
                bad(b -> b.proxy(Proxy.http("a b", 1)), "proxy host"),
                bad(b -> b.proxy(Proxy.parse("ftp://joe:" + SECRET + "@h:1")), "'ftp://…@h:1'", "socks5://"),
                bad(b -> b.proxy(Proxy.parse("http://joe:" + SECRET + "@h")), "host and port"),
                bad(b -> b.proxy(Proxy.parse("http://joe:%zz" + SECRET + "@h:1")), "hexadecimal"),
                bad(b -> b.proxy(Proxy.parse("joe:" + SECRET + "@h:1")), "must begin with"),
                bad(b -> b.proxy(Proxy.none().withCredentials("joe", SECRET)), "without a proxy"),
                bad(b -> b.proxy(Proxy.http("h", 1).withCredentials("j:oe", SECRET)), "no colon"),
                bad(b -> b.proxy(Proxy.socks4("h", 1).withCredentials("joe", SECRET)), "no password"),
                bad(b -> b.proxy(Proxy.socks5("h", 1).withCredentials("", SECRET)), "1 to 255"),
                bad(b -> b.proxy(Proxy.socks5("h", 1).withCredentials("joe", SECRET.repeat(99))), "1 to 255"),
                bad(b -> b.proxy(Proxy.http("h", 1).withCredentials("joe", SECRET + "\n")), "control characters"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakeIsNamed(Option option, List<String> words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> option.apply(MqttClient.builder(URL)))
                .satisfies(e -> assertThat(e.getMessage()).contains(words).doesNotContain(SECRET));
    }

    static Stream<Option> limits() {
        return Stream.of(
                b -> b.keepAlive(Duration.ZERO),
                b -> b.keepAlive(seconds(65_535)),
                b -> b.pingTimeout(millis(10)),
                b -> b.connectTimeout(seconds(3600)),
                b -> b.timeout(millis(1)),
                b -> b.timeout(Duration.ofDays(10_000)),
                b -> b.quotaPatience(Duration.ZERO),
                b -> b.quotaPatience(Duration.ofDays(10_000)),
                b -> b.credentials(Credentials.ofPassword(new byte[] {1})),
                b -> b.sendWindow(1),
                b -> b.sendWindow(65_535),
                b -> b.maximumPacketSize(128),
                b -> b.maximumPacketSize(268_435_460),
                b -> b.receiveBuffer(1, 1),
                b -> b.receiveBuffer(1_000_000, 2047),
                b -> b.clientId("c").session(SessionStore.inMemory(), seconds(1)),
                b -> b.clientId("c").session(SessionStore.inMemory(), seconds(0xFFFF_FFFFL)),
                b -> b.clientId("x".repeat(65_535)),
                b -> b.clientId(""),
                b -> b.queue(new QueuePolicy(50_000_000, 1L << 38, true, null)),
                b -> b.queue(QueuePolicy.bounded(1)),
                b -> b.reconnect(ReconnectPolicy.exponential(millis(1), Duration.ofDays(1))),
                b -> b.onHandlerFailure(FailurePolicy.attempts(100).backoff(Duration.ofMinutes(1))),
                b -> b.retransmission(seconds(1024)),
                b -> b.webSocket(WebSocket.standard().withHeader("X", "y".repeat(32_767))),
                b -> b.proxy(Proxy.socks5("h", 65_535).withCredentials("j".repeat(255), "p".repeat(255))),
                b -> b.will(Will.of(Message.of("a", new byte[65_535]))));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void limitItselfIsAllowed(Option option) throws Exception {
        ClientBuilder<MqttClient> builder = MqttClient.builder(URL);
        option.apply(builder);
        // Not close(), which waits no longer than the timeout, one of the options.
        Variant.outcome(builder.build().closeAsync());
    }

    static Stream<Arguments> beyondTheBroker() {
        Will exactlyOnce = Will.of(Message.of("t", "x").qos(Qos.EXACTLY_ONCE));
        return Stream.of(
                bad(
                        b -> b.broker(BrokerProfile.AWS_IOT).keepAlive(seconds(29)),
                        "keepAlive is PT29S",
                        "PT30S to PT20M"),
                bad(
                        b -> b.keepAlive(seconds(1201)).broker(BrokerProfile.AWS_IOT),
                        "keepAlive is PT20M1S",
                        "PT30S to PT20M"),
                bad(
                        b -> b.broker(BrokerProfile.AWS_IOT).keepAlive(Duration.ZERO),
                        "keepAlive is PT0S",
                        "PT30S to PT20M"),
                bad(
                        b -> b.broker(BrokerProfile.AWS_IOT).clientId("x".repeat(129)),
                        "clientId has 129 bytes",
                        "128 bytes"),
                bad(b -> b.broker(BrokerProfile.AWS_IOT).will(exactlyOnce), "will is beyond", "QoS up to 1"),
                bad(
                        b -> b.broker(BrokerProfile.AZURE_EVENT_GRID).userProperty("a", "b"),
                        "userProperty",
                        "PUBLISH only"),
                bad(
                        b -> b.broker(BrokerProfile.of("mine").userProperties(0))
                                .userProperty("a", "b"),
                        "userProperty",
                        "0 user properties, not 1"));
    }

    @ParameterizedTest
    @MethodSource("beyondTheBroker")
    void whatConnectSaysBeyondALimitOfTheBrokerIsNamedWithTheProfile(Option option, List<String> words) {
        ClientBuilder<MqttClient> builder = MqttClient.builder(URL);
        option.apply(builder);

        assertThatIllegalArgumentException()
                .isThrownBy(builder::build)
                .satisfies(e -> assertThat(e).hasMessageContainingAll(words.toArray(CharSequence[]::new)))
                .withMessageContaining("the broker profile ");
    }

    static Stream<Option> waysToExclude5() {
        return Stream.of(
                b -> b.version(ProtocolVersion.MQTT_3_1_1),
                b -> b.version(ProtocolVersion.MQTT_3_1),
                b -> b.retransmission(seconds(1)));
    }

    @ParameterizedTest
    @MethodSource("waysToExclude5")
    void passwordWithoutUserNameNeedsMqtt5(Option without5) {
        ClientBuilder<MqttClient> builder = MqttClient.builder(URL)
                .clientId("c")
                .credentials(Credentials.ofPassword(SECRET.getBytes(StandardCharsets.UTF_8)));
        without5.apply(builder);

        assertThatIllegalArgumentException()
                .isThrownBy(builder::build)
                .withMessageContaining("credentials")
                .withMessageContaining("MQTT 3.1")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(SECRET));
    }

    @Test
    void identifierThatTheBrokerHasChosenIsTheClients() {
        try (MqttClient client = MqttClient.builder(broker.url())
                .version(ProtocolVersion.MQTT_5)
                .clientId("")
                .build()) {
            assertThat(client.clientId()).isEmpty();

            String assigned = client.connect().clientId();

            assertThat(client.clientId()).isEqualTo(assigned).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "123456789012345678901234"})
    void clientIdentifierMustSuitAPinnedVersion31(String clientId) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MqttClient.builder(URL)
                        .version(ProtocolVersion.MQTT_3_1)
                        .clientId(clientId)
                        .build())
                .withMessageContaining("clientId '" + clientId + "' has " + clientId.length())
                .withMessageContaining("1 to 23")
                .withMessageContaining("3.1");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 23})
    void clientIdentifiersThatSuitVersion31Connect(int length) {
        try (MqttClient client = Variant.hasty(broker.url())
                .version(ProtocolVersion.MQTT_3_1)
                .clientId("x".repeat(length))
                .build()) {
            assertThat(client.connect().clientId()).hasSize(length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 24, 65_535})
    void clientIdentifiersThatVersion31CannotHaveKeepTheVersion(int length) {
        broker.misbehave().refuseVersion(ProtocolVersion.MQTT_5).refuseVersion(ProtocolVersion.MQTT_3_1_1);
        MqttClient client =
                Variant.hasty(broker.url()).clientId("x".repeat(length)).build();
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(client::connect)
                .withMessageContaining("with MQTT 3.1.1");
        client.close();
    }

    @Test
    void keptSessionNeedsAClientIdentifier() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MqttPublisher.builder(URL)
                        .clientId("")
                        .session(SessionStore.inMemory(), seconds(1))
                        .build())
                .withMessageContaining("clientId is empty")
                .withMessageContaining("MQTT-3.1.3-7");
    }

    @Test
    void identifiersMadeUpSuitEveryBrokerAndAreNotTheSame() {
        try (MqttClient one = MqttClient.builder(URL).build();
                MqttSubscriber two = MqttSubscriber.builder(URL).build()) {
            assertThat(one.clientId()).matches("hawser[a-z0-9]{16}").isNotEqualTo(two.clientId());
        }
    }

    @Test
    void clientDoesNotSeeLaterChangesOfItsBuilder() {
        ClientBuilder<MqttClient> builder =
                Variant.hasty(broker.url()).clientId("one").timeout(seconds(7));
        try (MqttClient client = builder.build()) {
            builder.clientId("two").timeout(seconds(8)).subscription("a", delivery -> {});
            assertThat(client.clientId()).isEqualTo("one");
            assertThat(client.timeout()).isEqualTo(seconds(7));
            client.connect();
            assertThat(broker.server().subscriptions("one")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtt://host_with_underscore", "mqtt://[::1]:1", "mqtts://h", "MQTT://H:65535/"})
    void serversAreUnderstood(String server) {
        assertThatCode(() -> MqttClient.builder(server).build().close()).doesNotThrowAnyException();
    }

    @Test
    void secretsShowNowhere() {
        Credentials credentials = Credentials.of("joe", SECRET);
        Will will = Will.of(Message.of("a", SECRET));
        Events events = new Events();
        ClientBuilder<MqttClient> builder =
                Variant.hasty(broker.url()).credentials(credentials).will(will).onEvent(events);
        try (MqttClient client = builder.build()) {
            client.connect();
            client.subscribe("a", delivery -> {
                throw new IllegalStateException("always");
            });
            client.publish(Message.of("a", SECRET));
            events.first(ConnectionEvent.DeliveryFailed.class);

            assertThat(Stream.of(credentials, will, builder, client, client.statistics(), events.soFar())
                            .map(Object::toString))
                    .noneMatch(text -> text.contains(SECRET));
        }
        assertThat(Tls.platform().toString()).doesNotContain(SECRET);
    }

    @Test
    void controlCharactersAreEscapedInEveryText() {
        String evil = "a\u2028b"; // the worst that may be sent
        Events events = new Events();
        broker.misbehave().refuseFilter(evil);
        try (MqttClient client =
                Variant.hasty(broker.url()).clientId(evil).onEvent(events).build()) {
            client.connect();
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> client.subscribe(evil, delivery -> {}))
                    .satisfies(e -> assertThat(e.getMessage())
                            .startsWith("SUBSCRIBE to 'a\\u2028b'")
                            .doesNotContain("\n"));
            client.subscribe("a/#", delivery -> {
                throw new IllegalStateException("always");
            });
            client.publish(Message.of("a/" + evil, "x"));
            events.first(ConnectionEvent.DeliveryFailed.class);
            for (int i = 1; i <= 3; i++) {
                events.nth(ConnectionEvent.Ready.class, i);
                broker.server().cutConnections();
            }
            events.first(ConnectionEvent.ClientIdContested.class);

            assertThat(Stream.of(client, Subscription.to(evil), events.soFar(), Credentials.of(evil))
                            .map(Object::toString))
                    .noneMatch(text -> text.contains("\n") || text.contains("\u001B") || text.contains("\u2028"));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MqttClient.builder(URL)
                        .version(ProtocolVersion.MQTT_3_1)
                        .clientId(evil.repeat(8))
                        .build())
                .satisfies(e -> assertThat(e.getMessage()).contains("\\u2028").doesNotContain("\n"));
    }

    @Test
    void keptSessionNeedsAClientIdentifierThatIsTheSameEveryTime() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MqttClient.builder(URL)
                        .session(SessionStore.inMemory(), seconds(1))
                        .build())
                .withMessageContaining("clientId is not given")
                .withMessageContaining("session(...)");
    }

    /** Each method with null for each of its objects: a program learns what it has not given. */
    @Test
    void whatIsNotGivenIsNamed() throws Exception {
        try (MqttClient client = MqttClient.builder(URL).build()) {
            for (Object target : List.of(client, MqttClient.builder(URL), MqttPublisher.builder(URL))) {
                Class<?> type = target instanceof MqttClient ? MqttClient.class : target.getClass();
                for (Method method : type.getMethods()) {
                    boolean ours = method.getDeclaringClass().getName().startsWith("io.hawser.");
                    if (ours && !Modifier.isStatic(method.getModifiers())) {
                        for (int i = 0; i < method.getParameterCount(); i++) {
                            namesParameter(target, method, i);
                        }
                    }
                }
            }
        }
    }

    private static void namesParameter(Object target, Method method, int index) throws Exception {
        Object[] arguments = new Object[method.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            Class<?> type = method.getParameterTypes()[i];
            if (type.isPrimitive() && i == index) {
                return;
            }
            arguments[i] = i == index ? null : given(type);
        }
        Throwable thrown = catchThrowable(() -> method.invoke(target, arguments));
        assertThat(thrown).as("%s, argument %s", method, index).isNotNull();
        assertThat(thrown.getCause())
                .as("%s, argument %s", method, index)
                .isInstanceOf(NullPointerException.class)
                .satisfies(e -> assertThat(e.getMessage()).isNotNull().doesNotContain("because"));
    }

    private static Object given(Class<?> type) {
        if (type == Message.class) {
            return Message.of("a", "b");
        } else if (type == String.class) {
            return "a";
        } else if (type == Duration.class) {
            return seconds(1);
        } else if (type == Subscription.class) {
            return Subscription.to("a");
        } else if (type == List.class) {
            return List.of();
        } else if (type == SessionStore.class) {
            return SessionStore.inMemory();
        } else if (type == boolean.class) {
            return true;
        } else if (type == int.class) {
            return 1;
        } else if (type == long.class) {
            return 1L;
        } else if (type == double.class) {
            return 2.0;
        }
        return java.lang.reflect.Proxy.newProxyInstance(
                BuilderTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
    }
}
