package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.store.SessionStore.Durability;
import io.hawser.text.Utf8;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A store that keeps sessions in files, so that they survive the process, and, with {@link Durability#POWER}, the machine.
 *
 * <p>Each session has a directory of its own below that of the store, readable by its owner only, and may be open once at a
 * time, in whichever process. Its entries go to a journal of segments; messages that wait are not held in memory. All I/O
 * happens on a thread of its own per open session.
 *
 * <p>Immutable and safe for use by many threads; methods with an argument return changed copies.
 */
public final class FileSessionStore implements SessionStore {
    /** The least length of a segment, in bytes. */
    public static final int LEAST_SEGMENT_BYTES = 4 * 1024;

    private static final int SEGMENT_BYTES = 8 * 1024 * 1024;
    /** How often to begin a verification anew because the owner has removed a segment. */
    private static final int VERIFICATIONS = 5;

    private static final Duration LAZY_INTERVAL = Duration.ofSeconds(1);
    private static final ConcurrentMap<Key, JournalWorker> OPEN = new ConcurrentHashMap<>();

    /** The hash code is written out, as that of a {@code Subscription} is. */
    private record Key(FileSystem disk, Path directory) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && disk.equals(that.disk) && directory.equals(that.directory);
        }

        @Override
        public int hashCode() {
            return 31 * disk.hashCode() + directory.hashCode();
        }
    }

    private static final FileSystem DISK = new JdkFileSystem();

    private final Path directory;
    private final JournalOptions options;

    FileSessionStore(Path directory, JournalOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /** A store in this directory, which is created when first needed, with {@link Durability#PROCESS}. */
    public static FileSessionStore at(Path directory) {
        return new FileSessionStore(
                directory.toAbsolutePath().normalize(),
                new JournalOptions(
                        Durability.PROCESS,
                        SEGMENT_BYTES,
                        LAZY_INTERVAL.toMillis(),
                        DISK,
                        System::currentTimeMillis,
                        false));
    }

    /** This store with another promise. */
    public FileSessionStore durability(Durability durability) {
        Objects.requireNonNull(durability, "durability");
        return new FileSessionStore(directory, options.durability(durability));
    }

    /**
     * This store with segments of about this length, in bytes (default: 8 MiB). A directory is as long as what waits and a few
     * segments.
     *
     * @throws IllegalArgumentException if it is less than {@link #LEAST_SEGMENT_BYTES} or more than 1 GiB
     */
    public FileSessionStore segmentBytes(int segmentBytes) {
        if (segmentBytes < LEAST_SEGMENT_BYTES || segmentBytes > 1 << 30) {
            throw new IllegalArgumentException(
                    "segment bytes is " + segmentBytes + ", must be " + LEAST_SEGMENT_BYTES + " to " + (1 << 30));
        }
        return new FileSessionStore(directory, options.segmentBytes(segmentBytes));
    }

    /**
     * This store with another time after which {@link Durability#LAZY} forces to the disk what was written (default: 1 s).
     *
     * @throws IllegalArgumentException if it is less than 1 ms or more than an hour
     */
    public FileSessionStore lazyInterval(Duration interval) {
        if (interval.compareTo(Duration.ofMillis(1)) < 0 || interval.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("lazy interval is " + interval + ", must be PT0.001S to PT1H");
        }
        return new FileSessionStore(directory, options.lazyMillis(interval.toMillis()));
    }

    /** The directory of the store. */
    public Path directory() {
        return directory;
    }

    @Override
    public SessionLog open(String clientId) {
        Path session = sessionDirectory(clientId);
        Key key = new Key(options.disk(), session);
        JournalWorker worker = new JournalWorker(clientId, session, options, () -> OPEN.remove(key));
        for (JournalWorker other = OPEN.putIfAbsent(key, worker);
                other != null;
                other = OPEN.putIfAbsent(key, worker)) {
            if (!other.isClosing()) {
                throw new StoreException(other + " is open in another client of this process", null);
            }
            other.awaitClosed();
        }
        return new JournalLog(worker, options, worker.start());
    }

    /** By the name that no link changes: closing a second channel of the lock file would give the first one's lock away. */
    private Path sessionDirectory(String clientId) {
        try {
            return options.disk().real(directory).resolve(FileNames.session(clientId));
        } catch (IOException e) {
            throw new StoreException("the store in " + directory + " cannot be opened: " + e, e);
        }
    }

    /**
     * The client identifiers that have a session in this store, sorted.
     *
     * @throws StoreException if the directory cannot be read
     */
    public List<String> clientIds() {
        try {
            List<String> clientIds = new ArrayList<>();
            for (String name : options.disk().list(directory)) {
                if (FileNames.isSession(name)) {
                    FileNames.clientId(options.disk(), directory.resolve(name)).ifPresent(clientIds::add);
                }
            }
            return clientIds.stream().sorted().toList();
        } catch (IOException e) {
            throw new StoreException("the store in " + directory + " cannot be read: " + e, e);
        }
    }

    /**
     * Reads every segment of a session, and changes nothing. Works beside a client that has the session open, as far as what
     * that client does meanwhile allows.
     *
     * @return what is damaged, one sentence for each place, with file and offset; empty if the session is sound
     * @throws StoreException if the files cannot be read, or the store has no such session
     */
    public List<String> verify(String clientId) {
        Path session = directory.resolve(FileNames.session(clientId));
        try {
            if (FileNames.clientId(options.disk(), session).isEmpty()) {
                throw new StoreException(
                        "the store in " + directory + " has no session '" + Utf8.printable(clientId) + "'", null);
            }
            return verify(session, 1);
        } catch (IOException e) {
            throw new StoreException("the session in " + session + " cannot be read: " + e, e);
        }
    }

    private List<String> verify(Path session, int attempt) throws IOException {
        try {
            return new Recovery(options.disk(), session).verify();
        } catch (NoSuchFileException e) {
            if (attempt == VERIFICATIONS) {
                throw e;
            }
            return verify(session, attempt + 1);
        }
    }

    /**
     * Reads a session as it is on the disk now. Changes nothing, and needs no lock: if a client has the session open, it may
     * move what is there meanwhile, and then reading fails.
     *
     * @return the contents, of which {@link SessionContents#damage} tells what was found damaged on the way
     * @throws StoreException if the files cannot be read
     */
    public SessionContents snapshot(String clientId) {
        Path session = directory(clientId);
        try {
            return new SessionSnapshot(session, options);
        } catch (IOException e) {
            throw new StoreException("the session in " + session + " cannot be read: " + e, e);
        }
    }

    /**
     * Who has a session open, in words; null if nobody has. While this looks, for less than a millisecond, nobody else can open
     * it.
     *
     * @throws StoreException if that cannot be found out
     */
    public @Nullable String holder(String clientId) {
        Path session = directory(clientId);
        if (OPEN.containsKey(new Key(options.disk(), session))) {
            return "this process";
        }
        try {
            if (!options.disk().list(session).contains(FileNames.LOCK)) {
                return null;
            }
            // Whoever takes the lock signs the file; what was there stays there.
            String last = text(session.resolve(FileNames.LOCK));
            FileSystem.Lock lock = options.disk().lock(session.resolve(FileNames.LOCK), last);
            Closeable held = lock.held();
            if (held == null) {
                return lock.holder();
            }
            held.close();
            return null;
        } catch (IOException e) {
            throw new StoreException("the lock in " + session + " cannot be looked at: " + e, e);
        }
    }

    private String text(Path file) throws IOException {
        try (FileSystem.Handle handle = options.disk().open(file, false)) {
            ByteBuffer content = ByteBuffer.allocate((int) Math.min(handle.length(), 1024));
            handle.read(0, content);
            return StandardCharsets.UTF_8.decode(content.flip()).toString();
        }
    }

    /** Where the files of a session are, or would be. */
    public Path directory(String clientId) {
        return directory.resolve(FileNames.session(clientId));
    }
}
