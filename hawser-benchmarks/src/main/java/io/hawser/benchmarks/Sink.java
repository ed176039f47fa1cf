package io.hawser.benchmarks;

import java.io.Closeable;
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
import java.util.function.Consumer;

/**
 * A broker for races, which is not what holds them up: it counts and acknowledges what is published, and sends to who
 * subscribes to a {@link SinkSource}. MQTT 3.1, 3.1.1 and 5.0; one thread, one buffer each way, nothing allocated per packet,
 * the acknowledgements of one read in one write. It keeps no sessions, and checks no more than it needs.
 *
 * <p>A program of its own, it prints {@code port=...}, then a line of {@link SinkCounts} whenever its last connection has
 * ended, and ends itself when its standard input does.
 */
final class Sink implements Closeable {
    private static final int BUFFER_BYTES = 256 * 1024;
    /** Every answer is shorter than what it answers, but for CONNACK and SUBACK. */
    private static final int SLACK_BYTES = 4 * 1024;

    private static final int BACKLOG = 16 * 1024;

    /**
     * @param window the most QoS 1 and 2 messages sent and not finally acknowledged
     * @param receiveMaximum what a CONNACK of MQTT 5.0 grants
     * @param topicAliasMaximum what a CONNACK of MQTT 5.0 grants
     */
    record Options(int port, int window, int receiveMaximum, int topicAliasMaximum) {
        static final Options DEFAULT = new Options(0, 1_000, 65_535, 0);

        static Options parse(String... args) {
            Arguments arguments = Arguments.parse(args);
            Options options = new Options(
                    arguments.number("port", DEFAULT.port),
                    arguments.number("window", DEFAULT.window),
                    arguments.number("receive-maximum", DEFAULT.receiveMaximum),
                    arguments.number("topic-alias-maximum", DEFAULT.topicAliasMaximum));
            arguments.requireAllUsed();
            return options;
        }
    }

    final Options options;
    final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_BYTES);
    final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER_BYTES + SLACK_BYTES);
    private final Consumer<SinkCounts> whenIdle;
    private final ServerSocketChannel server;
    private final Selector selector;
    private int open;
    private long connections;
    long qos0;
    long qos1;
    long qos2;
    long released;
    long sent;
    long settled;
    long disordered;
    long reads;

    /** A sink on loopback that listens already. {@code whenIdle} is called by its thread when its last connection has ended. */
    Sink(Options options, Consumer<SinkCounts> whenIdle) throws IOException {
        this.options = options;
        this.whenIdle = whenIdle;
        this.selector = Selector.open();
        this.server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), options.port), BACKLOG);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
    }

    public static void main(String[] args) throws IOException {
        Sink sink = new Sink(Options.parse(args), counts -> System.out.println(counts.line()));
        Thread watch = new Thread(sink::closeWithStandardInput, "sink-parent");
        watch.setDaemon(true);
        watch.start();
        System.out.println("port=" + sink.port());
        sink.run();
    }

    int port() {
        return server.socket().getLocalPort();
    }

    /** Serves until the sink is closed. */
    void run() {
        Consumer<SelectionKey> serve = this::serve;
        try (server;
                selector) {
            while (server.isOpen()) {
                selector.select(serve);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(SelectionKey key) {
        if (key.attachment() instanceof SinkConnection connection) {
            connection.serve();
        } else {
            accept();
        }
    }

    private void accept() {
        try {
            for (SocketChannel channel = server.accept(); channel != null; channel = server.accept()) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new SinkConnection(this, channel, key));
                open++;
                connections++;
            }
        } catch (IOException e) {
            System.err.println("sink: cannot accept: " + e);
        }
    }

    void ended() {
        open--;
        if (open == 0) {
            whenIdle.accept(new SinkCounts(connections, qos0, qos1, qos2, released, sent, settled, disordered, reads));
            connections = qos0 = qos1 = qos2 = released = sent = settled = disordered = reads = 0;
        }
    }

    /** From any thread: {@link #run} returns. */
    @Override
    public void close() throws IOException {
        server.close();
        selector.wakeup();
    }

    private void closeWithStandardInput() {
        try (this) {
            while (System.in.read() >= 0) {}
        } catch (IOException e) {
            System.err.println("sink: " + e);
        }
    }
}
