package io.hawser.store.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** Compacts segments: copies the messages that are not settled from one or more segments to one file, which replaces the first. */
final class Compactor {
    private static final int PIECE = 256 * 1024;
    /** So many small segments in a row are compacted even if that saves few bytes: each is a file to open. */
    private static final int MANY = 8;

    private final FileSystem disk;
    private final Path directory;
    private boolean unforced;

    Compactor(FileSystem disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
    }

    /**
     * Chooses neighbouring segments to compact: such that fit into one file together and are half empty, or many. The last two
     * segments are left alone, because the session is read from both if the checkpoint of the last one is damaged.
     */
    List<Segment> worthMerging(List<Segment> segments, int segmentBytes) {
        int last = segments.size() - 2;
        for (int from = 0; from < last; from++) {
            long bytes = 0;
            long live = 0;
            int to = from;
            while (to < last && live + segments.get(to).liveBytes() <= segmentBytes) {
                live += segments.get(to).liveBytes();
                bytes += segments.get(to).end;
                to++;
            }
            if (to - from >= MANY || to - from >= 2 && bytes >= 2 * live) {
                return List.copyOf(segments.subList(from, to));
            }
        }
        return List.of();
    }

    /**
     * Compacts neighbouring segments into the first of them.
     *
     * @param damaged whether to keep the files as they were in quarantine, which is done in any case if something is lost
     * @return how many messages could not be read, and are given up
     */
    long rewrite(List<Segment> run, SessionState state, boolean damaged) throws IOException {
        Segment first = run.get(0);
        long covers = run.get(run.size() - 1).covers;
        Path temporary = directory.resolve(first.number + FileNames.TEMPORARY);
        LongStream.Builder kept = LongStream.builder();
        long end;
        try (FileSystem.Handle to = disk.create(temporary)) {
            long most = SegmentHeader.LENGTH
                    + run.stream().mapToLong(segment -> segment.end).sum();
            Copy copy = new Copy(to, first.number, (int) Math.min(PIECE, most));
            copy.put(new SegmentHeader(SegmentHeader.VERSION, first.number, covers, true, true).encoded());
            for (Segment segment : run) {
                try (FileSystem.Handle from = disk.open(path(segment.number), false)) {
                    copy.live(new FrameScanner(from, segment.number, SegmentHeader.LENGTH, segment.end), segment, kept);
                }
            }
            end = copy.finish();
            to.force();
        }
        long[] sequences = kept.build().toArray();
        if (damaged
                || sequences.length
                        < run.stream().mapToLong(segment -> segment.live).sum()) {
            for (Segment segment : run) {
                quarantine(segment.number);
            }
        }
        disk.rename(temporary, path(first.number));
        List<Segment> absorbed = run.subList(1, run.size());
        absorbed.forEach(first::absorb);
        state.segments.removeAll(absorbed);
        first.covers = covers;
        first.end = end;
        first.rewritten = true;
        first.count = sequences.length;
        long lost = state.keepOnly(first, sequences);
        unforced = true;
        force();
        absorbed.forEach(later -> removeQuietly(later.number));
        return lost;
    }

    /** Makes the new names of compacted files safe, which must be so before a checkpoint names these files. */
    void force() throws IOException {
        if (unforced) {
            disk.force(directory);
            unforced = false;
        }
    }

    private void quarantine(long number) throws IOException {
        Path target = directory.resolve(FileNames.QUARANTINE);
        disk.createDirectory(target);
        try (FileSystem.Handle from = disk.open(path(number), false);
                FileSystem.Handle to = disk.create(target.resolve(FileNames.segment(number)))) {
            ByteBuffer piece = ByteBuffer.allocate(PIECE);
            long length = from.length();
            for (long at = 0; at < length; at += PIECE) {
                piece.clear();
                from.read(at, piece);
                to.write(at, new ByteBuffer[] {piece.flip()}, 1);
            }
            to.force();
        }
        disk.force(target);
    }

    /** Removes a segment that the state does not name; if there was damage, a copy of the segment goes to quarantine. */
    void remove(long number, boolean damaged) throws IOException {
        if (damaged) {
            quarantine(number);
        }
        disk.delete(path(number));
    }

    /** Removes a segment whose messages are all settled. If that fails, the next opening removes the file. */
    void removeQuietly(long number) {
        try {
            disk.delete(path(number));
        } catch (IOException e) {
            // the next opening removes what the checkpoint does not name
        }
    }

    private Path path(long number) {
        return directory.resolve(FileNames.segment(number));
    }

    /** The new file, as it grows. */
    private static final class Copy {
        private final FileSystem.Handle to;
        private final long number;
        private final ByteBuffer piece;
        private long end;

        Copy(FileSystem.Handle to, long number, int capacity) {
            this.to = to;
            this.number = number;
            this.piece = ByteBuffer.allocate(capacity);
        }

        void live(FrameScanner scan, Segment segment, LongStream.Builder kept) throws IOException {
            while (scan.next()) {
                Frame frame = wanted(scan, segment, kept);
                if (!frame.isEmpty()) {
                    put(frame.sealed(number, true));
                }
            }
        }

        /** Copies the live messages of a frame to a new frame. A message may have shared its topic with one that is not copied. */
        private static Frame wanted(FrameScanner scan, Segment segment, LongStream.Builder kept) {
            int count = 0;
            for (EntryReader in = scan.entries(); in.next(); ) {
                count += isWanted(in, segment) ? 1 : 0;
            }
            int most = count == 0 ? 0 : scan.body().remaining() + count * EntryWriter.ACCEPTED_NUMBERS;
            Frame frame = new Frame(ByteBuffer.allocate(Frame.HEADER + most));
            frame.clock = scan.clock();
            for (EntryReader in = scan.entries(); in.next(); ) {
                if (isWanted(in, segment)) {
                    in.copyTo(frame);
                    kept.add(in.sequence);
                }
            }
            return frame;
        }

        private static boolean isWanted(EntryReader in, Segment segment) {
            return in.type == EntryWriter.ACCEPTED && segment.isLive(in.sequence);
        }

        void put(ByteBuffer bytes) throws IOException {
            if (bytes.remaining() > piece.remaining()) {
                finish();
            }
            if (bytes.remaining() > piece.remaining()) {
                write(bytes);
            } else {
                piece.put(bytes);
            }
        }

        long finish() throws IOException {
            write(piece.flip());
            piece.clear();
            return end;
        }

        private void write(ByteBuffer bytes) throws IOException {
            int length = bytes.remaining();
            to.write(end, new ByteBuffer[] {bytes}, 1);
            end += length;
        }
    }
}
