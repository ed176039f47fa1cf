package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.store.SessionStore.Durability;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sessions that end with their process at every single operation of opening, of the first thing they do then, and of closing;
 * and so do those that open what these have left.
 */
class OpeningKillTest {
    private static final int SESSIONS = Integer.getInteger("opening.sessions", 20);
    private static final int LIVES = Integer.getInteger("opening.lives", 2);

    private int openings;

    @Test
    void nothingConfirmedIsLostWhereverOneOpeningEndsAndTheNext() {
        LongStream.range(0, SESSIONS).forEach(seed -> repeatably(seed, LIVES));

        assertThat(openings).isGreaterThan(500 * SESSIONS);
    }

    @Tag("slow")
    @Test
    void nothingConfirmedIsLostWhereverThreeOpeningsOfANewSessionEnd() {
        explore("new", new MemoryFileSystem(), null, 3);

        assertThat(openings).isGreaterThan(1_000);
    }

    private void repeatably(long seed, int lives) {
        Random random = new Random(seed);
        MemoryFileSystem disk = new MemoryFileSystem();
        RandomSession session = new RandomSession(random, disk, Durability.PROCESS, null);
        session.run(100 + random.nextInt(400));
        int time = disk.time();
        explore("seed " + seed, disk.afterKill(time, 0), session.allowedAfter(time), lives);
    }

    private void explore(String where, MemoryFileSystem left, @Nullable Map<String, Set<String>> allowed, int lives) {
        MemoryFileSystem disk = left.copy();
        RandomSession session;
        try {
            openings++;
            session = new RandomSession(new Random(lives), disk, Durability.PROCESS, allowed);
            session.run(2);
            session.confirmAll();
            session.close();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(where, e);
        }
        for (int time = 0; lives > 0 && time <= disk.time(); time++) {
            Map<String, Set<String>> then = time < session.openedAt() ? allowed : session.allowedAfter(time);
            for (int begun : cuts(disk.bytesWritten(time))) {
                explore(where + ", killed after " + time + "+" + begun, disk.afterKill(time, begun), then, lives - 1);
            }
        }
    }

    private static Set<Integer> cuts(int length) {
        Set<Integer> cuts = new TreeSet<>(Set.of(0));
        IntStream.of(1, length / 2, length - 1)
                .filter(cut -> cut > 0 && cut < length)
                .forEach(cuts::add);
        return cuts;
    }
}
