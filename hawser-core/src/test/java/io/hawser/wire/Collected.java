package io.hawser.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** An outlet that keeps everything in one array, and counts how it was asked. */
final class Collected implements Outlet {
    private byte[] bytes = new byte[64];
    private ByteBuffer handedOut = ByteBuffer.wrap(bytes);
    int rooms;
    int appended;

    @Override
    public ByteBuffer room(int size) {
        rooms++;
        int at = handedOut.position();
        if (bytes.length - at < size) {
            bytes = Arrays.copyOf(bytes, Math.max(at + size, 2 * bytes.length));
            handedOut = ByteBuffer.wrap(bytes).position(at);
        }
        return handedOut;
    }

    @Override
    public void append(ByteBuffer more) {
        appended += more.remaining();
        room(more.remaining()).put(more);
        rooms--;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, handedOut.position());
    }
}
