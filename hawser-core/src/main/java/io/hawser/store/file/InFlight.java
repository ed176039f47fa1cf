package io.hawser.store.file;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** The messages in flight, as runs: messages sent one after the other whose sequences and packet identifiers rise by one. */
final class InFlight {
    /**
     * Messages that were sent in a row and have come equally far.
     *
     * @param sent the place of the first in the order of sending
     * @param released whether their PUBREC has come
     */
    record Run(long first, int packetId, int count, long sent, boolean released) {
        long last() {
            return first + count - 1;
        }

        int packetId(long sequence) {
            return packetId + (int) (sequence - first);
        }

        private Run part(long from, long to) {
            int skipped = (int) (from - first);
            return new Run(from, packetId + skipped, (int) (to - from) + 1, sent + skipped, released);
        }

        private Run and(Run next) {
            return new Run(first, packetId, count + next.count, sent, released);
        }

        private boolean isFollowedBy(Run next) {
            return next.first == first + count
                    && next.packetId == packetId + count
                    && next.sent == sent + count
                    && next.released == released;
        }
    }

    /** By first sequence; they do not overlap. */
    private final TreeMap<Long, Run> runs = new TreeMap<>();

    private long size;
    private long sends;

    long size() {
        return size;
    }

    /** Messages are in flight from here on, each behind those that were sent before. */
    void send(long sequence, int packetId, int count) {
        remove(sequence, sequence + count - 1);
        add(new Run(sequence, packetId, count, sends, false));
        sends += count;
    }

    private void add(Run added) {
        size += added.count;
        Map.Entry<Long, Run> entry = runs.lowerEntry(added.first);
        Run before = entry == null ? null : entry.getValue();
        Run whole = before != null && before.isFollowedBy(added) ? before.and(added) : added;
        Run after = runs.get(whole.last() + 1);
        if (after != null && whole.isFollowedBy(after)) {
            runs.remove(after.first);
            whole = whole.and(after);
        }
        runs.put(whole.first, whole);
    }

    /** Messages are not in flight any more, if they were. */
    void remove(long from, long to) {
        for (Run run = lastUpTo(to); run != null && run.last() >= from; run = lastUpTo(to)) {
            runs.remove(run.first);
            size -= run.count;
            if (run.first < from) {
                add(run.part(run.first, from - 1));
            }
            if (run.last() > to) {
                add(run.part(to + 1, run.last()));
            }
        }
    }

    private @Nullable Run lastUpTo(long sequence) {
        Map.Entry<Long, Run> entry = runs.floorEntry(sequence);
        return entry == null ? null : entry.getValue();
    }

    /** The run with this message; null if it is not in flight. */
    @Nullable
    Run find(long sequence) {
        Run run = lastUpTo(sequence);
        return run == null || run.last() < sequence ? null : run;
    }

    /** The PUBRECs of messages have come, as far as they are in flight. */
    void release(long from, long to) {
        for (Run run = lastUpTo(to); run != null && run.last() >= from; run = lastUpTo(run.first - 1)) {
            if (!run.released) {
                Run part = run.part(Math.max(from, run.first), Math.min(to, run.last()));
                remove(part.first, part.last());
                add(new Run(part.first, part.packetId, part.count, part.sent, true));
            }
        }
    }

    /** The sequences, rising. */
    LongStream sequences() {
        return runs.values().stream().flatMapToLong(run -> LongStream.rangeClosed(run.first, run.last()));
    }

    List<Run> inSendingOrder() {
        return runs.values().stream()
                .sorted(Comparator.comparingLong(Run::sent))
                .toList();
    }
}
