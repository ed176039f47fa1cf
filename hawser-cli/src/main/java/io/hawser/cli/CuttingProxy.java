package io.hawser.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A network that fails on command: a loopback port, or a Unix domain socket, that passes connections on to a broker, cuts them,
 * also in the middle of a packet, and for a while lets none in. Safe for use by many threads.
 */
public final class CuttingProxy implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int BACKLOG = 64;
    private static final long NEVER = Long.MAX_VALUE;

    /** Asked for each connection, so that a name is looked up anew. */
    private final Supplier<SocketAddress> broker;

    private final ServerSocketChannel listener;
    /** The directory of the Unix domain socket; null for a port. */
    private final @Nullable Path directory;

    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    /** How many bytes pass, in either direction, before everything is cut. */
    private final AtomicLong bytesLeft = new AtomicLong(NEVER);
    /** How many bytes from the broker pass before no more of them do. */
    private final AtomicLong bytesFromBrokerLeft = new AtomicLong(NEVER);

    private volatile long lagMillis;
    private volatile boolean refusing;

    private CuttingProxy(Supplier<SocketAddress> broker, ServerSocketChannel listener, @Nullable Path directory) {
        this.broker = broker;
        this.listener = listener;
        this.directory = directory;
        daemon(this::accept, "proxy-accept");
    }

    /** A proxy on a free loopback port in front of this broker. */
    public static CuttingProxy to(String host, int port) {
        try {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
            return new CuttingProxy(() -> new InetSocketAddress(host, port), listener, null);
        } catch (IOException e) {
            throw new UncheckedIOException("The proxy cannot listen: " + e.getMessage(), e);
        }
    }

    /** A proxy on a Unix domain socket in front of the broker on that one. */
    static CuttingProxy to(Path socket) {
        try {
            Path directory = Files.createTempDirectory("hawser-proxy");
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(directory.resolve("socket")), BACKLOG);
            return new CuttingProxy(() -> UnixDomainSocketAddress.of(socket), listener, directory);
        } catch (IOException e) {
            throw new UncheckedIOException("The proxy cannot listen: " + e.getMessage(), e);
        }
    }

    /** The port on the loopback interface; 0 for a Unix domain socket. */
    public int port() {
        return directory == null ? listener.socket().getLocalPort() : 0;
    }

    /** Such as {@code mqtt://127.0.0.1:41893} or {@code unix:proxy1/socket}. */
    public String url() {
        return directory == null ? "mqtt://127.0.0.1:" + port() : "unix:" + directory.resolve("socket");
    }

    /** How many connections pass at the moment. */
    public int connections() {
        return links.size();
    }

    /** Cuts every connection now. */
    public void cut() {
        bytesLeft.set(NEVER);
        bytesFromBrokerLeft.set(NEVER);
        links.forEach(Link::cut);
    }

    /** Cuts every connection once so many more bytes have passed, all connections and both directions taken together. */
    public void cutAfter(long bytes) {
        if (bytes < 0 || bytes == NEVER) {
            throw new IllegalArgumentException("bytes is " + bytes + ", must be 0 to 2^63 - 2");
        }
        bytesLeft.set(bytes);
    }

    /**
     * Once so many more bytes have come from the broker, nothing that it sends passes any more, while it still hears its
     * clients; {@code lag} later every connection is cut.
     */
    public void fadeAfter(long bytes, Duration lag) {
        if (bytes < 0 || bytes == NEVER) {
            throw new IllegalArgumentException("bytes is " + bytes + ", must be 0 to 2^63 - 2");
        }
        lagMillis = lag.toMillis();
        bytesFromBrokerLeft.set(bytes);
    }

    /** From now on, cuts new connections as soon as they are made. */
    public void refuse() {
        refusing = true;
    }

    /** Lets new connections in again. */
    public void admit() {
        refusing = false;
    }

    /** Cuts every connection and stops listening. Idempotent. */
    @Override
    public void close() {
        refusing = true;
        try {
            listener.close();
            if (directory != null) {
                Files.deleteIfExists(directory.resolve("socket"));
                Files.deleteIfExists(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The proxy cannot stop: " + e.getMessage(), e);
        } finally {
            links.forEach(Link::cut);
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel client = listener.accept();
                if (refusing) {
                    reset(client);
                } else {
                    daemon(() -> connect(client), "proxy-connect");
                }
            } catch (IOException e) {
                // Closed, or a client that was gone before it was accepted.
            }
        }
    }

    private void connect(SocketChannel client) {
        try {
            SocketAddress address = broker.get();
            boolean tcp = address instanceof InetSocketAddress;
            SocketChannel server = tcp ? SocketChannel.open() : SocketChannel.open(StandardProtocolFamily.UNIX);
            Link link = new Link(client, server);
            links.add(link);
            try {
                if (tcp) {
                    server.socket().connect(address, CONNECT_MILLIS);
                    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    server.setOption(StandardSocketOptions.TCP_NODELAY, true);
                } else {
                    server.connect(address);
                }
                daemon(() -> pump(link, server, client, bytesFromBrokerLeft), "proxy-down");
                pump(link, client, server, new AtomicLong(NEVER));
            } catch (IOException e) {
                link.cut();
            }
        } catch (IOException e) {
            reset(client);
        }
    }

    private void pump(Link link, SocketChannel from, SocketChannel to, AtomicLong beforeSilence) {
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        try {
            for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
                int heard = take(beforeSilence, n);
                int passed = take(bytesLeft, heard);
                buffer.flip().limit(passed);
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
                if (passed < heard) {
                    cut();
                    return;
                }
                if (heard < n) {
                    TimeUnit.MILLISECONDS.sleep(lagMillis);
                    cut();
                    return;
                }
            }
        } catch (IOException e) {
            // Cut, by this proxy or by one of the two.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            link.cut();
        }
    }

    private static int take(AtomicLong bytesLeft, int wanted) {
        long before = bytesLeft.getAndUpdate(left -> left == NEVER ? NEVER : Math.max(0, left - wanted));
        return (int) Math.min(before, wanted);
    }

    /** Closes without a goodbye, so that the other side sees a reset and not an end. */
    private static void reset(SocketChannel socket) {
        try {
            if (socket.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
                socket.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException e) {
            // It is closed already.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing of it is left then.
        }
    }

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private final class Link {
        private final SocketChannel client;
        private final SocketChannel broker;

        Link(SocketChannel client, SocketChannel broker) {
            this.client = client;
            this.broker = broker;
        }

        void cut() {
            links.remove(this);
            reset(client);
            reset(broker);
        }
    }
}
