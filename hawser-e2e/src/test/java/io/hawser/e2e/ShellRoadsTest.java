package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line over roads that take many options. */
class ShellRoadsTest {
    @Test
    void pubGoesByWebSocketOverTlsThroughAProxyWithACertificateAndSubByAUnixSocket(@TempDir Path directory)
            throws Exception {
        Authority authority = new Authority("Test Authority");
        Path trusted = Files.write(directory.resolve("authority.pem"), authority.pem());
        Authority.Identity broker = authority.issue("broker", "127.0.0.1", "localhost");
        Authority.Identity me = authority.issue("me");
        Path certificate = Files.write(directory.resolve("me.pem"), me.certificatePem());
        Path key = Files.write(directory.resolve("me-key.pem"), me.keyPem());
        Mosquitto.Options options = Mosquitto.options()
                .tls(
                        Files.write(directory.resolve("broker.pem"), broker.certificatePem()),
                        Files.write(directory.resolve("broker-key.pem"), broker.keyPem()))
                .clientCertificates(trusted)
                .webSockets()
                .unix();
        try (Mosquitto mosquitto = options.start();
                ProxyProcess proxy = ProxyProcess.tinyproxy(directory);
                HawserProcess sub = HawserProcess.hawser(
                        "sub", "--unix", mosquitto.socket().toString(), "-t", "road/#", "-v", "-C", "1")) {
            String url = "wss://127.0.0.1:" + mosquitto.tlsWebSocketPort() + "/mqtt";
            String[] pub = {
                "pub",
                "-L",
                url,
                "-t",
                "road/x",
                "-q",
                "1",
                "-r",
                "-m",
                "hello",
                "--proxy",
                "http://" + ProxyProcess.USER + ":" + ProxyProcess.PASSWORD + "@127.0.0.1:" + proxy.port(),
                "--cafile",
                trusted.toString(),
                "--cert",
                certificate.toString(),
                "--key",
                key.toString()
            };
            try (HawserProcess process = HawserProcess.hawser(pub)) {
                assertThat(process.awaitExit()).as(process.toString()).isZero();
            }
            assertThat(sub.awaitExit()).as(sub.toString()).isZero();
            assertThat(sub.lines()).containsExactly("road/x hello");

            String[] anonymous = Arrays.copyOf(pub, pub.length - 4);
            try (HawserProcess process = HawserProcess.hawser(anonymous)) {
                assertThat(process.awaitExit()).isNotZero();
                await().untilAsserted(() -> assertThat(process.toString()).contains("certificate"));
            }
        }
    }
}
