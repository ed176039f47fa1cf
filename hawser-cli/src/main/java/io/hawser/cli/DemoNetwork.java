package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.client.MqttClient;
import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.ProtocolVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** The broker of the demonstration, and a bad network on either side of it. */
final class DemoNetwork implements AutoCloseable {
    private final @Nullable EmbeddedBroker embedded;
    private final @Nullable BrokerUrl url;
    private final @Nullable ProtocolVersion version;
    private final @Nullable CuttingProxy publishing;
    private final @Nullable CuttingProxy subscribing;

    private DemoNetwork(
            @Nullable EmbeddedBroker embedded,
            @Nullable BrokerUrl url,
            @Nullable ProtocolVersion version,
            String host,
            int port) {
        this.embedded = embedded;
        this.url = url;
        this.version = version;
        boolean cuts = canCut(url);
        this.publishing = cuts ? CuttingProxy.to(host, port) : null;
        this.subscribing = cuts ? CuttingProxy.to(host, port) : null;
    }

    /** Certificates are for the broker's name, not for the proxy's; and a proxy listens on no Unix domain socket. */
    private static boolean canCut(@Nullable BrokerUrl url) {
        return url == null || url.scheme() == BrokerUrl.Scheme.MQTT || url.scheme() == BrokerUrl.Scheme.WS;
    }

    /** In front of the broker with this URL, or of a broker in this process. */
    static DemoNetwork open(@Nullable BrokerUrl url, @Nullable ProtocolVersion version, Screen screen) {
        if (url != null) {
            screen.say("Broker: " + url);
            if (!canCut(url)) {
                screen.say("With " + url.scheme().prefix + " no connections are cut.");
            }
            knock(url);
            return new DemoNetwork(null, url, version, url.host(), url.port());
        }
        screen.status("Starting a broker ...");
        EmbeddedBroker broker = EmbeddedBroker.start();
        screen.say("Broker: Apache Artemis in this process, " + broker.url());
        return new DemoNetwork(broker, null, version, "127.0.0.1", broker.port());
    }

    /** A broker that is not there should be noticed before the clients start to wait for it. */
    private static void knock(BrokerUrl url) {
        if (url.scheme() == BrokerUrl.Scheme.UNIX) {
            return;
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
        if (proxy != null) {
            return url == null ? proxy.url() : url.server(url.scheme(), "127.0.0.1", proxy.port());
        }
        return url == null ? "" : url.server();
    }

    /** Gives the builder what the broker wants to hear. */
    void applyTo(MqttBuilder<?, ?> builder) {
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
            applyTo(builder);
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
