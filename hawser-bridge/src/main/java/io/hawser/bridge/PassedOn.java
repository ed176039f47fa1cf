package io.hawser.bridge;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fingerprints of the last messages that the destination has taken, in memory and in a file that survives a kill. The source
 * sends again what it has no acknowledgement of; by these fingerprints such a message is known to be over.
 *
 * <p>The source sends again what it had in flight, so a ring of as many is enough. A fingerprint
 * has the packet identifier in it: another message gets the same one only with the same content under the same identifier, and
 * then it is not marked as a repetition.
 */
final class PassedOn {
    /** A record: its sequence, then the fingerprint. One write of so few bytes is there as a whole after a kill, or not at all. */
    private static final int RECORD = Long.BYTES + Fingerprint.BYTES;

    private final @Nullable FileChannel file;
    private final int size;
    /** How often each fingerprint is in the ring. */
    private final Map<Fingerprint, Integer> counts = new HashMap<>();

    private final @Nullable Fingerprint[] ring;
    private long next;

    private PassedOn(@Nullable FileChannel file, int size) {
        this.file = file;
        this.size = size;
        this.ring = new Fingerprint[size];
    }

    /** The last {@code size} fingerprints, in memory only. */
    static PassedOn inMemory(int size) {
        return new PassedOn(null, size);
    }

    /** The last {@code size} fingerprints, in this file, with those that an earlier process has left there. */
    static PassedOn in(Path path, int size) {
        try {
            FileChannel file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            PassedOn passedOn = new PassedOn(file, size);
            passedOn.load(file);
            return passedOn;
        } catch (IOException e) {
            throw new UncheckedIOException("The bridge cannot open " + path + ": " + e.getMessage(), e);
        }
    }

    /** With another size than last time, what is left there lies elsewhere in the ring, or is dropped as the oldest. */
    private void load(FileChannel file) throws IOException {
        int records = (int) Math.min(file.size() / RECORD, 65_536);
        Map<Long, Fingerprint> left = new TreeMap<>();
        ByteBuffer record = ByteBuffer.allocate(RECORD);
        for (int i = 0; i < records; i++) {
            record.clear();
            if (file.read(record, (long) i * RECORD) == RECORD) {
                long sequence = record.flip().getLong();
                if (sequence > 0) {
                    left.put(sequence, Fingerprint.read(record));
                }
            }
        }
        for (Map.Entry<Long, Fingerprint> entry : left.entrySet()) {
            next = entry.getKey();
            remember(entry.getValue());
        }
    }

    boolean contains(Fingerprint fingerprint) {
        return counts.containsKey(fingerprint);
    }

    /** Returns when the fingerprint survives the end of this process. */
    void add(Fingerprint fingerprint) throws IOException {
        next++;
        if (file != null) {
            ByteBuffer record = ByteBuffer.allocate(RECORD).putLong(next);
            fingerprint.write(record);
            record.flip();
            long position = next % size * RECORD;
            while (record.hasRemaining()) {
                position += file.write(record, position);
            }
        }
        remember(fingerprint);
    }

    private void remember(Fingerprint fingerprint) {
        int at = (int) (next % size);
        Fingerprint oldest = ring[at];
        if (oldest != null) {
            counts.computeIfPresent(oldest, (same, count) -> count == 1 ? null : count - 1);
        }
        ring[at] = fingerprint;
        counts.merge(fingerprint, 1, Integer::sum);
    }

    void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
