package io.hawser.client.loop;

import io.hawser.client.transport.Pieces;
import io.hawser.wire.Outlet;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The output of one turn of the event loop, collected into few large pieces. All clients share {@link Pieces}, and a
 * client holds pieces only while they have bytes, so that an idle client holds none.
 */
final class OutputBuffer implements Outlet {
    private static final int SIZE = Pieces.SIZE;
    /** The most bytes that are copied out of a shared piece, rather than to leave the piece with no room used. */
    private static final int SMALL = SIZE / 4;
    /** The memory of a piece beside its bytes: objects for buffer, array and place in a queue. */
    private static final int PIECE_BYTES = 128;

    private static final ArrayDeque<ByteBuffer> NO_PIECES = new ArrayDeque<>(0);

    /** The complete pieces; until there is one, the shared empty queue, which is never added to. */
    private ArrayDeque<ByteBuffer> pieces = NO_PIECES;

    private @Nullable ByteBuffer current;
    private long finished;
    /** The memory of the complete pieces, on the heap and beside it. */
    private long finishedMemory;

    @Override
    public ByteBuffer room(int size) {
        ByteBuffer buffer = current;
        if (buffer == null || buffer.remaining() < size) {
            finishSmallPiece();
            buffer = current;
            if (buffer == null || buffer.remaining() < size) {
                finishPiece();
                buffer = size <= SIZE ? Pieces.take() : ByteBuffer.allocate(size);
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

    /** The number of collected bytes. */
    long size() {
        return finished + (current == null ? 0 : current.position());
    }

    /** The memory that the collected bytes hold. */
    long memory() {
        return finishedMemory + (current == null ? 0 : current.capacity());
    }

    /** The memory that this piece holds: all of a shared piece, however little of it is used. */
    static int memory(ByteBuffer piece) {
        return Pieces.isPiece(piece) ? SIZE : (int) Math.min(Integer.MAX_VALUE, (long) piece.remaining() + PIECE_BYTES);
    }

    /** Whether a piece is a payload, which was never copied. */
    static boolean isPayload(ByteBuffer piece) {
        return piece.isReadOnly();
    }

    /** Whether there are complete pieces. */
    boolean hasFullPieces() {
        return !pieces.isEmpty();
    }

    boolean isEmpty() {
        return size() == 0;
    }

    /** Takes all collected bytes, each piece ready to be read. */
    ArrayDeque<ByteBuffer> takePieces() {
        finishPiece();
        ArrayDeque<ByteBuffer> taken = pieces;
        pieces = NO_PIECES;
        finished = 0;
        finishedMemory = 0;
        return taken;
    }

    /** Takes the complete pieces; the last piece stays, to be filled further. */
    ArrayDeque<ByteBuffer> takeFullPieces() {
        ArrayDeque<ByteBuffer> taken = pieces;
        pieces = NO_PIECES;
        finished = 0;
        finishedMemory = 0;
        return taken;
    }

    /** Moves the last of some waiting pieces into no more memory than it needs. */
    static void compact(ArrayDeque<ByteBuffer> pieces) {
        ByteBuffer last = pieces.peekLast();
        if (last != null && Pieces.isPiece(last) && last.remaining() <= SMALL) {
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

    /** Copies the bytes of the current piece if they are few, so that the piece is free for the next bytes. */
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

    /** Returns a piece that is no longer needed to the pool, if it is a shared one. */
    static void giveBack(ByteBuffer piece) {
        Pieces.giveBack(piece);
    }
}
