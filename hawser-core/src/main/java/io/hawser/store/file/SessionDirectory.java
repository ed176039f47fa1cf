package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.text.Utf8;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The directory of a session that is opened: its lock, the file with the client identifier, and the journal in it. */
final class SessionDirectory {
    /** What was found when the session was opened. */
    record Contents(
            List<StoredPublish> held,
            BitSet received,
            List<Subscription> subscriptions,
            int waiting,
            long waitingBytes,
            long lastSequence) {}

    private final String clientId;
    private final Path directory;
    private final FileSystem disk;
    private @Nullable Closeable lock;

    SessionDirectory(String clientId, Path directory, FileSystem disk) {
        this.clientId = clientId;
        this.directory = directory;
        this.disk = disk;
    }

    Contents open(Journal journal) throws IOException {
        disk.createDirectory(directory);
        takeLock();
        boolean named = FileNames.clientId(disk, directory).isPresent();
        List<StoredPublish> held = journal.open(named);
        if (!named) {
            nameDirectory();
        }
        SessionState state = journal.state;
        return new Contents(
                held,
                (BitSet) state.received.clone(),
                List.copyOf(state.subscriptions.values()),
                Math.toIntExact(state.waiting()),
                state.waiting() == 0 ? 0 : Math.max(0, state.waitingBytes),
                state.lastSequence);
    }

    private void takeLock() throws IOException {
        String me = "process " + ProcessHandle.current().pid() + " since " + Instant.now();
        FileSystem.Lock taken = disk.lock(directory.resolve(FileNames.LOCK), me);
        lock = taken.held();
        if (lock == null) {
            throw new StoreException(
                    "session '" + Utf8.printable(clientId) + "' in " + directory + " is open in another client: "
                            + Utf8.printable(taken.holder()),
                    null);
        }
    }

    /** Writes the client identifier, after the first segment: a directory that has the identifier had a segment. */
    private void nameDirectory() throws IOException {
        Path temporary = directory.resolve(FileNames.CLIENT + FileNames.TEMPORARY);
        try (FileSystem.Handle file = disk.create(temporary)) {
            file.write(0, new ByteBuffer[] {StandardCharsets.UTF_8.encode(clientId)}, 1);
            file.force();
        }
        disk.rename(temporary, directory.resolve(FileNames.CLIENT));
        disk.force(directory);
    }

    void close() {
        try {
            Closeable held = lock;
            if (held != null) {
                held.close();
            }
        } catch (IOException e) {
            // the lock goes with the channel, whatever else failed
        }
    }
}
