package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.mqtt.ConnectionException;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * WebSocket on the event loop, against a server that is scripted to its bytes: binary frames only [MQTT-6.0.0-1], cut without regard to
 * packets [MQTT-6.0.0-2], with the subprotocol {@code mqtt} [MQTT-6.0.0-3].
 */
class WebSocketTest {
    private static final WebSocketSettings SETTINGS = new WebSocketSettings(
            "/mqtt?token=hunter2", List.of(Map.entry("Authorization", "Bearer hunter2")), List.of("mqtt"));
    private static final int CONTINUES = 0;

    private final EventLoop loop = EventLoops.next();
    private final Recorder client = new Recorder(loop);

    private Runnable connect(int port) {
        return connect(port, TimeUnit.SECONDS.toNanos(10));
    }

    private Runnable connect(int port, long timeoutNanos) {
        return loop.connect(
                new Target("127.0.0.1", port, null, SETTINGS, null, TcpOptions.DEFAULT, timeoutNanos), client);
    }

    /** What the client sent in answer to a case, as far as the case tells how it ends. */
    private static final class Answers {
        final List<String> pongs = new ArrayList<>();
        int close = CONTINUES;
    }

    static List<FramingCase> cases() {
        return FramingCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void doesAsEachCaseWants(FramingCase row) throws Exception {
        play(row, false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void doesAsEachCaseWantsByteByByte(FramingCase row) throws Exception {
        if (row.sent().length < 3_000) {
            play(row, true);
        }
    }

    private void play(FramingCase row, boolean byteByByte) throws Exception {
        CompletableFuture<Answers> answers = new CompletableFuture<>();
        try (Peer peer = new Peer(socket -> {
            try {
                answers.complete(converse(row, byteByByte, WebSocketServer.accept(socket)));
                socket.close();
            } catch (Throwable e) {
                answers.completeExceptionally(e);
            }
        })) {
            connect(peer.port());
            client.awaitOpened();
            if (row.close() == CONTINUES) {
                client.awaitCount(row.delivered().length);
                client.with(connection -> connection.write(ByteBuffer.wrap(new byte[] {'.'}), true));
            }
            Answers answered = answers.get(10, TimeUnit.SECONDS);
            assertThat(answered.pongs).isEqualTo(row.pongs());
            assertThat(answered.close).isEqualTo(row.close());
            Throwable cause = client.awaitClosed().orElse(null);
            assertThat(client.count()).isEqualTo(row.delivered().length);
            assertThat(client.text()).isEqualTo(new String(row.delivered(), StandardCharsets.UTF_8));
            if (row.close() != CONTINUES) {
                assertThat(cause).isInstanceOf(ConnectionException.class).hasMessageContaining(row.words());
            }
        }
    }

    /** Sends the case and reads what comes: until the client closes, or until the message that the test has the client send last. */
    private static Answers converse(FramingCase row, boolean byteByByte, WebSocketServer server) throws IOException {
        Answers answers = new Answers();
        CompletableFuture<Void> sender = Peer.start(() -> {
            if (byteByByte) {
                server.sendByteByByte(row.sent());
            } else {
                server.send(row.sent());
            }
        });
        boolean ended = false;
        // A slow network brings the client's last message before its answer to a ping that was sent earlier.
        while (!ended || answers.pongs.size() < row.pongs().size()) {
            WebSocketServer.Frame frame = server.read();
            if (frame.opcode() == WebSocketFrames.PONG) {
                answers.pongs.add(frame.text());
            } else if (frame.opcode() == WebSocketFrames.CLOSE) {
                answers.close = frame.code();
                return answers;
            } else {
                assertThat(frame.text()).isEqualTo(".");
                ended = true;
            }
        }
        sender.join();
        return answers;
    }

    @Test
    void asksForThePathWithHeadersAndNamesItsSubprotocol() throws Exception {
        CompletableFuture<String> request = new CompletableFuture<>();
        try (Peer peer = new Peer(
                socket -> request.complete(WebSocketServer.accept(socket).request()))) {
            connect(peer.port());
            client.awaitOpened();
            assertThat(request.get())
                    .startsWith("GET /mqtt?token=hunter2 HTTP/1.1\r\nHost: 127.0.0.1:" + peer.port() + "\r\n")
                    .contains("\r\nAuthorization: Bearer hunter2\r\n", "\r\nSec-WebSocket-Protocol: mqtt\r\n")
                    .doesNotContain("Extensions");
            client.with(Connection::close);
            assertThat(client.awaitClosed()).isEmpty();
        }
    }

    @Test
    void sendsWhatIsWrittenInOneTurnInOneFrame() throws Exception {
        CompletableFuture<String> frame = new CompletableFuture<>();
        try (Peer peer = new Peer(
                socket -> frame.complete(WebSocketServer.accept(socket).read().text()))) {
            connect(peer.port());
            client.with(connection -> {
                connection.write(ByteBuffer.wrap("a".getBytes(StandardCharsets.UTF_8)), false);
                connection.write(ByteBuffer.allocateDirect(1).put(0, (byte) 'b'), false);
                connection.write(
                        ByteBuffer.wrap("c".getBytes(StandardCharsets.UTF_8)).asReadOnlyBuffer(), true);
            });
            assertThat(frame.get(10, TimeUnit.SECONDS)).isEqualTo("abc");
            await().until(() -> client.written().size() == 3);
            assertThat(client.written()).allMatch(buffer -> buffer.remaining() == 1);
        }
    }

    /** Sizes around those at which the length of a frame is written otherwise, and where one frame is not enough. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65_521, 65_522, 65_523, 65_535, 65_536, 65_537, 1_000_003})
    void bringsBackWhatItSends(int length) throws Exception {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        try (Peer peer = new Peer(WebSocketTest::echo)) {
            CompletableFuture<Void> all = new CompletableFuture<>();
            ByteBuffer back = ByteBuffer.allocate(length + 1);
            Recorder collecting = new Recorder(loop) {
                @Override
                public synchronized void received(ByteBuffer part) {
                    back.put(part);
                    if (back.position() > length) {
                        all.complete(null);
                    }
                }
            };
            loop.connect(
                    new Target(
                            "127.0.0.1",
                            peer.port(),
                            null,
                            SETTINGS,
                            null,
                            TcpOptions.DEFAULT,
                            TimeUnit.SECONDS.toNanos(10)),
                    collecting);
            collecting.with(connection -> {
                connection.write(ByteBuffer.wrap(bytes), false);
                connection.write(ByteBuffer.wrap(new byte[] {'.'}), true);
            });
            all.get(20, TimeUnit.SECONDS);
            assertThat(back.flip())
                    .isEqualTo(ByteBuffer.allocate(length + 1)
                            .put(bytes)
                            .put((byte) '.')
                            .flip());
        }
    }

    private static void echo(Socket socket) throws Exception {
        WebSocketServer server = WebSocketServer.accept(socket);
        while (true) {
            WebSocketServer.Frame frame = server.read();
            server.send(new FramingCase.Script().frame(0x82, frame.payload()).sent());
        }
    }

    @Test
    void readsFramesThatComeWithTheAnswer() throws Exception {
        try (Peer peer = new Peer(socket -> {
            WebSocketServer server = new WebSocketServer(socket);
            byte[] answer = server.acceptance().getBytes(StandardCharsets.US_ASCII);
            byte[] frame = WebSocketServer.frame(0x82, "early");
            server.send(ByteBuffer.allocate(answer.length + frame.length)
                    .put(answer)
                    .put(frame)
                    .array());
        })) {
            connect(peer.port());
            client.awaitText("early");
            assertThat(client.completeReads()).isPositive();
        }
    }

    @Test
    void readsAnAnswerThatComesByteByByte() throws Exception {
        try (Peer peer = new Peer(socket -> {
            WebSocketServer server = new WebSocketServer(socket);
            server.sendByteByByte(server.acceptance().getBytes(StandardCharsets.US_ASCII));
            server.sendByteByByte(WebSocketServer.frame(0x82, "hello"));
        })) {
            connect(peer.port());
            client.awaitText("hello");
        }
    }

    @Test
    void closesWithACodeBehindWhatWasWritten() throws Exception {
        CompletableFuture<List<WebSocketServer.Frame>> frames = new CompletableFuture<>();
        try (Peer peer = new Peer(socket -> {
            WebSocketServer server = WebSocketServer.accept(socket);
            frames.complete(List.of(server.read(), server.read()));
            assertThat(server.isAtEnd()).isTrue();
            socket.close();
        })) {
            connect(peer.port());
            client.with(connection -> {
                connection.write(ByteBuffer.wrap(new byte[] {'x'}), true);
                connection.close();
            });
            assertThat(frames.get(10, TimeUnit.SECONDS).get(0).text()).isEqualTo("x");
            assertThat(frames.get().get(1).opcode()).isEqualTo(WebSocketFrames.CLOSE);
            assertThat(frames.get().get(1).code()).isEqualTo(1000);
            assertThat(client.awaitClosed()).isEmpty();
            peer.done.get(10, TimeUnit.SECONDS);
        }
    }

    /** So that what is judged by who ended the connection judges as over TCP. */
    @Test
    void tellsThatThePeerClosedIt() throws Exception {
        try (Peer peer = new Peer(socket -> WebSocketServer.accept(socket)
                .send(new FramingCase.Script().close(1008, "not for you").sent()))) {
            connect(peer.port());
            Throwable cause = client.awaitClosed().orElseThrow();
            assertThat(cause)
                    .isInstanceOf(ConnectionException.class)
                    .hasMessageContaining("127.0.0.1:" + peer.port())
                    .hasMessageContaining("with code 1008, not for you: what was sent is against its policy")
                    .hasRootCauseInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'HTTP/1.1 401 No||', wants credentials",
        "'HTTP/1.1 403 No||', forbids",
        "'HTTP/1.1 404 Not Found||', nothing at this path",
        "'HTTP/1.1 426 Upgrade Required||', another protocol or version",
        "'HTTP/1.1 302 Found|Location: https://login.example/?next=hunter2||', redirects to https://login.example/?…",
        "'HTTP/1.1 200 OK||<html>', as a web server does",
        "'HTTP/1.1 101 Switching|Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Accept: x||', not for this request",
        "'garbage', does not answer with HTTP",
        "'', closed by the peer during the WebSocket handshake",
        "'HTTP/1.1 101 Switching|Upg', closed by the peer during the WebSocket handshake"
    })
    void saysInWordsWhyThereIsNoWebSocket(String answer, String words) throws Exception {
        try (Peer peer = new Peer(socket -> {
            WebSocketServer server = new WebSocketServer(socket);
            server.send(answer.replace("|", "\r\n").getBytes(StandardCharsets.US_ASCII));
            socket.close();
        })) {
            connect(peer.port());
            assertThat(client.awaitFailure())
                    .startsWith("cannot connect to 127.0.0.1:" + peer.port() + ": ")
                    .contains(words)
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void waitsNoLongerThanItMayForTheAnswer() throws Exception {
        try (Peer peer = new Peer(WebSocketServer::new)) {
            connect(peer.port(), TimeUnit.MILLISECONDS.toNanos(300));
            assertThat(client.awaitFailure()).contains("the WebSocket handshake did not end within 300 ms");
        }
    }

    @Test
    void leavesFramesWithThePeerWhilePaused() throws Exception {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try (Peer peer = new Peer(socket -> {
            WebSocketServer server = WebSocketServer.accept(socket);
            server.read();
            byte[] frame = WebSocketServer.frame(0x82, "x".repeat(64_000));
            for (int i = 0; i < 500; i++) {
                server.send(frame);
            }
            sent.complete(null);
        })) {
            connect(peer.port());
            client.with(connection -> {
                connection.pause(true);
                connection.write(ByteBuffer.wrap(new byte[] {'.'}), true);
            });
            client.turn();
            assertThat(client.count()).isZero();
            assertThat(sent).isNotDone();
            client.with(connection -> connection.pause(false));
            client.awaitCount(500 * 64_000);
            sent.get(10, TimeUnit.SECONDS);
        }
    }

    /** The server neither reads nor stops asking: no answers pile up, and the last ones are those that are sent. */
    @Test
    void answersFloodsOfPingsWithABound() throws Exception {
        CompletableFuture<Void> flooded = new CompletableFuture<>();
        CompletableFuture<String> last = new CompletableFuture<>();
        try (Peer peer = new Peer(socket -> {
            WebSocketServer server = WebSocketServer.accept(socket);
            FramingCase.Script script = new FramingCase.Script();
            for (int i = 0; i < 200_000; i++) {
                script.ping("%0120d".formatted(i));
            }
            server.send(script.message("end").sent());
            flooded.get(20, TimeUnit.SECONDS);
            int pongs = 0;
            String text = "";
            while (!text.endsWith("199999")) {
                text = server.read().text();
                pongs++;
            }
            assertThat(pongs).isLessThanOrEqualTo(200_000);
            last.complete(text);
        })) {
            connect(peer.port());
            client.awaitText("end");
            flooded.complete(null);
            assertThat(last.get(20, TimeUnit.SECONDS)).endsWith("199999");
        }
    }
}
