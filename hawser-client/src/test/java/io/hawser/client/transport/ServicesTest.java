package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.client.transport.Services.Broker;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.naming.NamingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServicesTest {
    /** A DNS server that knows SRV records only. */
    private static final class Dns implements AutoCloseable {
        private final Map<String, List<Broker>> records = new ConcurrentHashMap<>();
        private final DatagramSocket socket;

        Dns() throws IOException {
            socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
            Peer.start(() -> {
                while (!socket.isClosed()) {
                    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                    socket.receive(packet);
                    byte[] answer = answer(packet.getData());
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            });
        }

        String url() {
            return "dns://127.0.0.1:" + socket.getLocalPort();
        }

        private byte[] answer(byte[] question) throws IOException {
            StringBuilder name = new StringBuilder();
            int at = 12;
            while (question[at] > 0) {
                name.append(new String(question, at + 1, question[at], StandardCharsets.US_ASCII))
                        .append('.');
                at += question[at] + 1;
            }
            List<Broker> found = records.getOrDefault(name.toString(), List.of());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(question, 0, 2);
            out.writeShort(found.isEmpty() ? 0x8183 : 0x8180);
            out.writeShort(1);
            out.writeShort(found.size());
            out.writeInt(0);
            out.write(question, 12, at + 5 - 12);
            for (Broker each : found) {
                out.writeShort(0xc00c);
                out.writeShort(33);
                out.writeShort(1);
                out.writeInt(60);
                byte[] host = name(each.host());
                out.writeShort(6 + host.length);
                out.writeShort(each.priority());
                out.writeShort(each.weight());
                out.writeShort(each.port());
                out.write(host);
            }
            return bytes.toByteArray();
        }

        private static byte[] name(String host) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String label : host.split("\\.")) {
                bytes.write(label.length());
                bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
            }
            bytes.write(0);
            return bytes.toByteArray();
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private Dns dns;
    private final List<Peer> peers = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        dns = new Dns();
    }

    @AfterEach
    void stop() throws IOException {
        dns.close();
        for (Peer peer : peers) {
            peer.close();
        }
    }

    @Test
    void asksForTheServiceWithOrWithoutTls() throws Exception {
        Broker plain = new Broker(10, 5, 1883, "one.example.test");
        Broker tls = new Broker(0, 0, 8883, "two.example.test");
        dns.records.put("_mqtt._tcp.example.test.", List.of(plain));
        dns.records.put("_secure-mqtt._tcp.example.test.", List.of(tls, plain));
        assertThat(Services.lookup(dns.url(), "example.test", false)).containsExactly(plain);
        assertThat(Services.lookup(dns.url(), "example.test", true)).containsExactlyInAnyOrder(tls, plain);
    }

    @Test
    void saysThatADomainHasNoBroker() throws Exception {
        assertThatThrownBy(() -> Services.lookup(dns.url(), "example.test", false))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageStartingWith("the DNS tells of no broker at _mqtt._tcp.example.test");
        dns.records.put("_mqtt._tcp.none.test.", List.of(new Broker(0, 0, 0, "")));
        assertThatThrownBy(() -> Services.lookup(dns.url(), "none.test", false))
                .hasMessageStartingWith("the DNS tells of no broker at _mqtt._tcp.none.test");
    }

    @Test
    void ordersByPriorityAndDrawsByWeight() {
        Broker backup = new Broker(20, 100, 1, "backup");
        Broker small = new Broker(10, 1, 1, "small");
        Broker large = new Broker(10, 3, 1, "large");
        SplittableRandom random = new SplittableRandom(1);
        int largeFirst = 0;
        for (int i = 0; i < 1000; i++) {
            List<Broker> order = Services.inOrder(List.of(backup, large, small), random);
            assertThat(order).hasSize(3).endsWith(backup).contains(small, large);
            largeFirst += order.get(0) == large ? 1 : 0;
        }
        // Three of five draws are of the large one: RFC 2782 draws from 0 to the sum, both included.
        assertThat(largeFirst).isBetween(540, 660);
    }

    @ParameterizedTest
    @CsvSource({
        "example.test, broker.example.test, true",
        "example.test, EXAMPLE.test, true",
        "example.test, broker.example.test., true",
        "example.test., broker.example.test, true",
        "iot.example.test, broker.example.test, false",
        "shop.co.test, evil.co.test, false",
        "iot.example.test, a.iot.example.test, true",
        "example.test, example.test.evil.test, false",
        "example.test, badexample.test, false",
        "example.test, other.test, false",
        "iot.example.test, other.test, false",
    })
    void aCertificateCountsOnlyForABrokerOfTheDomain(String domain, String host, boolean isOf) {
        assertThat(Services.isOf(domain, host)).isEqualTo(isOf);
    }

    /** A name is said to proxies and shown to people: it has nothing that ends a line or a field. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 0 1883 h\r\nX-Evil:y.test.",
                "0 0 1883 h x.test.",
                "0 0 1883 h\0.test.",
                "0 0 1883 h@x.test.",
                "0 0 1883",
                "0 0 x h.test."
            })
    void aRecordThatNamesNoHostIsNone(String record) {
        assertThatThrownBy(() -> Broker.parse(record))
                .isInstanceOfAny(NamingException.class, NumberFormatException.class);
    }

    private SocketEventLoop loop(Map<String, String> hosts) {
        return (SocketEventLoop) EventLoops.next(new Resolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                if (!hosts.containsKey(host)) {
                    throw new UnknownHostException(host);
                }
                return new InetAddress[] {InetAddress.getByName(hosts.get(host))};
            }

            @Override
            public List<Broker> services(String domain, boolean tls) throws UnknownHostException {
                return Services.lookup(dns.url(), domain, tls);
            }
        });
    }

    private static Target brokersOf(String domain, TlsSettings tls) {
        return new Target(domain, Target.ASK_DNS, tls, TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void connectsToTheFirstBrokerThatAnswersByPriority() throws Exception {
        Peer peer = new Peer(Peer.ECHO);
        peers.add(peer);
        int refusing;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            refusing = unused.getLocalPort();
        }
        dns.records.put(
                "_mqtt._tcp.example.test.",
                List.of(
                        new Broker(30, 0, peer.port(), "last.example.test"),
                        new Broker(20, 0, refusing, "second.example.test"),
                        new Broker(10, 0, 1883, "nowhere.example.test")));
        SocketEventLoop loop = loop(Map.of("last.example.test", "127.0.0.1", "second.example.test", "127.0.0.2"));
        Recorder client = new Recorder(loop);
        loop.connect(brokersOf("example.test", null), client);
        client.write("hello");
        client.awaitText("hello");
    }

    /** The name of a backup may be of a machine that is gone, and its lookup may hang. */
    @Test
    void looksANameUpWhenItIsItsTurnOnly() throws Exception {
        Peer peer = new Peer(Peer.ECHO);
        peers.add(peer);
        List<Broker> records = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            records.add(new Broker(i, 0, peer.port(), "b" + i + ".example.test"));
        }
        dns.records.put("_mqtt._tcp.example.test.", records);
        List<String> looked = new CopyOnWriteArrayList<>();
        CountDownLatch never = new CountDownLatch(1);
        SocketEventLoop loop = (SocketEventLoop) EventLoops.next(new Resolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                looked.add(host);
                if (host.startsWith("b0.")) {
                    throw new UnknownHostException(host);
                }
                if (!host.startsWith("b1.")) {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
            }

            @Override
            public List<Broker> services(String domain, boolean tls) {
                return records;
            }
        });
        Recorder client = new Recorder(loop);
        loop.connect(brokersOf("example.test", null), client);
        client.write("hello");
        client.awaitText("hello");
        assertThat(looked).containsExactly("b0.example.test", "b1.example.test");
        never.countDown();
    }

    /** A name whose lookup hangs costs its share of the time, and no more threads than a few. */
    @Test
    void goesOnToTheNextNameWhenALookupHangs() throws Exception {
        Peer peer = new Peer(Peer.ECHO);
        peers.add(peer);
        CountDownLatch never = new CountDownLatch(1);
        SocketEventLoop loop = (SocketEventLoop) EventLoops.next(new Resolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                if (!host.startsWith("last.")) {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                return new InetAddress[] {InetAddress.getByName("127.0.0.1")};
            }

            @Override
            public List<Broker> services(String domain, boolean tls) {
                return List.of(
                        new Broker(1, 0, peer.port(), "one.example.test"),
                        new Broker(2, 0, peer.port(), "two.example.test"),
                        new Broker(3, 0, peer.port(), "last.example.test"));
            }
        });
        Recorder client = new Recorder(loop);
        loop.connect(new Target("example.test", Target.ASK_DNS, null, TimeUnit.SECONDS.toNanos(6)), client);
        client.write("hello");
        client.awaitText("hello");
        never.countDown();
    }

    @Test
    void saysWhyNoBrokerOfADomainCanBeReached() throws Exception {
        SocketEventLoop loop = loop(Map.of());
        Recorder none = new Recorder(loop);
        loop.connect(brokersOf("example.test", null), none);
        assertThat(none.awaitFailure())
                .startsWith("cannot connect to the brokers of example.test: the DNS tells of no broker at _mqtt._tcp.");

        dns.records.put("_secure-mqtt._tcp.example.test.", List.of(new Broker(0, 0, 8883, "other.test")));
        Recorder foreign = new Recorder(loop);
        loop.connect(brokersOf("example.test", new TlsSettings()), foreign);
        assertThat(foreign.awaitFailure())
                .endsWith(
                        "the broker other.test is not of the domain example.test, so that its certificate would prove nothing");
    }
}
