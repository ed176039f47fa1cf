package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.store.SessionStore.Durability;
import java.io.IOException;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sessions that end by a power cut at any moment, again and again. */
class PowerCutTest {
    private static final int CUTS = Integer.getInteger("cut.count", 1_000);
    private static final int GENERATIONS = 4;

    @Test
    void nothingConfirmedIsLostWhenThePowerFails() {
        LongStream.range(0, CUTS / GENERATIONS).forEach(seed -> repeatably(seed, Disk.HONEST));
    }

    @Test
    void nothingConfirmedIsLostWhenTheDiskFailsNowAndThenAndThePowerFails() {
        LongStream.range(0, CUTS / GENERATIONS).forEach(seed -> repeatably(seed, Disk.FAILING));
    }

    private enum Disk {
        HONEST,
        /** Operations fail, some for a while. */
        FAILING,
        /** Force does nothing. */
        LYING
    }

    private static void repeatably(long seed, Disk kind) {
        try {
            run(seed, kind);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "seed " + seed + "; repeat with PowerCutTest.run(" + seed + ", Disk." + kind + ")", e);
        }
    }

    /** Without this, the campaign above would prove nothing. */
    @Test
    void theCampaignNoticesADiskThatDoesNotForce() {
        long lost = LongStream.range(0, 40).filter(PowerCutTest::loses).count();

        assertThat(lost).isGreaterThan(20);
    }

    private static boolean loses(long seed) {
        try {
            run(seed, Disk.LYING);
            return false;
        } catch (RuntimeException | AssertionError e) {
            return true;
        }
    }

    private static MemoryFileSystem.Fault faults(Random random) {
        int[] failing = {0};
        return (operation, file) -> {
            if (failing[0] == 0 && random.nextInt(60) == 0) {
                failing[0] = 1 + random.nextInt(6);
            }
            if (failing[0] > 0 && !operation.equals("READ")) {
                failing[0]--;
                throw new IOException(operation + " fails, as it should");
            }
        };
    }

    private static void run(long seed, Disk kind) {
        Random random = new Random(seed);
        MemoryFileSystem disk = new MemoryFileSystem();
        @Nullable Map<String, Set<String>> allowed = null;
        for (int generation = 0; generation < GENERATIONS; generation++) {
            disk.lies = kind == Disk.LYING;
            RandomSession session = new RandomSession(random, disk, Durability.POWER, allowed);
            if (kind == Disk.FAILING) {
                disk.fault = faults(random);
            }
            session.run(1 + random.nextInt(400));
            if (random.nextInt(4) == 0) {
                session.close();
            }
            int time = random.nextInt(5) == 0 ? disk.time() : random.nextInt(disk.time() + 1);
            if (time >= session.openedAt()) {
                allowed = session.allowedAfter(time);
            }
            disk = disk.afterCut(time, random);
            session.close();
        }
        new RandomSession(random, disk, Durability.POWER, allowed).close();
    }
}
