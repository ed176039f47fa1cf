package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state of a session from its segments: from the newest checkpoint that is whole, and the frames behind it. Of older
 * segments only header and length are read. No file is changed.
 */
final class Recovery {
    private final FileSystem disk;
    private final Path directory;

    SessionState state = new SessionState();
    /** What is wrong, in sentences. */
    final List<String> damage = new ArrayList<>();
    /** Segments of the state that must be rewritten, since part of them is unreadable. */
    final Set<Segment> damaged = new LinkedHashSet<>();
    /** Segments that were rewritten after the checkpoint, which may say more of them than they have. */
    final Set<Segment> rewritten = new LinkedHashSet<>();
    /** Files whose segment is not in the state: nothing in them is wanted, or nothing can be read. */
    final List<Long> superfluous = new ArrayList<>();
    /** The highest number that a segment has or had. */
    long lastNumber;

    /** Segments that were named as the next one, each with the one that named it. */
    private final NavigableMap<Long, Long> followers = new TreeMap<>();

    private long checkpointEnd;
    /** Whether a write at the end of the newest segment may be cut off, but not spoilt. */
    private boolean wholeWrites;

    Recovery(FileSystem disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /** @param known whether the session was ever opened to its end; if not, nobody relied on anything */
    void recover(boolean known) throws IOException {
        NavigableSet<Long> numbers = FileNames.segments(disk.list(directory));
        if (numbers.isEmpty()) {
            if (known) {
                damage.add("all segments are missing from " + directory + "; whatever was in them is lost");
            }
            return;
        }
        lastNumber = numbers.last();
        Long base = newestCheckpoint(numbers, false);
        if (base == null && known) {
            base = newestCheckpoint(numbers, true);
        }
        if (base != null) {
            lookAtOlder(numbers.headSet(base, false));
            replay(base, checkpointEnd);
        }
        for (long number : base == null ? numbers : numbers.tailSet(base, false)) {
            replayWithoutCheckpoint(number, base != null || !known);
        }
        state.settleDisplaced();
        lookForFollowers(numbers);
    }

    /** A segment names its follower only when that is on the disk, so that later files cannot stand for it. */
    private void lookForFollowers(NavigableSet<Long> numbers) {
        followers.forEach((follower, before) -> {
            if (!numbers.contains(follower)) {
                damage.add("segment " + name(follower) + " is missing, which followed " + name(before)
                        + "; whatever was in it is lost");
                lastNumber = Math.max(lastNumber, follower);
            }
        });
    }

    /** Reads all that is wanted, and tells what is wrong. */
    List<String> verify() throws IOException {
        recover(true);
        for (Segment segment : state.segments) {
            if (segment == state.current() && !damaged.contains(segment)) {
                continue; // read already
            }
            try (FileSystem.Handle file = disk.open(path(segment.number), false)) {
                FrameScanner scan = new FrameScanner(file, segment.number, SegmentHeader.LENGTH, segment.end);
                long live = 0;
                while (scan.next()) {
                    live += countLive(scan.entries(), segment);
                    tell(segment, scan);
                }
                tell(segment, scan);
                if (live < segment.live) {
                    damage.add("segment " + name(segment.number) + " has " + live + " messages that are not settled"
                            + " instead of " + segment.live);
                }
            }
        }
        return damage;
    }

    private void tell(Segment segment, FrameScanner scan) {
        if (scan.damagedAt >= 0) {
            damage.add("segment " + name(segment.number) + " cannot be read from byte " + scan.damagedAt + " to "
                    + scan.offset);
            scan.damagedAt = -1;
        }
    }

    private static long countLive(EntryReader in, Segment segment) {
        long live = 0;
        while (in.next()) {
            if (in.type == EntryWriter.ACCEPTED && segment.isLive(in.sequence)) {
                live++;
            }
        }
        return live;
    }

    Path path(long number) {
        return directory.resolve(FileNames.segment(number));
    }

    private String name(long number) {
        return FileNames.segment(number);
    }

    private @Nullable SegmentHeader header(FileSystem.Handle file, long number) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(SegmentHeader.LENGTH);
        file.read(0, bytes);
        if (!SegmentHeader.isValid(bytes.flip())) {
            return null;
        }
        SegmentHeader header = SegmentHeader.decoded(bytes);
        if (header.version() > SegmentHeader.VERSION) {
            throw new StoreException(
                    "the session in " + directory + " has format " + header.version()
                            + " and was written by a newer version of this library, which knows formats up to "
                            + SegmentHeader.VERSION,
                    null);
        }
        // A file that is used again has the header of its earlier use until it gets its own.
        return header.number() == number ? header : null;
    }

    private @Nullable Long newestCheckpoint(NavigableSet<Long> numbers, boolean withoutHeader) throws IOException {
        for (long number : numbers.descendingSet()) {
            if (hasCheckpoint(number, withoutHeader)) {
                return number;
            }
        }
        return null;
    }

    /** @param withoutHeader whether to trust a segment that has neither a header nor anything behind the checkpoint */
    private boolean hasCheckpoint(long number, boolean withoutHeader) throws IOException {
        try (FileSystem.Handle file = disk.open(path(number), false)) {
            SegmentHeader header = header(file, number);
            FrameScanner scan = new FrameScanner(file, number, SegmentHeader.LENGTH, file.length());
            if (!scan.next()
                    || scan.offset != SegmentHeader.LENGTH
                    || !scan.entries().isCheckpoint()) {
                return false;
            }
            if (header == null && !withoutHeader && !isUsed(file, number)) {
                return false;
            }
            state = new SessionState();
            state.apply(scan.body());
            state.waitingBytes = scan.waitingBytes();
            Segment segment = state.open(number);
            checkpointEnd = scan.end;
            wholeWrites = header != null && header.wholeWrites();
            if (header == null) {
                damage.add("segment " + name(number) + " has no readable header; nothing else of it is affected");
                damaged.add(segment);
            }
            return true;
        }
    }

    private void lookAtOlder(NavigableSet<Long> numbers) throws IOException {
        superfluous.addAll(numbers);
        Segment keeper = null;
        for (Segment segment : List.copyOf(state.segments)) {
            if (segment == state.current()) {
                continue;
            }
            if (keeper != null && segment.number <= keeper.covers) {
                keeper.absorb(segment);
                state.segments.remove(segment);
            } else if (numbers.contains(segment.number)) {
                superfluous.remove(segment.number);
                lookAt(segment);
                keeper = segment;
            } else {
                damage.add("segment " + name(segment.number) + " is missing, and with it " + segment.live
                        + " messages that were not settled");
                state.lose(segment);
            }
        }
    }

    private void lookAt(Segment segment) throws IOException {
        try (FileSystem.Handle file = disk.open(path(segment.number), false)) {
            SegmentHeader header = header(file, segment.number);
            if (header == null) {
                damage.add("segment " + name(segment.number) + " has no readable header");
                damaged.add(segment);
            } else if (header.rewritten()) {
                segment.rewritten = true;
                segment.covers = header.covers();
                if (segment.end != file.length()) {
                    rewritten.add(segment);
                }
            }
            if (file.length() < segment.end && (header == null || !header.rewritten())) {
                damage.add("segment " + name(segment.number) + " ends at byte " + file.length() + " instead of "
                        + segment.end);
                damaged.add(segment);
            }
            segment.end = header != null && header.rewritten() ? file.length() : Math.min(segment.end, file.length());
        }
    }

    private void replayWithoutCheckpoint(long number, boolean mayBeTorn) throws IOException {
        boolean used;
        try (FileSystem.Handle file = disk.open(path(number), false)) {
            used = isUsed(file, number);
        }
        if (!used && mayBeTorn && state.continuedBy != number) {
            superfluous.add(number); // its creation was not finished, so nobody relied on it
            return;
        }
        damage.add("segment " + name(number) + " has no readable checkpoint");
        state.open(number);
        replay(number, SegmentHeader.LENGTH);
        damaged.add(state.current());
    }

    /** Whether anything was written behind the checkpoint, which is done only when that is safe. */
    private static boolean isUsed(FileSystem.Handle file, long number) throws IOException {
        FrameScanner scan = new FrameScanner(file, number, SegmentHeader.LENGTH, file.length());
        while (scan.findStart()) {
            if (!scan.entries().isCheckpoint()) {
                return true;
            }
        }
        return false;
    }

    private void replay(long number, long from) throws IOException {
        Segment segment = state.current();
        segment.end = from;
        try (FileSystem.Handle file = disk.open(path(number), false)) {
            long length = file.length();
            FrameScanner scan = new FrameScanner(file, number, from, length);
            while (scan.next()) {
                if (scan.damagedAt >= 0) {
                    boolean torn = !wholeWrites
                            && !damaged.contains(segment)
                            && !new FrameScanner(file, number, scan.offset, length).findStart();
                    if (torn) {
                        return; // the end of a write that nobody relied on
                    }
                    report(segment, scan);
                }
                if (!scan.entries().isCheckpoint()) {
                    state.apply(scan.body());
                    state.waitingBytes = scan.waitingBytes();
                }
                segment.end = scan.end;
                if (state.continuedBy > number) {
                    followers.putIfAbsent(state.continuedBy, number);
                }
            }
            if (scan.damagedAt >= 0 && wholeWrites && !scan.cutOff) {
                tell(segment, scan);
                damaged.add(segment);
            }
        }
    }

    private void report(Segment segment, FrameScanner scan) {
        long next = 0;
        for (EntryReader in = scan.entries(); next == 0 && in.next(); ) {
            next = in.type == EntryWriter.ACCEPTED ? in.sequence : 0;
        }
        String lost = next == 0 ? "an unknown number of" : "up to " + Math.max(0, next - state.lastSequence - 1);
        damage.add("segment " + name(segment.number) + " cannot be read from byte " + scan.damagedAt + " to "
                + scan.offset + "; " + lost + " messages that were accepted there are lost");
        damaged.add(segment);
        scan.damagedAt = -1;
    }
}
