package io.hawser.store.file;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file to be used again, of a segment of which nothing is wanted any more. A file that has its length already is written, and
 * forced, in half the time. What is in it passes for nothing.
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

    /** Keeps the file of a segment, unless there is one already or that fails; then it goes like others. */
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

    /** The file under another name. If that fails, it may be there or not. */
    FileSystem.Handle renamed(Path file) throws IOException {
        kept = false;
        disk.rename(path, file);
        return disk.open(file, true);
    }

    /** The memory of the file that was renamed last, which has become longer if so many bytes were written to it. */
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
