package io.hawser.wire;

import java.nio.ByteBuffer;

/**
 * A variable byte integer: 0 to 268,435,455 in one to four bytes, seven bits in each, always the shortest form
 * [MQTT-1.5.5-1].
 */
final class VariableByteInteger {
    static final int MAXIMUM_BYTES = 4;

    private VariableByteInteger() {}

    /**
     * The number of bytes of the value; four also for a value that is too large, so that sums can be judged at their
     * end.
     */
    static int size(long value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : MAXIMUM_BYTES;
    }

    static void put(ByteBuffer out, int value) {
        int rest = value;
        while (rest > 0x7F) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}
