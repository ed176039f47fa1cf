package io.hawser.store.file;

import io.hawser.store.SessionStore.Durability;
import java.util.function.LongSupplier;

/**
 * How a file store works.
 *
 * @param wallMillis the time of the wall clock
 * @param inline whether the caller's thread does all the work within its calls, so that a test sees every step
 */
record JournalOptions(
        Durability durability,
        int segmentBytes,
        long lazyMillis,
        FileSystem disk,
        LongSupplier wallMillis,
        boolean inline) {
    JournalOptions durability(Durability other) {
        return new JournalOptions(other, segmentBytes, lazyMillis, disk, wallMillis, inline);
    }

    JournalOptions segmentBytes(int other) {
        return new JournalOptions(durability, other, lazyMillis, disk, wallMillis, inline);
    }

    JournalOptions lazyMillis(long other) {
        return new JournalOptions(durability, segmentBytes, other, disk, wallMillis, inline);
    }
}
