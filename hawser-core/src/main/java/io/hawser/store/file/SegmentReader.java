package io.hawser.store.file;

import io.hawser.store.SessionContents.StoredPublish;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Reads messages from the segments of a journal, mostly in order. It keeps the file of the last segment open. */
final class SegmentReader {
    private final Path directory;
    private final JournalOptions options;
    private @Nullable Segment openSegment;
    private FileSystem.@Nullable Handle file;

    // The frame where the last page ended: the next page begins there.
    private @Nullable Segment lastSegment;
    private long lastOffset;
    private long lastSequence;

    SegmentReader(Path directory, JournalOptions options) {
        this.directory = directory;
        this.options = options;
    }

    /** Messages that are read, up to a number of them and a number of bytes of topics and payloads. */
    private static final class Page {
        final List<StoredPublish> publishes = new ArrayList<>();
        final int messages;
        final long bytes;
        private long size;

        Page(int messages, long bytes) {
            this.messages = messages;
            this.bytes = bytes;
        }

        boolean hasRoom(int messageSize) {
            return publishes.isEmpty() || publishes.size() < messages && size + messageSize <= bytes;
        }

        void add(StoredPublish publish, int messageSize) {
            publishes.add(publish);
            size += messageSize;
        }
    }

    /**
     * Reads all messages that are in flight or concluded, as far as they can be read.
     *
     * @param held the sequences of these messages, rising
     * @param damaged takes segments in which something cannot be read
     */
    List<StoredPublish> held(SessionState state, long[] held, Set<Segment> damaged) throws IOException {
        Page page = new Page(Integer.MAX_VALUE, Long.MAX_VALUE);
        Segment last = null;
        for (long sequence : held) {
            Segment segment = state.segmentOf(sequence);
            if (segment != null && segment != last) {
                LongPredicate wanted = each -> segment.isLive(each) && state.isHeld(each);
                collect(page, segment, SegmentHeader.LENGTH, wanted, state::stateOf, damaged);
            }
            last = segment;
        }
        return page.publishes;
    }

    /**
     * Reads queued messages with sequences after one.
     *
     * @param later entries that are not in the segments yet, and say of messages whether they are queued
     * @param damaged takes segments in which something cannot be read
     */
    List<StoredPublish> queued(
            SessionState state, long after, int messages, long bytes, UnwrittenEntries later, Set<Segment> damaged)
            throws IOException {
        Page page = new Page(messages, bytes);
        for (Segment segment : state.segments) {
            if (segment.live == 0 || segment.last <= after) {
                continue;
            }
            long from = segment == lastSegment && lastSequence <= after ? lastOffset : SegmentHeader.LENGTH;
            LongPredicate wanted = each -> each > after && later.waits(each, segment, state);
            if (!collect(page, segment, from, wanted, state::waiting, damaged)) {
                break;
            }
        }
        return page.publishes;
    }

    /** Adds messages of a segment to a page. Returns whether the page had room for all of them. */
    private boolean collect(
            Page page,
            Segment segment,
            long from,
            LongPredicate wanted,
            UnaryOperator<JournalledPublish> inItsState,
            Set<Segment> damaged)
            throws IOException {
        FrameScanner scan = new FrameScanner(opened(segment), segment.number, from, segment.end);
        boolean room = true;
        while (room && scan.next()) {
            EntryReader in = scan.entries();
            while (room && in.next()) {
                if (in.type != EntryWriter.ACCEPTED || !wanted.test(in.sequence)) {
                    continue;
                }
                room = page.hasRoom(in.messageSize());
                if (room) {
                    JournalledPublish publish = in.publish(options.wallMillis().getAsLong());
                    page.add(inItsState.apply(publish), in.messageSize());
                    lastSegment = segment;
                    lastOffset = scan.offset;
                    lastSequence = in.sequence;
                }
            }
        }
        if (scan.damagedAt >= 0) {
            damaged.add(segment);
        }
        return room;
    }

    private FileSystem.Handle opened(Segment segment) throws IOException {
        FileSystem.Handle handle = file;
        if (handle == null || openSegment != segment) {
            close();
            handle = options.disk().open(directory.resolve(FileNames.segment(segment.number)), false);
            file = handle;
            openSegment = segment;
        }
        return handle;
    }

    /** The file of a segment is about to become another or to go. */
    void forget(Segment segment) {
        if (openSegment == segment) {
            close();
        }
        if (lastSegment == segment) {
            lastSegment = null;
        }
    }

    void close() {
        FileSystem.close(file);
        file = null;
        openSegment = null;
    }
}
