package io.hawser.store.file;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The file of a removed segment, kept to be used again. A file that has its length already is written, and forced, in half the
 * time. The frames in the file have the number of the removed segment, so they never count.
 */
final class RecycledSegment {
    private final FileSystem disk;
    private final Path path;
    private boolean kept;
    private FileSystem.@Nullable Memory memory;

    RecycledSegment(FileSystem disk, Path directory) {
        this.disk = disk;
        this.path = directory.resolve(FileNames.SPARE);
    }

    boolean isKept() {
        return kept;
    }

    /** Keeps the file of a segment. Returns false if a file is kept already or cannot be renamed: then the caller removes it. */
    boolean keep(Segment segment, Path file) {
        if (kept) {
            return false;
        }
        try {
            disk.rename(file, path);
        } catch (IOException e) {
            return false;
        }
        kept = true;
        memory = segment.memory;
        return true;
    }

    /** Opens the kept file under a new name. If that fails, a file with the new name may be there or not. */
    FileSystem.Handle renamed(Path file) throws IOException {
        kept = false;
        disk.rename(path, file);
        return disk.open(file, true);
    }

    /** The memory of the file that was renamed last. It is mapped anew if more bytes were written than the old mapping has. */
    FileSystem.@Nullable Memory memory(FileSystem.Handle renamed, long written) throws IOException {
        FileSystem.Memory known = memory;
        memory = null;
        return known == null || known.length() < written ? renamed.memory() : known;
    }

    void drop() {
        if (kept) {
            kept = false;
            memory = null;
            try {
                disk.delete(path);
            } catch (IOException e) {
                // the next opening removes it
            }
        }
    }
}
