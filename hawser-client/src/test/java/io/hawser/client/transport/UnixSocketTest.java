package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    private final EventLoop loop = EventLoops.next();

    @TempDir
    private Path directory;

    private Recorder connect(Path file) {
        Recorder client = new Recorder(loop);
        loop.connect(new Target(file.toString(), 0, null, TimeUnit.SECONDS.toNanos(10)), client);
        return client;
    }

    private static ServerSocketChannel listen(Path file) throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(file));
    }

    private static void echoOnce(ServerSocketChannel server) {
        Peer.start(() -> {
            try (SocketChannel channel = server.accept()) {
                ByteBuffer bytes = ByteBuffer.allocate(64 * 1024);
                while (channel.read(bytes.clear()) >= 0) {
                    bytes.flip();
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                }
            }
        });
    }

    @Test
    void bringsBackWhatThePeerEchoesAndCloses() throws Exception {
        Path file = directory.resolve("a.sock");
        try (ServerSocketChannel server = listen(file)) {
            echoOnce(server);
            Recorder client = connect(file);
            client.write("hello");
            client.awaitText("hello");
            client.with(connection -> connection.write(ByteBuffer.allocate(5_000_000), true));
            client.awaitCount(5_000_005);
            client.with(Connection::close);
            assertThat(client.awaitClosed()).isEmpty();
        }
    }

    @Test
    void findsASocketFileThatWasReplaced() throws Exception {
        Path file = directory.resolve("b.sock");
        for (int i = 0; i < 2; i++) {
            try (ServerSocketChannel server = listen(file)) {
                echoOnce(server);
                Recorder client = connect(file);
                client.write("hello");
                client.awaitText("hello");
                client.with(Connection::close);
                client.awaitClosed();
            }
            assertThat(connect(file).awaitFailure())
                    .isEqualTo("cannot connect to unix:" + file + ": Connection refused");
            Files.delete(file);
            assertThat(connect(file).awaitFailure())
                    .isEqualTo("cannot connect to unix:" + file + ": there is no such file");
        }
    }

    @Test
    void saysWhatIsWrongWithAPath() throws Exception {
        assertThat(connect(directory.resolve("x".repeat(200))).awaitFailure()).contains("path too long");
        Path file = Files.createFile(directory.resolve("file"));
        assertThat(connect(file).awaitFailure())
                .isEqualTo("cannot connect to unix:" + file + ": it is a regular file, no socket");
    }

    @Test
    void saysWhatTheFileIsInsteadOfASocketForThisProcess() throws Exception {
        assertThat(connect(directory).awaitFailure())
                .isEqualTo("cannot connect to unix:" + directory + ": it is a directory, no socket");
        Path below = Files.createFile(directory.resolve("f")).resolve("a.sock");
        assertThat(connect(below).awaitFailure()).isEqualTo("cannot connect to unix:" + below + ": Not a directory");
        Path loop = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nowhere"));
        assertThat(connect(loop).awaitFailure())
                .isEqualTo("cannot connect to unix:" + loop + ": there is no such file");
    }

    @Test
    void saysThatTheSocketIsNotForThisProcess() throws Exception {
        assumeFalse(System.getProperty("user.name").equals("root"), "root may do everything");
        Path file = directory.resolve("d.sock");
        try (ServerSocketChannel server = listen(file)) {
            assertThat(server.isOpen()).isTrue();
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
            assertThat(connect(file).awaitFailure()).contains("this process may not write to the socket");
        }
    }

    @Test
    void tellsThatThePeerIsGone() throws Exception {
        Path file = directory.resolve("c.sock");
        try (ServerSocketChannel server = listen(file)) {
            Recorder client = connect(file);
            server.accept().close();
            client.awaitOpened();
            client.awaitClosed();
        }
    }
}
