package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.transport.Authority.Identity;
import io.hawser.mqtt.ConnectionException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    private static Authority authority;
    private static Authority stranger;

    private final EventLoop loop = EventLoops.next(host -> new InetAddress[] {InetAddress.getByName("127.0.0.1")});
    private final Recorder client = new Recorder(loop);
    private final List<Peer> peers = new ArrayList<>();

    @BeforeAll
    static void found() throws Exception {
        authority = new Authority("Test Authority");
        stranger = new Authority("Stranger");
    }

    @AfterEach
    void closeAll() throws Exception {
        for (Peer peer : peers) {
            peer.close();
        }
        client.assertRulesKept();
    }

    private interface Options {
        void set(SSLServerSocket server);
    }

    private Peer tlsPeer(Identity identity, Options options, Peer.Behaviour behaviour) throws Exception {
        SSLServerSocket server = (SSLServerSocket) identity.serverContext(authority)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        options.set(server);
        return kept(new Peer(server, behaviour));
    }

    private Peer tlsPeer(Identity identity) throws Exception {
        return tlsPeer(identity, server -> {}, Peer.ECHO);
    }

    private Peer kept(Peer peer) {
        peers.add(peer);
        return peer;
    }

    private static Identity broker() throws Exception {
        return authority.issue("broker", "broker.test", "127.0.0.1");
    }

    private static TlsSettings trusting() throws Exception {
        return Authority.settings(authority.pem(), null, null, null, true);
    }

    private static TlsSettings identified(byte[] certificate, byte[] key, String password) throws Exception {
        return Authority.settings(authority.pem(), certificate, key, password, true);
    }

    private Runnable connect(String host, Peer peer, TlsSettings tls) {
        return loop.connect(new Target(host, peer.port(), tls, TimeUnit.SECONDS.toNanos(10)), client);
    }

    private void assertEcho() throws Exception {
        client.write("hello");
        client.awaitText("hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void talksToAServerThatItsAuthorityVouchesFor(String version) throws Exception {
        CompletableFuture<String> spoken = new CompletableFuture<>();
        Peer peer = tlsPeer(broker(), server -> server.setEnabledProtocols(new String[] {version}), socket -> {
            spoken.complete(((SSLSocket) socket).getSession().getProtocol());
            Peer.ECHO.with(socket);
        });
        connect("broker.test", peer, trusting());
        assertEcho();
        assertThat(spoken.join()).isEqualTo(version);
    }

    @ParameterizedTest
    @CsvSource({
        "my_broker, my_broker",
        "My_Broker, my_broker",
        "my_broker., my_broker",
        "my_broker.mesh.test, *.mesh.test",
        "b-1.my_mesh.test, *.my_mesh.test",
        "-broker, -broker",
    })
    void comparesNamesThatTheJdkRefuses(String host, String certified) throws Exception {
        connect(host, tlsPeer(authority.issue("broker", "other.test", certified)), trusting());
        assertEcho();
    }

    @ParameterizedTest
    @CsvSource({
        "my_broker, my_other",
        "my_broker, *",
        "my_broker.test, *.test",
        "a.my_broker.mesh.test, *.mesh.test",
        "my_broker.mesh.test, m*.mesh.test",
        "my_broker.mesh.test, my_broker",
    })
    void refusesACertificateForAnotherNameThanOneThatTheJdkRefuses(String host, String certified) throws Exception {
        connect(host, tlsPeer(authority.issue("my_broker", certified)), trusting());
        assertThat(client.awaitFailure())
                .endsWith("the server's certificate is for " + certified + ", not for " + host);
    }

    @Test
    void refusesAStrangersCertificateForANameThatTheJdkRefuses() throws Exception {
        connect("my_broker", tlsPeer(stranger.issue("broker", "my_broker")), trusting());
        assertThat(client.awaitFailure()).contains("the server's certificate is not trusted");
    }

    /** The first address answers, and that is all it does. */
    @Test
    void goesOnToTheNextAddressWhenAHandshakeDoesNotEndAndClosesTheOther() throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        Peer silent = kept(new Peer(socket -> {
            while (socket.getInputStream().read() >= 0) {}
            end.complete(-1);
        }));
        SSLServerSocket server = (SSLServerSocket) broker().serverContext(authority)
                .getServerSocketFactory()
                .createServerSocket(silent.port(), 50, InetAddress.getByName("127.0.0.2"));
        kept(new Peer(server, Peer.ECHO));
        EventLoop two = EventLoops.next(
                host -> new InetAddress[] {InetAddress.getByName("127.0.0.1"), InetAddress.getByName("127.0.0.2")});
        Recorder first = new Recorder(two);
        two.connect(new Target("broker.test", silent.port(), trusting(), TimeUnit.SECONDS.toNanos(9)), first);
        first.write("hello");
        first.awaitText("hello");
        assertThat(end.get(10, TimeUnit.SECONDS)).isEqualTo(-1);
    }

    @Test
    void tellsTheServerWhichNameWasAskedFor() throws Exception {
        assertThat(namesSeen("broker.test", authority.issue("broker", "broker.test")))
                .containsExactly(new SNIHostName("broker.test"));
    }

    @Test
    void tellsTheServerNamesWithoutADotToo() throws Exception {
        assertThat(namesSeen("broker", authority.issue("broker", "broker"))).containsExactly(new SNIHostName("broker"));
    }

    @Test
    void tellsTheServerNoNameWhenAskedForAnAddress() throws Exception {
        assertThat(namesSeen("127.0.0.1", authority.issue("broker", "127.0.0.1")))
                .isEmpty();
    }

    private List<SNIServerName> namesSeen(String host, Identity identity) throws Exception {
        CompletableFuture<List<SNIServerName>> names = new CompletableFuture<>();
        Peer peer = tlsPeer(identity, server -> {}, socket -> {
            ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket).getSession();
            names.complete(session.getRequestedServerNames());
        });
        connect(host, peer, trusting());
        client.awaitOpened();
        return names.get(10, TimeUnit.SECONDS);
    }

    @Test
    void movesLargeWritesAndGivesBackEveryBufferInOrder() throws Exception {
        int block = 64 * 1024;
        Peer peer = tlsPeer(broker(), server -> {}, socket -> {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < 256; i++) {
                out.write(in.readNBytes(block), 0, block / 2);
            }
            out.write(in.readAllBytes());
            socket.close();
        });
        connect("broker.test", peer, trusting());
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            blocks.add(ByteBuffer.allocate(block));
        }
        client.with(connection -> {
            for (ByteBuffer bytes : blocks) {
                connection.write(bytes, true);
            }
        });
        client.awaitCount(256 * (block / 2));
        await().until(() -> client.written().size() == 256);
        for (int i = 0; i < 256; i++) {
            assertThat(client.written().get(i)).isSameAs(blocks.get(i));
        }
        client.with(Connection::close);
        assertThat(client.awaitClosed()).isEmpty();
        peer.done.get(10, TimeUnit.SECONDS);
    }

    @Test
    void sendsAllThatWasWrittenAndSaysGoodbyeBeforeClosing() throws Exception {
        CompletableFuture<Integer> arrived = new CompletableFuture<>();
        // Without a close_notify this read would end in an exception.
        Peer peer = tlsPeer(broker(), server -> {}, socket -> {
            arrived.complete(socket.getInputStream().readAllBytes().length);
            socket.close();
        });
        connect("broker.test", peer, trusting());
        client.with(connection -> {
            connection.write(ByteBuffer.allocate(4 << 20), false);
            connection.close();
        });
        assertThat(client.awaitClosed()).isEmpty();
        peer.done.get(10, TimeUnit.SECONDS);
        assertThat(arrived.join()).isEqualTo(4 << 20);
    }

    @Test
    void closesThoughThePeerReadsNothing() throws Exception {
        Peer peer = tlsPeer(broker(), server -> {}, socket -> ((SSLSocket) socket).startHandshake());
        connect("broker.test", peer, trusting());
        client.with(connection -> {
            for (int i = 0; i < 16; i++) {
                connection.write(ByteBuffer.allocate(1 << 20), true);
            }
            connection.close();
        });
        assertThat(client.awaitClosed()).isEmpty();
        await().until(() -> client.written().size() == 16);
    }

    @Test
    void takesNoMoreThanItHasReadAlreadyWhilePaused() throws Exception {
        int total = 8 << 20;
        Recorder pausing = new Recorder(loop) {
            @Override
            public synchronized void received(ByteBuffer bytes) {
                if (count() == 0) {
                    opened.join().pause(true);
                }
                super.received(bytes);
            }
        };
        Peer peer = tlsPeer(
                broker(), server -> {}, socket -> socket.getOutputStream().write(new byte[total]));
        loop.connect(new Target("broker.test", peer.port(), trusting(), TimeUnit.SECONDS.toNanos(10)), pausing);
        await().until(() -> pausing.count() > 0);
        pausing.turn();
        pausing.turn();
        assertThat(pausing.count()).isLessThan(1 << 20);
        assertThat(peer.done).isNotDone();
        pausing.with(connection -> connection.pause(false));
        pausing.awaitCount(total);
    }

    @Test
    void tellsOfAServerThatClosesInOrder() throws Exception {
        Peer peer = tlsPeer(broker(), server -> {}, socket -> {
            socket.getOutputStream().write("bye".getBytes(StandardCharsets.UTF_8));
            socket.close();
        });
        connect("broker.test", peer, trusting());
        assertThat(client.awaitClosed()).isEmpty();
        assertThat(client.text()).isEqualTo("bye");
    }

    @Test
    void refusesAServerOfAnUnknownAuthority() throws Exception {
        Peer peer = tlsPeer(stranger.issue("broker", "broker.test"));
        connect("broker.test", peer, trusting());
        assertThat(client.awaitClosed().orElseThrow())
                .isInstanceOf(ConnectionException.class)
                .hasMessage("cannot connect to broker.test:" + peer.port()
                        + ": 127.0.0.1: the server's certificate is not trusted:"
                        + " its issuer CN=Stranger is not among the trusted certificates")
                .hasCauseInstanceOf(SSLException.class);
    }

    @Test
    void trustsThePlatformsAuthoritiesWhenNoneAreGiven() throws Exception {
        Peer peer = tlsPeer(broker());
        connect("broker.test", peer, Authority.settings(null, null, null, null, true));
        assertThat(client.awaitFailure()).endsWith("its issuer CN=Test Authority is not in the platform's trust store");
    }

    @Test
    void refusesAnExpiredCertificateAndSaysSinceWhen() throws Exception {
        Identity expired = authority.issueExpired("broker", "broker.test");
        connect("broker.test", tlsPeer(expired), trusting());
        assertThat(client.awaitFailure())
                .endsWith("the server's certificate (CN=broker) expired on "
                        + expired.certificate().getNotAfter().toInstant());
    }

    @Test
    void refusesACertificateForAnotherName() throws Exception {
        connect("other.test", tlsPeer(broker()), trusting());
        assertThat(client.awaitFailure())
                .endsWith("the server's certificate is for broker.test, 127.0.0.1, not for other.test");
    }

    @Test
    void refusesACertificateForAnotherAddress() throws Exception {
        connect("127.0.0.1", tlsPeer(authority.issue("broker", "broker.test")), trusting());
        assertThat(client.awaitFailure()).endsWith("the server's certificate is for broker.test, not for 127.0.0.1");
    }

    @Test
    void acceptsAnyNameButNotAnyIssuerWhenNamesAreNotVerified() throws Exception {
        connect("other.test", tlsPeer(broker()), Authority.settings(authority.pem(), null, null, null, false));
        assertEcho();

        Recorder refused = new Recorder(loop);
        Peer strange = tlsPeer(stranger.issue("broker", "broker.test"));
        loop.connect(
                new Target(
                        "other.test",
                        strange.port(),
                        Authority.settings(authority.pem(), null, null, null, false),
                        TimeUnit.SECONDS.toNanos(10)),
                refused);
        assertThat(refused.awaitFailure()).contains("its issuer CN=Stranger");
    }

    private Peer demanding() throws Exception {
        return tlsPeer(broker(), server -> server.setNeedClientAuth(true), Peer.ECHO);
    }

    @Test
    void identifiesItselfWithAnEcKey() throws Exception {
        Identity me = authority.issue("me");
        connect("broker.test", demanding(), identified(me.certificatePem(), me.keyPem(), null));
        assertEcho();
    }

    @Test
    void identifiesItselfWithAnRsaKey() throws Exception {
        Identity me = authority.issue("me", Authority.rsaKeys());
        connect("broker.test", demanding(), identified(me.certificatePem(), me.keyPem(), null));
        assertEcho();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void saysThatTheServerWantsAClientCertificate(String version) throws Exception {
        Peer peer = tlsPeer(
                broker(),
                server -> {
                    server.setNeedClientAuth(true);
                    server.setEnabledProtocols(new String[] {version});
                },
                Peer.ECHO);
        connect("broker.test", peer, trusting());
        // With TLS 1.3 the handshake is over for the client before the server looks at its certificate. The alert is
        // bad_certificate with a JDK 17 server, later ones follow the standard better.
        assertThat(client.awaitFailure()).matches(".*the server .*requires (a client certificate|one) .*TLS alert .*");
    }

    @Test
    void saysThatTheServerDoesNotAcceptTheClientCertificate() throws Exception {
        Identity me = stranger.issue("me");
        connect("broker.test", demanding(), identified(me.certificatePem(), me.keyPem(), null));
        assertThat(client.awaitFailure()).matches(".*client('s)? certificate.*TLS alert .*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol_version:70", "handshake_failure:40", "unrecognized_name:112", "access_denied:49"})
    void saysWhatAnAlertOfTheServerMeans(String alert) throws Exception {
        String name = alert.substring(0, alert.indexOf(':'));
        int code = Integer.parseInt(alert.substring(alert.indexOf(':') + 1));
        connect(
                "broker.test",
                kept(new Peer(socket -> {
                    readClientHello(socket);
                    socket.getOutputStream().write(new byte[] {21, 3, 3, 0, 2, 2, (byte) code});
                })),
                trusting());
        assertThat(client.awaitFailure()).contains("127.0.0.1: the server ").contains(name);
    }

    @Test
    void refusesAServerThatChoosesTls11() throws Exception {
        connect(
                "broker.test",
                kept(new Peer(socket -> {
                    readClientHello(socket);
                    ByteBuffer hello = ByteBuffer.allocate(47);
                    hello.put(new byte[] {22, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2});
                    hello.position(hello.position() + 33);
                    hello.put(new byte[] {(byte) 0xc0, 0x13, 0});
                    socket.getOutputStream().write(hello.array());
                })),
                trusting());
        assertThat(client.awaitFailure()).contains("TLS11").contains("not accepted");
    }

    private static void readClientHello(Socket socket) throws Exception {
        byte[] header = Peer.read(socket, 5);
        Peer.read(socket, (header[3] & 0xff) << 8 | header[4] & 0xff);
    }

    @Test
    void saysThatThePortDoesNotSpeakTls() throws Exception {
        connect(
                "broker.test",
                kept(new Peer(socket ->
                        socket.getOutputStream().write("220 mail.test ready\r\n".getBytes(StandardCharsets.US_ASCII)))),
                trusting());
        assertThat(client.awaitFailure()).endsWith("127.0.0.1: what answers there does not speak TLS");
    }

    @Test
    void saysThatThePeerClosedDuringTheHandshake() throws Exception {
        connect(
                "broker.test",
                kept(new Peer(socket -> {
                    readClientHello(socket);
                    socket.close();
                })),
                trusting());
        assertThat(client.awaitFailure()).endsWith("127.0.0.1: closed by the peer during the TLS handshake");
    }

    @Test
    void saysWhichTlsSettingIsBroken() throws Exception {
        connect("broker.test", tlsPeer(broker()), Authority.settings(new byte[] {'x'}, null, null, null, true));
        assertThat(client.awaitFailure()).contains("trusted certificates: not PEM");
    }
}
