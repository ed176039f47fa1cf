package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.client.MqttClient;
import io.hawser.client.Tls;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReconnectPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates in PEM files, good and bad. */
@Tag("slow")
class MosquittoTlsTest {
    private final Clients clients = new Clients();
    private final List<Mosquitto> brokers = new ArrayList<>();

    @TempDir
    private Path directory;

    private Authority authority;
    private Path trusted;

    @BeforeEach
    void found() throws Exception {
        authority = new Authority("Test Authority");
        trusted = file("authority", authority.pem());
    }

    @AfterEach
    void closeAll() {
        clients.close();
        brokers.forEach(Mosquitto::close);
    }

    private Path file(String name, byte[] pem) throws Exception {
        return Files.write(directory.resolve(name + ".pem"), pem);
    }

    private Mosquitto broker(Authority.Identity identity, boolean clientCertificates) throws Exception {
        Mosquitto.Options options = Mosquitto.options()
                .tls(file("broker", identity.certificatePem()), file("broker-key", identity.keyPem()));
        if (clientCertificates) {
            options.clientCertificates(trusted);
        }
        Mosquitto broker = options.start();
        brokers.add(broker);
        return broker;
    }

    private static String url(Mosquitto broker) {
        return "mqtts://127.0.0.1:" + broker.tlsPort();
    }

    private void assertTalks(Mosquitto broker, Tls tls) throws Exception {
        Inbox inbox = new Inbox();
        MqttClient client = clients.connect(clients.options(url(broker)).tls(tls));
        client.subscribe("secret", inbox);
        client.publish(Message.of("secret", "text"));
        assertThat(inbox.nextTexts(1)).containsExactly("text");
    }

    private void assertRefused(Mosquitto broker, Tls tls, String... words) {
        MqttClient client = clients.build(clients.options(url(broker)).tls(tls).reconnect(ReconnectPolicy.never()));
        ThrowingCallable connecting = () -> client.connectAsync().get(20, TimeUnit.SECONDS);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(connecting).getCause())
                .isInstanceOf(ConnectionException.class)
                .satisfies(e -> assertThat(e.getMessage()).contains(words));
        await().untilAsserted(() -> assertThat(clients.events)
                .filteredOn(ConnectionEvent.Closed.class::isInstance)
                .hasSize(1));
    }

    @Test
    void talksToABrokerOfATrustedAuthority() throws Exception {
        assertTalks(broker(authority.issue("broker", "127.0.0.1"), false), Tls.trusting(trusted));
    }

    @Test
    void saysThatTheCertificateHasExpired() throws Exception {
        assertRefused(
                broker(authority.issueExpired("broker", "127.0.0.1"), false),
                Tls.trusting(trusted),
                "cannot connect to 127.0.0.1:",
                "certificate (CN=broker) expired on ");
    }

    @Test
    void saysThatTheCertificateIsForAnotherName() throws Exception {
        Mosquitto broker = broker(authority.issue("broker", "broker.example"), false);
        assertRefused(
                broker, Tls.trusting(trusted), "the server's certificate is for broker.example, not for 127.0.0.1");
        assertTalks(broker, Tls.trusting(trusted).withoutHostNameVerification());
    }

    @Test
    void saysThatTheIssuerIsUnknown() throws Exception {
        Path other = file("other", new Authority("Other").pem());
        assertRefused(
                broker(authority.issue("broker", "127.0.0.1"), false),
                Tls.trusting(other),
                "its issuer CN=Test Authority is not among the trusted certificates");
    }

    @Test
    void identifiesItselfWithACertificate() throws Exception {
        Mosquitto broker = broker(authority.issue("broker", "127.0.0.1"), true);
        Authority.Identity me = authority.issue("me");
        assertTalks(
                broker,
                Tls.trusting(trusted).identifiedBy(file("me", me.certificatePem()), file("me-key", me.keyPem())));
    }

    @Test
    void saysThatTheBrokerWantsACertificate() throws Exception {
        assertRefused(
                broker(authority.issue("broker", "127.0.0.1"), true),
                Tls.trusting(trusted),
                "the server requires a client certificate");
    }

    @Test
    void saysThatThePortSpeaksNoTls() throws Exception {
        Mosquitto broker = broker(authority.issue("broker", "127.0.0.1"), false);
        MqttClient client = clients.build(clients.options("mqtts://127.0.0.1:" + broker.port())
                .tls(Tls.trusting(trusted))
                .reconnect(ReconnectPolicy.never()));
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                                () -> client.connectAsync().get(20, TimeUnit.SECONDS))
                        .getCause())
                .isInstanceOf(ConnectionException.class);
    }
}
