package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.text.Authority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The broker of the demonstration, and a bad network on either side of it. */
final class DemoNetwork implements AutoCloseable {
    private static final String SYSTEM = "system";
    /** The port of SOCKS proxies; HTTP proxies have none of their own. */
    private static final int SOCKS_PORT = 1080;

    private final @Nullable EmbeddedBroker embedded;
    private final @Nullable BrokerUrl url;
    private final @Nullable String proxyUrl;
    private final @Nullable ProtocolVersion version;
    private final @Nullable CuttingProxy publishing;
    private final @Nullable CuttingProxy subscribing;

    private DemoNetwork(
            @Nullable EmbeddedBroker embedded,
            @Nullable BrokerUrl url,
            @Nullable String proxyUrl,
            @Nullable ProtocolVersion version) {
        this.embedded = embedded;
        this.url = url;
        this.proxyUrl = proxyUrl;
        this.version = version;
        boolean cuts = canCut(url, proxyUrl);
        this.publishing = cuts ? cutting() : null;
        this.subscribing = cuts ? cutting() : null;
    }

    /** Certificates are for the broker's name, not for that of what cuts, unless another proxy is told the name. */
    private static boolean canCut(@Nullable BrokerUrl url, @Nullable String proxyUrl) {
        return proxyUrl != null ? !proxyUrl.equals(SYSTEM) : url == null || !url.tls();
    }

    /** In front of the proxy, or else of the broker. */
    private CuttingProxy cutting() {
        if (proxyUrl != null) {
            Authority proxy = proxyAuthority(proxyUrl);
            return CuttingProxy.to(proxy.host(), proxy.port(SOCKS_PORT));
        }
        if (embedded != null || url == null) {
            return CuttingProxy.to("127.0.0.1", embedded == null ? 0 : embedded.port());
        }
        return url.scheme() == BrokerUrl.Scheme.UNIX && url.path() != null
                ? CuttingProxy.to(Path.of(url.path()))
                : CuttingProxy.to(url.host(), url.port());
    }

    private static Authority proxyAuthority(String proxyUrl) {
        return Authority.parse(proxyUrl.substring(proxyUrl.indexOf("://") + 3));
    }

    /**
     * In front of the broker with this URL, or of a broker in this process.
     *
     * @param proxyUrl by which proxy to go there, as {@code --proxy} has it
     */
    static DemoNetwork open(
            @Nullable BrokerUrl url, @Nullable String proxyUrl, @Nullable ProtocolVersion version, Screen screen) {
        if (url != null) {
            screen.say("Broker: " + url);
            if (!canCut(url, proxyUrl)) {
                screen.say("With " + (proxyUrl == null ? url.scheme().prefix : "the system's proxy")
                        + " no connections are cut.");
            }
            if (proxyUrl == null) {
                knock(url);
            }
            return new DemoNetwork(null, url, proxyUrl, version);
        }
        screen.status("Starting a broker ...");
        EmbeddedBroker broker = EmbeddedBroker.start();
        screen.say("Broker: Apache Artemis in this process, " + broker.url());
        return new DemoNetwork(broker, null, proxyUrl, version);
    }

    /** A broker that is not there should be noticed before the clients start to wait for it. */
    private static void knock(BrokerUrl url) {
        if (url.scheme() == BrokerUrl.Scheme.UNIX && url.path() != null) {
            try {
                SocketChannel.open(UnixDomainSocketAddress.of(url.path())).close();
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(url + " cannot be reached: " + e.getMessage(), e);
            }
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(url.host(), url.port()), 10_000);
        } catch (IOException e) {
            throw new UncheckedIOException(url + " cannot be reached: " + e.getMessage(), e);
        }
    }

    /** Where publisher or subscriber is to connect to. */
    String server(boolean publisher) {
        CuttingProxy proxy = proxy(publisher);
        if (proxy != null && proxyUrl == null) {
            return url == null || url.scheme() == BrokerUrl.Scheme.UNIX
                    ? proxy.url()
                    : url.server(url.scheme(), "127.0.0.1", proxy.port());
        }
        if (url != null) {
            return url.server();
        }
        return embedded == null ? "" : embedded.url();
    }

    /** By which proxy publisher or subscriber is to go, with what cuts in front of it; empty if by none. */
    String proxyFor(boolean publisher) {
        CuttingProxy cutting = proxy(publisher);
        if (proxyUrl == null || cutting == null) {
            return proxyUrl == null ? "" : proxyUrl;
        }
        String user = proxyAuthority(proxyUrl).user();
        return proxyUrl.substring(0, proxyUrl.indexOf("://") + 3)
                + (user == null ? "" : user + "@")
                + "127.0.0.1:"
                + cutting.port();
    }

    /** Gives the builder of publisher or subscriber what the broker wants to hear, and the way there. */
    void applyTo(MqttBuilder<?, ?> builder, boolean publisher) {
        if (proxyUrl != null) {
            builder.proxy(ServerOptions.ProxyUrl.of(proxyFor(publisher)));
        }
        if (version != null) {
            builder.version(version);
        }
        if (url != null && url.user() != null) {
            String password = url.password();
            builder.credentials(password == null ? Credentials.of(url.user()) : Credentials.of(url.user(), password));
        }
    }

    @Nullable
    ProtocolVersion version() {
        return version;
    }

    /** Empty if the broker wants to hear none, as is the password. */
    String user() {
        return url == null || url.user() == null ? "" : url.user();
    }

    String password() {
        return url == null || url.password() == null ? "" : url.password();
    }

    /** A broker that stays is asked to forget the sessions of publisher and subscriber: a clean session ends a kept one. */
    void forget(String publisherId, String subscriberId) {
        if (!outlivesDemo()) {
            return;
        }
        for (boolean publisher : new boolean[] {true, false}) {
            var builder = MqttClient.builder(server(publisher)).clientId(publisher ? publisherId : subscriberId);
            applyTo(builder, publisher);
            MqttClient client = builder.build();
            client.connect();
            Demo.close(client);
        }
    }

    /** The network of publisher or subscriber, or null if it cannot be harmed. */
    @Nullable
    CuttingProxy proxy(boolean publisher) {
        return publisher ? publishing : subscribing;
    }

    /** Whether the broker remains when the demonstration ends, and with it what it keeps. */
    boolean outlivesDemo() {
        return embedded == null;
    }

    @Override
    public void close() {
        if (publishing != null) {
            publishing.close();
        }
        if (subscribing != null) {
            subscribing.close();
        }
        if (embedded != null) {
            embedded.close();
        }
    }
}
