package io.hawser.store;

import io.hawser.mqtt.StoreException;
import io.hawser.text.Utf8;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes possession of the directory of a session: its lock, its name, and what is in its journal. */
final class FileOpening {
    private final String clientId;
    private final Path directory;
    private final FileDisk disk;
    private @Nullable Closeable lock;
    private List<StoredPublish> held = List.of();

    FileOpening(String clientId, Path directory, FileDisk disk) {
        this.clientId = clientId;
        this.directory = directory;
        this.disk = disk;
    }

    void open(FileJournal journal) throws IOException {
        disk.createDirectory(directory);
        takeLock();
        boolean named = FileNames.clientId(disk, directory).isPresent();
        held = journal.open(named);
        if (!named) {
            nameDirectory();
        }
    }

    /** What was in flight or concluded; told once. */
    List<StoredPublish> held() {
        List<StoredPublish> told = held;
        held = List.of();
        return told;
    }

    private void takeLock() throws IOException {
        String me = "process " + ProcessHandle.current().pid() + " since " + Instant.now();
        FileDisk.Lock taken = disk.lock(directory.resolve(FileNames.LOCK), me);
        lock = taken.held();
        if (lock == null) {
            throw new StoreException(
                    "session '" + Utf8.printable(clientId) + "' in " + directory + " is open in another client: "
                            + Utf8.printable(taken.holder()),
                    null);
        }
    }

    /** Only when it has a segment, since of a directory with a name it is known that it had. */
    private void nameDirectory() throws IOException {
        Path temporary = directory.resolve(FileNames.CLIENT + FileNames.TEMPORARY);
        try (FileDisk.Handle file = disk.create(temporary)) {
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
