package io.hawser.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.transport.ProxySettings;
import io.hawser.client.transport.ProxySettings.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a proxy option means; alone, because the JVM has one selector. */
@Isolated
class ProxyOptionTest {
    private static final URI SERVER = URI.create("https://broker:443");

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "http://proxy:3128, HTTP, proxy, 3128, -, -",
                "HTTP://proxy:3128/, HTTP, proxy, 3128, -, -",
                "http://me:p%40ss%2F%25+@proxy_a:8080, HTTP, proxy_a, 8080, me, p@ss/%+",
                "socks5://[::1], SOCKS5, ::1, 1080, -, -",
                "socks5h://me:secret@proxy:1, SOCKS5, proxy, 1, me, secret",
                "socks4a://me@proxy, SOCKS4, proxy, 1080, me, -",
                "socks4://proxy, SOCKS4, proxy, 1080, -, -"
            })
    void urlsNameKindHostPortAndCredentials(
            String url, Kind kind, String host, int port, String user, String password) {
        Proxy proxy = Proxy.parse(url);
        assertThat(proxy.settings(SERVER)).isEqualTo(new ProxySettings(kind, host, port, user, password));
        assertThat(proxy.toString()).contains(host).doesNotContain("secret", "p@ss", "me:");
    }

    @Test
    void showsNoCredentialsAndNoQuery() {
        assertThat(Proxy.http("proxy", 3128).withCredentials("me", "hunter2")).hasToString("HTTP proxy proxy:3128");
        assertThat(Proxy.system().withCredentials("me", "hunter2")).hasToString("the system's proxy");
        assertThat(Proxy.none()).hasToString("no proxy");
        assertThat(WebSocket.standard()
                        .withPath("/x?sig=hunter2")
                        .withHeader("Authorization", "hunter2")
                        .withSubprotocols("mqtt"))
                .hasToString("WebSocket /x?…, headers [Authorization], subprotocols [mqtt]");
    }

    @Test
    void asksTheSystemForEachServer() {
        List<URI> asked = new ArrayList<>();
        ProxySelector before = ProxySelector.getDefault();
        ProxySelector.setDefault(new ProxySelector() {
            @Override
            public List<java.net.Proxy> select(URI uri) {
                asked.add(uri);
                InetSocketAddress proxy = InetSocketAddress.createUnresolved("proxy", 3128);
                return switch (uri.getScheme()) {
                    case "https" -> List.of(new java.net.Proxy(java.net.Proxy.Type.HTTP, proxy));
                    case "http" ->
                        List.of(java.net.Proxy.NO_PROXY, new java.net.Proxy(java.net.Proxy.Type.HTTP, proxy));
                    default -> List.of(new java.net.Proxy(java.net.Proxy.Type.SOCKS, proxy));
                };
            }

            @Override
            public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
        });
        try {
            Proxy proxy = Proxy.system().withCredentials("me", "pw");
            assertThat(proxy.settings(SERVER)).isEqualTo(new ProxySettings(Kind.HTTP, "proxy", 3128, "me", "pw"));
            assertThat(proxy.settings(URI.create("http://broker"))).isNull();
            assertThat(proxy.settings(URI.create("socket://my_broker:1883")))
                    .isEqualTo(new ProxySettings(Kind.SOCKS5, "proxy", 3128, "me", "pw"));
            assertThat(asked).hasSize(3);
        } finally {
            ProxySelector.setDefault(before);
        }
    }
}
