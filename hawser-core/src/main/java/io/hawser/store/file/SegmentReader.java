package io.hawser.store.file;

import io.hawser.store.StoredPublish;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads messages back from the segments of a journal, mostly in order. */
final class SegmentReader {
    private final Path directory;
    private final JournalOptions options;
    private @Nullable Segment open;
    private FileSystem.@Nullable Handle reader;
    /** Where the last page ended, so that the next need not look for it. */
    private @Nullable Segment lastSegment;

    private long lastOffset;
    private long lastSequence;

    SegmentReader(Path directory, JournalOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /**
     * Everything in flight or concluded, as far as it can be read.
     *
     * @param wanted the sequences, rising
     * @param damaged takes segments in which something cannot be read
     */
    List<StoredPublish> held(SessionState state, long[] wanted, Set<Segment> damaged) throws IOException {
        List<StoredPublish> held = new ArrayList<>();
        Segment last = null;
        for (long sequence : wanted) {
            Segment segment = state.segmentOf(sequence);
            if (segment != null && segment != last) {
                readHeld(state, segment, held, damaged);
            }
            last = segment;
        }
        return held;
    }

    private void readHeld(SessionState state, Segment segment, List<StoredPublish> held, Set<Segment> damaged)
            throws IOException {
        FrameScanner scan = scan(segment, SegmentHeader.LENGTH);
        while (scan.next()) {
            EntryReader in = scan.entries();
            while (in.next()) {
                if (in.type == EntryWriter.ACCEPTED && segment.isLive(in.sequence) && state.isHeld(in.sequence)) {
                    held.add(state.stateOf(in.publish(options.wallMillis().getAsLong())));
                }
            }
        }
        if (scan.damagedAt >= 0) {
            damaged.add(segment);
        }
    }

    /**
     * Messages that wait, but for those that the later entries say otherwise of.
     *
     * @param damaged takes segments in which something cannot be read
     */
    List<StoredPublish> read(
            SessionState state, long after, int messages, long bytes, UnwrittenEntries later, Set<Segment> damaged)
            throws IOException {
        List<StoredPublish> page = new ArrayList<>();
        long size = 0;
        for (Segment segment : state.segments) {
            if (segment.live == 0 || segment.last <= after) {
                continue;
            }
            boolean known = segment == lastSegment && lastSequence <= after;
            FrameScanner scan = scan(segment, known ? lastOffset : SegmentHeader.LENGTH);
            boolean full = false;
            while (!full && scan.next()) {
                EntryReader in = scan.entries();
                while (!full && in.next()) {
                    if (in.type != EntryWriter.ACCEPTED
                            || in.sequence <= after
                            || !later.waits(in.sequence, segment, state)) {
                        continue;
                    }
                    full = !page.isEmpty() && (page.size() == messages || size + in.messageSize() > bytes);
                    if (!full) {
                        page.add(state.waiting(in.publish(options.wallMillis().getAsLong())));
                        size += in.messageSize();
                        lastSegment = segment;
                        lastOffset = scan.offset;
                        lastSequence = in.sequence;
                    }
                }
            }
            if (scan.damagedAt >= 0) {
                damaged.add(segment);
            }
            if (full) {
                break;
            }
        }
        return page;
    }

    private FrameScanner scan(Segment segment, long from) throws IOException {
        FileSystem.Handle handle = reader;
        if (handle == null || open != segment) {
            close();
            handle = options.disk().open(directory.resolve(FileNames.segment(segment.number)), false);
            reader = handle;
            open = segment;
        }
        return new FrameScanner(handle, segment.number, from, segment.end);
    }

    /** The file of a segment is about to become another or to go. */
    void forget(Segment segment) {
        if (open == segment) {
            close();
        }
        if (lastSegment == segment) {
            lastSegment = null;
        }
    }

    void close() {
        Journal.close(reader);
        reader = null;
        open = null;
    }
}
