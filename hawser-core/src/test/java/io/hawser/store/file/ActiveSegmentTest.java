package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries that are put into the memory of a segment, without the store's thread. */
class ActiveSegmentTest {
    private static final int ENOUGH = 2_000;

    private final MemoryFileSystem disk = new MemoryFileSystem();
    private final List<String> told = new ArrayList<>();
    /** Of the session that was opened last. */
    private Syncs syncs;

    private long lastSequence;

    @Test
    void entriesAreSafeAtOnceFromTheFirstOn() {
        SessionLog log = opened(Durability.PROCESS);

        int waiting = log.waiting();
        disk.fault = (operation, file) -> {
            if (!operation.equals("WRITE")) {
                throw new IOException(operation + " is not needed");
            }
        };
        assertThat(accepted(log)).isTrue();
        assertThat(accepted(log)).isTrue();

        SessionLog next = RandomSession.store(disk.copy(), Durability.PROCESS).open(RandomSession.CLIENT_ID);
        assertThat(next.waiting()).isEqualTo(waiting + 2);
        assertThat(next.damage()).isNull();
    }

    @Test
    void onlyTheStoresThreadMakesThemSafeFromAPowerCut() {
        SessionLog log = opened(Durability.POWER);
        for (int i = 0; i < 200; i++) {
            passThrough(log);
            assertThat(accepted(log)).isFalse();
        }
    }

    @Test
    void memoryThatCannotBeWrittenIsAFailureUntilASegmentCanBeBegun() {
        SessionLog log = opened(Durability.PROCESS);
        passThroughUntil(log, () -> passThrough(log));
        int waiting = log.waiting();
        disk.fault = (operation, file) -> {
            if (operation.equals("WRITE") || operation.equals("RENAME") || operation.equals("CREATE")) {
                throw new IOException("Input/output error");
            }
        };

        assertThat(accepted(log)).isFalse();
        assertThat(log.failure()).isInstanceOf(StoreException.class).hasMessageContaining("Input/output error");
        assertThat(log.rollback()).isEqualTo(lastSequence - 1);
        assertThat(log.waiting()).isEqualTo(waiting);

        disk.fault = (operation, file) -> {};
        accepted(log);
        assertThat(log.failure()).isNull();
        log.close();
        assertThat(opened(Durability.PROCESS).waiting()).isEqualTo(waiting + 1);
    }

    @Test
    void aNewSegmentThatCannotBeForcedIsAFailureAndLosesNothing() {
        SessionLog log = opened(Durability.PROCESS);
        passThroughUntil(log, () -> passThrough(log));
        int waiting = log.waiting();
        disk.fault = (operation, file) -> {
            if (operation.equals("FORCE")) {
                throw new IOException("Input/output error");
            }
        };
        passThroughUntil(log, () -> log.failure() != null);
        assertThat(told).contains("changed");

        disk.fault = (operation, file) -> {};
        passThrough(log);
        assertThat(log.failure()).isNull();
        log.close();
        SessionLog next = opened(Durability.PROCESS);
        assertThat(next.waiting()).isEqualTo(waiting);
        assertThat(next.damage()).isNull();
    }

    @Test
    void aCheckpointMayBeLongerThanTheFileWas() {
        SessionLog log = opened(Durability.PROCESS);
        passThroughUntil(log, () -> passThrough(log));
        for (int i = 0; i < ENOUGH; i++) {
            log.subscribed(Subscription.to("a/" + "x".repeat(i % 300) + "/" + i));
            passThrough(log);
            assertThat(log.failure()).isNull();
        }
        passThroughUntil(log, () -> passThrough(log));
    }

    @Test
    void aFileOfTheMachineAsMemoryIsTheFile(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("file");
        Files.write(path, new byte[10_000]);
        try (FileSystem.Handle file = new JdkFileSystem().open(path, true)) {
            FileSystem.Memory memory = file.memory();
            if (memory == null) {
                assertThat(MappedFile.isSupported(path)).isFalse();
                return;
            }
            memory.put(9_000, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            memory.force(5_000);

            assertThat(memory.length()).isEqualTo(10_000);
            byte[] content = Files.readAllBytes(path);
            assertThat(List.of(content[8_999], content[9_000], content[9_002], content[9_003]))
                    .containsExactly((byte) 0, (byte) 1, (byte) 3, (byte) 0);
            assertThatThrownBy(() -> memory.put(9_999, ByteBuffer.allocate(2)))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private SessionLog opened(Durability durability) {
        SessionLog log = RandomSession.store(disk, durability).open(RandomSession.CLIENT_ID);
        syncs = new Syncs(log, () -> told.add("changed"));
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        return log;
    }

    /** Whether it was safe at once. */
    private boolean accepted(SessionLog log) {
        log.accepted(publish());
        return syncs.sync(() -> told.add("safe"));
    }

    private Publish publish() {
        return new Publish(++lastSequence, Message.of("t", "x".repeat(100)).qos(Qos.AT_LEAST_ONCE), null);
    }

    private void passThroughUntil(SessionLog log, BooleanSupplier reached) {
        for (int i = 0; i < ENOUGH; i++) {
            passThrough(log);
            if (reached.getAsBoolean()) {
                return;
            }
        }
        throw new AssertionError("not reached");
    }

    /** Whether it was safe at once. */
    private boolean passThrough(SessionLog log) {
        Publish publish = publish();
        log.accepted(publish);
        log.settled(publish);
        return syncs.sync(() -> {});
    }
}
