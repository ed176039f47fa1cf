package io.hawser.store;

import io.hawser.mqtt.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
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
 * The segments of a session and what they come to. One thread at a time.
 *
 * <p>Every opening begins a new segment, so that nothing is ever added to a file whose end is in doubt. A segment begins with
 * a checkpoint; only when that is on the disk does anything else go to the segment, and do those go that it makes needless.
 */
final class FileJournal {
    /** The most frames that one write takes. */
    private static final int GATHER = 64;
    /** A journal with nothing in it may be so long before it begins anew. */
    private static final int SLACK = 64 * 1024;

    private final Path directory;
    private final FileOptions options;
    private final FileDisk disk;
    private final ByteBuffer[] gathered = new ByteBuffer[GATHER + 1];
    private final Frame empty = new Frame(ByteBuffer.allocate(Frame.HEADER));
    private final List<String> damage = new ArrayList<>();
    private final FileRewriter rewriter;
    private final FilePages pages;

    SessionState state = new SessionState();
    private Segment current = new Segment(0);
    private FileDisk.@Nullable Handle file;
    /** The number of the last segment that was begun, or was tried to. */
    private long lastNumber;

    private long checkpointEnd;
    /** Messages that were found to be unreadable. */
    long lostSinceOpening;
    /** Whether the checkpoint mentions messages that turned out to be lost. */
    private boolean outdated;
    /** Whether something was written since the last force. */
    private boolean dirty;

    /**
     * Whether an empty frame follows each write, in whose place the next is written: in a file that is used again, only this
     * tells a write that the end of the process has cut off from one that was spoilt later.
     */
    private boolean marksEnds;

    /** Whether there is a file to be used again, of a segment of which nothing is wanted any more. */
    private boolean hasSpare;

    FileJournal(Path directory, FileOptions options) {
        this.directory = directory;
        this.options = options;
        this.disk = options.disk();
        this.rewriter = new FileRewriter(disk, directory);
        this.pages = new FilePages(directory, options);
    }

    /**
     * Reads what there is, and begins a segment.
     *
     * @return what is in flight or concluded, by rising sequence
     */
    List<StoredPublish> open(boolean known) throws IOException {
        for (String name : disk.list(directory)) {
            if (name.endsWith(FileNames.TEMPORARY)) {
                disk.delete(directory.resolve(name));
            }
        }
        FileRecovery recovery = new FileRecovery(disk, directory);
        recovery.recover(known);
        state = recovery.state;
        lastNumber = recovery.lastNumber;
        damage.addAll(recovery.damage);
        List<Segment> last = state.segments.isEmpty() ? List.of() : List.of(state.current());
        // First the checkpoint that has all that could be read, then the files that have not.
        roll();
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
        List<StoredPublish> held = held();
        refresh();
        lostSinceOpening = 0;
        return held;
    }

    /** Says in a segment that another has followed, so that nobody takes it for the newest if that one gets lost. */
    private void leaveNote(Segment segment) throws IOException {
        if (!state.segments.contains(segment) || segment.rewritten) {
            return;
        }
        Frame note = new Frame(ByteBuffer.allocate(Frame.HEADER + Entries.NUMBERS));
        note.waitingBytes = state.waitingBytes;
        Entries.single(note.buffer, Entries.CONTINUED, current.number);
        try (FileDisk.Handle older = disk.open(path(segment.number), true)) {
            older.write(segment.end, new ByteBuffer[] {note.sealed(segment.number, true)}, 1);
        }
    }

    /** A write behind the last one, so that a damage to that can be told from a write that was cut off. */
    private void leaveEnd() {
        FileDisk.Handle to = file;
        if (to != null && current.end > checkpointEnd) {
            try {
                gathered[0] = end(state.waitingBytes);
                to.write(current.end, gathered, 1);
            } catch (IOException e) {
                // the session is as safe without
            }
        }
    }

    private ByteBuffer end(long waitingBytes) {
        empty.waitingBytes = waitingBytes;
        return empty.sealed(current.number, true);
    }

    private Path path(long number) {
        return directory.resolve(FileNames.segment(number));
    }

    /** Everything in flight or concluded; what is not there any more is given up. */
    private List<StoredPublish> held() throws IOException {
        long[] wanted = state.held();
        Set<Segment> damaged = new LinkedHashSet<>();
        List<StoredPublish> held = pages.held(state, wanted, damaged);
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
        while (!frames.isEmpty()) {
            if (file == null || current.end >= Math.max(options.segmentBytes(), 2 * checkpointEnd)) {
                roll();
            }
            int count = 0;
            long end = current.end;
            long waitingBytes = 0;
            for (Frame frame : frames) {
                if (count == GATHER || count > 0 && end >= options.segmentBytes()) {
                    break;
                }
                gathered[count] = frame.sealed(current.number, count == 0);
                end += gathered[count].remaining();
                waitingBytes = frame.waitingBytes;
                count++;
            }
            gathered[count] = end(waitingBytes);
            append(marksEnds ? count + 1 : count);
            current.end = end;
            for (int i = 0; i < count; i++) {
                Frame frame = frames.remove();
                state.apply(frame);
                state.waitingBytes = frame.waitingBytes;
                done.accept(frame);
            }
        }
    }

    private void append(int count) throws IOException {
        FileDisk.Handle to = Objects.requireNonNull(file, "file");
        boolean forcing = false;
        try {
            to.write(current.end, gathered, count);
            dirty = true;
            if (options.durability() == Durability.POWER) {
                forcing = true;
                to.force();
                dirty = false;
            }
        } catch (IOException e) {
            takeBack(to, forcing);
            throw e;
        }
    }

    /** What a failed write has left must not be found later; a file that could not be forced is not written again. */
    private void takeBack(FileDisk.Handle from, boolean forced) {
        boolean usable = !forced;
        try {
            from.truncate(current.end);
        } catch (IOException e) {
            usable = false;
        }
        if (!usable) {
            abandon();
        }
    }

    private void abandon() {
        close(file);
        file = null;
    }

    /** Makes what was written safe from a power cut. */
    void force() throws IOException {
        FileDisk.Handle to = file;
        if (dirty && to != null) {
            try {
                to.force();
                dirty = false;
            } catch (IOException e) {
                abandon();
                throw e;
            }
        }
    }

    /** Begins a segment, and removes those that nothing is wanted of any more. */
    private void roll() throws IOException {
        rewriter.force();
        long number = ++lastNumber;
        boolean fresh = !hasSpare;
        FileDisk.Handle next = fresh ? disk.create(path(number)) : useSpare(number);
        long end;
        try {
            end = writeCheckpoint(next, number, fresh);
            next.force();
            disk.force(directory);
        } catch (IOException e) {
            close(next);
            rewriter.removeQuietly(number);
            // Its checkpoint may come back with a power cut: whatever follows must follow that.
            abandon();
            throw e;
        }
        boolean noted = file != null && current.live > 0;
        Segment before = current;
        close(file);
        file = next;
        marksEnds = !fresh && options.durability() == Durability.PROCESS;
        dirty = false;
        for (Segment segment : List.copyOf(state.segments)) {
            if (segment.live == 0) {
                pages.forget(segment);
                state.segments.remove(segment);
                discard(segment);
            }
        }
        current = state.open(number);
        current.end = end;
        checkpointEnd = end;
        if (noted) {
            leaveNote(before);
        }
        List<Segment> run = rewriter.worthMerging(state.segments, options.segmentBytes());
        if (!run.isEmpty()) {
            rewrite(run, false);
        }
        disk.force(directory);
        refresh();
    }

    /** A file that has its length already is written, and forced, in half the time. What is in it passes for nothing. */
    private void discard(Segment segment) {
        if (!hasSpare && segment.end >= options.segmentBytes() / 2) {
            try {
                disk.rename(path(segment.number), directory.resolve(FileNames.SPARE));
                hasSpare = true;
                return;
            } catch (IOException e) {
                // then it goes like others
            }
        }
        rewriter.removeQuietly(segment.number);
    }

    private FileDisk.Handle useSpare(long number) throws IOException {
        hasSpare = false;
        disk.rename(directory.resolve(FileNames.SPARE), path(number));
        try {
            return disk.open(path(number), true);
        } catch (IOException e) {
            rewriter.removeQuietly(number);
            throw e;
        }
    }

    private void dropSpare() {
        if (hasSpare) {
            hasSpare = false;
            try {
                disk.delete(directory.resolve(FileNames.SPARE));
            } catch (IOException e) {
                // the next opening removes it
            }
        }
    }

    /** What was lost must not be missed again by the next client. */
    private void refresh() throws IOException {
        if (outdated) {
            outdated = false;
            try {
                roll();
            } catch (IOException e) {
                outdated = true;
                throw e;
            }
        }
    }

    /** @param fresh whether the file has nothing behind what is written */
    private long writeCheckpoint(FileDisk.Handle to, long number, boolean fresh) throws IOException {
        boolean wholeWrites = fresh && options.durability() == Durability.PROCESS;
        ByteBuffer header = new FileHeader(FileHeader.VERSION, number, number, false, wholeWrites).encoded();
        ByteBuffer entries = GrowingBuffer.write(1024, out -> state.write(out.position(Frame.HEADER)));
        int behind = entries.position();
        Frame checkpoint = new Frame(entries);
        checkpoint.buffer.position(behind);
        checkpoint.waitingBytes = state.waitingBytes;
        ByteBuffer whole = checkpoint.sealed(number, true);
        long end = (long) header.remaining() + whole.remaining();
        to.write(0, new ByteBuffer[] {header, whole}, 2);
        return end;
    }

    /** Begins anew with a short file if there is nothing left to be remembered in a long one. */
    void shrink() throws IOException {
        if (file != null && state.live() == 0 && (current.end > checkpointEnd + SLACK || state.segments.size() > 1)) {
            dropSpare();
            roll();
        }
    }

    /** Messages that wait, but for those that the later entries say otherwise of. */
    List<StoredPublish> read(long after, int messages, long bytes, FileOverlay later) throws IOException {
        Set<Segment> damaged = new LinkedHashSet<>();
        List<StoredPublish> page = pages.read(state, after, messages, bytes, later, damaged);
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
        if (segment == current) {
            roll();
        }
        rewrite(List.of(segment), true);
    }

    private void rewrite(List<Segment> run, boolean damaged) throws IOException {
        run.forEach(pages::forget);
        long lost = rewriter.rewrite(run, state, damaged);
        lostSinceOpening += lost;
        if (lost > 0) {
            outdated = true;
            damage.add(lost + " messages in segment " + FileNames.segment(run.get(0).number)
                    + ", accepted and not settled, cannot be read and are lost");
        }
    }

    static void close(FileDisk.@Nullable Handle handle) {
        try {
            if (handle != null) {
                handle.close();
            }
        } catch (IOException e) {
            // nothing that matters was left to be done by closing: what must be safe has been forced
        }
    }

    /** What has been found damaged so far, or null. */
    @Nullable
    StoreException damage() {
        return damage.isEmpty()
                ? null
                : new StoreException(
                        "the stored session in " + directory + " was damaged; what could be read is kept, damaged files"
                                + " were copied to " + directory.resolve(FileNames.QUARANTINE) + ": "
                                + String.join("; ", damage),
                        null);
    }

    void close() {
        leaveEnd();
        dropSpare();
        pages.close();
        close(file);
        file = null;
    }
}
