package io.hawser.store.file;

import io.hawser.store.SessionStore.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The segment that is written: by the store's thread with calls of the system, or, where its file is mapped into memory, by the
 * client's event loop without.
 */
final class ActiveSegment {
    /** The most frames that one write takes. */
    private static final int GATHER = 64;
    /** A new file is made longer by this part of a segment, but by no more and no less than this, and then by as much as it has. */
    private static final int PREPARED_PART = 128;

    private static final int MOST_PREPARED = 64 * 1024;
    private static final int LEAST_PREPARED = 4 * 1024;
    /** What most checkpoints need. */
    private static final int CHECKPOINT = 1024;

    final Segment segment;
    private final FileSystem.Handle file;
    private final JournalOptions options;
    private final long checkpointEnd;
    /**
     * Whether an empty frame follows each write, in whose place the next is written: in a file that is used again, only this
     * tells a write that the end of the process has cut off from one that was spoilt later.
     */
    private final boolean marksEnds;

    private final ByteBuffer[] gathered = new ByteBuffer[GATHER + 1];
    private final Frame empty = new Frame(ByteBuffer.allocate(Frame.HEADER));
    private FileSystem.@Nullable Memory memory;
    /** Whether something was written since the last force. */
    private boolean dirty;
    /** Whether a failure has left unknown bytes in the file, so that another segment must be begun. */
    private boolean broken;

    private ActiveSegment(Segment segment, FileSystem.Handle file, JournalOptions options, boolean marksEnds) {
        this.segment = segment;
        this.file = file;
        this.options = options;
        this.checkpointEnd = segment.end;
        this.marksEnds = marksEnds;
        this.memory = segment.memory;
    }

    /** Begins a segment with a checkpoint, in a recycled file if there is one. */
    static ActiveSegment begin(
            Path path, long number, SessionState state, JournalOptions options, RecycledSegment recycled)
            throws IOException {
        boolean recycles = recycled.isKept();
        FileSystem.Handle file =
                recycles ? recycled.renamed(path) : options.disk().create(path);
        try {
            boolean wholeWrites = options.durability() == Durability.PROCESS;
            // The file has something behind what is written: what its earlier use has left, or zeros.
            boolean longer = recycles || wholeWrites && file.isMappable();
            Segment segment = new Segment(number);
            segment.end = writeCheckpoint(file, number, state, wholeWrites && !longer);
            if (wholeWrites && longer) {
                segment.memory = recycles
                        ? recycled.memory(file, segment.end)
                        : prepare(file, segment.end, options.segmentBytes());
            }
            return new ActiveSegment(segment, file, options, wholeWrites && longer);
        } catch (Throwable e) {
            FileSystem.close(file);
            throw e;
        }
    }

    /** Writes the header and the checkpoint of a segment, and returns where that ends. */
    private static long writeCheckpoint(FileSystem.Handle to, long number, SessionState state, boolean wholeWrites)
            throws IOException {
        ByteBuffer header = new SegmentHeader(SegmentHeader.VERSION, number, number, false, wholeWrites).encoded();
        ByteBuffer entries = GrowingBuffer.write(CHECKPOINT, out -> state.write(out.position(Frame.HEADER)));
        int behind = entries.position();
        Frame checkpoint = new Frame(entries);
        entries.position(behind);
        checkpoint.waitingBytes = state.waitingBytes;
        ByteBuffer whole = checkpoint.sealed(number, true);
        long end = (long) header.remaining() + whole.remaining();
        to.write(0, new ByteBuffer[] {header, whole}, 2);
        return end;
    }

    /** Writes behind a segment's end that the current segment of the state has followed it. */
    static void writeFollower(FileSystem.Handle to, Segment segment, SessionState state) throws IOException {
        Frame note = Frame.onHeap(Frame.HEADER + EntryWriter.NUMBERS);
        note.waitingBytes = state.waitingBytes;
        EntryWriter.single(note.buffer, EntryWriter.CONTINUED, state.current().number);
        to.write(segment.end, new ByteBuffer[] {note.sealed(segment.number, true)}, 1);
    }

    /**
     * Makes a new file longer by zeros, which have their blocks then, so that entries can be put into its memory.
     *
     * @return the memory of the file; null if there is none, or the disk has no room for the zeros
     */
    private static FileSystem.@Nullable Memory prepare(FileSystem.Handle fresh, long checkpointEnd, int segmentBytes) {
        long first = Math.max(LEAST_PREPARED, Math.min(MOST_PREPARED, segmentBytes / PREPARED_PART));
        return lengthened(fresh, checkpointEnd + first);
    }

    private static FileSystem.@Nullable Memory lengthened(FileSystem.Handle file, long length) {
        try {
            for (long at = file.length(); at < length; at = file.length()) {
                ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(MOST_PREPARED, length - at));
                file.write(at, new ByteBuffer[] {zeros}, 1);
            }
            return file.memory();
        } catch (Throwable e) {
            return null; // mostly since the disk is full: entries are written as long as there is room for them
        }
    }

    /** Doubles the memory of the file if it has little room left. */
    private void grow() {
        FileSystem.Memory known = memory;
        int room = Math.min(Frame.SIZE, options.segmentBytes() / 4);
        long needed = segment.end + room;
        if (known == null || isFull() || needed <= known.length()) {
            return;
        }
        long most = Math.max(needed, (long) options.segmentBytes() + room);
        memory = lengthened(file, Math.max(needed, Math.min(most, 2 * known.length())));
        segment.memory = memory;
    }

    /** Whether the next frame belongs to another segment. */
    boolean isFull() {
        return broken || segment.end >= Math.max(options.segmentBytes(), 2 * checkpointEnd);
    }

    boolean hasGrown(int slack) {
        return segment.end > checkpointEnd + slack;
    }

    /**
     * Writes the first of the frames, as many as belong to this segment, and makes them as safe as was promised.
     *
     * @return how many
     */
    int write(Iterable<Frame> frames) throws IOException {
        int count = 0;
        long end = segment.end;
        long waitingBytes = 0;
        for (Iterator<Frame> rest = frames.iterator(); rest.hasNext() && count < GATHER; count++) {
            if (count > 0 && end >= options.segmentBytes()) {
                break;
            }
            Frame frame = rest.next();
            gathered[count] = frame.sealed(segment.number, count == 0);
            end += gathered[count].remaining();
            waitingBytes = frame.waitingBytes;
        }
        gathered[count] = mark(waitingBytes);
        boolean forcing = false;
        try {
            file.write(segment.end, gathered, marksEnds ? count + 1 : count);
            dirty = true;
            if (options.durability() == Durability.POWER) {
                forcing = true;
                file.force();
                dirty = false;
            }
        } catch (Throwable e) {
            takeBack(forcing);
            throw e;
        }
        segment.end = end;
        grow();
        return count;
    }

    /** Takes the bytes of a failed write away, which must not be found later. A file that could not be forced is given up. */
    private void takeBack(boolean forced) {
        forgetMemory();
        broken = forced;
        try {
            file.truncate(segment.end);
        } catch (Throwable e) {
            broken = true;
        }
    }

    /** Memory of a file that becomes shorter must not be touched any more. */
    private void forgetMemory() {
        memory = null;
        segment.memory = null;
    }

    /**
     * Writes a frame by putting it into the file's memory, if it is there and has room. Its header follows its body, and the
     * mark of the end follows both: wherever the process ends, what is there is what a write that was cut off would have left.
     *
     * @return whether it is as safe as was promised
     */
    boolean put(Frame frame) {
        FileSystem.Memory to = memory;
        int length = frame.buffer.position();
        if (to == null || isFull() || segment.end + length + Frame.HEADER > to.length()) {
            return false;
        }
        long at = segment.end;
        ByteBuffer whole = frame.sealed(segment.number, true);
        try {
            to.put(at + Frame.HEADER, whole.position(Frame.HEADER));
            to.put(at, whole.position(0).limit(Frame.HEADER));
        } catch (Throwable e) {
            forgetMemory();
            broken = true;
            return false;
        }
        segment.end = at + length;
        dirty = true;
        try {
            to.put(segment.end, mark(frame.waitingBytes));
        } catch (Throwable e) {
            forgetMemory();
            broken = true;
        }
        return true;
    }

    private ByteBuffer mark(long waitingBytes) {
        empty.waitingBytes = waitingBytes;
        return empty.sealed(segment.number, true);
    }

    /** Makes what was written safe from a power cut. */
    void force() throws IOException {
        if (dirty && !broken) {
            try {
                file.force();
                dirty = false;
            } catch (IOException e) {
                broken = true;
                throw e;
            }
        }
    }

    /** Makes the checkpoint safe from a power cut, and not necessarily what follows it. */
    void forceCheckpoint() throws IOException {
        FileSystem.Memory mapped = segment.memory;
        if (mapped == null) {
            file.force();
        } else {
            mapped.force(checkpointEnd);
        }
    }

    boolean isBroken() {
        return broken;
    }

    /**
     * Ends the file: an empty frame behind the last write tells a damage to that from a write that was cut off, and nothing is
     * left behind the empty frame.
     */
    void end(long waitingBytes) {
        forgetMemory();
        if (broken) {
            return;
        }
        try {
            if (hasGrown(0)) {
                gathered[0] = mark(waitingBytes);
                file.write(segment.end, gathered, 1);
            }
            if (marksEnds) {
                file.truncate(segment.end + (hasGrown(0) ? Frame.HEADER : 0));
            }
        } catch (IOException e) {
            // the session is as safe without
        }
    }

    void close() {
        FileSystem.close(file);
    }
}
