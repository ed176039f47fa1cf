package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DirectMemoryTest {
    /** Takes all direct memory that this JVM may have, as other code of an application might. */
    private static List<ByteBuffer> all() {
        List<ByteBuffer> taken = new ArrayList<>();
        for (int size = 64 << 20; size >= 4096; size /= 16) {
            try {
                while (true) {
                    taken.add(ByteBuffer.allocateDirect(size));
                }
            } catch (OutOfMemoryError e) {
                // The rest in smaller parts.
            }
        }
        return taken;
    }

    /** The peer is in the same JVM, and has what it needs of direct memory by the time that all of it is taken. */
    @Test
    void whatIsWrittenNeedsNoNewDirectMemory() throws Exception {
        EventLoop loop = EventLoops.next();
        try (Peer echo = new Peer(Peer.ECHO)) {
            Recorder client = new Recorder(loop);
            loop.connect(new Target("127.0.0.1", echo.port(), null, TimeUnit.SECONDS.toNanos(30)), client);
            client.with(connection -> connection.write(ByteBuffer.allocateDirect(200_000), true));
            client.awaitCount(200_000);
            List<ByteBuffer> taken = all();
            client.with(connection -> {
                for (int i = 0; i < 100; i++) {
                    connection.write(ByteBuffer.allocate(100_000), i == 99);
                }
            });
            client.awaitCount(10_200_000);
            assertThat(taken).isNotEmpty();
        }
    }

    @Test
    void aPieceIsOnTheHeapWhereThereIsNoDirectMemory() {
        List<ByteBuffer> pieces = new ArrayList<>();
        List<ByteBuffer> taken = all();
        for (int i = 0; i < 200; i++) {
            pieces.add(Pieces.take());
        }
        assertThat(taken).isNotEmpty();
        assertThat(pieces).allMatch(Pieces::isPiece).anyMatch(piece -> !piece.isDirect());
        pieces.forEach(Pieces::giveBack);
    }
}
