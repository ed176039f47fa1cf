package io.hawser.client.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.ClientBuilder;
import io.hawser.client.MqttClient;
import io.hawser.client.Proxy;
import io.hawser.client.Tls;
import io.hawser.client.WebSocket;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ReconnectPolicy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.BufferOverflowException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each text that a program can give to a road, with what does no good in one: refused in the builder, or sent unharmed. */
@Timeout(120)
class RoadTextsTest {
    /** A field of a road: how a builder gets the text, with the port of whoever is asked first. */
    @FunctionalInterface
    private interface Field {
        ClientBuilder<MqttClient> with(String text, int port);
    }

    private static ClientBuilder<MqttClient> ws(WebSocket options, int port) {
        return MqttClient.builder("ws://127.0.0.1:" + port).webSocket(options);
    }

    private static ClientBuilder<MqttClient> proxied(Proxy proxy, String host) {
        return MqttClient.builder("mqtt://" + host + ":1883").proxy(proxy);
    }

    private static Map<String, Field> fields() {
        Map<String, Field> fields = new LinkedHashMap<>();
        fields.put("host by HTTP proxy", (text, port) -> proxied(Proxy.http("127.0.0.1", port), text));
        fields.put("host by SOCKS4 proxy", (text, port) -> proxied(Proxy.socks4("127.0.0.1", port), text));
        fields.put("host by SOCKS5 proxy", (text, port) -> proxied(Proxy.socks5("127.0.0.1", port), text));
        fields.put("host in brackets", (text, port) -> proxied(Proxy.http("127.0.0.1", port), "[" + text + "]"));
        fields.put("proxy host", (text, port) -> proxied(Proxy.http(text, port), "h"));
        fields.put("path of the URL", (text, port) -> MqttClient.builder("ws://127.0.0.1:" + port + "/" + text));
        fields.put("query of the URL", (text, port) -> MqttClient.builder("ws://127.0.0.1:" + port + "?" + text));
        fields.put("path", (text, port) -> ws(WebSocket.standard().withPath("/" + text), port));
        fields.put("header name", (text, port) -> ws(WebSocket.standard().withHeader(text, "v"), port));
        fields.put("header value", (text, port) -> ws(WebSocket.standard().withHeader("X", text), port));
        fields.put("subprotocol", (text, port) -> ws(WebSocket.standard().withSubprotocols(text), port));
        fields.put(
                "user by HTTP",
                (text, port) -> proxied(Proxy.http("127.0.0.1", port).withCredentials(text, "p"), "h"));
        fields.put(
                "password by HTTP",
                (text, port) -> proxied(Proxy.http("127.0.0.1", port).withCredentials("u", text), "h"));
        fields.put(
                "user by SOCKS5",
                (text, port) -> proxied(Proxy.socks5("127.0.0.1", port).withCredentials(text, "p"), "h"));
        fields.put(
                "password by SOCKS5",
                (text, port) -> proxied(Proxy.socks5("127.0.0.1", port).withCredentials("u", text), "h"));
        fields.put(
                "user by SOCKS4", (text, port) -> proxied(Proxy.parse("socks4://" + text + "@127.0.0.1:" + port), "h"));
        fields.put(
                "SNI",
                (text, port) -> MqttClient.builder("mqtts://" + text + ":1").proxy(Proxy.http("127.0.0.1", port)));
        fields.put(
                "ALPN",
                (text, port) -> MqttClient.builder("mqtts://127.0.0.1:" + port)
                        .tls(Tls.withoutVerification("insecure").applicationProtocols(text)));
        fields.put("unix path", (text, port) -> MqttClient.builder("unix:/" + text));
        return fields;
    }

    private static Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("empty", "");
        texts.put("blank", " ");
        for (String control :
                List.of("\0", "\n", "\r", "\r\nX-Evil: y", "\u007f", "\u0085", "\u009f", "\u2028", "\u202e")) {
            texts.put("control " + Integer.toHexString(control.charAt(0)), "a" + control + "b");
        }
        texts.put("half a surrogate", "a\ud800b");
        for (String odd :
                List.of("\"", "'", "[a:b]", "a:b", "a]b", "<b>", "a@b", "a#b", "a?b", "a/b", "a\\b", "a%", "é")) {
            texts.put("odd " + odd, odd);
        }
        for (int length : new int[] {255, 256, 4096, 16_384, 32_768, 65_536, 1_000_000}) {
            texts.put(length + " characters", "x".repeat(length));
        }
        return texts;
    }

    static Stream<Arguments> fieldsAndTexts() {
        return fields().keySet().stream()
                .flatMap(field -> texts().keySet().stream().map(text -> Arguments.of(field, text)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("fieldsAndTexts")
    void isRefusedInTheBuilderOrSentUnharmed(String field, String name) throws Exception {
        String text = texts().get(name);
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            CompletableFuture<String> said = new CompletableFuture<>();
            Thread thread = new Thread(() -> listen(server, said));
            thread.setDaemon(true);
            thread.start();
            MqttClient client;
            try {
                client = fields().get(field)
                        .with(text, server.getLocalPort())
                        .connectTimeout(Duration.ofSeconds(20))
                        .reconnect(ReconnectPolicy.never())
                        .build();
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).hasSizeLessThan(1000).matches("[\\p{Print}…é]*");
                return;
            }
            try (client) {
                assertUnharmed(client, said);
            }
        }
    }

    private static void assertUnharmed(MqttClient client, CompletableFuture<String> said) throws Exception {
        Throwable failure = null;
        try {
            client.connectAsync().get(40, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            failure = e.getCause();
        }
        assertThat(failure).isInstanceOf(MqttException.class);
        for (Throwable t = failure; t != null; t = t.getCause()) {
            assertThat(t).isNotInstanceOf(BufferOverflowException.class).isNotInstanceOf(ClassCastException.class);
        }
        // Whoever was asked first, if anybody was: no line of the program's own, and nothing of another protocol.
        String request = said.getNow("");
        assertThat(request.lines().filter(line -> line.startsWith("X-Evil"))).isEmpty();
        assertThat(request.lines()
                        .filter(line -> !line.contains(":") && !line.isEmpty())
                        .count())
                .as(request)
                .isLessThanOrEqualTo(1);
    }

    /** Remembers what came until HTTP's empty line or a pause, and hangs up. */
    private static void listen(ServerSocket server, CompletableFuture<String> said) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Socket socket = server.accept()) {
            socket.setSoTimeout(200);
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.write(next);
                if (next == '\n' && all.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                    break;
                }
                if (all.size() == 1 && next < 'A') {
                    break;
                }
            }
        } catch (IOException e) {
            // What has come by now is what is looked at.
        }
        said.complete(all.size() > 1 ? all.toString(StandardCharsets.ISO_8859_1) : "");
    }
}
