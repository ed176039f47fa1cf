package io.hawser.store.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** A file that is mapped into memory. The mapping ends when nobody refers to it any more. */
final class MappedFile implements FileSystem.Memory {
    /**
     * These write a block where it lies, so that a full disk cannot be what a byte that has its block meets: there is nobody
     * whom that could be told in time, for a fault of memory is not thrown where it happens.
     */
    private static final Set<String> IN_PLACE = Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs");

    private static final int PAGE = 4096;

    private final MappedByteBuffer bytes;

    MappedFile(MappedByteBuffer bytes) {
        this.bytes = bytes;
        // So that the one who logs does not have to wait for each page when it is touched first.
        for (int i = 0; i < bytes.limit(); i += PAGE) {
            bytes.put(i, bytes.get(i));
        }
    }

    static boolean isSupported(Path file) throws IOException {
        return IN_PLACE.contains(Files.getFileStore(file).type());
    }

    @Override
    public long length() {
        return bytes.limit();
    }

    @Override
    public void put(long offset, ByteBuffer from) throws IOException {
        try {
            bytes.put((int) offset, from, from.position(), from.remaining());
            VarHandle.releaseFence();
        } catch (InternalError e) {
            throw new IOException("the memory of a file cannot be written", e);
        }
    }

    @Override
    public void force(long length) throws IOException {
        try {
            bytes.force(0, (int) length);
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
