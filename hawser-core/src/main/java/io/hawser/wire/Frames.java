package io.hawser.wire;

import java.nio.ByteBuffer;

/** A writer of fixed headers into an {@link Outlet}, with the limits on packet sizes. */
final class Frames {
    private static final int ACKNOWLEDGEMENT_BYTES = 4;

    private final Outlet outlet;
    private int maximumPacketSize = 5 + PacketType.MAXIMUM_REMAINING_LENGTH;

    Frames(Outlet outlet) {
        this.outlet = outlet;
    }

    void maximumPacketSize(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maximum packet size is " + bytes + ", must be at least 1");
        }
        maximumPacketSize = bytes;
    }

    /** The size of a packet with this remaining length. */
    static long size(long remaining) {
        return 1 + VariableByteInteger.size(remaining) + remaining;
    }

    boolean fits(long remaining) {
        return remaining <= PacketType.MAXIMUM_REMAINING_LENGTH && size(remaining) <= maximumPacketSize;
    }

    /** Writes a packet whose only content is a packet identifier. */
    void acknowledge(PacketType type, int flags, int packetId) {
        if (maximumPacketSize < ACKNOWLEDGEMENT_BYTES) {
            begin(type, flags, 2, 0);
        }
        outlet.room(ACKNOWLEDGEMENT_BYTES).putInt(type.code() << 28 | flags << 24 | 2 << 16 | packetId);
    }

    /** Whether a remaining length and one byte more fits into one byte, and into the maximum packet size. */
    boolean isSmall(long remaining) {
        return remaining < 0x7F && remaining + 3 <= maximumPacketSize;
    }

    ByteBuffer room(int size) {
        return outlet.room(size);
    }

    /**
     * Writes the fixed header of a packet, and returns room for the rest, of which {@code elsewhere} bytes will be
     * appended by reference.
     */
    ByteBuffer begin(PacketType type, int flags, long remaining, int elsewhere) {
        long total = size(remaining);
        if (remaining > PacketType.MAXIMUM_REMAINING_LENGTH) {
            throw refused(
                    type,
                    "has a remaining length of " + remaining + " bytes, must have at most "
                            + PacketType.MAXIMUM_REMAINING_LENGTH);
        }
        if (total > maximumPacketSize) {
            throw refused(type, "has " + total + " bytes, the maximum packet size is " + maximumPacketSize);
        }
        ByteBuffer out = outlet.room((int) total - elsewhere);
        out.put((byte) (type.code() << 4 | flags));
        VariableByteInteger.put(out, (int) remaining);
        return out;
    }

    void append(ByteBuffer bytes) {
        outlet.append(bytes);
    }

    static IllegalArgumentException refused(PacketType type, String why) {
        return new IllegalArgumentException(type + " " + why);
    }
}
