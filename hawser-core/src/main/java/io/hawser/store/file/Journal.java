package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionStore.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a session and the state that they come to. One thread uses a journal at a time.
 *
 * <p>Every opening begins a new segment, so that nothing is ever added to a file whose end is in doubt. A segment begins with a
 * checkpoint. Segments that the checkpoint does not name are removed when the checkpoint is on the disk. With
 * {@link Durability#POWER}, nothing is written behind the checkpoint before that.
 */
final class Journal {
    /** A journal with nothing in it may be so long before it begins anew. */
    private static final int SLACK = 64 * 1024;

    private final Path directory;
    private final JournalOptions options;
    private final FileSystem disk;
    private final List<String> damage = new ArrayList<>();
    private final Compactor rewriter;
    private final SegmentReader reader;
    private final RecycledSegment recycled;

    SessionState state = new SessionState();
    private @Nullable ActiveSegment tail;
    /** The last segment that was written and is no longer. */
    private @Nullable Segment left;
    /** The number of the last segment that was begun, or was tried to. */
    private long lastNumber;

    /** What follows from the last segment and has not been done yet. */
    private @Nullable Rollover succession;
    /** Whether the last segment could not be forced, so that the next is forced before it is used. */
    private boolean doubtful;

    /** Whether the {@link #state} may not be what the files come to. */
    private boolean doubtfulState;

    /** Messages that were found to be unreadable. */
    long lostSinceOpening;
    /** Whether the checkpoint mentions messages that turned out to be lost. */
    private boolean outdated;

    Journal(Path directory, JournalOptions options) {
        this.directory = directory;
        this.options = options;
        this.disk = options.disk();
        this.rewriter = new Compactor(disk, directory);
        this.reader = new SegmentReader(directory, options);
        this.recycled = new RecycledSegment(disk, directory);
    }

    /**
     * Reads what there is, and begins a segment.
     *
     * @return what is in flight or concluded, by rising sequence
     */
    List<StoredPublish> open(boolean known) throws IOException {
        load(known);
        List<StoredPublish> held = held();
        refresh();
        lostSinceOpening = 0;
        return held;
    }

    private void load(boolean known) throws IOException {
        for (String name : disk.list(directory)) {
            if (name.endsWith(FileNames.TEMPORARY)) {
                disk.delete(directory.resolve(name));
            }
        }
        Recovery recovery = new Recovery(disk, directory);
        recovery.recover(known);
        state = recovery.state;
        lastNumber = Math.max(lastNumber, recovery.lastNumber);
        damage.addAll(recovery.damage);
        List<Segment> last = state.segments.isEmpty() ? List.of() : List.of(state.current());
        // First the checkpoint that has all that could be read, then the files that have not.
        roll(true);
        for (Segment segment : recovery.damaged) {
            salvage(segment);
        }
        for (Segment segment : recovery.rewritten) {
            if (state.segments.contains(segment)) {
                rewrite(List.of(segment), false);
            }
        }
        for (long number : recovery.superfluous) {
            rewriter.remove(number, !recovery.damage.isEmpty());
        }
        for (Segment segment : last) {
            leaveNote(segment);
        }
    }

    /** Says in a segment that another has followed, so that nobody takes it for the newest if that one gets lost. */
    private void leaveNote(Segment segment) throws IOException {
        if (state.segments.contains(segment) && !segment.rewritten) {
            try (FileSystem.Handle file = disk.open(path(segment.number), true)) {
                ActiveSegment.writeFollower(file, segment, state);
            }
        }
    }

    private Path path(long number) {
        return directory.resolve(FileNames.segment(number));
    }

    /** Everything in flight or concluded; what is not there any more is given up. */
    private List<StoredPublish> held() throws IOException {
        long[] wanted = state.held();
        Set<Segment> damaged = new LinkedHashSet<>();
        List<StoredPublish> held = reader.held(state, wanted, damaged);
        for (Segment segment : damaged) {
            salvage(segment);
        }
        long[] found = held.stream().mapToLong(StoredPublish::sequence).toArray();
        for (long sequence : wanted) {
            if (Arrays.binarySearch(found, sequence) < 0) {
                state.settled(sequence, sequence);
            }
        }
        return held;
    }

    /**
     * Writes the frames, makes them as safe as was promised, and takes them out of the queue, one group after the other.
     *
     * @param done takes each frame that is safe
     */
    void write(ArrayDeque<Frame> frames, Consumer<Frame> done) throws IOException {
        reread();
        if (doubtful) {
            roll(true);
        }
        while (!frames.isEmpty()) {
            ActiveSegment to = tail;
            if (to == null || to.isFull()) {
                to = roll(options.durability() != Durability.PROCESS);
            }
            for (int written = to.write(frames); written > 0; written--) {
                Frame frame = frames.remove();
                happened(frame);
                done.accept(frame);
            }
            reread();
        }
    }

    /** The frame is in the file, whatever becomes of the state: if that is in doubt, it is read from the file again. */
    private void happened(Frame frame) {
        try {
            state.apply(frame);
            state.waitingBytes = frame.waitingBytes;
        } catch (Throwable e) {
            doubtfulState = true;
        }
    }

    /**
     * Something was thrown out of this journal. What is thrown for a file is expected where it may happen; anything else, as for
     * want of memory, may have come between a change of the files and the state's, and puts the state in doubt.
     */
    void hasFailed(Throwable thrown) {
        if (!(thrown instanceof IOException)) {
            doubtfulState = true;
        }
    }

    /** Reads the files as an opening does if the state is in doubt. */
    private void reread() throws IOException {
        if (!doubtfulState) {
            return;
        }
        leave();
        reader.close();
        recycled.drop();
        succession = null;
        cutOff(left);
        load(true);
        doubtfulState = false;
    }

    /** Takes away what a failed write may have left behind the end: its frames are still to be written. */
    private void cutOff(@Nullable Segment segment) throws IOException {
        if (segment != null && disk.list(directory).contains(FileNames.segment(segment.number))) {
            try (FileSystem.Handle file = disk.open(path(segment.number), true)) {
                file.truncate(segment.end);
            }
        }
    }

    /**
     * Writes a frame without a call of the system.
     *
     * @return whether that was possible, and it is as safe as was promised
     */
    boolean put(Frame frame) {
        ActiveSegment to = tail;
        boolean put = to != null && !doubtfulState && to.put(frame);
        if (put) {
            happened(frame);
        }
        return put;
    }

    /** Makes what was written safe from a power cut. */
    void force() throws IOException {
        ActiveSegment to = tail;
        if (to != null) {
            to.force();
        }
    }

    /**
     * Begins a segment, and removes those that nothing is wanted of any more.
     *
     * @param atOnce whether that is done before anything is written to it, or left to {@link #forceBegun} and {@link #settle}
     */
    private ActiveSegment roll(boolean atOnce) throws IOException {
        forceBegun();
        settle();
        rewriter.force();
        long number = ++lastNumber;
        ActiveSegment begun = null;
        try {
            begun = ActiveSegment.begin(path(number), number, state, options, recycled);
            if (atOnce) {
                begun.forceCheckpoint();
                disk.force(directory);
            }
        } catch (Throwable e) {
            if (begun != null) {
                begun.close();
            }
            rewriter.removeQuietly(number);
            // The checkpoint may come back with a power cut: whatever follows must follow that.
            leave();
            throw e;
        }
        ActiveSegment before = tail;
        leave();
        succession = new Rollover(
                begun,
                before == null || before.isBroken() ? null : before.segment,
                state.segments.stream().filter(older -> older.live == 0).toList());
        state.segments.add(begun.segment);
        tail = begun;
        if (atOnce) {
            settle();
            disk.force(directory);
            doubtful = false;
        }
        return Objects.requireNonNull(tail, "tail");
    }

    private void leave() {
        ActiveSegment to = tail;
        if (to != null) {
            to.close();
            left = to.segment;
        }
        tail = null;
    }

    /** Whether a segment was begun, and not all is done that follows from that. */
    boolean isUnsettled() {
        return succession != null;
    }

    /** Makes the checkpoint of the last segment safe: the one part of this work during which others may {@link #put}. */
    void forceBegun() {
        Rollover unforced = succession;
        if (unforced != null) {
            unforced.force(disk, directory);
        }
    }

    /** Now that the checkpoint of the last segment is safe, removes the segments that nothing is wanted of any more. */
    void settle() throws IOException {
        Rollover following = succession;
        if (following == null) {
            return;
        }
        succession = null;
        try {
            following.requireForced();
        } catch (IOException e) {
            doubtful = true;
            leave();
            throw e;
        }
        for (Segment segment : following.needless()) {
            reader.forget(segment);
            state.segments.remove(segment);
            boolean isLong = segment.end >= options.segmentBytes() / 2;
            if (!isLong || !recycled.keep(segment, path(segment.number))) {
                rewriter.removeQuietly(segment.number);
            }
        }
        Segment followed = following.followed();
        for (Segment segment : state.segments) {
            if (segment != following.segment() && segment != followed) {
                segment.memory = null;
            }
        }
        if (followed != null) {
            leaveNote(followed);
        }
        List<Segment> run = rewriter.worthMerging(state.segments, options.segmentBytes());
        if (!run.isEmpty()) {
            rewrite(run, false);
        }
        refresh();
    }

    /** What was lost must not be missed again by the next client. */
    private void refresh() throws IOException {
        if (outdated) {
            outdated = false;
            try {
                roll(true);
            } catch (IOException e) {
                outdated = true;
                throw e;
            }
        }
    }

    /** Begins anew with a short file if there is nothing left to be remembered in a long one. */
    void shrink() throws IOException {
        ActiveSegment to = tail;
        if (to != null && state.live() == 0 && (to.hasGrown(SLACK) || state.segments.size() > 1)) {
            recycled.drop();
            roll(true);
        }
    }

    /** Messages that wait, but for those that the later entries say otherwise of. */
    List<StoredPublish> read(long after, int messages, long bytes, UnwrittenEntries later) throws IOException {
        reread();
        Set<Segment> damaged = new LinkedHashSet<>();
        List<StoredPublish> page = reader.queued(state, after, messages, bytes, later, damaged);
        for (Segment segment : damaged) {
            salvage(segment);
        }
        refresh();
        return page;
    }

    /** Puts what can still be read of a damaged segment into a new file, and the old one into quarantine. */
    private void salvage(Segment segment) throws IOException {
        if (!state.segments.contains(segment)) {
            return;
        }
        if (segment == state.current()) {
            roll(true);
        }
        rewrite(List.of(segment), true);
    }

    private void rewrite(List<Segment> run, boolean damaged) throws IOException {
        for (Segment segment : run) {
            reader.forget(segment);
            segment.memory = null;
        }
        long lost = rewriter.rewrite(run, state, damaged);
        lostSinceOpening += lost;
        if (lost > 0) {
            outdated = true;
            damage.add(lost + " messages in segment " + FileNames.segment(run.get(0).number)
                    + ", accepted and not settled, cannot be read and are lost");
        }
    }

    /** What has been found damaged so far, or null. */
    @Nullable
    StoreException damage() {
        return damage.isEmpty() ? null : FileNames.damaged(directory, damage);
    }

    void close() {
        ActiveSegment to = tail;
        if (to != null) {
            to.end(state.waitingBytes);
        }
        recycled.drop();
        reader.close();
        leave();
    }
}
