package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.MqttClient;
import io.hawser.client.WebSocket;
import io.hawser.client.transport.ProxySettings.Kind;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What proves who the client is reaches nobody but the server it is meant for: no text, no log, no other host. */
class SecretsTest {
    private static final String TOKEN = "eyJhbGciOi.SECRET-token";
    private static final String QUERY = "sig%2Fnature";
    private static final String PASSWORD = "hünter2";
    private static final WebSocketSettings SETTINGS = new WebSocketSettings(
            "/mqtt?X-Sig=" + QUERY + "&n=1", List.of(Map.entry("Authorization", "Bearer " + TOKEN)), List.of("mqtt"));

    private final EventLoop loop = EventLoops.next();

    private static String everything(Throwable failure) {
        StringBuilder all = new StringBuilder();
        for (Throwable t = failure; t != null; t = t.getCause()) {
            all.append(t).append('\n');
        }
        return all.toString();
    }

    private static void assertNothingIsTold(Throwable failure) {
        assertThat(everything(failure))
                .doesNotContain(TOKEN, "sig%2Fnature", "sig/nature", PASSWORD)
                .doesNotContain(HttpText.basic("me", PASSWORD).substring(6))
                .contains("…");
    }

    /** Whatever part of its answer a server repeats the request in. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 401 no such token %s\r\n\r\n",
                "HTTP/1.1 302 Found\r\nLocation: https://login.example/%s\r\n\r\n",
                "HTTP/9 %s\r\n\r\n",
                "HTTP/1.1 4xx %s\r\n\r\n",
                "101 Sec-WebSocket-Extensions: %s\r\n\r\n",
                "101 Sec-WebSocket-Protocol: %s\r\n\r\n",
                "101 close %s",
            })
    void aServerThatRepeatsSecretsIsNotQuoted(String answer) throws Exception {
        for (String secret : List.of("Bearer " + TOKEN, TOKEN, QUERY, "sig/nature")) {
            try (Peer peer = new Peer(socket -> answer(socket, answer, secret))) {
                Recorder client = new Recorder(loop);
                loop.connect(
                        new Target(
                                "127.0.0.1",
                                peer.port(),
                                null,
                                SETTINGS,
                                null,
                                TcpOptions.DEFAULT,
                                TimeUnit.SECONDS.toNanos(10)),
                        client);
                Throwable failure = client.awaitClosed().orElseThrow();
                if (!answer.startsWith("HTTP/9")) {
                    assertNothingIsTold(failure);
                } else {
                    assertThat(everything(failure)).doesNotContain(secret);
                }
            }
        }
    }

    private static void answer(Socket socket, String answer, String secret) throws Exception {
        WebSocketServer server = new WebSocketServer(socket);
        if (!answer.startsWith("101 ")) {
            server.send(answer.formatted(secret).getBytes(StandardCharsets.ISO_8859_1));
        } else if (answer.startsWith("101 close")) {
            server.send(server.acceptance().getBytes(StandardCharsets.ISO_8859_1));
            server.send(WebSocketServer.frame(0x88, "\3\u00f0no " + secret));
        } else {
            String header = answer.substring(4).formatted(secret);
            String rest = server.acceptance().replaceFirst("\r\n\r\n$", "\r\n");
            if (header.startsWith("Sec-WebSocket-Protocol")) {
                rest = rest.replaceFirst("Sec-WebSocket-Protocol: .*\r\n", "");
            }
            server.send((rest + header).getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 407 %s\r\nProxy-Authenticate: Basic realm=\"%s\"\r\n\r\n",
                "HTTP/1.1 502 cannot use %s\r\n\r\n",
                "HTTP/1.1 302 x\r\nLocation: http://other/%s\r\n\r\n"
            })
    void aProxyThatRepeatsSecretsIsNotQuoted(String answer) throws Exception {
        for (String secret : List.of("me:" + PASSWORD, PASSWORD, HttpText.basic("me", PASSWORD))) {
            try (Peer peer = new Peer(socket -> {
                WebSocketServer.head(socket.getInputStream());
                socket.getOutputStream().write(answer.replace("%s", secret).getBytes(StandardCharsets.ISO_8859_1));
            })) {
                Recorder client = new Recorder(loop);
                ProxySettings proxy = new ProxySettings(Kind.HTTP, "127.0.0.1", peer.port(), "me", PASSWORD);
                loop.connect(
                        new Target("b.test", 1, null, null, proxy, TcpOptions.DEFAULT, TimeUnit.SECONDS.toNanos(10)),
                        client);
                assertNothingIsTold(client.awaitClosed().orElseThrow());
            }
        }
    }

    @Test
    void aShortSecretIsLeftOutWhereItStandsAlone() {
        ProxySettings proxy = new ProxySettings(Kind.HTTP, "p", 1, "me", "of");
        Secrets secrets =
                Secrets.of(new Target("b", 1, null, null, proxy, TcpOptions.DEFAULT, TimeUnit.SECONDS.toNanos(1)));
        assertThat(secrets.shown("'of' is the password of an offer")).isEqualTo("'…' is the password … an offer");
    }

    /** A broker that may say where its clients go must not say who learns their tokens. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anotherHostIsToldHeadersAndQueryOnlyIfTheProgramSaysSo(boolean told) throws Exception {
        CompletableFuture<String> elsewhere = new CompletableFuture<>();
        ServerSocket second = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.2"));
        try (Peer other =
                        new Peer(second, socket -> elsewhere.complete(WebSocketServer.head(socket.getInputStream())));
                Peer first = new Peer(socket -> {
                    WebSocketServer server = WebSocketServer.accept(socket);
                    server.read();
                    server.send(WebSocketServer.frame(
                            0x82, new String(useAnother("127.0.0.2:" + other.port()), StandardCharsets.ISO_8859_1)));
                })) {
            WebSocket options = WebSocket.standard().withHeader("Authorization", "Bearer " + TOKEN);
            try (MqttClient client = MqttClient.builder("ws://127.0.0.1:" + first.port() + "/mqtt?X-Sig=" + QUERY)
                    .webSocket(told ? options.sentToReferences() : options)
                    .followServerReference(true)
                    .build()) {
                client.connectAsync();
                String request = elsewhere.get(20, TimeUnit.SECONDS);
                assertThat(request).startsWith("GET /mqtt");
                assertThat(request.contains(TOKEN)).isEqualTo(told);
                assertThat(request.contains(QUERY)).isEqualTo(told);
            }
        }
    }

    /** CONNACK of MQTT 5.0 with reason 0x9C and a server reference. */
    private static byte[] useAnother(String reference) throws Exception {
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(packet);
        out.write(0x20);
        out.write(6 + reference.length());
        out.write(0);
        out.write(0x9c);
        out.write(3 + reference.length());
        out.write(0x1c);
        out.writeUTF(reference);
        return packet.toByteArray();
    }

    @Test
    void settingsShowNoSecrets() {
        List<String> shown = new ArrayList<>();
        shown.add(SETTINGS.toString());
        shown.add(new ProxySettings(Kind.HTTP, "p", 1, "me", PASSWORD).toString());
        assertThat(shown).noneMatch(text -> text.contains(TOKEN) || text.contains(QUERY) || text.contains(PASSWORD));
    }
}
