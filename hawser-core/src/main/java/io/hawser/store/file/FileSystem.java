package io.hawser.store.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that the file store asks of a file system. */
interface FileSystem {
    /** The one name of a directory, whatever links lead to it; it need not be there. */
    default Path real(Path directory) throws IOException {
        return directory;
    }

    /** An open file. */
    interface Handle extends Closeable {
        /** Writes the first buffers of the array, from position to limit, one behind the other from this offset on. */
        void write(long offset, ByteBuffer[] buffers, int count) throws IOException;

        /** Fills the buffer from its position on, as far as the file reaches. */
        void read(long offset, ByteBuffer target) throws IOException;

        /** Returns when what was written is on the disk. If that fails, nobody knows what is, and asking again is no use. */
        void force() throws IOException;

        void truncate(long length) throws IOException;

        long length() throws IOException;

        /** Whether {@link #memory} is not null. */
        boolean isMappable() throws IOException;

        /**
         * The bytes of the file as memory; null if the file system is not one that is known to keep every byte of a file
         * writable in its place. The file must not become shorter as long as the memory is touched.
         */
        @Nullable
        Memory memory() throws IOException;
    }

    /** The bytes of a file as memory that outlives the process. */
    interface Memory {
        long length();

        /**
         * Puts the bytes from position to limit to this offset, behind everything that was put before: whenever the process
         * ends, nothing of this is in the file that has not all of that. Like a write, it survives the process and not the
         * machine.
         */
        void put(long offset, ByteBuffer bytes) throws IOException;

        /** Returns when the first so many bytes are on the disk. */
        void force(long length) throws IOException;
    }

    /** Closes a file of which all that must be safe has been forced, so that a failure to close does not matter. */
    static void close(@Nullable Handle file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // the file goes with the process at the latest
        }
    }

    /** A lock that is held until it is closed, or somebody else's. */
    record Lock(@Nullable Closeable held, String holder) {}

    /**
     * Creates the directory and those above it, unless they are there, so that they are on the disk. One that is there becomes
     * this user's alone, or is refused: if it is a link, or belongs to somebody else.
     */
    void createDirectory(Path directory) throws IOException;

    // Files are opened only if they are regular files; no link in place of one is followed.

    /** Creates an empty file, in place of any that is there. */
    Handle create(Path file) throws IOException;

    Handle open(Path file, boolean writable) throws IOException;

    /** The names in a directory, sorted; empty if there is no such directory. */
    List<String> list(Path directory) throws IOException;

    /** Renames a file, in place of any that has the name, in one step. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path file) throws IOException;

    /** Returns when creations, renames and deletions in the directory are on the disk. */
    void force(Path directory) throws IOException;

    /** Takes the lock that the file stands for, and writes the holder's description into it; or tells who has it. */
    Lock lock(Path file, String holder) throws IOException;
}
