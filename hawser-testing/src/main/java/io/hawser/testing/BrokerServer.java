package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ModelBroker} behind a socket on the loopback interface: a real, small broker inside the test's process, which
 * can be stopped, cut off and made to misbehave.
 *
 * <p>One daemon thread serves all connections. All methods may be called from any thread and have taken effect when they
 * return.
 */
public final class BrokerServer implements AutoCloseable {
    private static final long KEEP_ALIVE_CHECK_NANOS = 100_000_000;
    private static final int READ_SIZE = 64 * 1024;

    private final ModelBroker broker;
    private final Selector selector;
    private final Thread thread;
    private final ByteBuffer chunk = ByteBuffer.allocate(READ_SIZE);
    private final Set<Socket> sockets = new LinkedHashSet<>();
    private int port;
    private @Nullable ServerSocketChannel listener;
    private long keepAliveCheckedNanos = System.nanoTime();
    private boolean frozen;
    private boolean ended;

    private BrokerServer(ModelBroker broker) {
        this.broker = broker;
        broker.now(keepAliveCheckedNanos);
        try {
            selector = Selector.open();
            listen();
        } catch (IOException e) {
            throw new UncheckedIOException("the broker cannot listen on the loopback interface", e);
        }
        thread = new Thread(this::serve, "hawser-test-broker-" + port);
        thread.setDaemon(true);
        thread.start();
    }

    /** Starts a broker on a free port. */
    public static BrokerServer start() {
        return start(new ModelBroker());
    }

    /** Starts a broker of one's own making on a free port; from now on the server alone may use it. */
    public static BrokerServer start(ModelBroker broker) {
        return new BrokerServer(broker);
    }

    /** The port; it stays the same over {@link #stop} and {@link #resume}. */
    public synchronized int port() {
        return port;
    }

    /** Where to connect: {@code mqtt://127.0.0.1:port}. */
    public String url() {
        return "mqtt://127.0.0.1:" + port();
    }

    /** What this broker does wrong. */
    public Misbehaviour misbehave() {
        return broker.misbehave();
    }

    /** What this broker grants clients of MQTT 5.0. */
    public Grants grant() {
        return broker.grant();
    }

    /** The reason of the last DISCONNECT of a client, or null if it has sent none. */
    public synchronized @Nullable ReasonCode goodbye(String clientId) {
        return broker.goodbye(clientId);
    }

    /** Publishes a message as if a client had sent it. */
    public synchronized void publish(Message message) {
        broker.publish(message);
    }

    /** Sends bytes of any kind to a connected client; false if there is none of this identifier. */
    public synchronized boolean send(String clientId, byte[] bytes) {
        return broker.send(clientId, bytes);
    }

    /** The client identifiers that are connected now. */
    public synchronized List<String> connectedClients() {
        return broker.connectedClients();
    }

    /** Whether there is a session of this client identifier, connected or not. */
    public synchronized boolean hasSession(String clientId) {
        return broker.hasSession(clientId);
    }

    /** The subscriptions of a session, with the QoS that was granted; empty if there is no such session. */
    public synchronized List<Subscription> subscriptions(String clientId) {
        return broker.subscriptions(clientId);
    }

    /** How many messages at QoS 1 and 2 a session has queued or sent without having them acknowledged. */
    public synchronized int pending(String clientId) {
        return broker.pending(clientId);
    }

    /** The retained message of a topic, or null. */
    public synchronized @Nullable Message retained(String topic) {
        return broker.retained(topic);
    }

    /** Ends the connection of a client, who is told why if it speaks MQTT 5.0; false if there is none of this identifier. */
    public synchronized boolean disconnect(String clientId, ReasonCode reason) {
        return broker.disconnect(clientId, reason);
    }

    /** Closes all connections without a word; wills are published, sessions live on, and clients may connect again. */
    public synchronized void cutConnections() {
        broker.cutConnections();
    }

    /**
     * Does nothing more, like a suspended process or a dead network: connections stay open, new ones are accepted by the
     * operating system, and no byte is read or answered until {@link #thaw}.
     */
    public synchronized void freeze() {
        frozen = true;
    }

    /** Goes on after {@link #freeze}. */
    public synchronized void thaw() {
        frozen = false;
        notifyAll();
    }

    /**
     * Crashes: connections are closed without wills, and new ones are refused until {@link #resume}.
     *
     * @param keepState whether sessions and retained messages survive
     */
    public synchronized void stop(boolean keepState) {
        ServerSocketChannel listening = listener;
        listener = null;
        if (listening != null) {
            close(listening);
        }
        broker.restart(keepState);
        sockets.forEach(Socket::abort);
        sockets.clear();
        purge();
    }

    /** Listens again, on the same port; does nothing if the broker is listening. */
    public synchronized void resume() {
        try {
            if (listener == null && !ended) {
                listen();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the broker cannot listen on port " + port + " again", e);
        }
    }

    /** {@link #stop} and {@link #resume}. */
    public synchronized void restart(boolean keepState) {
        stop(keepState);
        resume();
    }

    /** Stops for good. */
    @Override
    public void close() {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            stop(false);
            thaw();
        }
        selector.wakeup();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen() throws IOException {
        ServerSocketChannel fresh = ServerSocketChannel.open();
        try {
            fresh.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            fresh.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            fresh.configureBlocking(false);
            fresh.register(selector, SelectionKey.OP_ACCEPT);
            port = fresh.socket().getLocalPort();
            listener = fresh;
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
        selector.wakeup();
    }

    /** A closed channel keeps its port until a selection has taken notice. */
    private void purge() {
        try {
            selector.wakeup(); // the serving thread then waits for our lock, and the selector is free
            selector.selectNow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve() {
        try (selector) {
            while (awaitWork()) {
                synchronized (this) {
                    if (!frozen) {
                        serveReady();
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serveReady() throws IOException {
        long now = System.nanoTime();
        broker.now(now); // before reading: after a thaw, what waits to be read is new
        selector.selectNow();
        selector.selectedKeys().forEach(this::serve);
        selector.selectedKeys().clear();
        if (now - keepAliveCheckedNanos >= KEEP_ALIVE_CHECK_NANOS) {
            keepAliveCheckedNanos = now;
            broker.advanceTo(now);
        }
    }

    /** False at the end. */
    private boolean awaitWork() throws IOException {
        synchronized (this) {
            while (frozen && !ended) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    return false;
                }
            }
            if (ended) {
                return false;
            }
        }
        selector.select(KEEP_ALIVE_CHECK_NANOS / 1_000_000);
        return true;
    }

    private void serve(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (key.attachment() instanceof Socket socket) {
            socket.ready();
        } else {
            accept(key);
        }
    }

    private void accept(SelectionKey key) {
        try {
            SocketChannel channel = ((ServerSocketChannel) key.channel()).accept();
            if (channel == null) {
                return;
            }
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Socket socket = new Socket(channel, channel.register(selector, SelectionKey.OP_READ));
            socket.key.attach(socket);
            sockets.add(socket);
        } catch (IOException e) {
            // The client has gone already: nothing to serve.
        }
    }

    private static void close(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            // It is out of use either way.
        }
    }

    /** One connection: what cannot be written at once waits here. */
    private final class Socket implements ModelBroker.Output {
        private final SocketChannel channel;
        private final SelectionKey key;
        private final Peer peer;
        private final Queue<ByteBuffer> unsent = new ArrayDeque<>();
        private boolean closing;

        Socket(SocketChannel channel, SelectionKey key) {
            this.channel = channel;
            this.key = key;
            this.peer = broker.connect(this);
        }

        void ready() {
            try {
                write();
                if (key.isValid() && key.isReadable()) {
                    read();
                }
            } catch (IOException e) {
                lost();
            }
        }

        private void read() throws IOException {
            chunk.clear();
            if (channel.read(chunk) < 0) {
                lost();
            } else {
                peer.received(chunk.flip());
            }
        }

        private void lost() {
            abort();
            sockets.remove(this);
            peer.closed();
        }

        void abort() {
            unsent.clear();
            BrokerServer.close(channel);
        }

        @Override
        public void send(ByteBuffer bytes) {
            unsent.add(bytes);
            try {
                write();
            } catch (IOException e) {
                // The next read or the keep alive finds the connection broken and tells the broker.
                unsent.clear();
            }
        }

        @Override
        public void close() {
            closing = true;
            if (unsent.isEmpty()) {
                lost();
            }
        }

        private void write() throws IOException {
            while (!unsent.isEmpty()) {
                ByteBuffer next = unsent.element();
                if (!frozen) {
                    channel.write(next);
                }
                if (next.hasRemaining()) {
                    key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
                    selector.wakeup();
                    return;
                }
                unsent.remove();
            }
            if (closing) {
                lost();
            } else {
                key.interestOps(SelectionKey.OP_READ);
            }
        }
    }
}
