package io.hawser.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class BrokerServerTest {
    private static final String CONNECT_KEPT = "100d00044d5154540400000a000163";
    private static final String SUBSCRIBE_ALL_AT_1 = "820600010001" + "2301";

    @RegisterExtension
    final BrokerExtension broker = new BrokerExtension();

    private Socket connected() throws IOException {
        Socket socket = new Socket("127.0.0.1", broker.server().port());
        socket.setSoTimeout(10_000);
        send(socket, CONNECT_KEPT);
        return socket;
    }

    private static void send(Socket socket, String hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return HexFormat.of().formatHex(socket.getInputStream().readNBytes(bytes));
    }

    @Test
    void servesSockets() throws IOException {
        try (Socket socket = connected()) {
            send(socket, SUBSCRIBE_ALL_AT_1);
            assertThat(read(socket, 9)).isEqualTo("20020000" + "9003000101");
            broker.publish(Message.of("a", "x"));
            assertThat(read(socket, 8)).isEqualTo("3206000161000178");
            assertThat(broker.server().connectedClients()).containsExactly("c");
            assertThat(broker.server().pending("c")).isEqualTo(1);
        }
        assertThat(broker.url()).isEqualTo("mqtt://127.0.0.1:" + broker.server().port());
    }

    @Test
    void movesMoreThanTheSocketTakesAtOnce() throws IOException {
        try (Socket socket = connected()) {
            send(socket, SUBSCRIBE_ALL_AT_1);
            read(socket, 9);
            byte[] payload = new byte[20_000_000];
            payload[payload.length - 1] = 7;
            broker.publish(Message.of("a", payload));
            broker.publish(Message.of("b", "x"));
            read(socket, 1 + 4 + 2 + 1 + 2);
            assertThat(socket.getInputStream().readNBytes(payload.length)).isEqualTo(payload);
            assertThat(read(socket, 8)).isEqualTo("3206000162000278");
        }
    }

    @Test
    void cutConnectionsEndAndSessionsGoOn() throws IOException {
        try (Socket socket = connected()) {
            read(socket, 4);
            broker.server().cutConnections();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        try (Socket again = connected()) {
            assertThat(read(again, 4)).isEqualTo("20020100");
        }
    }

    @Test
    void stoppedBrokerRefusesAndComesBackOnItsPort() throws IOException {
        int port = broker.server().port();
        try (Socket socket = connected()) {
            read(socket, 4);
            broker.server().stop(true);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThatExceptionOfType(ConnectException.class).isThrownBy(this::connected);
        broker.server().resume();
        broker.server().resume();
        try (Socket again = connected()) {
            assertThat(read(again, 4)).isEqualTo("20020100");
        }
        broker.server().restart(false);
        assertThat(broker.server().port()).isEqualTo(port);
        try (Socket again = connected()) {
            assertThat(read(again, 4)).isEqualTo("20020000");
        }
    }

    @Test
    void frozenBrokerKeepsConnectionsAndIsSilentUntilItThaws() throws IOException {
        try (Socket socket = connected()) {
            send(socket, SUBSCRIBE_ALL_AT_1);
            read(socket, 9);
            broker.server().freeze();
            broker.publish(Message.of("a", "x"));
            send(socket, "c000");
            socket.setSoTimeout(50);
            assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> read(socket, 1));
            socket.setSoTimeout(10_000);
            broker.server().thaw();
            assertThat(read(socket, 10)).isEqualTo("3206000161000178" + "d000");
        }
    }

    @Test
    void misbehavesBehindASocketToo() throws IOException {
        broker.misbehave().refuseConnects(1, ReasonCode.SERVER_UNAVAILABLE);
        try (Socket socket = connected()) {
            assertThat(read(socket, 5)).isEqualTo("20020003");
        }
        try (Socket socket = connected()) {
            assertThat(read(socket, 4)).isEqualTo("20020000");
            broker.server().send("c", new byte[] {1, 2, 3});
            assertThat(read(socket, 3)).isEqualTo("010203");
        }
    }

    @Test
    void endsItsThreadAndPort() throws IOException {
        BrokerServer server = BrokerServer.start();
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            send(socket, CONNECT_KEPT);
            read(socket, 4);
            server.freeze();
            server.close();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        assertThatExceptionOfType(ConnectException.class)
                .isThrownBy(() -> new Socket("127.0.0.1", server.port()).close());
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("hawser-test-broker-" + server.port()));
        server.close();
    }

    @Test
    void brokerComesAsAParameterToo(BrokerServer parameter) {
        assertThat(parameter).isSameAs(broker.server());
    }
}
