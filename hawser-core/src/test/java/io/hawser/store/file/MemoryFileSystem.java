package io.hawser.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that remembers every operation, so that a power cut at any moment can be played: what was not forced is kept,
 * lost or torn, as the draw will have it.
 */
final class MemoryFileSystem implements FileSystem {
    /** What is done before an operation; throws to make it fail. */
    interface Fault {
        void before(String operation, Path file) throws IOException;
    }

    private static final class Node {
        byte[] content = {};

        void write(long offset, byte[] bytes, int from, int length) {
            int end = (int) offset + from + length;
            if (end > content.length) {
                content = Arrays.copyOf(content, end);
            }
            System.arraycopy(bytes, from, content, (int) offset + from, length);
        }
    }

    private enum Kind {
        WRITE,
        TRUNCATE,
        FORCE,
        CREATE,
        RENAME,
        DELETE,
        FORCE_DIRECTORY
    }

    private record Operation(
            Kind kind,
            @Nullable Node node,
            Path file,
            @Nullable Path to,
            long offset,
            byte[] bytes) {}

    private final Map<Path, Node> files = new TreeMap<>();
    /** What was there before the first operation. */
    private final Map<Path, Node> namesBefore = new TreeMap<>();

    private final Map<Node, byte[]> contentBefore = new HashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Set<Path> locked = new HashSet<>();
    Fault fault = (operation, file) -> {};
    /** Whether force returns without having done anything, as some disks do. */
    boolean lies;

    /** How many operations there have been. */
    int time() {
        return operations.size();
    }

    private void happen(Kind kind, @Nullable Node node, Path file, @Nullable Path to, long offset, byte[] bytes)
            throws IOException {
        fault.before(kind.name(), file);
        operations.add(new Operation(kind, node, file, to, offset, bytes));
    }

    /** The disk as it is, without the locks of whoever used it. */
    MemoryFileSystem copy() {
        MemoryFileSystem copy = new MemoryFileSystem();
        files.forEach((path, node) -> {
            Node same = new Node();
            same.content = node.content.clone();
            copy.files.put(path, same);
        });
        copy.begin();
        return copy;
    }

    /** The disk after the end of the process behind the first so many operations, in the middle of a write perhaps. */
    MemoryFileSystem afterKill(int time, Random random) {
        return afterKill(time, random.nextInt(bytesWritten(time) + 1));
    }

    /** The disk after the end of the process behind the first so many operations, and so many bytes of the next write. */
    MemoryFileSystem afterKill(int time, int begun) {
        if (begun == 0) {
            return after(time, (past, i) -> true, new Random(0));
        }
        Operation next = operations.get(time);
        byte[] bytes = Arrays.copyOf(next.bytes, begun);
        operations.set(time, new Operation(next.kind, next.node, next.file, null, next.offset, bytes));
        try {
            return after(time + 1, (past, i) -> true, new Random(0));
        } finally {
            operations.set(time, next);
        }
    }

    /** How many bytes the operation behind the first so many writes. */
    int bytesWritten(int time) {
        return time < operations.size() ? operations.get(time).bytes.length : 0;
    }

    /** The disk as it may be after a power cut behind the first so many operations. */
    MemoryFileSystem afterCut(int time, Random random) {
        return after(time, MemoryFileSystem::isForcedLater, random);
    }

    private interface Survival {
        boolean isSure(List<Operation> past, int index);
    }

    private MemoryFileSystem after(int time, Survival survival, Random random) {
        List<Operation> past = operations.subList(0, time);
        Map<Node, Node> nodes = new HashMap<>();
        contentBefore.forEach((node, content) -> {
            Node same = new Node();
            same.content = content.clone();
            nodes.put(node, same);
        });
        Map<Path, Node> names = new TreeMap<>();
        namesBefore.forEach((name, node) -> names.put(name, nodes.get(node)));
        for (int i = 0; i < past.size(); i++) {
            Operation operation = past.get(i);
            boolean safe = survival.isSure(past, i);
            switch (operation.kind) {
                case WRITE -> write(node(nodes, operation), operation, safe, random);
                case TRUNCATE -> {
                    if (safe || random.nextBoolean()) {
                        Node node = node(nodes, operation);
                        node.content = Arrays.copyOf(node.content, (int) operation.offset);
                    }
                }
                case CREATE -> {
                    if (safe || random.nextBoolean()) {
                        names.put(operation.file, node(nodes, operation));
                    }
                }
                case RENAME -> {
                    if (safe || random.nextBoolean()) {
                        names.remove(operation.file);
                        names.put(operation.to, node(nodes, operation));
                    }
                }
                case DELETE -> {
                    if (safe || random.nextBoolean()) {
                        names.remove(operation.file);
                    }
                }
                default -> {}
            }
        }
        MemoryFileSystem survivor = new MemoryFileSystem();
        survivor.files.putAll(names);
        survivor.begin();
        return survivor;
    }

    private void begin() {
        namesBefore.putAll(files);
        files.values().forEach(node -> contentBefore.put(node, node.content.clone()));
    }

    private static Node node(Map<Node, Node> nodes, Operation operation) {
        return nodes.computeIfAbsent(operation.node, node -> new Node());
    }

    private static boolean isForcedLater(List<Operation> past, int index) {
        Operation operation = past.get(index);
        boolean ofContent = operation.kind == Kind.WRITE || operation.kind == Kind.TRUNCATE;
        for (Operation later : past.subList(index + 1, past.size())) {
            if (ofContent && later.kind == Kind.FORCE && later.node == operation.node
                    || !ofContent
                            && later.kind == Kind.FORCE_DIRECTORY
                            && later.file.equals(operation.file.getParent())) {
                return true;
            }
        }
        return false;
    }

    /** A write that was not forced may be there, or not, or in parts of the size that the disk writes at once. */
    private static void write(Node node, Operation operation, boolean safe, Random random) {
        int fate = safe ? 0 : random.nextInt(4);
        int unit = fate == 2 ? 512 : 4096;
        int length = operation.bytes.length;
        if (fate == 0) {
            node.write(operation.offset, operation.bytes, 0, length);
        } else if (fate > 1) {
            for (int from = 0; from < length; ) {
                int next = (int) Math.min(length - from, unit - (operation.offset + from) % unit);
                if (random.nextBoolean()) {
                    node.write(operation.offset, operation.bytes, from, next);
                }
                from += next;
            }
        }
    }

    private static boolean isZero(byte[] bytes) {
        for (byte each : bytes) {
            if (each != 0) {
                return false;
            }
        }
        return true;
    }

    /** How many operations there were before a file that got its name since was written beyond this length, zeros apart. */
    int timeOf(Path file, long length) {
        int found = operations.size();
        for (int i = operations.size() - 1; i >= 0; i--) {
            Operation operation = operations.get(i);
            if (operation.node != files.get(file)) {
                continue;
            }
            if (operation.kind == Kind.CREATE || file.equals(operation.to)) {
                return found;
            }
            if (operation.kind == Kind.WRITE
                    && operation.offset + operation.bytes.length > length
                    && !isZero(operation.bytes)) {
                found = i;
            }
        }
        return found;
    }

    List<Path> paths() {
        return List.copyOf(files.keySet());
    }

    byte[] content(Path file) {
        return files.get(file).content;
    }

    void content(Path file, byte[] content) {
        files.computeIfAbsent(file, path -> new Node()).content = content;
    }

    void remove(Path file) {
        files.remove(file);
    }

    @Override
    public void createDirectory(Path directory) {}

    @Override
    public Handle create(Path file) throws IOException {
        Node node = new Node();
        happen(Kind.CREATE, node, file, null, 0, new byte[0]);
        files.put(file, node);
        return new Open(file, node);
    }

    @Override
    public Handle open(Path file, boolean writable) throws IOException {
        Node node = files.get(file);
        if (node == null) {
            throw new NoSuchFileException(file.toString());
        }
        return new Open(file, node);
    }

    @Override
    public List<String> list(Path directory) {
        return files.keySet().stream()
                .filter(file -> directory.equals(file.getParent()))
                .map(file -> file.getFileName().toString())
                .toList();
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        happen(Kind.RENAME, files.get(from), from, to, 0, new byte[0]);
        files.put(to, files.remove(from));
    }

    @Override
    public void delete(Path file) throws IOException {
        Node node = files.get(file);
        if (node != null) {
            happen(Kind.DELETE, node, file, null, 0, new byte[0]);
            files.remove(file);
        }
    }

    @Override
    public void force(Path directory) throws IOException {
        fault.before("FORCE_DIRECTORY", directory);
        if (!lies) {
            happen(Kind.FORCE_DIRECTORY, null, directory, null, 0, new byte[0]);
        }
    }

    @Override
    public Lock lock(Path file, String holder) {
        return locked.add(file) ? new Lock(() -> locked.remove(file), holder) : new Lock(null, "somebody");
    }

    private final class Open implements Handle {
        private final Path file;
        private final Node node;

        Open(Path file, Node node) {
            this.file = file;
            this.node = node;
        }

        @Override
        public void write(long offset, ByteBuffer[] buffers, int count) throws IOException {
            long at = offset;
            for (int i = 0; i < count; i++) {
                byte[] bytes = new byte[buffers[i].remaining()];
                buffers[i].get(bytes);
                happen(Kind.WRITE, node, file, null, at, bytes);
                node.write(at, bytes, 0, bytes.length);
                at += bytes.length;
            }
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            fault.before("READ", file);
            int from = (int) Math.min(offset, node.content.length);
            target.put(node.content, from, Math.min(target.remaining(), node.content.length - from));
        }

        @Override
        public void force() throws IOException {
            fault.before("FORCE", file);
            if (!lies) {
                happen(Kind.FORCE, node, file, null, 0, new byte[0]);
            }
        }

        @Override
        public void truncate(long length) throws IOException {
            happen(Kind.TRUNCATE, node, file, null, length, new byte[0]);
            node.content = Arrays.copyOf(node.content, (int) length);
        }

        @Override
        public long length() {
            return node.content.length;
        }

        @Override
        public boolean isMappable() {
            return true;
        }

        @Override
        public Memory memory() {
            return new Mapped(this, node.content.length);
        }

        @Override
        public void close() {}
    }

    /** The bytes of a file as memory: each put is a write, of which the end of the process leaves a part. */
    private record Mapped(Open file, long length) implements Memory {
        @Override
        public void put(long offset, ByteBuffer bytes) throws IOException {
            long end = offset + bytes.remaining();
            if (end > file.length()) {
                throw new AssertionError("byte " + end + " of " + file.file + " is memory no more");
            }
            file.write(offset, new ByteBuffer[] {bytes}, 1);
        }

        @Override
        public void force(long first) throws IOException {
            Objects.checkFromToIndex(0, first, length);
            file.force();
        }
    }
}
