package io.hawser.wire;

import java.nio.ByteBuffer;

/** An output for a {@link PacketEncoder}: a sequence of buffers, in the order of the calls. */
public interface Outlet {
    /**
     * A buffer with at least {@code size} bytes between position and limit for the next bytes. The writer advances the
     * position; the next call of this interface takes over the bytes before the position. Buffers are big-endian.
     */
    ByteBuffer room(int size);

    /** Appends these bytes without copying them; they must not change until they have been sent. */
    void append(ByteBuffer bytes);
}
