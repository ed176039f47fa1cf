package io.hawser.store;

import java.util.function.LongSupplier;

/**
 * How a file store works.
 *
 * @param wallMillis the time of the wall clock
 * @param inline whether the caller's thread does all the work within its calls, so that a test sees every step
 */
record FileOptions(
        Durability durability,
        int segmentBytes,
        long lazyMillis,
        FileDisk disk,
        LongSupplier wallMillis,
        boolean inline) {
    FileOptions durability(Durability other) {
        return new FileOptions(other, segmentBytes, lazyMillis, disk, wallMillis, inline);
    }

    FileOptions segmentBytes(int other) {
        return new FileOptions(durability, other, lazyMillis, disk, wallMillis, inline);
    }

    FileOptions lazyMillis(long other) {
        return new FileOptions(durability, segmentBytes, other, disk, wallMillis, inline);
    }
}
