package io.hawser.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network that fails on command: a loopback port that passes connections on to a broker, cuts them, also in the middle of
 * a packet, and for a while lets none in. Safe for use by many threads.
 */
public final class CuttingProxy implements AutoCloseable {
    private static final int CONNECT_MILLIS = 5_000;
    private static final long NEVER = Long.MAX_VALUE;

    private final String host;
    private final int brokerPort;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    /** How many bytes pass, in either direction, before everything is cut. */
    private final AtomicLong bytesLeft = new AtomicLong(NEVER);
    /** How many bytes from the broker pass before no more of them do. */
    private final AtomicLong bytesFromBrokerLeft = new AtomicLong(NEVER);

    private volatile long lagMillis;
    private volatile boolean refusing;

    private CuttingProxy(String host, int brokerPort, ServerSocket listener) {
        this.host = host;
        this.brokerPort = brokerPort;
        this.listener = listener;
    }

    /** A proxy on a free loopback port in front of this broker. */
    public static CuttingProxy to(String host, int port) {
        try {
            ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
            CuttingProxy proxy = new CuttingProxy(host, port, listener);
            daemon(proxy::accept, "proxy-accept");
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException("The proxy cannot listen: " + e.getMessage(), e);
        }
    }

    /** The port on the loopback interface. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Such as {@code mqtt://127.0.0.1:41893}. */
    public String url() {
        return "mqtt://127.0.0.1:" + port();
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
        } catch (IOException e) {
            throw new UncheckedIOException("The proxy cannot stop: " + e.getMessage(), e);
        } finally {
            links.forEach(Link::cut);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
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

    private void connect(Socket client) {
        Socket broker = new Socket();
        Link link = new Link(client, broker);
        links.add(link);
        try {
            broker.connect(new InetSocketAddress(host, brokerPort), CONNECT_MILLIS);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            daemon(() -> pump(link, broker, client, bytesFromBrokerLeft), "proxy-down");
            pump(link, client, broker, new AtomicLong(NEVER));
        } catch (IOException e) {
            link.cut();
        }
    }

    private void pump(Link link, Socket from, Socket to, AtomicLong beforeSilence) {
        byte[] buffer = new byte[8192];
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                int heard = take(beforeSilence, n);
                int passed = take(bytesLeft, heard);
                out.write(buffer, 0, passed);
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
    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is closed already.
        }
    }

    private static void daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private final class Link {
        private final Socket client;
        private final Socket broker;

        Link(Socket client, Socket broker) {
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
