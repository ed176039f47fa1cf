package io.hawser.testing.simulation;

import io.hawser.wire.Outlet;
import java.nio.ByteBuffer;

/** Collects the bytes of one turn. */
final class Outbox implements Outlet {
    private static final int SIZE = 512;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private ByteBuffer bytes = ByteBuffer.allocate(SIZE);

    @Override
    public ByteBuffer room(int size) {
        if (bytes.remaining() < size) {
            bytes = ByteBuffer.allocate(bytes.capacity() * 2 + size).put(bytes.flip());
        }
        return bytes;
    }

    @Override
    public void append(ByteBuffer more) {
        room(more.remaining()).put(more);
    }

    /** What has been collected since the last call; the buffer is the caller's. */
    ByteBuffer take() {
        if (bytes.position() == 0) {
            return NOTHING;
        }
        ByteBuffer taken = bytes.flip();
        bytes = ByteBuffer.allocate(SIZE);
        return taken;
    }
}
