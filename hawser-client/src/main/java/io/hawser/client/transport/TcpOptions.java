package io.hawser.client.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How TCP connections are set up.
 *
 * @param local the address of this machine to connect from, or null for the system's choice
 * @param localPort 0 for the system's choice
 * @param keepAlive whether the system probes an idle connection
 * @param sendBufferBytes 0 for the system's choice
 * @param receiveBufferBytes 0 for the system's choice
 * @param named options that only some JDKs have, by their names, with their values
 */
public record TcpOptions(
        @Nullable InetAddress local,
        int localPort,
        boolean keepAlive,
        int sendBufferBytes,
        int receiveBufferBytes,
        Map<String, Integer> named) {
    /** The system's choices, with probes. */
    public static final TcpOptions DEFAULT = new TcpOptions(null, 0, true, 0, 0, Map.of());

    /** The option of that name: of the {@code jdk.net} module, which need not be there, or of a later JDK. */
    private static @Nullable SocketOption<?> find(SocketChannel channel, String name) {
        for (SocketOption<?> option : channel.supportedOptions()) {
            if (option.name().equals(name) && option.type() == Integer.class) {
                return option;
            }
        }
        return null;
    }

    /** This, connecting from that address. */
    public TcpOptions from(InetSocketAddress address) {
        return new TcpOptions(
                address.getAddress(), address.getPort(), keepAlive, sendBufferBytes, receiveBufferBytes, named);
    }

    /** This, with or without probes. */
    public TcpOptions keepingAlive(boolean probes) {
        return new TcpOptions(local, localPort, probes, sendBufferBytes, receiveBufferBytes, named);
    }

    /** This with buffers of the system of these sizes. */
    public TcpOptions buffers(int sendBytes, int receiveBytes) {
        return new TcpOptions(local, localPort, keepAlive, sendBytes, receiveBytes, named);
    }

    /**
     * This with an option of that name.
     *
     * @throws UnsupportedOperationException if the JDK has none for this system
     */
    public TcpOptions with(String name, int value) {
        try (SocketChannel channel = SocketChannel.open()) {
            if (find(channel, name) == null) {
                throw new UnsupportedOperationException(name + " is not among the socket options of this JDK ("
                        + Runtime.version().feature() + ") on this system");
            }
        } catch (IOException e) {
            throw new UnsupportedOperationException(name + ": no socket to ask what this JDK has", e);
        }
        Map<String, Integer> all = new LinkedHashMap<>(named);
        all.put(name, value);
        return new TcpOptions(local, localPort, keepAlive, sendBufferBytes, receiveBufferBytes, Map.copyOf(all));
    }

    /** Whether a connection to that address can come from the one that is given: of the other family, it cannot. */
    boolean canReach(InetAddress remote) {
        return local == null || local.getClass() == remote.getClass();
    }

    /** Sets up a channel that is not connected yet. */
    void apply(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, keepAlive);
        if (sendBufferBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_SNDBUF, sendBufferBytes);
        }
        if (receiveBufferBytes > 0) {
            channel.setOption(StandardSocketOptions.SO_RCVBUF, receiveBufferBytes);
        }
        for (Map.Entry<String, Integer> each : named.entrySet()) {
            set(channel, find(channel, each.getKey()), each.getValue());
        }
        if (local != null) {
            channel.bind(new InetSocketAddress(local, localPort));
        }
    }

    @SuppressWarnings("unchecked")
    private static void set(SocketChannel channel, @Nullable SocketOption<?> option, Integer value) throws IOException {
        if (option != null) {
            channel.setOption((SocketOption<Integer>) option, value);
        }
    }
}
