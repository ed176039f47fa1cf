package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What all filters have in common, shown by the smallest one, alone and one upon the other. */
class FilterTest {
    /** Greets with the letter G and awaits one; then each unit is a length of two bytes and so many bytes, and none say goodbye. */
    private static final class Lengths extends Filter {
        private static final int MOST = 1000;
        private boolean greeted;

        Lengths(SocketEventLoop loop, Target target, Layer below) {
            super(loop, target, below);
        }

        @Override
        void begin() {
            sendUnits(takeUnits().put((byte) 'G'));
        }

        @Override
        String handshake() {
            return "greeting";
        }

        @Override
        int unitSize(ByteBuffer from) {
            return !greeted ? 1 : from.remaining() < 2 ? 2 : 2 + from.getShort(from.position());
        }

        @Override
        void decode(ByteBuffer from) throws IOException {
            while (!isStopped() && from.hasRemaining() && from.remaining() >= unitSize(from)) {
                if (!greeted) {
                    greet(from.get());
                } else {
                    read(from);
                }
            }
        }

        private void greet(byte letter) throws IOException {
            if (letter != 'G') {
                throw new IOException("no greeting");
            }
            greeted = true;
            openingSucceeded();
        }

        private void read(ByteBuffer from) throws IOException {
            int length = from.getShort();
            if (length > MOST) {
                throw new IOException("a unit of " + length + " bytes");
            }
            if (length == 0) {
                endedByPeer(from.hasRemaining() ? new IOException("goodbye with a reason") : null);
            } else {
                deliver(from.slice(from.position(), length));
                from.position(from.position() + length);
            }
        }

        @Override
        int encode(ByteBuffer[] sources, int count, long bytes, ByteBuffer units) {
            int taken = 0;
            for (int i = 0; i < count; i++) {
                while (sources[i].hasRemaining() && units.remaining() > 2) {
                    int size = Math.min(Math.min(MOST, sources[i].remaining()), units.remaining() - 2);
                    units.putShort((short) size).put(sources[i].slice(sources[i].position(), size));
                    sources[i].position(sources[i].position() + size);
                    taken += size;
                }
            }
            return taken;
        }

        @Override
        void farewell() {
            sendUnits(takeUnits().putShort((short) 0));
        }
    }

    private final SocketEventLoop loop = (SocketEventLoop) EventLoops.next();
    private final Recorder client = new Recorder(loop);
    private final CompletableFuture<Throwable> notOpened = new CompletableFuture<>();
    private final List<Peer> peers = new ArrayList<>();
    private final Opening opening = new Opening() {
        @Override
        public void succeeded(Layer layer) {
            layer.open();
        }

        @Override
        public void failed(Layer layer, Throwable failure) {
            layer.abandon();
            notOpened.complete(failure);
        }
    };
    private Layer top;

    @AfterEach
    void closeAll() throws IOException {
        for (Peer peer : peers) {
            peer.close();
        }
        client.assertRulesKept();
    }

    /** Opens a connection with so many filters, one upon the other. */
    private void connect(int filters, Peer.Behaviour behaviour) throws Exception {
        connect(filters, behaviour, client);
    }

    private void connect(int filters, Peer.Behaviour behaviour, Recorder to) throws Exception {
        Peer peer = new Peer(behaviour);
        peers.add(peer);
        Target target = new Target("127.0.0.1", peer.port(), null, TimeUnit.SECONDS.toNanos(10));
        top = new SocketConnection(loop, target, InetAddress.getByName("127.0.0.1"));
        for (int i = 0; i < filters; i++) {
            top = new Lengths(loop, target, top);
        }
        loop.execute(() -> top.connect(opening, to));
    }

    /** Sends back what comes, greeting and goodbye included, in pieces of this size. */
    private static Peer.Behaviour echo(int piece) {
        return socket -> {
            byte[] bytes = new byte[piece];
            for (int n = socket.getInputStream().read(bytes);
                    n >= 0;
                    n = socket.getInputStream().read(bytes)) {
                socket.getOutputStream().write(bytes, 0, n);
            }
            socket.close();
        };
    }

    private static void greet(Socket socket) throws IOException {
        assertThat(socket.getInputStream().read()).isEqualTo('G');
        socket.getOutputStream().write('G');
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void filtersOneUponTheOtherBringBackWhatThePeerEchoesByteByByte(int filters) throws Exception {
        connect(filters, echo(1));
        client.write("hello");
        client.awaitText("hello");
        client.write(" again");
        client.awaitText("hello again");
        client.with(Connection::close);
        assertThat(client.awaitClosed()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void giveBackEveryBufferInOrderAndCountWhatIsSent(int filters) throws Exception {
        connect(filters, echo(64 * 1024));
        List<ByteBuffer> blocks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            blocks.add(i % 2 == 0 ? ByteBuffer.allocate(i * 1000) : ByteBuffer.allocateDirect(i * 10));
        }
        long total = blocks.stream().mapToLong(ByteBuffer::remaining).sum();
        client.with(connection -> {
            for (int i = 0; i < 200; i++) {
                connection.write(blocks.get(i), i % 7 == 0 || i == 199);
            }
        });
        client.awaitCount(total);
        await().until(() -> client.written().size() == 200);
        for (int i = 0; i < 200; i++) {
            assertThat(client.written().get(i)).isSameAs(blocks.get(i));
        }
        client.with(connection -> assertThat(connection.sent()).isEqualTo(total));
    }

    @Test
    void sendsAllThatWasWrittenAndSaysGoodbyeBeforeClosing() throws Exception {
        CompletableFuture<Integer> arrived = new CompletableFuture<>();
        connect(1, socket -> {
            greet(socket);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            int count = 0;
            for (int length = in.readShort(); length > 0; length = in.readShort()) {
                count += in.readNBytes(length).length;
            }
            assertThat(in.read()).isEqualTo(-1);
            arrived.complete(count);
        });
        client.with(connection -> {
            connection.write(ByteBuffer.allocate(3 << 20), false);
            connection.close();
            connection.write(ByteBuffer.allocate(7), true);
        });
        assertThat(arrived.get(10, TimeUnit.SECONDS)).isEqualTo(3 << 20);
        assertThat(client.awaitClosed()).isEmpty();
        assertThat(client.written()).extracting(ByteBuffer::remaining).containsExactly(3 << 20, 7);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void closeThoughThePeerReadsNothing(int filters) throws Exception {
        connect(filters, socket -> {
            for (int i = 0; i < filters; i++) {
                // The greeting of each filter is a unit of the one beneath.
                OutputStream out = socket.getOutputStream();
                for (int j = 0; j < i; j++) {
                    out.write(new byte[] {0, (byte) (1 + 2 * (i - 1 - j))});
                }
                out.write('G');
            }
        });
        client.with(connection -> {
            for (int i = 0; i < 16; i++) {
                connection.write(ByteBuffer.allocate(1 << 20), true);
            }
            connection.close();
        });
        assertThat(client.awaitClosed()).isEmpty();
        await().until(() -> client.written().size() == 16);
    }

    @Test
    void saysThatThePeerClosedDuringTheHandshake() throws Exception {
        connect(2, Socket::close);
        assertThat(notOpened.get(10, TimeUnit.SECONDS))
                .isInstanceOf(EOFException.class)
                .hasMessage("closed by the peer during the greeting");
    }

    @Test
    void saysWhatWasWrongInTheHandshakeOfTheFilterBeneath() throws Exception {
        connect(2, socket -> socket.getOutputStream().write('B'));
        assertThat(notOpened.get(10, TimeUnit.SECONDS)).hasMessage("no greeting");
        client.turn();
        assertThat(client.opened).isNotDone();
        assertThat(client.closed).isNotDone();
    }

    @Test
    void saysWhatItWaitsFor() throws Exception {
        connect(1, Peer.SILENCE);
        assertThat(top.awaited()).isIn("no TCP connection", "the greeting did not end");
        await().until(() -> top.awaited().equals("the greeting did not end"));
    }

    @Test
    void readsUnitsThatComeTogetherWithTheGreetingAfterItHasOpened() throws Exception {
        connect(1, socket -> socket.getOutputStream().write("G\0\3abc\0\2de\0\4f".getBytes(StandardCharsets.UTF_8)));
        client.awaitText("abcde");
    }

    @Test
    void tellsOfAUnitThatIsNotAllowedWithTheAddress() throws Exception {
        connect(1, socket -> {
            greet(socket);
            socket.getOutputStream().write(new byte[] {0, 1, 'a', 0x7f, 0x7f});
            socket.getOutputStream().write(new byte[0x7f7f]);
        });
        assertThat(client.awaitFailure()).matches("connection to 127.0.0.1:\\d+ \\(127.0.0.1\\) lost: a unit of .*");
        assertThat(client.text()).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tellsOfAPeerThatSaysGoodbye(boolean withReason) throws Exception {
        connect(1, socket -> {
            greet(socket);
            socket.getOutputStream().write(withReason ? new byte[] {0, 1, 'a', 0, 0, 1} : new byte[] {0, 1, 'a', 0, 0});
        });
        Optional<Throwable> cause = client.awaitClosed();
        assertThat(cause.isPresent()).isEqualTo(withReason);
        cause.ifPresent(failure -> assertThat(failure).hasMessageContaining("goodbye with a reason"));
        assertThat(client.text()).isEqualTo("a");
    }

    @Test
    void readsNoMoreWhilePaused() throws Exception {
        int total = 16 << 20;
        connect(1, socket -> {
            greet(socket);
            byte[] unit = new byte[1002];
            unit[0] = 1000 >> 8;
            unit[1] = (byte) 1000;
            for (int i = 0; i < total / 1000; i++) {
                socket.getOutputStream().write(unit);
            }
        });
        client.with(connection -> connection.pause(true));
        client.turn();
        long before = client.count();
        client.turn();
        assertThat(client.count() - before).isLessThan(1 << 20);
        client.with(connection -> connection.pause(false));
        client.awaitCount(total / 1000 * 1000L);
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
        connect(1, echo(10), clumsy);
        clumsy.write("x");
        assertThat(clumsy.awaitClosed()).containsSame(mistake);
    }
}
