package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class CuttingProxyTest {
    private ServerSocket server;
    private CuttingProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        proxy = CuttingProxy.to("127.0.0.1", server.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    @Test
    void passesBytesBothWays() throws IOException {
        try (Socket client = connect();
                Socket broker = server.accept()) {
            client.getOutputStream().write(new byte[] {1, 2, 3});
            broker.getOutputStream().write(new byte[] {4, 5});

            assertThat(broker.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
            assertThat(client.getInputStream().readNBytes(2)).containsExactly(4, 5);
        }
    }

    @Test
    void passesOnAndCutsAUnixDomainSocketAndLeavesNoFile(@TempDir Path directory) throws IOException {
        Path broker = directory.resolve("broker");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(broker));
            Path front;
            try (CuttingProxy unix = CuttingProxy.to(broker)) {
                front = Path.of(unix.url().substring("unix:".length()));
                try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(front));
                        SocketChannel served = listener.accept()) {
                    client.write(ByteBuffer.wrap(new byte[] {7}));
                    ByteBuffer heard = ByteBuffer.allocate(1);
                    assertThat(served.read(heard)).isOne();
                    assertThat(heard.get(0)).isEqualTo((byte) 7);

                    unix.cut();

                    assertThat(served.read(ByteBuffer.allocate(1))).isNegative();
                }
            }
            assertThat(front).doesNotExist();
            assertThat(front.getParent()).doesNotExist();
        }
    }

    @Test
    void endsWhenOneSideEnds() throws IOException {
        try (Socket client = connect();
                Socket broker = server.accept()) {
            client.getOutputStream().write(7);
            assertThat(broker.getInputStream().read()).isEqualTo(7);
            client.shutdownOutput();

            assertThat(endOf(broker)).isZero();
        }
    }

    @Test
    void cutsBothSidesAndServesTheNextConnection() throws IOException {
        try (Socket client = connect();
                Socket broker = server.accept()) {
            proxy.cut();

            assertThat(endOf(client)).isZero();
            assertThat(endOf(broker)).isZero();
        }
        passesBytesBothWays();
    }

    @Test
    void cutsInTheMiddleOfWhatIsSent() throws IOException {
        try (Socket client = connect();
                Socket broker = server.accept()) {
            proxy.cutAfter(3);
            client.getOutputStream().write(new byte[10]);

            assertThat(endOf(broker)).isLessThanOrEqualTo(3);
            assertThat(endOf(client)).isZero();
        }
        passesBytesBothWays();
    }

    @Test
    void fadesOnTheWayFromTheBrokerFirst() throws IOException {
        try (Socket client = connect();
                Socket broker = server.accept()) {
            proxy.fadeAfter(2, Duration.ofMillis(200));
            broker.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(client.getInputStream().readNBytes(2)).containsExactly(1, 2);
            client.getOutputStream().write(9);

            assertThat(broker.getInputStream().read()).isEqualTo(9);
            assertThat(endOf(client)).isZero();
            assertThat(endOf(broker)).isZero();
        }
    }

    @Test
    void refusesUntilToldToAdmit() throws IOException {
        proxy.refuse();
        try (Socket client = connect()) {
            assertThat(endOf(client)).isZero();
        }
        proxy.admit();
        passesBytesBothWays();
    }

    @Test
    void cutsAClientWhoseBrokerIsNotThere() throws IOException {
        server.close();
        try (Socket client = connect()) {
            assertThat(endOf(client)).isZero();
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    }

    /** How many bytes come before the end, be it orderly or not. */
    private static int endOf(Socket socket) throws IOException {
        int count = 0;
        try {
            while (socket.getInputStream().read() >= 0) {
                count++;
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
        return count;
    }
}
