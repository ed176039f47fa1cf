package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.transport.Authority.Identity;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS over a network that delivers records in pieces, spoils them or cuts them off, and with peers that do what they may. */
class TlsRecordTest {
    private static final int HEADER = 5;
    private static final int APPLICATION_DATA = 23;

    private static Authority authority;
    private static Identity broker;

    private final EventLoop loop = EventLoops.next(host -> new InetAddress[] {InetAddress.getByName("127.0.0.1")});
    private final Recorder client = new Recorder(loop);
    private final List<Peer> peers = new ArrayList<>();

    @BeforeAll
    static void found() throws Exception {
        authority = new Authority("Test Authority");
        broker = authority.issue("broker", "broker.test");
    }

    @AfterEach
    void closeAll() throws Exception {
        for (Peer peer : peers) {
            peer.close();
        }
        client.assertRulesKept();
    }

    private Peer server(String version, Peer.Behaviour behaviour) throws Exception {
        SSLServerSocket server = (SSLServerSocket) broker.serverContext(authority)
                .getServerSocketFactory()
                .createServerSocket(0, 2000, InetAddress.getByName("127.0.0.1"));
        server.setEnabledProtocols(new String[] {version});
        return kept(new Peer(server, behaviour));
    }

    private Peer kept(Peer peer) {
        peers.add(peer);
        return peer;
    }

    private Runnable connect(Peer peer, Recorder to) throws Exception {
        TlsSettings tls = Authority.settings(authority.pem(), null, null, null, true);
        return loop.connect(new Target("broker.test", peer.port(), tls, TimeUnit.SECONDS.toNanos(60)), to);
    }

    /** What a network does to the records that a server sends. */
    private interface Network {
        /** @param record with its header; its number among those of its kind is {@code index} */
        void pass(byte[] record, int index, OutputStream out, Socket to) throws IOException;
    }

    /** A relay in front of a server. */
    private Peer relay(Peer server, Network network) throws IOException {
        return kept(new Peer(socket -> {
            Socket behind = new Socket("127.0.0.1", server.port());
            CompletableFuture<Void> unused =
                    Peer.start(() -> socket.getInputStream().transferTo(behind.getOutputStream()));
            DataInputStream in = new DataInputStream(behind.getInputStream());
            OutputStream out = socket.getOutputStream();
            int[] counts = new int[256];
            try {
                while (true) {
                    byte[] header = new byte[HEADER];
                    in.readFully(header);
                    byte[] record = new byte[HEADER + ((header[3] & 0xff) << 8 | header[4] & 0xff)];
                    System.arraycopy(header, 0, record, 0, HEADER);
                    in.readFully(record, HEADER, record.length - HEADER);
                    network.pass(record, counts[header[0]]++, out, socket);
                }
            } catch (EOFException e) {
                socket.shutdownOutput();
            }
        }));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void readsAHandshakeThatArrivesByteByByte(String version) throws Exception {
        Peer relay = relay(server(version, Peer.ECHO), (record, index, out, to) -> {
            to.setTcpNoDelay(true);
            for (byte each : record) {
                out.write(each);
                Thread.yield();
            }
        });
        connect(relay, client);
        client.write("hello");
        client.awaitText("hello");
        client.write(" again");
        client.awaitText("hello again");
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, 1", "TLSv1.2, 16383", "TLSv1.3, 7", "TLSv1.3, 20001"})
    void readsRecordsThatArriveInPieces(String version, int piece) throws Exception {
        int total = 3_000_000;
        Peer server = server(version, socket -> {
            byte[] bytes = new byte[total];
            for (int i = 0; i < total; i++) {
                bytes[i] = (byte) (i * 31 >> 3);
            }
            socket.getOutputStream().write(bytes, 0, 300_000);
            socket.getOutputStream().write(bytes, 300_000, total - 300_000);
        });
        AtomicInteger at = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        Recorder comparing = new Recorder(loop) {
            @Override
            public synchronized void received(ByteBuffer bytes) {
                ByteBuffer look = bytes.duplicate();
                while (look.hasRemaining()) {
                    int i = at.getAndIncrement();
                    wrong.addAndGet(look.get() == (byte) (i * 31 >> 3) ? 0 : 1);
                }
                super.received(bytes);
            }
        };
        Peer relay = relay(server, (record, index, out, to) -> {
            int size = piece == 1 ? Math.max(1, record.length - 1) : piece;
            for (int from = 0; from < record.length; from += size) {
                out.write(record, from, Math.min(size, record.length - from));
            }
        });
        connect(relay, comparing);
        comparing.awaitCount(total);
        assertThat(wrong).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void endsWithARecordThatWasSpoiltOnTheWay(String version) throws Exception {
        Peer relay = relay(server(version, Peer.ECHO), (record, index, out, to) -> {
            boolean echo = record[0] == APPLICATION_DATA && record.length > 1000;
            if (echo) {
                record[record.length / 2] ^= 1;
            }
            out.write(record);
        });
        connect(relay, client);
        client.write("x".repeat(2000));
        assertThat(client.awaitClosed().orElseThrow()).hasMessageContaining("lost: TLS: ");
        assertThat(client.text()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void endsWithARecordThatIsCutOff(String version) throws Exception {
        Peer relay = relay(server(version, Peer.ECHO), (record, index, out, to) -> {
            boolean echo = record[0] == APPLICATION_DATA && record.length > 1000;
            out.write(record, 0, echo ? record.length / 2 : record.length);
            if (echo) {
                to.shutdownOutput();
            }
        });
        connect(relay, client);
        client.write("x".repeat(2000));
        assertThat(client.awaitClosed()).isEmpty();
        assertThat(client.text()).isEmpty();
    }

    @Test
    void endsWithARecordThatClaimsToBeLargerThanTlsAllows() throws Exception {
        Peer relay = relay(server("TLSv1.3", Peer.ECHO), (record, index, out, to) -> {
            boolean echo = record[0] == APPLICATION_DATA && record.length > 1000;
            out.write(echo ? new byte[] {APPLICATION_DATA, 3, 3, (byte) 0xff, (byte) 0xff} : record);
            if (echo) {
                out.write(new byte[70_000]);
            }
        });
        connect(relay, client);
        client.write("x".repeat(2000));
        assertThat(client.awaitClosed().orElseThrow()).hasMessageContaining("lost: TLS: ");
    }

    @Test
    void saysWhatAnAlertInMidFlightMeans() throws Exception {
        Peer relay = relay(server("TLSv1.2", Peer.ECHO), (record, index, out, to) -> {
            boolean echo = record[0] == APPLICATION_DATA;
            out.write(echo ? new byte[] {21, 3, 3, 0, 2, 2, 80} : record);
        });
        connect(relay, client);
        client.write("hello");
        // Not enciphered, so nobody who knows the keys has sent it.
        assertThat(client.awaitClosed().orElseThrow()).hasMessageContaining("lost: TLS: ");
    }

    @Test
    void refusesANewHandshake() throws Exception {
        Peer server = server("TLSv1.2", socket -> {
            SSLSocket tls = (SSLSocket) socket;
            tls.getOutputStream().write('x');
            tls.startHandshake();
        });
        connect(server, client);
        assertThat(client.awaitClosed().orElseThrow())
                .hasMessageContaining("the server asks for a new handshake, which is refused");
    }

    @Test
    void takesNewKeysInTheMiddle() throws Exception {
        int block = 50_000;
        Peer server = server("TLSv1.3", socket -> {
            SSLSocket tls = (SSLSocket) socket;
            InputStream in = tls.getInputStream();
            OutputStream out = tls.getOutputStream();
            for (int i = 0; i < 20; i++) {
                out.write(in.readNBytes(block));
                // With TLS 1.3, this sends new keys and asks for new ones of the other side.
                tls.startHandshake();
            }
            assertThat(in.read()).isEqualTo(-1);
            tls.close();
        });
        connect(server, client);
        client.with(connection -> {
            for (int i = 0; i < 20; i++) {
                connection.write(ByteBuffer.allocateDirect(block), i % 3 == 0);
            }
            connection.write(ByteBuffer.allocate(0), true);
        });
        client.awaitCount(20 * block);
        client.with(Connection::close);
        assertThat(client.awaitClosed()).isEmpty();
        server.done.get(10, TimeUnit.SECONDS);
    }

    @Test
    void goesOnReceivingWhatAPeerSendsThatReadsNothing() throws Exception {
        int total = 20 << 20;
        Peer server = server("TLSv1.3", socket -> socket.getOutputStream().write(new byte[total]));
        connect(server, client);
        client.with(connection -> {
            for (int i = 0; i < 64; i++) {
                connection.write(ByteBuffer.allocate(1 << 20), true);
            }
        });
        client.awaitCount(total);
        assertThat(client.written()).hasSizeLessThan(64);
    }

    @Tag("slow")
    @Test
    void moves100MegabytesAsOneWriteAndTellsHowFarItIs() throws Exception {
        int total = 100_000_000;
        CompletableFuture<Long> arrived = new CompletableFuture<>();
        CompletableFuture<Void> half = new CompletableFuture<>();
        Peer server = server("TLSv1.3", socket -> {
            InputStream in = socket.getInputStream();
            long count = in.readNBytes(total / 2).length;
            half.join();
            count += in.readNBytes(total / 2).length;
            arrived.complete(count);
        });
        connect(server, client);
        ByteBuffer bytes = ByteBuffer.allocate(total);
        client.with(connection -> connection.write(bytes, true));
        Connection connection = client.awaitOpened();
        CompletableFuture<Long> sent = new CompletableFuture<>();
        await().until(() -> {
            CompletableFuture<Long> now = new CompletableFuture<>();
            loop.execute(() -> now.complete(connection.sent()));
            return now.get(10, TimeUnit.SECONDS) >= total / 2;
        });
        loop.execute(() -> sent.complete(connection.sent()));
        assertThat(sent.get(10, TimeUnit.SECONDS)).isLessThan(total);
        half.complete(null);
        assertThat(arrived.get(60, TimeUnit.SECONDS)).isEqualTo(total);
        await().until(() -> client.written().size() == 1);
        assertThat(client.written().get(0)).isSameAs(bytes);
        assertThat(bytes.remaining()).isEqualTo(total);
    }

    @Tag("slow")
    @Test
    void opens1000ConnectionsAtOnceOnOneLoop() throws Exception {
        int count = 1000;
        Peer server = server(
                "TLSv1.3",
                socket -> socket.getOutputStream().write(socket.getInputStream().read()));
        List<Recorder> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Recorder each = new Recorder(loop);
            clients.add(each);
            connect(server, each);
        }
        for (Recorder each : clients) {
            each.opened.get(120, TimeUnit.SECONDS);
            each.write("x");
        }
        await().atMost(120, TimeUnit.SECONDS)
                .until(() -> clients.stream().allMatch(each -> each.text().equals("x")));
        for (Recorder each : clients) {
            each.with(Connection::close);
        }
        for (Recorder each : clients) {
            each.closed.get(120, TimeUnit.SECONDS);
            each.assertRulesKept();
        }
    }

    @Test
    void keepsNothingOfConnectionsThatAreCancelledInTheMiddleOfTheirHandshake() throws Exception {
        Peer server = server("TLSv1.3", Peer.ECHO);
        for (int i = 0; i < 200; i++) {
            Recorder each = new Recorder(loop);
            Runnable cancel = connect(server, each);
            for (int turns = 0; turns < i % 20; turns++) {
                each.turn();
            }
            cancel.run();
            assertThat(each.closed.get(30, TimeUnit.SECONDS)).isEmpty();
            each.assertRulesKept();
        }
    }
}
