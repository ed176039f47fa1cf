package io.hawser.store.file;

import io.hawser.store.SessionStore.Durability;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sessions that end with their process at any moment, while they open, too, again and again. */
class KillTest {
    private static final int SESSIONS = Integer.getInteger("kill.sessions", 500);
    private static final int GENERATIONS = 8;

    @Test
    void nothingConfirmedIsLostWhenTheProcessIsKilled() {
        LongStream.range(0, SESSIONS).forEach(seed -> {
            try {
                run(seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + "; repeat with KillTest.run(" + seed + ")", e);
            }
        });
    }

    private static void run(long seed) {
        Random random = new Random(seed);
        MemoryFileSystem disk = new MemoryFileSystem();
        @Nullable Map<String, Set<String>> allowed = null;
        for (int generation = 0; generation < GENERATIONS; generation++) {
            RandomSession session = new RandomSession(random, disk, Durability.PROCESS, allowed);
            session.run(1 + random.nextInt(random.nextBoolean() ? 250 : 20));
            int time = random.nextInt(2) == 0 ? disk.time() : random.nextInt(disk.time() + 1);
            if (time >= session.openedAt()) {
                allowed = session.allowedAfter(time);
            }
            disk = disk.afterKill(time, random);
            session.close();
        }
        new RandomSession(random, disk, Durability.PROCESS, allowed).close();
    }
}
