package io.hawser.client.transport;

import org.jspecify.annotations.Nullable;

/**
 * Where and how to connect.
 *
 * @param host a name or an address; the path of its file for a Unix domain socket
 * @param port 0 for a Unix domain socket; {@link #ASK_DNS} if the SRV records of the host, which is a domain then, name hosts and ports
 * @param tls null without TLS
 * @param webSocket null without WebSocket
 * @param proxy null if the server is reached directly
 * @param tcp how TCP connections are set up
 * @param timeoutNanos the longest time that opening may take, from looking up the name to the end of the last handshake
 */
public record Target(
        String host,
        int port,
        @Nullable TlsSettings tls,
        @Nullable WebSocketSettings webSocket,
        @Nullable ProxySettings proxy,
        TcpOptions tcp,
        long timeoutNanos) {
    /** The port where the DNS tells hosts and ports. */
    public static final int ASK_DNS = -1;

    /** TCP, or TLS over it. */
    public Target(String host, int port, @Nullable TlsSettings tls, long timeoutNanos) {
        this(host, port, tls, null, null, TcpOptions.DEFAULT, timeoutNanos);
    }

    boolean asksDns() {
        return port == ASK_DNS;
    }

    /** The same at that host and port. */
    Target at(String host, int port) {
        return new Target(host, port, tls, webSocket, proxy, tcp, timeoutNanos);
    }

    boolean isUnix() {
        return port == 0;
    }

    /** The host that a connection is opened to: the proxy's, if there is one, since that looks up the server's. */
    String firstHost() {
        return proxy == null ? host : proxy.host();
    }

    int firstPort() {
        return proxy == null ? port : proxy.port();
    }

    /** The target as a user would write it, and the proxy. */
    String name() {
        String name = isUnix() ? "unix:" + host : asksDns() ? "the brokers of " + host : Failures.name(host, port);
        return proxy == null ? name : name + " through " + proxy.name();
    }
}
