package io.hawser.client.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.Queue;

/** Writes what waits at the front of a queue in one system call, and leaves the buffers as they were. For one thread. */
final class Gathering {
    private static final int MOST = 16;
    /** The JDK copies what is on the heap to a buffer beside it, which it keeps: this bounds its size. */
    private static final int MOST_BYTES = 256 * 1024;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ByteBuffer[] buffers = new ByteBuffer[MOST];
    private final int[] positions = new int[MOST];
    private final int[] limits = new int[MOST];
    private int written;

    /** How many bytes the last call of {@link #write} wrote. */
    int written() {
        return written;
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
            written = used == 1 ? channel.write(buffers[0]) : (int) channel.write(buffers, 0, used);
            return written == bytes;
        } finally {
            for (int i = 0; i < used; i++) {
                buffers[i].limit(limits[i]).position(positions[i]);
                buffers[i] = NOTHING;
            }
        }
    }
}
