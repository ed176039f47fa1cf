package io.hawser.client.loop;

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
    /** What is smaller is copied rather than left in a piece of {@link #SIZE} that nothing more can be added to. */
    private static final int SMALL = SIZE / 4;
    /** What a piece costs beside its bytes: objects for buffer, array and place in a queue. */
    private static final int PIECE_BYTES = 128;
    /** 4 MiB of direct memory kept for all clients; what is needed beyond that comes and goes. */
    private static final int KEPT = 64;

    private static final ConcurrentLinkedQueue<ByteBuffer> POOL = new ConcurrentLinkedQueue<>();
    private static final ArrayDeque<ByteBuffer> NO_PIECES = new ArrayDeque<>(0);

    private static final AtomicInteger POOLED = new AtomicInteger();

    /** The shared empty one, which is never added to, until there is something. */
    private ArrayDeque<ByteBuffer> pieces = NO_PIECES;

    private @Nullable ByteBuffer current;
    private long finished;
    /** What the pieces that are complete hold of the heap and beside it. */
    private long finishedMemory;

    @Override
    public ByteBuffer room(int size) {
        ByteBuffer buffer = current;
        if (buffer == null || buffer.remaining() < size) {
            finishSmallPiece();
            buffer = current;
            if (buffer == null || buffer.remaining() < size) {
                finishPiece();
                buffer = size <= SIZE ? take() : ByteBuffer.allocate(size);
                current = buffer;
            }
        }
        return buffer;
    }

    @Override
    public void append(ByteBuffer bytes) {
        finishSmallPiece();
        if (current != null && current.position() > 0) {
            finishPiece();
        }
        add(bytes);
        finished += bytes.remaining();
    }

    /** How many bytes are collected. */
    long size() {
        return finished + (current == null ? 0 : current.position());
    }

    /** How much memory is held by what is collected. */
    long memory() {
        return finishedMemory + (current == null ? 0 : current.capacity());
    }

    /** How much memory this piece holds: all of a shared one, however little of it is used. */
    static int memory(ByteBuffer piece) {
        return isShared(piece) ? SIZE : (int) Math.min(Integer.MAX_VALUE, (long) piece.remaining() + PIECE_BYTES);
    }

    /** Whether a piece is a payload, which was never copied. */
    static boolean isPayload(ByteBuffer piece) {
        return piece.isReadOnly();
    }

    private static boolean isShared(ByteBuffer piece) {
        return piece.isDirect() && piece.capacity() == SIZE && !piece.isReadOnly();
    }

    /** Whether there are pieces that nothing can be added to. */
    boolean hasFullPieces() {
        return !pieces.isEmpty();
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
        finishedMemory = 0;
        return taken;
    }

    /** What is collected in complete pieces; the last one stays, to be filled further. */
    ArrayDeque<ByteBuffer> takeFullPieces() {
        ArrayDeque<ByteBuffer> taken = pieces;
        pieces = NO_PIECES;
        finished = 0;
        finishedMemory = 0;
        return taken;
    }

    /** Pieces that have to wait, in no more memory than they need. */
    static void compact(ArrayDeque<ByteBuffer> pieces) {
        ByteBuffer last = pieces.peekLast();
        if (last != null && isShared(last) && last.remaining() <= SMALL) {
            pieces.removeLast();
            pieces.add(copy(last));
            giveBack(last);
        }
    }

    private static ByteBuffer copy(ByteBuffer piece) {
        return ByteBuffer.allocate(piece.remaining()).put(piece.duplicate()).flip();
    }

    private void add(ByteBuffer piece) {
        if (pieces == NO_PIECES) {
            pieces = new ArrayDeque<>(2);
        }
        pieces.add(piece);
        finishedMemory += memory(piece);
    }

    /** Copies what the current piece has if that is little, so that the piece is free for what comes next. */
    private void finishSmallPiece() {
        ByteBuffer piece = current;
        if (piece != null && piece.position() > 0 && piece.position() <= SMALL && piece.capacity() == SIZE) {
            piece.flip();
            finished += piece.remaining();
            add(copy(piece));
            piece.clear();
        }
    }

    private void finishPiece() {
        ByteBuffer piece = current;
        current = null;
        if (piece == null) {
            return;
        }
        if (piece.position() == 0) {
            giveBack(piece);
        } else {
            piece.flip();
            finished += piece.limit();
            add(piece);
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
        if (isShared(piece) && POOLED.get() < KEPT) {
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
