package io.hawser.store.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** The memory of a file of the machine. The file stays mapped as long as anything refers to this object. */
final class MappedFile implements FileSystem.Memory {
    /**
     * File systems that write a block where it lies. On these, a byte that has a block can be written however full the disk is;
     * on others, a full disk would be a fault of memory, which Java does not throw where it happens.
     */
    private static final Set<String> IN_PLACE = Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs");

    private static final int PAGE = 4096;

    private final MappedByteBuffer bytes;

    MappedFile(MappedByteBuffer bytes) {
        this.bytes = bytes;
        // The first touch of a page takes long: the event loop should not be the one that waits for it.
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
