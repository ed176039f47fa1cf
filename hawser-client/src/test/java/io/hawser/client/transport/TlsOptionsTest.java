package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.hawser.client.MqttClient;
import io.hawser.client.Tls;
import io.hawser.client.transport.Authority.Identity;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.ReconnectPolicy;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Each option of {@link Tls}, as a program says it, against a server that answers CONNECT. */
class TlsOptionsTest {
    private static final byte[] CONNACK = {0x20, 3, 0, 0, 0};

    private static Authority authority;
    private static Authority stranger;
    private static Identity broker;

    @TempDir
    Path directory;

    private final List<AutoCloseable> resources = new ArrayList<>();
    private final List<SSLSocket> seen = new ArrayList<>();

    @BeforeAll
    static void found() throws Exception {
        authority = new Authority("Test Authority");
        stranger = new Authority("Stranger");
        broker = authority.issue("broker", "127.0.0.1");
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : resources) {
            resource.close();
        }
    }

    private interface Options {
        void set(SSLServerSocket server);
    }

    private int broker(Identity identity, Options options) throws Exception {
        SSLServerSocket server = (SSLServerSocket) identity.serverContext(authority)
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        options.set(server);
        Peer peer = new Peer(server, socket -> {
            answer(socket);
            synchronized (seen) {
                seen.add((SSLSocket) socket);
            }
            Peer.ECHO.with(socket);
        });
        resources.add(peer);
        return peer.port();
    }

    private int broker() throws Exception {
        return broker(broker, server -> {});
    }

    private int demandingBroker() throws Exception {
        return broker(broker, server -> server.setNeedClientAuth(true));
    }

    /** Reads a CONNECT of less than 128 bytes, and accepts it. */
    private static void answer(Socket socket) throws Exception {
        byte[] header = Peer.read(socket, 2);
        Peer.read(socket, header[1]);
        socket.getOutputStream().write(CONNACK);
    }

    private MqttClient client(String scheme, int port, Tls tls) {
        MqttClient client = MqttClient.builder(scheme + "://127.0.0.1:" + port)
                .clientId("c")
                .tls(tls)
                .reconnect(ReconnectPolicy.never())
                .build();
        resources.add(client::close);
        return client;
    }

    private void assertConnects(int port, Tls tls) throws Exception {
        client("mqtts", port, tls).connectAsync().get(20, TimeUnit.SECONDS);
    }

    private void assertRefused(int port, Tls tls, String... words) {
        MqttClient client = client("mqtts", port, tls);
        Throwable failure = catchThrowable(() -> client.connectAsync().get(20, TimeUnit.SECONDS));
        assertThat(failure.getCause()).isInstanceOf(ConnectionException.class);
        assertThat(failure.getCause().getMessage()).contains(words);
    }

    private static Tls trusting() throws Exception {
        return Tls.trusting(authority.pem());
    }

    private Path file(String name, byte[] bytes) throws Exception {
        return Files.write(directory.resolve(name), bytes);
    }

    private static void assertRejected(ThrowingCallable call, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
    }

    private static String text(byte[] pem) {
        return new String(pem, StandardCharsets.US_ASCII);
    }

    private static KeyStore store(String type, Identity key, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(type);
        store.load(null, null);
        store.setCertificateEntry("authority", authority.certificate());
        if (key != null) {
            store.setKeyEntry("me", key.keys().getPrivate(), password, new X509Certificate[] {key.certificate()});
        }
        return store;
    }

    private Path storeFile(String type, Identity key, String password) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store(type, key, password.toCharArray()).store(out, password.toCharArray());
        return file("store." + type, out.toByteArray());
    }

    @Test
    void takesTrustAndIdentityAsFilesAsTextAndAsBytes() throws Exception {
        int port = demandingBroker();
        Identity me = authority.issue("me");
        Path trusted = file("ca.pem", authority.pem());
        assertConnects(
                port,
                Tls.trusting(trusted)
                        .identifiedBy(file("me.pem", me.certificatePem()), file("me-key.pem", me.keyPem())));
        assertConnects(
                port,
                Tls.trusting(text(authority.pem())).identifiedBy(text(me.certificatePem()), text(me.keyPem()), null));
        assertConnects(port, trusting().identifiedBy(me.certificatePem(), me.keyPem(), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS"})
    void takesTrustAndIdentityFromKeyStores(String type) throws Exception {
        int port = demandingBroker();
        Identity me = authority.issue("me");
        KeyStore given = store(type, me, "secret".toCharArray());
        assertConnects(port, Tls.trusting(given).identifiedBy(given, "secret".toCharArray()));

        Path file = storeFile(type, me, "secret");
        assertConnects(port, Tls.trusting(file, "secret").identifiedBy(file, "secret"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS"})
    void saysWhatIsWrongWithAKeyStore(String type) throws Exception {
        Path file = storeFile(type, authority.issue("me"), "secret");
        assertRejected(
                () -> client("mqtts", 1, Tls.trusting(file, "wrong")),
                "key store " + file,
                "the password does not open it");
        assertRejected(
                () -> client("mqtts", 1, Tls.platform().identifiedBy(store(type, null, null), new char[0])),
                "key store: has no private key with a certificate");
        KeyStore unloaded = KeyStore.getInstance(type);
        assertRejected(() -> client("mqtts", 1, Tls.trusting(unloaded)), "key store: is not loaded");
        KeyStore me = store(type, authority.issue("me"), "secret".toCharArray());
        assertRejected(
                () -> client("mqtts", 1, Tls.platform().identifiedBy(me, "wrong".toCharArray())),
                "key store: the password does not open the private key");
        KeyStore empty = KeyStore.getInstance(type);
        empty.load(null, null);
        assertRejected(() -> client("mqtts", 1, Tls.trusting(empty)), "key store: has no certificate to trust");
        Path damaged = file("damaged", new byte[] {0x30, 1, 2, 3});
        assertRejected(
                () -> client("mqtts", 1, Tls.trusting(damaged, "secret")), "is neither PKCS#12 nor JKS, or damaged");
    }

    @Test
    void saysWhichFileCannotBeRead() {
        Path nowhere = directory.resolve("nowhere.pem");
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> Tls.trusting(nowhere),
                () -> Tls.trusting(nowhere, "secret"),
                () -> Tls.platform().identifiedBy(nowhere, nowhere),
                () -> Tls.platform().identifiedBy(nowhere, "secret"),
                () -> Tls.platform().checkingRevocation(nowhere))) {
            assertThat(catchThrowable(call))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("nowhere.pem");
        }
    }

    @Test
    void hasAGivenContextMakeTheEngines() throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store("PKCS12", null, null));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        assertConnects(broker(), Tls.of(context));
        int elsewhere = broker(authority.issue("broker", "elsewhere.test"), server -> {});
        assertRefused(elsewhere, Tls.of(context), "No subject alternative names matching IP address 127.0.0.1");
        assertConnects(elsewhere, Tls.of(context).withoutHostNameVerification());
        assertRejected(() -> Tls.of(context).alsoTrustingPlatform(), "alsoTrustingPlatform", "its own keys and trust");
        assertRejected(() -> Tls.of(context).identifiedBy("", "", null), "identifiedBy");
        assertRejected(() -> Tls.of(context).checkingRevocation(), "checkingRevocation");
        SSLContext notReady = SSLContext.getInstance("TLS");
        assertRejected(() -> client("mqtts", 1, Tls.of(notReady)), "SSLContext: makes no engine for a client");
    }

    @Test
    void trustsAnOwnAuthorityBesideThePlatforms() throws Exception {
        assertConnects(broker(), trusting().alsoTrustingPlatform());
        int strange = broker(stranger.issue("broker", "127.0.0.1"), server -> {});
        assertRefused(
                strange,
                trusting().alsoTrustingPlatform(),
                "its issuer CN=Stranger is neither among the trusted certificates nor in the platform's trust store");
        TlsSettings both = Authority.settings(authority.pem(), null, null, null, true);
        both.trustsPlatformToo = true;
        KeyStore given = both.trusted.trustStore(both.trusted.read());
        X509TrustManager trust = (X509TrustManager) TrustRules.of(both).trust(given);
        assertThat(trust.getAcceptedIssuers()).contains(authority.certificate()).hasSizeGreaterThan(1);
    }

    @Test
    void aSecondSlashBeforeAPinIsToldFromOneThatThePinBeginsWith() {
        for (int first = 0; first < 256; first++) {
            byte[] key = new byte[32];
            key[0] = (byte) first;
            String pin = Base64.getEncoder().encodeToString(key);
            for (String text : List.of(pin, "/" + pin, pin.replace("=", ""), "/" + pin.replace("=", ""))) {
                assertThat(Pins.parse(List.of("sha256/" + text))).isEqualTo(Pins.parse(List.of("sha256/" + pin)));
            }
        }
    }

    @Test
    void pinsTheServersKeyItsCertificateOrItsIssuer() throws Exception {
        String key = Pins.ofKey(broker.certificate());
        String certificate = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(broker.certificate().getEncoded()));
        int port = broker();
        assertConnects(port, trusting().pinned(key));
        assertConnects(port, trusting().pinned(key.replace("sha256/", "sha256//")));
        assertConnects(port, trusting().pinned(certificate));
        assertConnects(port, trusting().pinned(certificate.toUpperCase().replaceAll("(..)(?!$)", "$1:")));
        assertConnects(port, trusting().pinned(Pins.ofKey(stranger.certificate()), key));
        assertRefused(
                port,
                trusting().pinned(Pins.ofKey(stranger.certificate())),
                "neither it nor an issuer is pinned; its key is " + key);
    }

    @Test
    void aPinnedCertificateThatHasNotIssuedTheServersDoesNotCount() {
        Pins pins = Pins.parse(List.of(Pins.ofKey(stranger.certificate())));
        assertThat(pins.match(new X509Certificate[] {broker.certificate(), stranger.certificate()}))
                .isFalse();
        Pins issuer = Pins.parse(List.of(Pins.ofKey(authority.certificate())));
        assertThat(issuer.match(new X509Certificate[] {broker.certificate(), authority.certificate()}))
                .isTrue();
        assertThat(issuer.match(
                        new X509Certificate[] {broker.certificate(), stranger.certificate(), authority.certificate()}))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256/", "sha256/AAAA", "sha256/!!", "abcd", "sha1/xyz", "zz"})
    void saysHowAPinIsWritten(String pin) {
        assertRejected(() -> Tls.platform().pinned(pin), "pinned: \"" + pin + "\" is neither sha256/");
    }

    @Test
    void findsOutByAListThatACertificateIsRevoked() throws Exception {
        Identity revoked = authority.issue("revoked", "127.0.0.1");
        Path list = file("revoked.crl", authority.revoking(revoked.certificate()));
        int port = broker(revoked, server -> {});
        assertConnects(port, trusting());
        assertRefused(
                port,
                trusting().checkingRevocation(list),
                "the server's certificate was revoked on ",
                "KEY_COMPROMISE");
        assertConnects(broker(), trusting().checkingRevocation(list));
        assertRejected(
                () -> client("mqtts", 1, trusting().checkingRevocation(file("bad.crl", new byte[] {1, 2, 3}))),
                "revocation list: ");
    }

    @Test
    void asksTheListThatACertificateNames() throws Exception {
        AtomicReference<byte[]> list = new AtomicReference<>(authority.revoking());
        Identity named = authority.issueListedAt(served(question -> list.get()), "127.0.0.1");
        int port = broker(named, server -> {});
        assertConnects(port, trusting().checkingRevocation());
    }

    @Test
    void refusesWhatTheListThatTheCertificateNamesHas() throws Exception {
        AtomicReference<byte[]> list = new AtomicReference<>();
        Identity named = authority.issueListedAt(served(question -> list.get()), "127.0.0.1");
        list.set(authority.revoking(named.certificate()));
        assertRefused(
                broker(named, server -> {}),
                trusting().checkingRevocation(),
                "the server's certificate was revoked on ");
    }

    @Test
    void asksTheResponderThatACertificateNames() throws Exception {
        AtomicReference<Identity> revoked = new AtomicReference<>();
        String url = served(question -> authority.ocspAnswer(question, revoked.get()));
        Identity good = authority.issueAnsweredAt(url, "127.0.0.1");
        assertConnects(broker(good, server -> {}), trusting().checkingRevocation());
        Identity bad = authority.issueAnsweredAt(url, "127.0.0.1");
        revoked.set(bad);
        assertRefused(
                broker(bad, server -> {}), trusting().checkingRevocation(), "the server's certificate was revoked on ");
    }

    /** An HTTP server that answers what is asked by POST, or in Base64 in the path. */
    private String served(UnaryOperator<byte[]> answers) throws Exception {
        Peer server = new Peer(socket -> {
            String head = head(socket);
            String path = head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP"));
            int length = head.indexOf("content-length: ");
            byte[] question = length < 0
                    ? Base64.getMimeDecoder().decode(URLDecoder.decode(path, StandardCharsets.US_ASCII))
                    : Peer.read(
                            socket, Integer.parseInt(head.substring(length + 16).split("\r", 2)[0]));
            byte[] answer = answers.apply(question);
            String status = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + answer.length + "\r\n\r\n";
            socket.getOutputStream().write(status.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(answer);
            socket.close();
        });
        resources.add(server);
        return "http://127.0.0.1:" + server.port() + "/";
    }

    /** The first line as it is, and the others in small letters. */
    private static String head(Socket socket) throws Exception {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        int line = head.indexOf("\r\n");
        return head.substring(0, line) + head.substring(line).toLowerCase(Locale.ROOT);
    }

    @Test
    void saysThatNobodyKnowsWhetherACertificateIsRevokedUnlessThatIsAllowed() throws Exception {
        int port = broker();
        assertRefused(
                port,
                trusting().checkingRevocation(),
                "it cannot be found out whether the server's certificate has been revoked");
        String gone;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            gone = "http://127.0.0.1:" + unused.getLocalPort() + "/";
        }
        int unanswered = broker(authority.issueAnsweredAt(gone, "127.0.0.1"), server -> {});
        assertRefused(unanswered, trusting().checkingRevocation(), "it cannot be found out");
        assertConnects(unanswered, trusting().checkingRevocation(Option.SOFT_FAIL));
    }

    @Test
    void takesWhatHasBeenReplacedInFilesForTheNextAttempt() throws Exception {
        int port = demandingBroker();
        Identity old = authority.issue("old");
        Path chain = file("me.pem", old.certificatePem());
        Path key = file("me-key.pem", old.keyPem());
        Path trusted = file("ca.pem", authority.pem());
        Tls tls = Tls.trusting(trusted).identifiedBy(chain, key);
        MqttClient client = MqttClient.builder("mqtts://127.0.0.1:" + port)
                .clientId("c")
                .tls(tls)
                .build();
        resources.add(client::close);
        client.connectAsync().get(20, TimeUnit.SECONDS);
        assertThat(subject(0)).isEqualTo("CN=old");

        Identity renewed = authority.issue("renewed");
        Files.write(chain, renewed.certificatePem());
        Files.write(key, renewed.keyPem());
        seen.get(0).close();
        await().until(() -> seen.size() == 2);
        assertThat(subject(1)).isEqualTo("CN=renewed");
    }

    private String subject(int connection) throws Exception {
        return ((X509Certificate) seen.get(connection).getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .toString();
    }

    @Test
    void saysWhatIsWrongWithAFileThatWasReplaced() throws Exception {
        int port = broker();
        Path trusted = file("ca.pem", authority.pem());
        Tls tls = Tls.trusting(trusted);
        assertConnects(port, tls);
        MqttClient damaged = client("mqtts", port, tls);
        Files.writeString(trusted, "not a certificate");
        assertThat(catchThrowable(() -> damaged.connectAsync().get(20, TimeUnit.SECONDS))
                        .getCause())
                .isInstanceOf(ConnectionException.class)
                .hasMessageContaining("trusted certificates: not PEM");
        Files.write(trusted, authority.pem());
        MqttClient gone = client("mqtts", port, tls);
        Files.delete(trusted);
        assertThat(catchThrowable(() -> gone.connectAsync().get(20, TimeUnit.SECONDS))
                        .getCause())
                .isInstanceOf(ConnectionException.class)
                .hasMessageContaining("ca.pem cannot be read");
        Files.write(trusted, authority.pem());
        assertConnects(port, tls);
    }

    @Test
    void verifiesNothingOnlyWhenItIsToldSoInAWordAndWarnsEachTime() throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger(Road.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        boolean additive = logger.isAdditive();
        logger.setAdditive(false);
        try {
            int port = broker(stranger.issueExpired("broker", "elsewhere.test"), server -> {});
            for (int i = 1; i <= 2; i++) {
                assertConnects(port, Tls.withoutVerification("insecure"));
                assertThat(log.list).hasSize(i);
                assertThat(log.list.get(i - 1).getFormattedMessage()).contains("127.0.0.1:" + port, "verifies nothing");
            }
        } finally {
            logger.detachAppender(log);
            logger.setAdditive(additive);
        }
        assertRejected(() -> Tls.withoutVerification("yes"), "withoutVerification", "\"insecure\"");
        assertRejected(
                () -> Tls.withoutVerification("insecure").pinned("00".repeat(32)), "pinned", "without verification");
        assertRejected(() -> Tls.withoutVerification("insecure").checkingRevocation(), "without verification");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksOnlyTheProtocolsThatAreAllowed(String protocol) throws Exception {
        int port = broker();
        assertConnects(port, trusting().protocols(protocol));
        await().until(() -> seen.size() == 1);
        assertThat(seen.get(0).getSession().getProtocol()).isEqualTo(protocol);
        String other = protocol.equals("TLSv1.2") ? "TLSv1.3" : "TLSv1.2";
        int narrow = broker(broker, server -> server.setEnabledProtocols(new String[] {other}));
        assertRefused(narrow, trusting().protocols(protocol), "that is allowed here", "TLS alert");
    }

    @Test
    void choosesAmongTheCipherSuitesThatAreAllowed() throws Exception {
        int port = broker();
        assertConnects(port, trusting().cipherSuites("TLS_CHACHA20_POLY1305_SHA256"));
        await().until(() -> seen.size() == 1);
        assertThat(seen.get(0).getSession().getCipherSuite()).isEqualTo("TLS_CHACHA20_POLY1305_SHA256");
        int narrow = broker(broker, server -> server.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256"}));
        assertRefused(
                narrow,
                trusting().cipherSuites("TLS_CHACHA20_POLY1305_SHA256"),
                "the server accepts no cipher suite or version that is allowed here");
    }

    @Test
    void saysWhichProtocolsAndCipherSuitesThereAreNot() throws Exception {
        assertRejected(() -> Tls.platform().protocols("TLSv1.1"), "protocols: \"TLSv1.1\"", "RFC 8996");
        assertRejected(() -> Tls.platform().protocols(), "protocols: at least one");
        assertRejected(() -> Tls.platform().protocols("TLSv1.2", "TLSv1.2"), "none twice");
        assertRejected(() -> Tls.platform().cipherSuites(), "cipherSuites: at least one");
        assertRejected(
                () -> client("mqtts", 1, trusting().cipherSuites("TLS_AES_128_GCM_SHA256", "NO_SUCH")),
                "cipherSuites: NO_SUCH is not among");
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
            String suite =
                    protocol.equals("TLSv1.3") ? "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" : "TLS_AES_128_GCM_SHA256";
            assertRejected(
                    () -> client("mqtts", 1, trusting().protocols(protocol).cipherSuites(suite)),
                    "cipherSuites: none of them is one of " + protocol);
        }
    }

    @Test
    void offersProtocolsByAlpn() throws Exception {
        int port = broker(broker, server -> {
            var parameters = server.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"mqtt"});
            server.setSSLParameters(parameters);
        });
        assertConnects(port, trusting().applicationProtocols("x-amzn-mqtt-ca", "mqtt"));
        await().until(() -> seen.size() == 1);
        assertThat(seen.get(0).getApplicationProtocol()).isEqualTo("mqtt");
        assertRefused(
                port,
                trusting().applicationProtocols("x-amzn-mqtt-ca"),
                "the server speaks none of the application protocols that are offered");
        assertConnects(broker(), trusting().applicationProtocols("mqtt"));
        assertRejected(() -> Tls.platform().applicationProtocols(""), "applicationProtocols", "1 to 255 bytes");
        assertRejected(() -> Tls.platform().applicationProtocols("x".repeat(256)), "1 to 255 bytes");
        assertRejected(() -> Tls.platform().applicationProtocols(), "at least one");
    }

    @Test
    void saysThatThePortOfAPlainAddressSpeaksTls() throws Exception {
        int port = broker();
        MqttClient client = client("mqtt", port, Tls.platform());
        assertThat(catchThrowable(() -> client.connectAsync().get(20, TimeUnit.SECONDS))
                        .getCause())
                .isInstanceOf(ConnectionException.class)
                .hasMessageContaining("what answers there speaks TLS: use mqtts");
    }

    @Test
    void saysThatThePortOfAPlainAddressSpeaksHttp() throws Exception {
        Peer http = new Peer(socket ->
                socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        resources.add(http);
        MqttClient client = client("mqtt", http.port(), Tls.platform());
        assertThat(catchThrowable(() -> client.connectAsync().get(20, TimeUnit.SECONDS))
                        .getCause())
                .isInstanceOf(ConnectionException.class)
                .hasMessageContaining("what answers there speaks HTTP");
    }

    @Test
    void saysThatTheServerIsGoneWhenItClosesDuringTheHandshake() throws Exception {
        Peer closing = new Peer(Socket::close);
        resources.add(closing);
        assertRefused(closing.port(), trusting(), "127.0.0.1:" + closing.port());
    }

    @Test
    void showsNoSecret() throws Exception {
        Identity me = authority.issue("me");
        Tls tls = trusting()
                .identifiedBy(storeFile("PKCS12", me, "hunter2"), "hunter2")
                .applicationProtocols("mqtt")
                .protocols("TLSv1.3");
        assertThat(tls.toString()).doesNotContain("hunter2").contains("client certificate", "TLSv1.3", "ALPN mqtt");
    }
}
