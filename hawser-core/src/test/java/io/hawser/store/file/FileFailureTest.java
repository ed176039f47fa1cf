package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a file store does when the disk is full or broken, and when it is well again. */
class FileFailureTest {
    private static final MemoryFileSystem.Fault NONE = (operation, file) -> {};
    private static final MemoryFileSystem.Fault FULL = (operation, file) -> {
        if (operation.equals("WRITE") || operation.equals("CREATE")) {
            throw new IOException("No space left on device");
        }
    };

    private final MemoryFileSystem disk = new MemoryFileSystem();
    private final List<String> told = new ArrayList<>();
    /** Of the session that was opened last. */
    private Syncs syncs;

    @Test
    void saysWhatIsWrongAndTellsTheWatcherOnce() {
        SessionLog log = opened(Durability.PROCESS);
        disk.fault = FULL;
        accepted(log, 1);

        assertThat(syncs.sync(() -> told.add("safe"))).isFalse();
        assertThat(syncs.sync(() -> told.add("safe, too"))).isFalse();

        assertThat(told).containsExactly("changed");
        assertThat(log.failure())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("session 'random' cannot be written")
                .hasMessageContaining("No space left on device");
    }

    @Test
    void goesOnAsSoonAsThereIsSpaceAgain() {
        SessionLog log = opened(Durability.PROCESS);
        accepted(log, 1);
        assertThat(syncs.sync(() -> told.add("first"))).isTrue();
        disk.fault = FULL;
        accepted(log, 2);
        syncs.sync(() -> told.add("second"));
        disk.fault = NONE;
        accepted(log, 3);
        syncs.sync(() -> told.add("third"));

        assertThat(log.failure()).isNull();
        assertThat(told).containsExactly("changed", "changed", "second", "third");
        log.close();
        assertThat(opened(Durability.PROCESS).waiting()).isEqualTo(3);
    }

    @Test
    void aRollbackGivesUpWhatIsNotSafeAndNothingElse() {
        SessionLog log = opened(Durability.PROCESS);
        Publish first = accepted(log, 1);
        accepted(log, 2);
        syncs.sync(() -> {});
        disk.fault = FULL;
        sent(log, first, 7);
        sent(log, accepted(log, 3), 8);
        accepted(log, 4);
        log.received(9);
        syncs.sync(() -> told.add("safe"));
        assertThatThrownBy(() -> log.read(0, 10, 1_000).join()).hasCauseInstanceOf(StoreException.class);

        assertThat(log.rollback()).isEqualTo(2);

        assertThat(log.lastSequence()).isEqualTo(2);
        assertThat(log.waiting()).isEqualTo(1);
        assertThat(log.read(0, 10, 1_000).join())
                .extracting(StoredPublish::sequence)
                .containsExactly(2L);
        disk.fault = NONE;
        accepted(log, 3);
        syncs.sync(() -> {});
        log.close();
        assertThat(told).containsExactly("changed", "changed", "safe");
        RandomSession.Found found = RandomSession.Found.in(
                RandomSession.store(disk, Durability.PROCESS).open(RandomSession.CLIENT_ID), new Random(0));
        assertThat(found.received()).containsExactly(9);
        assertThat(found.publishes()).extracting(publish -> publish.packetId).containsExactly(7, 0, 0);
    }

    @Test
    void aRollbackCutsTheRunOfWhatWasReleased() {
        SessionLog log = opened(Durability.PROCESS);
        List<Publish> publishes = new ArrayList<>(List.of(accepted(log, 1), accepted(log, 2)));
        syncs.sync(() -> {});
        disk.fault = FULL;
        publishes.add(accepted(log, 3));
        publishes.forEach(publish -> sent(log, publish, 10 + (int) publish.sequence()));
        publishes.forEach(log::released);
        syncs.sync(() -> {});

        assertThat(log.rollback()).isEqualTo(2);

        disk.fault = NONE;
        syncs.sync(() -> {});
        log.close();
        RandomSession.Found found = RandomSession.Found.in(
                RandomSession.store(disk, Durability.PROCESS).open(RandomSession.CLIENT_ID), new Random(0));
        assertThat(found.publishes()).extracting(publish -> publish.packetId).containsExactly(11, 12);
        assertThat(found.publishes()).allMatch(publish -> publish.released);
    }

    @Test
    void neverForcesAFileAgainThatCouldNotBeForced() {
        SessionLog log = opened(Durability.POWER);
        accepted(log, 1);
        syncs.sync(() -> told.add("first"));
        List<Path> touched = new ArrayList<>();
        disk.fault = (operation, file) -> {
            if (operation.equals("FORCE")) {
                touched.add(file);
                throw new IOException("Input/output error");
            }
        };
        accepted(log, 2);
        syncs.sync(() -> told.add("second"));
        Path given = touched.get(0);
        disk.fault = (operation, file) -> {
            if (file.equals(given) && !operation.equals("READ")) {
                touched.add(file);
            }
        };
        accepted(log, 3);
        syncs.sync(() -> told.add("third"));

        assertThat(told).containsExactly("first", "changed", "changed", "second", "third");
        assertThat(touched).containsExactly(given);
        log.close();
        assertThat(opened(Durability.POWER).waiting()).isEqualTo(3);
    }

    @Test
    void triesAgainByItself() throws InterruptedException {
        JournalOptions options = new JournalOptions(
                Durability.PROCESS, FileSessionStore.LEAST_SEGMENT_BYTES, 1000, disk, System::currentTimeMillis, false);
        SessionLog log = new FileSessionStore(Path.of("store"), options).open("a");
        CountDownLatch changes = new CountDownLatch(2);
        CountDownLatch safe = new CountDownLatch(1);
        syncs = new Syncs(log, () -> {
            disk.fault = NONE;
            changes.countDown();
        });
        disk.fault = FULL;
        accepted(log, 1);
        syncs.sync(safe::countDown);

        assertThat(safe.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(changes.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(log.failure()).isNull();
        log.close();
    }

    @Test
    void aFailedOpeningLeavesTheSessionToOthers() {
        opened(Durability.PROCESS).close();
        disk.fault = FULL;
        assertThatThrownBy(() -> opened(Durability.PROCESS))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot be opened")
                .hasMessageContaining("No space left on device");
        disk.fault = NONE;

        opened(Durability.PROCESS).close();
    }

    private SessionLog opened(Durability durability) {
        SessionLog log = RandomSession.store(disk, durability).open(RandomSession.CLIENT_ID);
        syncs = new Syncs(log, () -> told.add("changed"));
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        return log;
    }

    private static Publish accepted(SessionLog log, long sequence) {
        Publish publish = new Publish(sequence, Message.of("t", "m" + sequence).qos(Qos.AT_LEAST_ONCE), null);
        log.accepted(publish);
        return publish;
    }

    private static void sent(SessionLog log, Publish publish, int packetId) {
        publish.packetId = packetId;
        log.sent(publish);
    }
}
