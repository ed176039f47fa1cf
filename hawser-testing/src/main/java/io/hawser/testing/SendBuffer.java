package io.hawser.testing;

import io.hawser.wire.Outlet;
import java.nio.ByteBuffer;

/** Collects what one connection is to send, until it is taken. */
final class SendBuffer implements Outlet {
    private static final int FIRST_SIZE = 256;

    private ByteBuffer bytes = ByteBuffer.allocate(FIRST_SIZE);

    @Override
    public ByteBuffer room(int size) {
        if (bytes.remaining() < size) {
            int used = bytes.position();
            ByteBuffer larger = ByteBuffer.allocate(Math.max(used + size, 2 * bytes.capacity()));
            bytes = larger.put(bytes.flip());
        }
        return bytes;
    }

    @Override
    public void append(ByteBuffer more) {
        room(more.remaining()).put(more);
    }

    boolean isEmpty() {
        return bytes.position() == 0;
    }

    /** What has been collected since the last call; the buffer is the caller's. */
    ByteBuffer take() {
        ByteBuffer taken = bytes.flip();
        bytes = ByteBuffer.allocate(FIRST_SIZE);
        return taken;
    }
}
