package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import io.hawser.store.file.RandomSession.Found;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that end too early, have other bytes in them, or are gone: whatever was promised is there, or the damage is told, once;
 * and nothing is there that never was.
 */
class TornWriteTest {
    private final MemoryFileSystem disk = new MemoryFileSystem();
    private RandomSession session = new RandomSession(new Random(0), new MemoryFileSystem(), Durability.PROCESS, null);

    private void prepare(long seed, Durability durability) {
        Random random = new Random(seed);
        session = new RandomSession(random, disk, durability, null);
        session.run(150 + random.nextInt(100));
        session.confirmAll();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void theNewestSegmentMayEndAnywhere(long seed) {
        prepare(seed, Durability.PROCESS);
        Path newest = newest();
        int length = disk.content(newest).length;
        for (int end = 0; end < length; end++) {
            int cut = end;
            expect(
                    "cut at " + end,
                    changed(newest, content -> Arrays.copyOf(content, cut)),
                    session.allowedAfter(disk.timeOf(newest, end)));
        }
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void anyByteOfTheNewestSegmentMayBeAnother(long seed) {
        prepare(seed, Durability.PROCESS);
        Path newest = newest();
        flipEachByte(newest, disk.content(newest).length, 1);
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {4})
    void anyByteMayBeAnotherAfterACloseThatPromisedPower(long seed) {
        prepare(seed, Durability.POWER);
        Path newest = newest();
        int length = disk.content(newest).length;
        session.close();
        flipEachByte(newest, length, 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void bytesOfOlderSegmentsMayBeOthers(long seed) {
        prepare(seed, Durability.PROCESS);
        for (Path older : logs()) {
            flipEachByte(older, disk.content(older).length, 7);
        }
    }

    /** Behind its end is what was there before, which must neither come back nor hide a damage. */
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aFileThatIsUsedAgainMayEndAnywhereOrHaveOtherBytes(long seed) {
        prepare(seed, Durability.PROCESS);
        session.settleAll();
        for (int i = 0; i < 300; i++) {
            session.passThrough();
        }
        session.run(3);
        session.confirmAll();
        Path newest = newest();
        byte[] content = disk.content(newest);
        assertThat(SegmentHeader.decoded(ByteBuffer.wrap(content)).wholeWrites())
                .isFalse();
        for (int i = 0; i < content.length; i++) {
            int at = i;
            Map<String, Set<String>> before = session.allowedAfter(disk.timeOf(newest, i));
            expect("cut at " + i, changed(newest, all -> Arrays.copyOf(all, at)), before);
            expect(
                    "changed at " + i,
                    changed(newest, all -> {
                        all[at] ^= 4;
                        return all;
                    }),
                    session.allowedAfter(disk.time()));
        }
    }

    private void flipEachByte(Path file, int length, int step) {
        for (int i = 0; i < length; i += step) {
            int at = i;
            expect(
                    file.getFileName() + " changed at " + i,
                    changed(file, content -> {
                        content[at] ^= (byte) (1 << at % 8);
                        return content;
                    }),
                    session.allowedAfter(disk.time()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void partsOfAnySegmentMayBeZero(long seed) {
        prepare(seed, Durability.PROCESS);
        for (Path file : logs()) {
            int length = disk.content(file).length;
            int written = length;
            while (disk.content(file)[written - 1] == 0) {
                written--;
            }
            for (int from = 0; from < written; from += 97) {
                int start = from;
                for (int size : new int[] {1, 512, length}) {
                    expect(
                            file.getFileName() + " zero from " + from + ", " + size + " bytes",
                            changed(file, content -> {
                                Arrays.fill(content, start, Math.min(length, start + size), (byte) 0);
                                return content;
                            }),
                            // Zeros to the end of what was written are what a write that was cut off leaves.
                            session.allowedAfter(
                                    file.equals(newest()) && start + size >= written
                                            ? disk.timeOf(file, start)
                                            : disk.time()));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void olderSegmentsMayEndAnywhere(long seed) {
        prepare(seed, Durability.PROCESS);
        List<Path> logs = logs();
        for (Path file : logs.subList(0, logs.size() - 1)) {
            for (int end = 0; end < disk.content(file).length; end += 13) {
                int cut = end;
                expect(
                        file.getFileName() + " cut at " + end,
                        changed(file, content -> Arrays.copyOf(content, cut)),
                        session.allowedAfter(disk.time()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anySegmentMayBeGone(long seed) {
        prepare(seed, Durability.PROCESS);
        for (Path file : logs()) {
            MemoryFileSystem changed = disk.copy();
            changed.remove(file);
            expect(file.getFileName() + " gone", changed, session.allowedAfter(disk.time()));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void zerosBehindTheEndAreNoDamageToWhatWasForced(long seed) {
        prepare(seed, Durability.POWER);
        MemoryFileSystem changed = changed(newest(), content -> Arrays.copyOf(content, content.length + 5_000));

        assertThat(damageFound(changed, session.allowedAfter(disk.time()))).isNull();
    }

    private MemoryFileSystem changed(Path file, UnaryOperator<byte[]> change) {
        MemoryFileSystem changed = disk.copy();
        changed.content(file, change.apply(changed.content(file)));
        return changed;
    }

    private List<Path> logs() {
        return disk.paths().stream()
                .filter(path -> path.toString().endsWith(".log"))
                .toList();
    }

    private Path newest() {
        List<Path> logs = logs();
        return logs.get(logs.size() - 1);
    }

    private static void expect(String what, MemoryFileSystem changed, Map<String, Set<String>> allowed) {
        try {
            damageFound(changed, allowed);
            // Whatever it was, it is told once, and all is well from then on.
            SessionLog next = RandomSession.store(changed, Durability.PROCESS).open(RandomSession.CLIENT_ID);
            Found found = Found.in(next, new Random(1));
            assertThat(next.damage()).isNull();
            assertThat(next.waiting()).isEqualTo((int) found.publishes().stream()
                    .filter(publish -> publish.packetId == 0 && publish.result == null)
                    .count());
            next.close();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(what, e);
        }
    }

    private static @Nullable Throwable damageFound(MemoryFileSystem changed, Map<String, Set<String>> allowed) {
        SessionLog log = RandomSession.store(changed, Durability.PROCESS).open(RandomSession.CLIENT_ID);
        Found found = Found.in(log, new Random(1));
        if (log.damage() == null) {
            found.check(allowed);
        } else {
            found.checkNothingElse(allowed);
        }
        Throwable damage = log.damage();
        log.close();
        return damage;
    }
}
