package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The demonstration over roads that are cut in front of a proxy, and on a Unix domain socket. */
@Tag("slow")
@Timeout(300)
class DemoRoadsTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aUnixDomainSocketIsCutAndNothingIsLost(boolean stored) {
        try (Mosquitto broker = Mosquitto.options().unix().start()) {
            assertNothingLost(stored, "--unix", broker.socket().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theWayToAProxyIsCutAndNothingIsLost(boolean stored, @TempDir Path directory) throws Exception {
        try (Mosquitto broker = Mosquitto.start();
                ProxyProcess proxy = ProxyProcess.tinyproxy(directory)) {
            assertNothingLost(stored, "--url", broker.url(), "--proxy", url("http", proxy));
        }
    }

    @Test
    void theEmbeddedBrokerIsBehindAProxy() {
        try (ProxyProcess proxy = ProxyProcess.microsocks()) {
            assertNothingLost(false, "--proxy", url("socks5", proxy));
        }
    }

    private static String url(String scheme, ProxyProcess proxy) {
        return scheme + "://" + ProxyProcess.USER + ":" + ProxyProcess.PASSWORD + "@127.0.0.1:" + proxy.port();
    }

    private static void assertNothingLost(boolean stored, String... road) {
        List<String> arguments = new ArrayList<>(List.of("demo"));
        arguments.addAll(Arrays.asList(road));
        if (stored) {
            arguments.add("--store");
        }
        try (HawserProcess demo = HawserProcess.hawser(arguments.toArray(String[]::new))) {
            demo.awaitLineBeginning("Nothing lost at QoS 1 and 2, no duplicates at QoS 2,");
            assertThat(demo.awaitExit()).as(demo.toString()).isZero();
            assertThat(demo.lines()).anyMatch(line -> line.contains("cut"));
            assertThat(demo.lines()).noneMatch(line -> line.contains("no connections are cut"));
        }
    }
}
