package io.hawser.client;

import io.hawser.client.loop.ClientConfig;
import io.hawser.client.loop.Server;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The options of every client that concern the way to the broker: TLS, WebSocket, TCP and proxies.
 *
 * @param <B> the builder's own type
 */
abstract class NetworkOptions<B> {
    final ClientConfig config;

    NetworkOptions(String... servers) {
        if (servers.length == 0) {
            throw new IllegalArgumentException("servers is empty, must name at least one");
        }
        Server[] parsed = new Server[servers.length];
        for (int i = 0; i < servers.length; i++) {
            parsed[i] = Server.parse(Objects.requireNonNull(servers[i], "server"));
        }
        config = new ClientConfig(List.of(parsed), () -> Tls.platform().settings());
    }

    abstract B self();

    /**
     * Sets the TLS options for {@code mqtts} and {@code wss} servers (default: {@link Tls#platform}).
     *
     * @throws IllegalArgumentException if the material cannot be used, such as a key that does not fit its certificate
     */
    public B tls(Tls tls) {
        Objects.requireNonNull(tls, "tls").validate();
        config.tls = tls::settings;
        return self();
    }

    /** Sets a supplier of the TLS options, asked before every attempt to connect, on a thread that it may block. */
    public B tls(Supplier<Tls> tls) {
        Objects.requireNonNull(tls, "tls");
        config.tls = () -> tls.get().settings();
        config.asks = true;
        return self();
    }

    /**
     * Sets the options of the WebSocket handshake with {@code ws} and {@code wss} servers (default:
     * {@link WebSocket#standard}): headers, subprotocols, another path.
     */
    public B webSocket(WebSocket webSocket) {
        config.webSocket = Objects.requireNonNull(webSocket, "webSocket")::settings;
        return self();
    }

    /**
     * Sets a supplier of the WebSocket options, asked before every attempt to connect, on a thread that it may block:
     * so a query can be signed, or a token renewed, for each attempt.
     */
    public B webSocket(Supplier<WebSocket> webSocket) {
        Objects.requireNonNull(webSocket, "webSocket");
        config.webSocket = () -> webSocket.get().settings();
        config.asks = true;
        return self();
    }

    /**
     * Sets the address of this machine, and the port unless it is 0, that connections come from (default: the system's choice). Addresses of
     * servers of the other family are left out; the system may keep a port from being used again for a minute.
     */
    public B localAddress(InetSocketAddress address) {
        if (Objects.requireNonNull(address, "address").isUnresolved()) {
            throw new IllegalArgumentException("localAddress " + address + " has no address");
        }
        config.tcp = config.tcp.from(address);
        return self();
    }

    /** Sets whether the system probes connections that have been idle for hours (default: true). MQTT's keep alive is another. */
    public B tcpKeepAlive(boolean probes) {
        config.tcp = config.tcp.keepingAlive(probes);
        return self();
    }

    /**
     * Sets when the system probes an idle connection.
     *
     * @param idle the time without received bytes before the first probe: 1 second to 9 hours, in whole seconds
     * @param interval the time between probes: 1 second to 9 hours, in whole seconds
     * @param probes the number of probes without an answer that ends the connection: 1 to 127
     * @throws UnsupportedOperationException if this JDK cannot say it to the system: it needs the module {@code jdk.net}
     */
    public B tcpKeepAlive(Duration idle, Duration interval, int probes) {
        Duration second = Duration.ofSeconds(1);
        Duration most = Duration.ofHours(9);
        config.tcp = config.tcp
                .keepingAlive(true)
                .with("TCP_KEEPIDLE", (int) require("idle", idle, second, most).toSeconds())
                .with("TCP_KEEPINTERVAL", (int)
                        require("interval", interval, second, most).toSeconds())
                .with("TCP_KEEPCOUNT", require("probes", probes, 1, 127));
        return self();
    }

    /**
     * Sets about how large the system's buffers of a connection are: up to 256 MiB, or 0 (the default) for the system's choice, which
     * mostly is better, since it lets them grow.
     */
    public B socketBuffers(int sendBytes, int receiveBytes) {
        config.tcp = config.tcp.buffers(
                require("sendBytes", sendBytes, 0, 256 << 20), require("receiveBytes", receiveBytes, 0, 256 << 20));
        return self();
    }

    /**
     * Sets how long what has been sent may stay without an acknowledgement of the peer's system before the connection ends: 1 ms to 24 days. No
     * JDK up to 25 has {@code TCP_USER_TIMEOUT}; {@code pingTimeout} does the same from above: output that stands still ends the
     * connection.
     *
     * @throws UnsupportedOperationException if this JDK has no {@code TCP_USER_TIMEOUT}
     */
    public B tcpUserTimeout(Duration timeout) {
        Duration checked = require("timeout", timeout, Duration.ofMillis(1), Duration.ofDays(24));
        config.tcp = config.tcp.with("TCP_USER_TIMEOUT", (int) checked.toMillis());
        return self();
    }

    /**
     * Sets the proxy through which servers are reached (default: {@link Proxy#none}); Unix domain sockets use none.
     */
    public B proxy(Proxy proxy) {
        config.proxy = Objects.requireNonNull(proxy, "proxy")::settings;
        config.asks |= proxy.isSystem();
        return self();
    }

    /** Sets a supplier of the proxy, asked before every attempt to connect, on a thread that it may block. */
    public B proxy(Supplier<Proxy> proxy) {
        Objects.requireNonNull(proxy, "proxy");
        config.proxy = server -> proxy.get().settings(server);
        config.asks = true;
        return self();
    }

    static Duration require(String option, Duration value, Duration least, Duration most) {
        Objects.requireNonNull(value, option);
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + most);
        }
        return value;
    }

    static int require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + most);
        }
        return value;
    }
}
