package io.hawser.client.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pieces of direct memory for output, which all clients of a JVM share. They are made ahead and beside the event loops: where direct memory
 * is used up, the JDK collects garbage and waits for half a second before it says so. Who finds no spare piece gets one on the heap, which
 * costs one more copy. For any thread.
 */
public final class Pieces {
    /** How large a piece is: a call of the system costs as much as a few KiB. */
    public static final int SIZE = 64 * 1024;

    /** The most pieces of direct memory: 4 MiB for all clients. */
    private static final int MOST = 64;
    /** So many are made at a time. */
    private static final int STEP = 8;

    private static final ConcurrentLinkedQueue<ByteBuffer> SPARES = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger MADE = new AtomicInteger();
    private static final AtomicBoolean MAKING = new AtomicBoolean();

    static {
        // By whoever makes the first event loop, which is no event loop.
        make();
    }

    private Pieces() {}

    /** Makes the first pieces, if nobody has: not on an event loop. */
    static void prepare() {
        // The class is ready when this is called.
    }

    /** A piece from its beginning to its end, the caller's until {@link #giveBack}. */
    public static ByteBuffer take() {
        ByteBuffer spare = SPARES.poll();
        if (spare != null) {
            return spare;
        }
        makeSome();
        return ByteBuffer.allocate(SIZE);
    }

    /** Whether a buffer is a piece, of which all memory is held, however little is used. */
    public static boolean isPiece(ByteBuffer buffer) {
        return buffer.capacity() == SIZE && !buffer.isReadOnly();
    }

    /** Gives a buffer back if it is a piece of direct memory. */
    public static void giveBack(ByteBuffer buffer) {
        if (buffer.isDirect() && isPiece(buffer)) {
            SPARES.add(buffer.clear());
        }
    }

    /** Has some more pieces made, unless there are enough, or some are being made. */
    private static void makeSome() {
        if (MADE.get() < MOST && MAKING.compareAndSet(false, true)) {
            Workers.LOOKUP.execute(Pieces::make);
        }
    }

    private static void make() {
        try {
            for (int i = 0; i < STEP && MADE.get() < MOST; i++) {
                SPARES.add(ByteBuffer.allocateDirect(SIZE));
                MADE.incrementAndGet();
            }
        } catch (OutOfMemoryError e) {
            // Heap does as well; whoever finds no spare piece asks again.
        } finally {
            MAKING.set(false);
        }
    }
}
