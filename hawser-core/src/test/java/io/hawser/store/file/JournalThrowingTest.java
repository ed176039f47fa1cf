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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is thrown on the store's thread, by callbacks, the disk or for want of memory, ends neither the thread nor a future. */
@Timeout(120)
class JournalThrowingTest {
    private static final int SEEDS = Integer.getInteger("throwing.seeds", 300);

    /** What may be thrown anywhere. */
    enum Thrown {
        RUNTIME_EXCEPTION(() -> new IllegalStateException("thrown by a test")),
        ERROR(() -> new AssertionError("thrown by a test")),
        NO_MEMORY(() -> new OutOfMemoryError("thrown by a test")),
        NO_STACK(StackOverflowError::new),
        NO_CLASS(() -> new NoClassDefFoundError("thrown by a test"));

        private final Supplier<Throwable> throwable;

        Thrown(Supplier<Throwable> throwable) {
            this.throwable = throwable;
        }

        /** Throws it from a method that does not declare it. */
        @SuppressWarnings("unchecked")
        private <T extends Throwable> void fly() throws T {
            throw (T) throwable.get();
        }
    }

    private final MemoryFileSystem disk = new MemoryFileSystem();

    private SessionLog opened() {
        JournalOptions options = new JournalOptions(
                Durability.POWER, FileSessionStore.LEAST_SEGMENT_BYTES, 1000, disk, System::currentTimeMillis, false);
        SessionLog log = new FileSessionStore(Path.of("store"), options).open("a");
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        return log;
    }

    private static void accepted(SessionLog log, long sequence) {
        log.accepted(new Publish(sequence, Message.of("t", "m" + sequence).qos(Qos.AT_LEAST_ONCE), null));
    }

    private static List<Long> queued(SessionLog log) throws Exception {
        return log.read(0, 1_000, 1_000_000).get(60, TimeUnit.SECONDS).stream()
                .map(StoredPublish::sequence)
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void listenerMayThrowAnything(Thrown thrown) throws Exception {
        SessionLog log = opened();
        Semaphore calls = new Semaphore(0);
        log.listen(new SessionLog.Listener() {
            @Override
            public void safePositionRose() {
                calls.release();
                thrown.fly();
            }

            @Override
            public void healthChanged() {
                calls.release();
                thrown.fly();
            }
        });
        for (long sequence = 1; sequence <= 3; sequence++) {
            accepted(log, sequence);
            log.sync();
            calls.acquire();
        }
        disk.fault = (operation, file) -> {
            disk.fault = (later, any) -> {};
            throw new IOException("once");
        };
        accepted(log, 4);
        log.sync();
        calls.acquire(3); // failed, works again, is safe

        assertThat(queued(log)).containsExactly(1L, 2L, 3L, 4L);
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void whatDependsOnAPageMayThrowAnything(Thrown thrown) throws Exception {
        SessionLog log = opened();
        accepted(log, 1);
        CompletableFuture<?> dependent = log.read(0, 10, 1_000).whenComplete((page, failure) -> thrown.fly());

        assertThatThrownBy(() -> dependent.get(60, TimeUnit.SECONDS)).isNotNull();
        assertThat(queued(log)).containsExactly(1L);
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void diskMayThrowAnythingWhileItReads(Thrown thrown) throws Exception {
        SessionLog log = opened();
        accepted(log, 1);
        Syncs.awaitSafe(log);
        disk.fault = (operation, file) -> {
            if (operation.equals("READ")) {
                thrown.fly();
            }
        };

        assertThatThrownBy(() -> log.read(0, 10, 1_000).get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(StoreException.class);
        disk.fault = (operation, file) -> {};
        assertThat(queued(log)).containsExactly(1L);
        log.close();
    }

    @ParameterizedTest
    @EnumSource
    void openingThatThrowsAnythingLeavesTheSessionToOthers(Thrown thrown) {
        opened().close();
        disk.fault = (operation, file) -> thrown.fly();

        assertThatThrownBy(this::opened).isInstanceOf(StoreException.class);

        disk.fault = (operation, file) -> {};
        opened().close();
    }

    /** Sessions that do at random what sessions do, while operations of the disk throw, some for a while. */
    @Test
    void nothingConfirmedIsLostWhateverTheDiskThrows() {
        LongStream.range(0, SEEDS).forEach(seed -> {
            try {
                run(seed);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        });
    }

    private static void run(long seed) {
        Random random = new Random(seed);
        Durability durability = random.nextBoolean() ? Durability.PROCESS : Durability.POWER;
        MemoryFileSystem disk = new MemoryFileSystem();
        RandomSession session = new RandomSession(random, disk, durability, null);
        List<Thrown> throwing = new ArrayList<>();
        disk.fault = (operation, file) -> {
            if (throwing.isEmpty() && random.nextInt(60) == 0) {
                for (int i = random.nextInt(4); i >= 0; i--) {
                    throwing.add(Thrown.values()[random.nextInt(Thrown.values().length)]);
                }
            }
            if (!throwing.isEmpty() && !operation.equals("READ")) {
                throwing.remove(0).fly();
            }
        };
        session.run(1 + random.nextInt(400));
        disk.fault = (operation, file) -> {};
        int time = disk.time();
        if (random.nextBoolean()) {
            session.confirmAll();
            time = disk.time();
        }
        MemoryFileSystem left = durability == Durability.POWER ? disk.afterCut(time, random) : disk.afterKill(time, 0);
        var allowed = session.allowedAfter(time);
        session.close();
        new RandomSession(random, left, durability, allowed).close();
    }
}
