package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hawser.mqtt.ConnectionException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpeningTest {
    private static final TlsSettings TLS = Authority.settings(null, null, null, null, true);

    private final List<AutoCloseable> resources = new ArrayList<>();
    private EventLoop loop = EventLoops.next();
    private Recorder client = new Recorder(loop);

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        client.assertRulesKept();
    }

    private void resolving(Resolver resolver) {
        loop = EventLoops.next(resolver);
        client = new Recorder(loop);
    }

    private Runnable connect(String host, int port, TlsSettings tls, long millis) {
        return loop.connect(new Target(host, port, tls, TimeUnit.MILLISECONDS.toNanos(millis)), client);
    }

    private Peer peer(Peer.Behaviour behaviour) throws IOException {
        Peer peer = new Peer(behaviour);
        resources.add(peer);
        return peer;
    }

    private static InetAddress[] addresses(String... literals) throws UnknownHostException {
        InetAddress[] addresses = new InetAddress[literals.length];
        for (int i = 0; i < literals.length; i++) {
            addresses[i] = InetAddress.getByName(literals[i]);
        }
        return addresses;
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** A port of which the kernel drops further requests to connect, since nobody accepts them. */
    private int deafPort() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        resources.add(server);
        for (int i = 0; i < 8; i++) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            channel.connect(new InetSocketAddress("127.0.0.1", server.getLocalPort()));
            resources.add(channel);
        }
        return server.getLocalPort();
    }

    @Test
    void saysWhichHostAndPortRefused() throws Exception {
        int port = unusedPort();
        connect("127.0.0.1", port, null, 10_000);
        assertThat(client.awaitClosed().orElseThrow())
                .isInstanceOf(ConnectionException.class)
                .hasMessage("cannot connect to 127.0.0.1:" + port + ": Connection refused");
    }

    @Test
    void triesTheNextAddressWhenTheFirstRefuses() throws Exception {
        Peer peer = peer(Peer.ECHO);
        resolving(host -> addresses("127.0.0.2", "127.0.0.1"));
        connect("two.test", peer.port(), null, 10_000);
        client.write("hello");
        client.awaitText("hello");
    }

    @Test
    void saysOfEveryAddressWhyItFailed() throws Exception {
        resolving(host -> addresses("127.0.0.2", "127.0.0.3"));
        int port = unusedPort();
        connect("two.test", port, null, 10_000);
        assertThat(client.awaitFailure())
                .isEqualTo("cannot connect to two.test:" + port
                        + ": 127.0.0.2: Connection refused; 127.0.0.3: Connection refused");
    }

    @Test
    void leavesTimeForTheNextAddressWhenTheFirstNeverAnswers() throws Exception {
        int port = deafPort();
        ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"));
        resources.add(new Peer(other, Peer.ECHO));
        resolving(host -> addresses("127.0.0.1", "127.0.0.2"));
        connect("two.test", port, null, 2_000);
        client.awaitOpened();
    }

    @Test
    void startsTheNextAddressLongBeforeTheFirstHasUsedItsTime() throws Exception {
        int port = deafPort();
        ServerSocket other = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.2"));
        resources.add(new Peer(other, Peer.ECHO));
        resolving(host -> addresses("127.0.0.1", "127.0.0.2"));
        // Half of it would be longer than any test waits.
        connect("two.test", port, null, TimeUnit.HOURS.toMillis(1));
        client.write("hello");
        client.awaitText("hello");
    }

    @Test
    void triesAllOfManyAddressesThatDoNotAnswerHoweverLittleTimeThereIs() throws Exception {
        int port = deafPort();
        resolving(host -> addresses("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"));
        connect("four.test", port, null, 400);
        String address = "127.0.0.1: no TCP connection within 400 ms";
        assertThat(client.awaitFailure())
                .isEqualTo("cannot connect to four.test:" + port + ": "
                        + String.join("; ", address, address, address, address));
    }

    @ParameterizedTest
    @CsvSource({
        "1.1.1.1, 1.1.1.1",
        "1.1.1.1 2.2.2.2, 1.1.1.1 2.2.2.2",
        "1::1 1::2 1.1.1.1 2.2.2.2, 1::1 1.1.1.1 1::2 2.2.2.2",
        "1.1.1.1 2.2.2.2 3.3.3.3 1::1, 1.1.1.1 1::1 2.2.2.2 3.3.3.3",
        "1.1.1.1 1::1 1::2 1::3, 1.1.1.1 1::1 1::2 1::3",
    })
    void familiesOfAddressesTakeTurns(String found, String tried) throws Exception {
        assertThat(Places.inTurns(addresses(found.split(" ")))).containsExactly(addresses(tried.split(" ")));
    }

    @Test
    void connectsFromTheLocalAddressThatIsGiven() throws Exception {
        CompletableFuture<InetAddress> seen = new CompletableFuture<>();
        Peer peer = peer(socket -> seen.complete(socket.getInetAddress()));
        resolving(host -> addresses("::1", "127.0.0.1"));
        TcpOptions tcp = TcpOptions.DEFAULT.from(new InetSocketAddress("127.0.0.9", 0));
        loop.connect(target("two.test", peer.port(), tcp), client);
        client.awaitOpened();
        assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(InetAddress.getByName("127.0.0.9"));
    }

    @Test
    void saysThatNoAddressIsOfTheFamilyOfTheLocalOne() throws Exception {
        resolving(host -> addresses("::1"));
        TcpOptions tcp = TcpOptions.DEFAULT.from(new InetSocketAddress("127.0.0.1", 0));
        loop.connect(target("six.test", 1883, tcp), client);
        assertThat(client.awaitFailure()).endsWith(": no address is of the family of the local one");
    }

    @Test
    void saysThatTheLocalAddressIsNotOfThisMachine() throws Exception {
        TcpOptions tcp = TcpOptions.DEFAULT.from(new InetSocketAddress("192.0.2.1", 0));
        loop.connect(target("127.0.0.1", 1883, tcp), client);
        assertThat(client.awaitFailure()).contains("Cannot assign requested address");
    }

    private static Target target(String host, int port, TcpOptions tcp) {
        return new Target(host, port, null, null, null, tcp, TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void givesTheSystemTheOptionsThatAreAskedFor() throws Exception {
        TcpOptions asked = TcpOptions.DEFAULT.keepingAlive(false).buffers(20_000, 30_000);
        try (SocketChannel channel = SocketChannel.open()) {
            asked.apply(channel);
            assertThat(channel.getOption(StandardSocketOptions.SO_KEEPALIVE)).isFalse();
            assertThat(channel.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
            assertThat(channel.getOption(StandardSocketOptions.SO_SNDBUF)).isBetween(20_000, 40_000);
            assertThat(channel.getOption(StandardSocketOptions.SO_RCVBUF)).isBetween(30_000, 60_000);
        }
        try (SocketChannel channel = SocketChannel.open()) {
            TcpOptions.DEFAULT.with("TCP_KEEPIDLE", 77).apply(channel);
            assertThat(channel.supportedOptions())
                    .filteredOn(option -> option.name().equals("TCP_KEEPIDLE"))
                    .allSatisfy(option -> assertThat(channel.getOption(option)).isEqualTo(77));
        }
        assertThatThrownBy(() -> TcpOptions.DEFAULT.with("NO_SUCH_OPTION", 1))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageStartingWith("NO_SUCH_OPTION is not among the socket options of this JDK");
    }

    @Test
    void saysThatNobodyAnsweredInTime() throws Exception {
        int port = deafPort();
        connect("127.0.0.1", port, null, 200);
        assertThat(client.awaitFailure())
                .isEqualTo("cannot connect to 127.0.0.1:" + port + ": no TCP connection within 200 ms");
    }

    @Test
    void saysThatTheHandshakeDidNotEndInTime() throws Exception {
        Peer peer = peer(Peer.SILENCE);
        connect("127.0.0.1", peer.port(), TLS, 500);
        assertThat(client.awaitFailure())
                .isEqualTo(
                        "cannot connect to 127.0.0.1:" + peer.port() + ": the TLS handshake did not end within 500 ms");
    }

    @Test
    void saysThatTheNameIsUnknown() throws Exception {
        resolving(host -> {
            throw new UnknownHostException(host);
        });
        connect("nosuch.test", 1883, null, 10_000);
        assertThat(client.awaitClosed().orElseThrow())
                .hasMessage("cannot connect to nosuch.test:1883: no address is known for this name")
                .hasCauseInstanceOf(UnknownHostException.class);
    }

    @Test
    void aLookupThatHangsEndsInTimeAndNeverBlocksTheLoop() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        resolving(host -> {
            onLoop.complete(loop.inEventLoop());
            try {
                hangs.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return addresses("127.0.0.1");
        });
        connect("slow.test", 1883, null, 300);
        assertThat(onLoop.get(10, TimeUnit.SECONDS)).isFalse();
        client.turn();
        assertThat(client.awaitFailure())
                .isEqualTo("cannot connect to slow.test:1883: looking up the name slow.test took longer than 300 ms");
        hangs.countDown();
    }

    @Test
    void looksTheNameUpForEveryConnection() throws Exception {
        Peer peer = peer(Peer.ECHO);
        AtomicInteger lookups = new AtomicInteger();
        resolving(host -> {
            lookups.incrementAndGet();
            return addresses("127.0.0.1");
        });
        for (int i = 1; i <= 3; i++) {
            Recorder another = new Recorder(loop);
            loop.connect(new Target("again.test", peer.port(), null, TimeUnit.SECONDS.toNanos(10)), another);
            another.awaitOpened();
            assertThat(lookups).hasValue(i);
        }
    }

    @Test
    void takesIpv6Literals() throws Exception {
        ServerSocket server;
        try {
            server = new ServerSocket(0, 5, InetAddress.getByName("::1"));
        } catch (IOException e) {
            assumeTrue(false, "this machine has no IPv6 loopback address");
            return;
        }
        resources.add(new Peer(server, Peer.ECHO));
        connect("::1", server.getLocalPort(), null, 10_000);
        client.write("six");
        client.awaitText("six");
        client.with(Connection::close);
        assertThat(client.awaitClosed()).isEmpty();

        int port = unusedPort();
        Recorder refused = new Recorder(loop);
        loop.connect(new Target("::1", port, null, TimeUnit.SECONDS.toNanos(10)), refused);
        assertThat(refused.awaitFailure()).startsWith("cannot connect to [::1]:" + port + ": ");
    }

    @Test
    void aCancelledAttemptClosesOnceBeforeItBegins() throws Exception {
        loop.execute(() -> {
            Runnable cancel = connect("127.0.0.1", 1, null, 10_000);
            cancel.run();
            cancel.run();
            assertThat(client.closed).isNotDone();
        });
        assertThat(client.awaitClosed()).isEmpty();
    }

    @Test
    void aCancelledAttemptClosesOnceDuringTheLookup() throws Exception {
        CountDownLatch looking = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Peer peer = peer(Peer.SILENCE);
        resolving(host -> {
            looking.countDown();
            try {
                cancelled.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return addresses("127.0.0.1");
        });
        Runnable cancel = connect("slow.test", peer.port(), null, 10_000);
        looking.await();
        cancel.run();
        assertThat(client.awaitClosed()).isEmpty();
        cancelled.countDown();
        client.turn();
        assertThat(peer.accepted()).isZero();
    }

    @Test
    void aCancelledAttemptClosesOnceWhileConnecting() throws Exception {
        Runnable cancel = connect("127.0.0.1", deafPort(), null, 10_000);
        client.turn();
        cancel.run();
        assertThat(client.awaitClosed()).isEmpty();
        cancel.run();
        client.awaitClosed();
    }

    @Test
    void aCancelledAttemptClosesOnceDuringTheHandshake() throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        CountDownLatch hello = new CountDownLatch(1);
        Peer peer = peer(socket -> {
            socket.getInputStream().read();
            hello.countDown();
            end.complete(socket.getInputStream().readAllBytes().length);
        });
        Runnable cancel = connect("127.0.0.1", peer.port(), TLS, 10_000);
        hello.await();
        cancel.run();
        assertThat(client.awaitClosed()).isEmpty();
        assertThat(end).succeedsWithin(10, TimeUnit.SECONDS);
    }

    @Test
    void cancellingAnOpenConnectionClosesIt() throws Exception {
        Peer peer = peer(Peer.ECHO);
        Runnable cancel = connect("127.0.0.1", peer.port(), null, 10_000);
        client.awaitOpened();
        cancel.run();
        assertThat(client.awaitClosed()).isEmpty();
        assertThat(peer.done).succeedsWithin(10, TimeUnit.SECONDS);
        cancel.run();
        client.awaitClosed();
    }

    @Test
    void cancellingAFailedAttemptDoesNothing() throws Exception {
        Runnable cancel = connect("127.0.0.1", unusedPort(), null, 10_000);
        client.awaitFailure();
        cancel.run();
        client.awaitClosed();
    }

    @Test
    void leavesTheLoopFreeWhileManyAttemptsWait() throws Exception {
        int port = deafPort();
        List<Recorder> waiting = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Recorder one = new Recorder(loop);
            waiting.add(one);
            resources.add(loop.connect(new Target("127.0.0.1", port, null, TimeUnit.SECONDS.toNanos(60)), one)::run);
        }
        Peer peer = peer(Peer.ECHO);
        connect("127.0.0.1", peer.port(), null, 10_000);
        client.awaitOpened();
        await().untilAsserted(() -> assertThat(waiting).noneMatch(one -> one.closed.isDone()));
    }
}
