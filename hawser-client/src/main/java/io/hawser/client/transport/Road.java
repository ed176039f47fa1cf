package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of the bytes to a server: a socket, and over it the filters that the {@link Target} asks for. This is the one place where
 * roads are put together.
 */
final class Road {
    private static final Logger LOG = LoggerFactory.getLogger(Road.class);

    private final Target target;
    private final @Nullable SSLContext tls;

    private Road(Target target, @Nullable SSLContext tls) {
        this.target = target;
        this.tls = tls;
    }

    /**
     * Prepares what all addresses of the target have in common.
     *
     * @throws IllegalArgumentException if the target's settings are not usable, saying which and why
     */
    static Road to(Target target) {
        TlsSettings settings = target.tls();
        if (settings != null && !settings.verifies) {
            LOG.warn("TLS to {} verifies nothing: whoever answers can read and change all that is sent", target.name());
        }
        return new Road(target, settings == null ? null : TlsContexts.of(settings));
    }

    /**
     * The layers of a connection to this address, of which the uppermost is returned; {@link Layer#connect} begins to open them.
     *
     * @throws IOException if no socket was to be had
     */
    Layer layers(SocketEventLoop loop, InetAddress address) throws IOException {
        SocketConnection socket = new SocketConnection(loop, target, address);
        try {
            return filtered(loop, socket);
        } catch (RuntimeException e) {
            // A filter that refuses its settings must leave no channel open.
            socket.abandon();
            throw e;
        }
    }

    private Layer filtered(SocketEventLoop loop, SocketConnection socket) {
        Layer road = socket;
        ProxySettings proxy = target.proxy();
        if (proxy != null) {
            road = new ProxyFilter(loop, target, road, proxy);
        }
        TlsSettings settings = target.tls();
        if (tls != null && settings != null) {
            road = new TlsFilter(loop, target, road, TlsContexts.engine(tls, settings, target.host(), target.port()));
        }
        WebSocketSettings webSocket = target.webSocket();
        if (webSocket != null) {
            road = new WebSocketFilter(loop, target, road, webSocket);
        }
        if (webSocket == null) {
            road.expectMqtt();
        }
        return road;
    }
}
