package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.hawser.mqtt.ConnectionException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpTest {
    private static final int BLOCK = 64 * 1024;
    private static final int BLOCKS = 256;

    private final EventLoop loop = EventLoops.next();
    private final Recorder client = new Recorder(loop);

    private Runnable connect(int port) {
        return loop.connect(new Target("127.0.0.1", port, null, TimeUnit.SECONDS.toNanos(10)), client);
    }

    @Test
    void bringsBackWhatThePeerEchoes() throws Exception {
        try (Peer peer = new Peer(Peer.ECHO)) {
            connect(peer.port());
            client.write("hello ");
            client.write("world");
            client.awaitText("hello world");
            assertThat(client.completeReads()).isPositive();
            client.with(Connection::close);
            assertThat(client.awaitClosed()).isEmpty();
        }
    }

    @Test
    void sendsSeveralWritesTogetherWhenTheLastOneIsThere() throws Exception {
        try (Peer peer = new Peer(Peer.ECHO)) {
            connect(peer.port());
            client.with(connection -> {
                connection.write(ByteBuffer.wrap("a".getBytes(StandardCharsets.UTF_8)), false);
                connection.write(ByteBuffer.wrap("b".getBytes(StandardCharsets.UTF_8)), false);
                assertThat(client.written()).isEmpty();
                connection.write(ByteBuffer.wrap("c".getBytes(StandardCharsets.UTF_8)), true);
            });
            client.awaitText("abc");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesBackEveryBufferOfALargeWriteOnceAndInOrder(boolean direct) throws Exception {
        CRC32 arrived = new CRC32();
        try (Peer peer = new Peer(socket -> {
            for (int i = 0; i < BLOCKS; i++) {
                arrived.update(Peer.read(socket, BLOCK));
            }
        })) {
            connect(peer.port());
            CRC32 sent = new CRC32();
            List<ByteBuffer> blocks = blocks(direct, sent);
            client.with(connection -> {
                for (int i = 0; i < BLOCKS; i++) {
                    connection.write(blocks.get(i), i % 3 == 0 || i == BLOCKS - 1);
                }
            });
            peer.done.get(30, TimeUnit.SECONDS);
            assertThat(arrived.getValue()).isEqualTo(sent.getValue());
            await().until(() -> client.written().size() >= BLOCKS);
            assertSame(client.written(), blocks);
            assertThat(blocks).allMatch(block -> block.position() == 1 && block.remaining() == BLOCK);
        }
    }

    private static List<ByteBuffer> blocks(boolean direct, CRC32 sum) {
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            ByteBuffer block = direct ? ByteBuffer.allocateDirect(BLOCK + 2) : ByteBuffer.allocate(BLOCK + 2);
            for (int at = 0; at < block.capacity(); at++) {
                block.put(at, (byte) (i * 31 + at * 7));
            }
            block.position(1).limit(BLOCK + 1);
            sum.update(block.duplicate());
            blocks.add(block);
        }
        return blocks;
    }

    private static void assertSame(List<ByteBuffer> actual, List<ByteBuffer> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i)).isSameAs(expected.get(i));
        }
    }

    @Test
    void leavesBytesWithThePeerWhilePausedAndTakesAllOfThemAfterwards() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            Recorder paused = new Recorder(loop) {
                @Override
                public synchronized void opened(Connection connection) {
                    connection.pause(true);
                    super.opened(connection);
                }
            };
            loop.connect(
                    new Target("127.0.0.1", server.socket().getLocalPort(), null, TimeUnit.SECONDS.toNanos(10)),
                    paused);
            paused.awaitOpened();
            try (SocketChannel peer = server.accept()) {
                long total = writeUntilFull(peer);
                paused.turn();
                assertThat(paused.count()).isZero();

                paused.with(connection -> connection.pause(false));
                peer.configureBlocking(true);
                total += peer.write(ByteBuffer.allocate(4 << 20));
                paused.awaitCount(total);
            }
            assertThat(paused.awaitClosed()).isEmpty();
        }
    }

    /** Fills the buffers of both kernels; returns when the peer has taken nothing for a while. */
    private static long writeUntilFull(SocketChannel peer) throws Exception {
        peer.configureBlocking(false);
        long total = 0;
        try (Selector selector = Selector.open()) {
            peer.register(selector, SelectionKey.OP_WRITE);
            while (selector.select(200) > 0) {
                selector.selectedKeys().clear();
                total += peer.write(ByteBuffer.allocate(BLOCK));
            }
        }
        return total;
    }

    @Test
    void readsNoMoreOnceTheHandlerHasPausedInTheMiddleOfReading() throws Exception {
        Recorder pausing = new Recorder(loop) {
            @Override
            public synchronized void received(ByteBuffer bytes) {
                super.received(bytes);
                opened.join().pause(true);
            }
        };
        try (Peer peer = new Peer(socket -> socket.getOutputStream().write(new byte[1 << 20]))) {
            loop.connect(new Target("127.0.0.1", peer.port(), null, TimeUnit.SECONDS.toNanos(10)), pausing);
            await().until(() -> pausing.count() > 0);
            pausing.turn();
            pausing.turn();
            assertThat(pausing.count()).isLessThanOrEqualTo(BLOCK);
            assertThat(pausing.completeReads()).isEqualTo(1);
        }
    }

    @Test
    void tellsOfAPeerThatClosesInOrderAfterAllItSent() throws Exception {
        try (Peer peer = new Peer(socket -> {
            socket.getOutputStream().write("last words".getBytes(StandardCharsets.UTF_8));
            socket.close();
        })) {
            connect(peer.port());
            assertThat(client.awaitClosed()).isEmpty();
            assertThat(client.text()).isEqualTo("last words");
        }
    }

    @Test
    void saysThatThePeerResetTheConnection() throws Exception {
        try (Peer peer = new Peer(socket -> {
            Peer.read(socket, 1);
            socket.setSoLinger(true, 0);
            socket.close();
        })) {
            connect(peer.port());
            client.write("x");
            assertThat(client.awaitClosed().orElseThrow())
                    .isInstanceOf(ConnectionException.class)
                    .hasMessageStartingWith("connection to 127.0.0.1:" + peer.port() + " (127.0.0.1) lost: ")
                    .hasMessageContaining("reset")
                    .hasRootCauseInstanceOf(java.io.IOException.class);
        }
    }

    @Test
    void sendsAllThatWasWrittenBeforeClosing() throws Exception {
        CompletableFuture<Integer> arrived = new CompletableFuture<>();
        try (Peer peer =
                new Peer(socket -> arrived.complete(socket.getInputStream().readAllBytes().length))) {
            connect(peer.port());
            client.with(connection -> {
                connection.write(ByteBuffer.allocateDirect(4 << 20), false);
                connection.close();
                connection.close();
                connection.write(ByteBuffer.allocate(1), true);
            });
            assertThat(arrived.get(10, TimeUnit.SECONDS)).isEqualTo(4 << 20);
            assertThat(client.awaitClosed()).isEmpty();
            assertThat(client.written()).extracting(ByteBuffer::remaining).containsExactly(4 << 20, 1);
        }
    }

    @Test
    void lastBytesReachAPeerThatIsSendingAtTheSameTime() throws Exception {
        CompletableFuture<String> arrived = new CompletableFuture<>();
        try (Peer peer = new Peer(socket -> {
            CompletableFuture<Void> flood = Peer.start(() -> {
                while (!arrived.isDone()) {
                    socket.getOutputStream().write(new byte[BLOCK]);
                }
            });
            // Late, so that a reset would come before the bytes are read.
            await().until(() -> client.closed.isDone());
            arrived.complete(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            flood.get(10, TimeUnit.SECONDS);
            socket.close();
        })) {
            connect(peer.port());
            await().until(() -> client.count() > 1 << 20);
            client.with(connection -> {
                connection.write(ByteBuffer.wrap("goodbye".getBytes(StandardCharsets.UTF_8)), true);
                connection.close();
            });
            assertThat(arrived.get(10, TimeUnit.SECONDS)).isEqualTo("goodbye");
            peer.done.get(10, TimeUnit.SECONDS);
            assertThat(client.awaitClosed()).isEmpty();
        }
    }

    @Test
    void closesThoughThePeerReadsNothing() throws Exception {
        try (Peer peer = new Peer(Peer.SILENCE)) {
            connect(peer.port());
            CRC32 sum = new CRC32();
            List<ByteBuffer> blocks = blocks(true, sum);
            client.with(connection -> {
                for (ByteBuffer block : blocks) {
                    connection.write(block, true);
                }
                connection.close();
                connection.write(blocks.get(0), true);
            });
            assertThat(client.awaitClosed()).isEmpty();
            await().until(() -> client.written().size() > BLOCKS);
            blocks.add(blocks.get(0));
            assertSame(client.written(), blocks);
        }
    }

    @Test
    void givesBackWhatIsWrittenToAConnectionThatIsGone() throws Exception {
        try (Peer peer = new Peer(socket -> socket.close())) {
            connect(peer.port());
            client.awaitClosed();
            ByteBuffer late = ByteBuffer.allocate(8);
            client.with(connection -> {
                connection.write(late, true);
                connection.pause(true);
                connection.close();
            });
            assertThat(client.written()).hasSize(1);
            assertThat(client.written().get(0)).isSameAs(late);
            client.awaitClosed();
        }
    }

    @Test
    void closesWhenTheHandlerThrows() throws Exception {
        IllegalStateException mistake = new IllegalStateException("a mistake in the handler");
        Recorder clumsy = new Recorder(loop) {
            @Override
            public synchronized void received(ByteBuffer bytes) {
                throw mistake;
            }
        };
        try (Peer peer = new Peer(socket -> socket.getOutputStream().write(1))) {
            loop.connect(new Target("127.0.0.1", peer.port(), null, TimeUnit.SECONDS.toNanos(10)), clumsy);
            assertThat(clumsy.awaitClosed()).containsSame(mistake);
        }
    }

    @Test
    void runsScheduledTasksUnlessTheyAreCancelled() throws Exception {
        CompletableFuture<Boolean> ran = new CompletableFuture<>();
        loop.execute(() -> {
            loop.schedule(() -> ran.completeExceptionally(new AssertionError("was cancelled")), 0)
                    .run();
            loop.schedule(() -> ran.complete(loop.inEventLoop()), 1_000_000);
        });
        assertThat(ran.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.inEventLoop()).isFalse();
    }

    /** What has come while an earlier timer ran counts before a later one decides that it has not. */
    @Test
    void looksAtTheNetworkBeforeALateTimerDecides() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch sent = new CountDownLatch(1);
        try (Peer peer = new Peer(socket -> {
            busy.await();
            socket.getOutputStream().write('x');
            sent.countDown();
        })) {
            connect(peer.port());
            client.awaitOpened();
            CompletableFuture<Long> seen = new CompletableFuture<>();
            loop.execute(() -> {
                loop.schedule(
                        () -> {
                            busy.countDown();
                            try {
                                sent.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            long begun = System.nanoTime();
                            while (System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(5)) {
                                Thread.onSpinWait();
                            }
                        },
                        0);
                loop.schedule(() -> seen.complete(client.count()), 0);
            });
            assertThat(seen.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    void sharesAFewDaemonThreads() throws Exception {
        for (int i = 0; i < 40; i++) {
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            EventLoops.next().execute(() -> thread.complete(Thread.currentThread()));
            Thread used = thread.get(10, TimeUnit.SECONDS);
            assertThat(used.isDaemon()).isTrue();
            assertThat(used.getName()).matches("hawser-io-[1-8]");
        }
    }
}
