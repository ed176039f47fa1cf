package io.hawser.client.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Queue;

/** Writes what waits at the front of a queue in one system call, and leaves the buffers as they were. For one thread. */
final class Gathering {
    private static final int MOST = 16;
    /** The most bytes that one call of the system writes: more would only hold up other connections. */
    private static final int MOST_BYTES = 256 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteBuffer[] buffers = new ByteBuffer[MOST];
    private final int[] positions = new int[MOST];
    private final int[] limits = new int[MOST];
    /** The memory that a write from the heap is copied to. The JDK would do the same, with new direct memory for each thread and size. */
    private final ByteBuffer beside = ByteBuffer.allocateDirect(MOST_BYTES);

    private int written;

    /** How many bytes the last call of {@link #write} wrote. */
    int written() {
        return written;
    }

    private boolean areDirect(int used) {
        for (int i = 0; i < used; i++) {
            if (!buffers[i].isDirect()) {
                return false;
            }
        }
        return true;
    }

    private int writeDirect(GatheringByteChannel channel, int used) throws IOException {
        return used == 1 ? channel.write(buffers[0]) : (int) channel.write(buffers, 0, used);
    }

    private ByteBuffer copied(int used) {
        beside.clear();
        for (int i = 0; i < used; i++) {
            beside.put(buffers[i]);
        }
        return beside.flip();
    }

    /**
     * Writes some of it.
     *
     * @param count how many of the queue's buffers to write at most, at least 1
     * @param sent how many bytes of the first have been written before
     * @return whether the network took all that it was given, and may take more
     */
    boolean write(GatheringByteChannel channel, Queue<ByteBuffer> queue, int count, int sent) throws IOException {
        written = 0;
        int used = 0;
        int bytes = 0;
        for (ByteBuffer buffer : queue) {
            positions[used] = buffer.position();
            limits[used] = buffer.limit();
            if (used == 0) {
                buffer.position(buffer.position() + sent);
            }
            buffer.limit(buffer.position() + Math.min(buffer.remaining(), MOST_BYTES - bytes));
            bytes += buffer.remaining();
            buffers[used++] = buffer;
            if (used == MOST || used == count || bytes == MOST_BYTES) {
                break;
            }
        }
        try {
            written = areDirect(used) ? writeDirect(channel, used) : channel.write(copied(used));
            return written == bytes;
        } finally {
            for (int i = 0; i < used; i++) {
                buffers[i].limit(limits[i]).position(positions[i]);
                buffers[i] = NOTHING;
            }
        }
    }
}
