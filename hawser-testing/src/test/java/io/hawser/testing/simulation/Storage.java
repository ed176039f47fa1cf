package io.hawser.testing.simulation;

import java.util.SplittableRandom;

/**
 * How the clients of a run keep their sessions, and how messages are handed to them.
 *
 * @param onDisk whether in a {@link SimulatedDisk}, not in a store in memory that loses nothing
 * @param readsBack whether messages that wait are read from the disk when their turn comes
 * @param strict whether all entries of a turn must be safe before it leaves, not only those on which something depends
 * @param longestSyncNanos the usual bound of the time that a sync takes
 * @param syncs how many may be under way at a time
 * @param pageMessages the most messages that are read at a time
 * @param failures how often the disk of a client fails for a while
 * @param behind how many entries may wait to be safe before the log says that it is behind
 * @param enqueues how many messages are enqueued, not published, in percent
 */
record Storage(
        boolean onDisk,
        boolean readsBack,
        boolean strict,
        long longestSyncNanos,
        int syncs,
        int pageMessages,
        int failures,
        int behind,
        int enqueues) {
    static Storage of(SplittableRandom random) {
        return new Storage(
                random.nextInt(8) != 0,
                random.nextInt(4) != 0,
                random.nextBoolean(),
                pick(random, 1, 30, 1000) * Plan.MILLI,
                pick(random, 1, 2, 5),
                pick(random, 1, 3, 1000),
                pick(random, 0, 0, 1, 4),
                pick(random, 3, 30, 1000),
                pick(random, 0, 50, 100));
    }

    private static int pick(SplittableRandom random, int... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
