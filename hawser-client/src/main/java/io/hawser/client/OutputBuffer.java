package io.hawser.client;

import io.hawser.wire.Outlet;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Collects what is encoded in one turn of the event loop into few large pieces. Its buffers are shared by all clients and
 * held only while they hold something, so that an idle client has none.
 */
final class OutputBuffer implements Outlet {
    private static final int SIZE = 64 * 1024;
    /** 4 MiB of direct memory kept for all clients; what is needed beyond that comes and goes. */
    private static final int KEPT = 64;

    private static final ConcurrentLinkedQueue<ByteBuffer> POOL = new ConcurrentLinkedQueue<>();
    private static final ArrayDeque<ByteBuffer> NO_PIECES = new ArrayDeque<>(0);

    private static final AtomicInteger POOLED = new AtomicInteger();

    /** The shared empty one, which is never added to, until there is something. */
    private ArrayDeque<ByteBuffer> pieces = NO_PIECES;

    private @Nullable ByteBuffer current;
    private long finished;

    @Override
    public ByteBuffer room(int size) {
        ByteBuffer buffer = current;
        if (buffer == null || buffer.remaining() < size) {
            finishPiece();
            buffer = size <= SIZE ? take() : ByteBuffer.allocate(size);
            current = buffer;
        }
        return buffer;
    }

    @Override
    public void append(ByteBuffer bytes) {
        finishPiece();
        add(bytes);
        finished += bytes.remaining();
    }

    /** How many bytes are collected. */
    long size() {
        return finished + (current == null ? 0 : current.position());
    }

    boolean isEmpty() {
        return size() == 0;
    }

    /** Everything collected, each piece ready to be read; the collection starts anew. */
    ArrayDeque<ByteBuffer> takePieces() {
        finishPiece();
        ArrayDeque<ByteBuffer> taken = pieces;
        pieces = NO_PIECES;
        finished = 0;
        return taken;
    }

    private void add(ByteBuffer piece) {
        if (pieces == NO_PIECES) {
            pieces = new ArrayDeque<>(2);
        }
        pieces.add(piece);
    }

    private void finishPiece() {
        if (current != null) {
            current.flip();
            finished += current.limit();
            add(current);
            current = null;
        }
    }

    private static ByteBuffer take() {
        ByteBuffer pooled = POOL.poll();
        if (pooled == null) {
            return ByteBuffer.allocateDirect(SIZE);
        }
        POOLED.decrementAndGet();
        return pooled;
    }

    /** A piece is no longer needed. */
    static void giveBack(ByteBuffer piece) {
        if (piece.isDirect() && piece.capacity() == SIZE && POOLED.get() < KEPT) {
            POOLED.incrementAndGet();
            boolean added = false;
            try {
                added = POOL.add(piece.clear());
            } finally {
                if (!added) {
                    POOLED.decrementAndGet();
                }
            }
        }
    }
}
