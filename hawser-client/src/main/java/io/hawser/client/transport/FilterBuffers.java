package io.hawser.client.transport;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Iterator;

/** Memory that the filters of one event loop share, so that one which has nothing to do needs none. For one thread. */
final class FilterBuffers {
    private static final int TEXT = 64 * 1024;
    /** Spare ones: for three filters one upon the other, and one more. A filter that the network holds up keeps one. */
    private static final int SPARES = 4;

    private static final int MOST_SOURCES = 16;
    private static final ByteBuffer NONE = ByteBuffer.allocate(0);
    private static final int RANDOM_BYTES = 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final ArrayDeque<ByteBuffer> spareTexts = new ArrayDeque<>(SPARES);
    private final ArrayDeque<ByteBuffer> spares = new ArrayDeque<>(SPARES);

    FilterBuffers() {
        Pieces.prepare();
    }

    private final ByteBuffer[] sources = new ByteBuffer[MOST_SOURCES];
    private final int[] positions = new int[MOST_SOURCES];
    private final ByteBuffer randomness = ByteBuffer.allocate(RANDOM_BYTES).position(RANDOM_BYTES);
    private int sourceCount;
    private long sourceBytes;

    /** Memory on the heap for what is in units, the caller's until {@link #giveBackText}. */
    ByteBuffer takeText() {
        ByteBuffer spare = spareTexts.poll();
        return spare == null ? ByteBuffer.allocate(TEXT) : spare.clear();
    }

    void giveBackText(ByteBuffer text) {
        if (spareTexts.size() < SPARES) {
            spareTexts.push(text);
        }
    }

    /** Memory for units, three records of TLS for one (17 KiB at most each), the caller's until {@link #giveBack}. */
    ByteBuffer takeUnits() {
        ByteBuffer spare = spares.poll();
        return spare == null ? Pieces.take() : spare.clear();
    }

    void giveBack(ByteBuffer units) {
        if (units.isDirect() && spares.size() < SPARES) {
            spares.push(units);
        } else {
            Pieces.giveBack(units);
        }
    }

    /**
     * The first buffers of a queue, as one call of an encoder takes them.
     *
     * @param count how many there are to be taken
     * @param offset how many bytes of the first have been taken before
     */
    ByteBuffer[] sources(Iterable<ByteBuffer> queue, int count, int offset) {
        sourceCount = 0;
        Iterator<ByteBuffer> next = queue.iterator();
        while (sourceCount < Math.min(count, MOST_SOURCES)) {
            ByteBuffer source = next.next();
            positions[sourceCount] = source.position();
            sources[sourceCount++] = source;
        }
        if (sourceCount > 0) {
            sources[0].position(sources[0].position() + offset);
        }
        sourceBytes = 0;
        for (int i = 0; i < sourceCount; i++) {
            sourceBytes += sources[i].remaining();
        }
        return sources;
    }

    int sourceCount() {
        return sourceCount;
    }

    long sourceBytes() {
        return sourceBytes;
    }

    /** Copies of the sources as much as there is room for. */
    static void copy(ByteBuffer[] sources, int count, ByteBuffer units) {
        for (int i = 0; i < count && units.hasRemaining(); i++) {
            int size = Math.min(sources[i].remaining(), units.remaining());
            units.put(units.position(), sources[i], sources[i].position(), size);
            units.position(units.position() + size);
        }
    }

    /** Random bytes that nobody can foresee, drawn ahead: a call of the system for each frame would cost more than the frame. */
    int randomInt() {
        if (randomness.remaining() < Integer.BYTES) {
            RANDOM.nextBytes(randomness.clear().array());
        }
        return randomness.getInt();
    }

    byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    /** Leaves the sources as they were. */
    void restoreSources() {
        for (int i = 0; i < sourceCount; i++) {
            sources[i].position(positions[i]);
            sources[i] = NONE;
        }
        sourceCount = 0;
    }
}
