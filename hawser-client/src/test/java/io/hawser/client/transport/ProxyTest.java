package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.transport.ProxySettings.Kind;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Proxies on the event loop, scripted to their bytes. */
class ProxyTest {
    /** A name that no resolver knows: only the proxy looks it up. */
    private static final String SERVER = "broker.invalid";

    private static final HexFormat HEX = HexFormat.of();

    private final EventLoop loop = EventLoops.next();
    private final Recorder client = new Recorder(loop);

    private void connect(Kind kind, int port, Recorder handler) {
        ProxySettings proxy = new ProxySettings(kind, "127.0.0.1", port, null, null);
        loop.connect(
                new Target(SERVER, 1883, null, null, proxy, TcpOptions.DEFAULT, TimeUnit.SECONDS.toNanos(10)), handler);
    }

    private void connect(Kind kind, int port, String user, long millis) {
        ProxySettings proxy = new ProxySettings(kind, "127.0.0.1", port, user, user == null ? null : "hunter2");
        loop.connect(
                new Target(SERVER, 1883, null, null, proxy, TcpOptions.DEFAULT, TimeUnit.MILLISECONDS.toNanos(millis)),
                client);
    }

    private void connect(Kind kind, int port) {
        connect(kind, port, null, 10_000);
    }

    /** Accepts the dialogue, with answers in pieces of so many bytes; returns for which server the tunnel was asked. */
    private static String tunnel(Kind kind, Socket socket, int piece) throws IOException {
        socket.setTcpNoDelay(true);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        switch (kind) {
            case HTTP -> {
                String head = WebSocketServer.head(in);
                send(
                        socket,
                        "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                        piece);
                return head.substring(head.indexOf(' ') + 1, head.indexOf(" HTTP/"));
            }
            case SOCKS4 -> {
                in.skipNBytes(2);
                int port = in.readUnsignedShort();
                in.skipNBytes(5);
                StringBuilder name = new StringBuilder();
                for (int next = in.read(); next > 0; next = in.read()) {
                    name.append((char) next);
                }
                send(socket, HEX.parseHex("005a000000000000"), piece);
                return name + ":" + port;
            }
            default -> {
                in.skipNBytes(3);
                send(socket, HEX.parseHex("0500"), piece);
                in.skipNBytes(4);
                String name = new String(in.readNBytes(in.read()), StandardCharsets.US_ASCII);
                int port = in.readUnsignedShort();
                send(socket, HEX.parseHex("0500000100000000" + "0000"), piece);
                return name + ":" + port;
            }
        }
    }

    private static void send(Socket socket, byte[] bytes, int piece) throws IOException {
        OutputStream out = socket.getOutputStream();
        for (int at = 0; at < bytes.length; at += piece) {
            out.write(bytes, at, Math.min(piece, bytes.length - at));
        }
    }

    @ParameterizedTest
    @CsvSource({"HTTP, 1", "HTTP, 1000", "SOCKS4, 1", "SOCKS4, 1000", "SOCKS5, 1", "SOCKS5, 1000"})
    void reachesTheServerThroughTheProxyWhichLooksItUp(Kind kind, int piece) throws Exception {
        CompletableFuture<String> asked = new CompletableFuture<>();
        try (Peer proxy = new Peer(socket -> {
            asked.complete(tunnel(kind, socket, piece));
            Peer.ECHO.with(socket);
        })) {
            connect(kind, proxy.port());
            client.write("hello ");
            client.write("world");
            client.awaitText("hello world");
            assertThat(asked.get()).isEqualTo(SERVER + ":1883");
            client.with(Connection::close);
            assertThat(client.awaitClosed()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void movesMuchThroughTheProxy(Kind kind) throws Exception {
        try (Peer proxy = new Peer(socket -> {
            tunnel(kind, socket, 1000);
            Peer.ECHO.with(socket);
        })) {
            connect(kind, proxy.port());
            client.with(connection -> {
                for (int i = 0; i < 100; i++) {
                    connection.write(ByteBuffer.allocate(100_000), i == 99);
                }
            });
            client.awaitCount(10_000_000);
            assertThat(client.written()).hasSize(100);
        }
    }

    /** Bytes of the server's that come with the last ones of the dialogue are the server's. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void deliversWhatComesWithTheProxysLastWord(Kind kind) throws Exception {
        String answer = switch (kind) {
            case HTTP -> HEX.formatHex("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            case SOCKS4 -> "005a000000000000";
            case SOCKS5 -> "050000010000000000" + "00";
        };
        try (Peer proxy = new Peer(socket -> {
            if (kind == Kind.SOCKS5) {
                send(socket, HEX.parseHex("0500"), 2);
                Peer.read(socket, 7);
            }
            send(socket, HEX.parseHex(answer + "6869"), 1000);
        })) {
            connect(kind, proxy.port());
            client.awaitText("hi");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP, 485454502f312e3120343037204e6f0d0a0d0a, it wants credentials (HTTP 407)",
        "HTTP, 485454502f312e3120353032204e6f0d0a0d0a, the server behind it cannot be reached (HTTP 502 No)",
        "HTTP, 485454502f312e3120343033204e6f0d0a0d0a, it forbids this (HTTP 403 No)",
        "HTTP, 0502, it does not answer with HTTP",
        "HTTP, '', closed by the peer during the dialogue with the HTTP proxy",
        "HTTP, 485454502f, closed by the peer during the dialogue with the HTTP proxy",
        "SOCKS4, 005b, it refuses",
        "SOCKS4, 48545450, does not answer as a SOCKS4 proxy",
        "SOCKS4, 005a0000, closed by the peer during the dialogue",
        "SOCKS5, 05ff, it wants credentials",
        "SOCKS5, 05000505, the server refuses its connection (SOCKS5 code 5)",
        "SOCKS5, 48545450, does not answer as a SOCKS5 proxy",
        "SOCKS5, 0500, closed by the peer during the dialogue",
        "SOCKS5, 05000500000104, closed by the peer during the dialogue"
    })
    void saysInWordsWhyTheProxyDoesNotConnect(Kind kind, String answer, String words) throws Exception {
        try (Peer proxy = new Peer(socket -> {
            Peer.read(socket, 3);
            send(socket, HEX.parseHex(answer), 1);
            socket.shutdownOutput();
        })) {
            connect(kind, proxy.port());
            assertThat(client.awaitFailure())
                    .startsWith("cannot connect to " + SERVER + ":1883 through " + name(kind) + " proxy 127.0.0.1:"
                            + proxy.port() + ": ")
                    .contains(words);
        }
    }

    private static String name(Kind kind) {
        return kind == Kind.SOCKS4 ? "SOCKS4a" : kind.name();
    }

    @Test
    void doesNotShowThePasswordThatAProxyRefuses() throws Exception {
        try (Peer proxy = new Peer(socket -> {
            Peer.read(socket, 4);
            send(socket, HEX.parseHex("0502"), 2);
            Peer.read(socket, 5);
            send(socket, HEX.parseHex("0101"), 2);
        })) {
            connect(Kind.SOCKS5, proxy.port(), "me", 10_000);
            assertThat(client.awaitFailure())
                    .contains("does not accept these credentials")
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void refusesAnswersWithoutEnd() throws Exception {
        try (Peer proxy = new Peer(socket -> {
            WebSocketServer.head(socket.getInputStream());
            byte[] line = "X-Header: and so on\r\n".getBytes(StandardCharsets.US_ASCII);
            send(socket, "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII), 1000);
            for (int i = 0; i < 10_000; i++) {
                send(socket, line, 1000);
            }
        })) {
            connect(Kind.HTTP, proxy.port());
            assertThat(client.awaitFailure()).contains("more than 16384 bytes");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void waitsNoLongerThanItMayForTheProxy(Kind kind) throws Exception {
        try (Peer proxy = new Peer(Peer.SILENCE)) {
            connect(kind, proxy.port(), null, 300);
            assertThat(client.awaitFailure())
                    .endsWith("the dialogue with the " + name(kind) + " proxy 127.0.0.1:" + proxy.port()
                            + " did not end within 300 ms");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void tellsOfAProxyThatDiesInBetween(Kind kind) throws Exception {
        try (Peer proxy = new Peer(socket -> {
            tunnel(kind, socket, 1000);
            Peer.read(socket, 1);
            socket.setSoLinger(true, 0);
            socket.close();
        })) {
            connect(kind, proxy.port());
            client.write(".");
            assertThat(client.awaitFailure())
                    .contains("connection to " + SERVER + ":1883 through ", " proxy 127.0.0.1:" + proxy.port())
                    .contains("lost: Connection reset");
        }
    }

    /** Though a proxy lies between, what answers behind it is told by its name. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void saysThatTheServerBehindTheProxySpeaksAnotherProtocol(Kind kind) throws Exception {
        for (String answer : List.of("HTTP/1.1 400 Bad Request\r\n\r\n", "\25\3\1\0\2\2\50")) {
            try (Peer proxy = new Peer(socket -> {
                tunnel(kind, socket, 1000);
                Peer.read(socket, 1);
                send(socket, answer.getBytes(StandardCharsets.ISO_8859_1), 1000);
            })) {
                Recorder one = new Recorder(loop);
                connect(kind, proxy.port(), one);
                one.write(".");
                assertThat(one.awaitFailure())
                        .contains("what answers there speaks " + (answer.startsWith("H") ? "HTTP" : "TLS"));
            }
        }
    }

    @Test
    void saysThatTheProxyCannotBeReachedOrFound() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        connect(Kind.HTTP, nobody);
        assertThat(client.awaitFailure()).contains("through HTTP proxy 127.0.0.1:" + nobody + ": Connection refused");

        EventLoop nameless = EventLoops.next(host -> {
            throw new UnknownHostException(host);
        });
        Recorder other = new Recorder(nameless);
        ProxySettings proxy = new ProxySettings(Kind.SOCKS5, "proxy.invalid", 1080, null, null);
        nameless.connect(
                new Target("127.0.0.1", 1883, null, null, proxy, TcpOptions.DEFAULT, TimeUnit.SECONDS.toNanos(5)),
                other);
        assertThat(other.awaitFailure()).contains("no address is known for the name of the proxy");
    }

    /** Both handshakes, one upon the other. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void opensAWebSocketThroughTheProxy(Kind kind) throws Exception {
        try (Peer proxy = new Peer(socket -> {
            tunnel(kind, socket, 1);
            WebSocketServer server = WebSocketServer.accept(socket);
            server.send(WebSocketServer.frame(0x82, server.read().text()));
        })) {
            ProxySettings settings = new ProxySettings(kind, "127.0.0.1", proxy.port(), null, null);
            WebSocketSettings webSocket = new WebSocketSettings("/mqtt", List.of(), List.of("mqtt"));
            loop.connect(
                    new Target(SERVER, 80, null, webSocket, settings, TcpOptions.DEFAULT, TimeUnit.SECONDS.toNanos(10)),
                    client);
            client.write("over two filters");
            client.awaitText("over two filters");
        }
    }
}
