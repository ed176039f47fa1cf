package io.hawser.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file store does with files, on a real disk. */
class FileSessionStoreTest {
    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    Path directory;

    private FileSessionStore store() {
        return FileSessionStore.at(directory.resolve("store")).segmentBytes(FileSessionStore.LEAST_SEGMENT_BYTES);
    }

    @Test
    void refusesASessionThatIsOpenElsewhereAndNamesTheHolder() throws IOException {
        store().open("a").close();
        Path lock = sessionDirectory().resolve("lock");
        try (FileChannel other = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            lock(other);
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> store().open("a"))
                    .withMessageContaining("session 'a'")
                    .withMessageContaining("process " + ProcessHandle.current().pid() + " since 2");
        }
        store().open("a").close();
    }

    @Test
    void aLinkToTheDirectoryIsNoOtherStore() throws IOException {
        Path real = Files.createDirectory(directory.resolve("real"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), real);
        SessionLog owner = FileSessionStore.at(real.resolve("store")).open("a");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> FileSessionStore.at(link.resolve("store")).open("a"))
                .withMessageContaining("open in another client of this process");
        owner.close();
        FileSessionStore.at(link.resolve("store")).open("a").close();
    }

    @Test
    void aStaleLockFileHoldsNobodyUp() throws IOException {
        store().open("a").close();
        Files.writeString(sessionDirectory().resolve("lock"), "process 1 since ever");

        store().open("a").close();
    }

    @Test
    void sessionsOfAllNamesStayInsideTheDirectory() throws IOException {
        for (String clientId : List.of("../x", "a/b", "..", "", "\u0001", "x".repeat(65_535))) {
            store().open(clientId).close();
        }

        assertThat(directory.toFile().list()).containsExactly("store");
        try (Stream<Path> sessions = Files.list(directory.resolve("store"))) {
            assertThat(sessions)
                    .hasSize(6)
                    .allSatisfy(session ->
                            assertThat(session.getFileName().toString()).matches("[0-9a-f]{64}"));
        }
    }

    @Test
    void knowsTheClientIdentifiersOfItsSessions() throws IOException {
        store().open("b").close();
        store().open("a/\u00fc").close();
        Files.createDirectories(directory.resolve("store/else"));

        assertThat(store().clientIds()).containsExactly("a/\u00fc", "b");
        assertThat(FileSessionStore.at(directory.resolve("nowhere")).clientIds())
                .isEmpty();
    }

    @Test
    void refusesADirectoryThatIsAnotherClients() throws IOException {
        store().open("a").close();
        Files.writeString(sessionDirectory().resolve("client"), "b");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().open("a"))
                .withMessageContaining("belongs to");
    }

    @Test
    void onlyTheOwnerMayReadIt() throws IOException {
        SessionLog log = store().open("a");
        try (Stream<Path> all = Files.walk(directory.resolve("store"))) {
            assertThat(all)
                    .isNotEmpty()
                    .allSatisfy(path -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------"));
        }
        log.close();
    }

    @Test
    void opensNothingWhereItCannotWrite() throws IOException {
        Files.writeString(directory.resolve("store"), "a file");

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().open("a"))
                .withMessageContaining("session 'a' cannot be opened");
    }

    @Test
    void keepsAFewSegmentsOfWhatIsSettledAtOnce() throws IOException {
        SessionLog log = opened("a");
        for (int i = 1; i <= 2_000; i++) {
            Publish publish = accepted(log, i, 100);
            publish.packetId = 1 + i % 100;
            log.sent(publish);
            log.settled(publish);
            safe(log);
        }
        assertThat(segments()).hasSizeLessThan(4);
        log.close();
    }

    @Test
    void shrinksToOneShortSegmentOnceAllIsDrained() throws IOException {
        SessionLog log = opened("a");
        List<Publish> all = new ArrayList<>();
        for (int i = 1; i <= 500; i++) {
            all.add(accepted(log, i, 200));
            safe(log);
        }
        assertThat(segments()).hasSizeGreaterThan(20);
        all.forEach(log::settled);
        safe(log);
        log.close();

        SessionLog next = opened("a");
        assertThat(segments()).hasSize(1);
        next.close();
        assertThat(bytes()).isLessThan(200);
    }

    @Test
    void aFewStragglersDoNotKeepManySegments() throws IOException {
        SessionLog log = opened("a");
        for (int i = 1; i <= 3_000; i++) {
            Publish publish = accepted(log, i, 100);
            if (i % 100 != 0) {
                log.settled(publish);
            }
            safe(log);
        }
        assertThat(bytes()).isLessThan(30 * 110 * 2 + 5L * FileSessionStore.LEAST_SEGMENT_BYTES);
        log.close();

        SessionLog next = opened("a");
        assertThat(next.waiting()).isEqualTo(30);
        assertThat(next.read(0, 100, 1_000_000).join())
                .extracting(StoredPublish::sequence)
                .hasSize(30)
                .startsWith(100L, 200L)
                .endsWith(3_000L);
        next.close();
    }

    @Test
    void manyShortLivesDoNotLeaveManySegments() throws IOException {
        for (int i = 1; i <= 40; i++) {
            SessionLog log = opened("a");
            accepted(log, i, 10);
            safe(log);
            log.close();
        }
        assertThat(segments()).hasSizeLessThan(12);

        SessionLog next = opened("a");
        assertThat(next.waiting()).isEqualTo(40);
        next.close();
    }

    @Test
    void anInterruptedCallerHarmsNothing() {
        Thread.currentThread().interrupt();
        SessionLog log = opened("a");
        accepted(log, 1, 10);
        log.sync();
        List<StoredPublish> page = log.read(0, 10, 1_000).join();
        assertThat(Thread.interrupted()).isTrue();
        safe(log);

        assertThat(page).hasSize(1);
        assertThat(log.failure()).isNull();
        log.close();
    }

    @Test
    void writesWhatNobodyWaitsForAfterAWhileAllTheSame() throws Exception {
        SessionLog log = opened("a");
        Publish publish = accepted(log, 1, 10);
        publish.packetId = 1;
        log.sent(publish);
        safe(log);
        long before = bytesWritten();
        log.settled(publish);

        Runnable never = () -> {
            throw new AssertionError("called although it was safe");
        };
        assertThat(new Syncs(log, () -> {}).sync(never)).isTrue();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (bytesWritten() == before && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(bytesWritten()).isGreaterThan(before);
        log.close();
    }

    @Test
    void verifiesWithoutChangingAnything() throws IOException {
        SessionLog log = opened("a");
        for (int i = 1; i <= 100; i++) {
            accepted(log, i, 100);
            safe(log);
        }
        assertThat(store().verify("a")).isEmpty();
        log.close();
        assertThat(store().verify("a")).isEmpty();

        Path second = segments().get(1);
        byte[] content = Files.readAllBytes(second);
        content[content.length / 2]++;
        Files.write(second, content);
        List<String> findings = store().verify("a");

        assertThat(findings).hasSize(2);
        assertThat(findings.get(0)).startsWith("segment " + second.getFileName() + " cannot be read from byte ");
        assertThat(findings.get(1)).contains("instead of");
        assertThat(store().verify("a")).isEqualTo(findings);
    }

    @Test
    void refusesToVerifyWhatIsNotThere() {
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().verify("a"))
                .withMessageContaining("no session 'a'");
    }

    @Test
    void setsDamagedFilesAsideAndTellsOnce() throws IOException {
        SessionLog log = opened("a");
        for (int i = 1; i <= 100; i++) {
            accepted(log, i, 100);
            safe(log);
        }
        log.close();
        Path second = segments().get(1);
        byte[] content = Files.readAllBytes(second);
        content[content.length / 2]++;
        Files.write(second, content);

        SessionLog next = opened("a");
        assertThat(next.damage()).isNull();
        CountDownLatch told = new CountDownLatch(1);
        assertThat(new Syncs(next, told::countDown).sync(() -> {})).isTrue();
        assertThat(next.read(0, 1_000, 1_000_000).join()).hasSize(99);
        assertThat(told.getCount()).isZero();
        assertThat(next.damage())
                .hasMessageContaining("1 messages in segment " + second.getFileName())
                .hasMessageContaining("quarantine");
        assertThat(next.waiting()).isEqualTo(99);
        next.close();

        assertThat(Files.readAllBytes(sessionDirectory().resolve("quarantine").resolve(second.getFileName())))
                .isEqualTo(content);
        assertThat(store().verify("a")).isEmpty();
        SessionLog third = opened("a");
        assertThat(third.damage()).isNull();
        assertThat(third.waiting()).isEqualTo(99);
        third.close();
    }

    @Test
    void refusesAFormatOfTheFutureAndLeavesItAlone() throws IOException {
        store().open("a").close();
        Path segment = segments().get(0);
        byte[] header = new SegmentHeader(2, 1, 1, false, true).encoded().array();
        byte[] content = Files.readAllBytes(segment);
        System.arraycopy(header, 0, content, 0, header.length);
        Files.write(segment, content);

        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store().open("a"))
                .withMessageContaining("format 2")
                .withMessageContaining("newer version");
        assertThat(Files.readAllBytes(segment)).isEqualTo(content);
    }

    @Test
    void chooseOnlyWhatMakesSense() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> store().segmentBytes(4095))
                .withMessage("segment bytes is 4095, must be 4096 to 1073741824");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> store().lazyInterval(Duration.ZERO))
                .withMessage("lazy interval is PT0S, must be PT0.001S to PT1H");
    }

    /** Takes the lock as soon as the client that was closed has given it up. */
    private static void lock(FileChannel channel) throws IOException {
        while (true) {
            try {
                channel.lock();
                return;
            } catch (OverlappingFileLockException e) {
                Thread.onSpinWait();
            }
        }
    }

    private SessionLog opened(String clientId) {
        SessionLog log = store().open(clientId);
        log.replay(publish -> publish, packetId -> {}, subscription -> {});
        return log;
    }

    private static Publish accepted(SessionLog log, long sequence, int bytes) {
        Publish publish = new Publish(sequence, Message.of("t", new byte[bytes]).qos(Qos.AT_LEAST_ONCE), null);
        log.accepted(publish);
        return publish;
    }

    private static void safe(SessionLog log) {
        Syncs.awaitSafe(log);
    }

    private Path sessionDirectory() throws IOException {
        try (Stream<Path> sessions = Files.list(directory.resolve("store"))) {
            return sessions.findFirst().orElseThrow();
        }
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.list(sessionDirectory())) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }

    /** The bytes of segments that are not zero. */
    private long bytesWritten() throws IOException {
        long written = 0;
        for (Path segment : segments()) {
            for (byte each : Files.readAllBytes(segment)) {
                written += each == 0 ? 0 : 1;
            }
        }
        return written;
    }

    private long bytes() throws IOException {
        long bytes = 0;
        for (Path segment : segments()) {
            try {
                bytes += Files.size(segment);
            } catch (NoSuchFileException e) {
                // The store has deleted the segment since it was listed.
            }
        }
        return bytes;
    }
}
