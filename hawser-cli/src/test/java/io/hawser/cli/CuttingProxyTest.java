package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
