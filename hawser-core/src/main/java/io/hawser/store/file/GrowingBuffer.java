package io.hawser.store.file;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** For what is written too seldom to be worth reckoning its length first. */
final class GrowingBuffer {
    private static final int FIRST = 512;

    private GrowingBuffer() {}

    /** A buffer from 0 to its position with what the writer writes, which is called again as long as that does not fit. */
    static ByteBuffer write(int first, Consumer<ByteBuffer> writer) {
        for (int capacity = first; ; capacity *= 2) {
            ByteBuffer out = ByteBuffer.allocate(capacity);
            try {
                writer.accept(out);
                return out;
            } catch (BufferOverflowException e) {
                if (capacity > Integer.MAX_VALUE / 2) {
                    throw e;
                }
            }
        }
    }

    static byte[] bytes(Consumer<ByteBuffer> writer) {
        ByteBuffer out = write(FIRST, writer).flip();
        byte[] bytes = new byte[out.remaining()];
        out.get(bytes);
        return bytes;
    }
}
