package io.hawser.store.file;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The file system of the machine. Files and directories are their owner's only, where it knows such a thing. */
final class JdkFileSystem implements FileSystem {
    /** The JDK copies a write from the heap to native memory, and keeps as much of that as the largest write needed. */
    private static final int HEAP_PIECE = 256 * 1024;

    private static final int HOLDER_LENGTH = 256;
    private static final String OWNER_DIRECTORY = "rwx------";
    private static final String OWNER_FILE = "rw-------";

    @Override
    public Path real(Path directory) throws IOException {
        Path there = directory;
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there == null ? directory : there.toRealPath().resolve(there.relativize(directory));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path path = directory; path != null && !exists(path, directory); path = path.getParent()) {
            missing.push(path);
        }
        if (missing.isEmpty()) {
            claim(directory);
        } else {
            Files.createDirectories(directory, attributes(directory, OWNER_DIRECTORY));
        }
        for (Path created : missing) {
            Path above = created.getParent();
            if (above != null) {
                force(above);
            }
        }
    }

    /** A link in place of the directory itself is something that is there, wherever it leads. */
    private static boolean exists(Path path, Path directory) {
        return path.equals(directory) ? Files.exists(path, LinkOption.NOFOLLOW_LINKS) : Files.exists(path);
    }

    private static void claim(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(
                    directory.toString(), null, "is a link or a file where a directory should be; no link is followed");
        }
        PosixFileAttributeView view =
                Files.getFileAttributeView(directory, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (view == null) {
            return;
        }
        PosixFileAttributes found = view.readAttributes();
        UserPrincipal user = userIn(directory);
        if (!found.owner().equals(user)) {
            throw new FileSystemException(
                    directory.toString(),
                    null,
                    "belongs to '" + found.owner().getName() + "', and this process runs as '" + user.getName() + "'");
        }
        Set<PosixFilePermission> wanted = PosixFilePermissions.fromString(OWNER_DIRECTORY);
        if (!found.permissions().equals(wanted)) {
            view.setPermissions(wanted);
        }
    }

    /** Who this process is for the file system: the owner of what it creates there. */
    private static UserPrincipal userIn(Path directory) throws IOException {
        Path probe = Files.createTempFile(
                directory, FileNames.PROBE, FileNames.TEMPORARY, attributes(directory, OWNER_FILE));
        try {
            return Files.getOwner(probe, LinkOption.NOFOLLOW_LINKS);
        } finally {
            Files.delete(probe);
        }
    }

    private static FileAttribute<?>[] attributes(Path path, String permissions) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    @Override
    public Handle create(Path file) throws IOException {
        Files.deleteIfExists(file);
        return new Channel(
                file, open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public Handle open(Path file, boolean writable) throws IOException {
        return new Channel(
                file,
                writable
                        ? open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)
                        : open(file, StandardOpenOption.READ));
    }

    private static FileChannel open(Path file, OpenOption... options) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(file.toString(), null, "is not a regular file; no link is followed");
        }
        Set<OpenOption> all = new HashSet<>(Set.of(options));
        // Whoever puts a link there after the look above meets this.
        all.add(LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, all, attributes(file, OWNER_FILE));
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void force(Path directory) throws IOException {
        if (isWindows(directory)) {
            return; // cannot open a directory, and need not: its file systems log such changes themselves
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static boolean isWindows(Path path) {
        return path.getFileSystem().getSeparator().equals("\\");
    }

    @Override
    public Lock lock(Path file, String holder) throws IOException {
        FileChannel channel = open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock(Long.MAX_VALUE - 1, 1, false);
        } catch (OverlappingFileLockException e) {
            // another store of this process
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            return new Lock(null, holder(file));
        }
        byte[] text = holder.getBytes(StandardCharsets.UTF_8);
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(text, 0, Math.min(text.length, HOLDER_LENGTH)), 0);
        Closeable held = channel;
        return new Lock(held, holder);
    }

    private String holder(Path file) throws IOException {
        try (Handle lock = open(file, false)) {
            ByteBuffer text = ByteBuffer.allocate(HOLDER_LENGTH);
            lock.read(0, text);
            return StandardCharsets.UTF_8.decode(text.flip()).toString();
        }
    }

    private record Channel(Path file, FileChannel channel) implements Handle {
        @Override
        public void write(long offset, ByteBuffer[] buffers, int count) throws IOException {
            channel.position(offset);
            int first = 0;
            while (first < count) {
                if (!buffers[first].hasRemaining()) {
                    first++;
                } else if (buffers[first].isDirect()) {
                    int behind = first + 1;
                    while (behind < count && buffers[behind].isDirect()) {
                        behind++;
                    }
                    channel.write(buffers, first, behind - first);
                } else {
                    writePiece(buffers[first]);
                }
            }
        }

        private void writePiece(ByteBuffer buffer) throws IOException {
            int limit = buffer.limit();
            buffer.limit(Math.min(limit, buffer.position() + HEAP_PIECE));
            channel.write(buffer);
            buffer.limit(limit);
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            long at = offset;
            int limit = target.limit();
            while (target.position() < limit) {
                target.limit(Math.min(limit, target.position() + HEAP_PIECE));
                int read = channel.read(target, at);
                target.limit(limit);
                if (read < 0) {
                    return;
                }
                at += read;
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long length) throws IOException {
            channel.truncate(length);
        }

        @Override
        public long length() throws IOException {
            return channel.size();
        }

        @Override
        public boolean isMappable() throws IOException {
            return MappedFile.isSupported(file);
        }

        @Override
        public @Nullable Memory memory() throws IOException {
            long length = channel.size();
            if (length > Integer.MAX_VALUE || !isMappable()) {
                return null;
            }
            return new MappedFile(channel.map(FileChannel.MapMode.READ_WRITE, 0, length));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
