package io.hawser.wire;

import java.nio.ByteBuffer;

/** Where a {@link PacketEncoder} writes: buffers that follow one another, in the order of the calls. */
public interface Outlet {
    /**
     * A buffer with at least {@code size} bytes between position and limit, where the next bytes belong. What is written
     * by advancing its position is taken over with the next call of this interface. Buffers are big-endian.
     */
    ByteBuffer room(int size);

    /** Appends these bytes without copying them; they must not change until they have been sent. */
    void append(ByteBuffer bytes);
}
