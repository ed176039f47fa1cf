package io.hawser.client.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Where a channel is made and its pipeline put together: another kind of transport begins here. */
final class Pipelines {
    /**
     * Reads grow with what there is to read, and what came of each is handed on before the next: handlers and acknowledgements
     * need not wait for it.
     */
    private static final RecvByteBufAllocator READS =
            new AdaptiveRecvByteBufAllocator(64, 2048, 256 * 1024).maxMessagesPerRead(1);

    private Pipelines() {}

    static Channel newChannel() {
        Channel channel = new NioSocketChannel();
        ChannelConfig config = channel.config();
        config.setOption(ChannelOption.TCP_NODELAY, true);
        config.setOption(ChannelOption.SO_KEEPALIVE, true);
        config.setRecvByteBufAllocator(READS);
        // The attempt has a timer of its own, for TLS too.
        config.setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
        return channel;
    }

    /** From the network inwards: TLS, if any, then the connection. */
    static void assemble(Channel channel, Target target, @Nullable SslContext tls, NettyConnection connection) {
        ChannelPipeline pipeline = channel.pipeline();
        if (tls != null) {
            pipeline.addLast(tlsHandler(channel, target, tls));
        }
        pipeline.addLast(connection);
    }

    private static SslHandler tlsHandler(Channel channel, Target target, SslContext tls) {
        String host = withoutDot(target.host());
        SslHandler handler = tls.newHandler(channel.alloc(), host, target.port(), Workers.HANDSHAKE);
        handler.setHandshakeTimeoutMillis(0);
        SNIHostName name = serverName(host);
        if (name != null) {
            // The JDK by itself leaves out names without a dot, as they are common in container networks.
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setServerNames(List.of(name));
            handler.engine().setSSLParameters(parameters);
        }
        return handler;
    }

    private static @Nullable SNIHostName serverName(String host) {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            return null;
        }
        try {
            return new SNIHostName(host);
        } catch (IllegalArgumentException e) {
            // A name that works in /etc/hosts but is none in the DNS, such as one with an underscore.
            return null;
        }
    }

    private static String withoutDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
