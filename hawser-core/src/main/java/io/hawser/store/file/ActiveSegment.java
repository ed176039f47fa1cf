package io.hawser.store.file;

import io.hawser.store.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The end of the newest segment, where everything is written: by the store's thread to its file, or, where the file is there as
 * memory, by whoever logs, without a call of the system.
 */
final class ActiveSegment {
    /** The most frames that one write takes. */
    private static final int GATHER = 64;
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
    /** Whether something failed in a way that nobody knows what is in the file: it is left behind. */
    private boolean broken;

    /**
     * A segment that has its checkpoint.
     *
     * @param fresh whether the file has nothing behind what is written
     */
    ActiveSegment(Segment segment, FileSystem.Handle file, JournalOptions options, boolean fresh) {
        this.segment = segment;
        this.file = file;
        this.options = options;
        this.checkpointEnd = segment.end;
        this.marksEnds = !fresh && options.durability() == Durability.PROCESS;
        this.memory = marksEnds ? segment.memory : null;
    }

    /**
     * Writes the beginning of a segment.
     *
     * @param usedAgain whether the file may have something behind what is written
     * @return where that ends
     */
    static long writeCheckpoint(
            FileSystem.Handle to, long number, SessionState state, boolean usedAgain, Durability durability)
            throws IOException {
        boolean wholeWrites = !usedAgain && durability == Durability.PROCESS;
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
        gathered[count] = end(waitingBytes);
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
        return count;
    }

    /** What a failed write has left must not be found later; a file that could not be forced is not written again. */
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
            to.put(segment.end, end(frame.waitingBytes));
        } catch (Throwable e) {
            forgetMemory();
            broken = true;
        }
        return true;
    }

    private ByteBuffer end(long waitingBytes) {
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

    /** Writes behind the last write, so that a damage to that can be told from a write that was cut off. */
    void leaveEnd(long waitingBytes) {
        if (hasGrown(0) && !broken) {
            try {
                gathered[0] = end(waitingBytes);
                file.write(segment.end, gathered, 1);
            } catch (IOException e) {
                // the session is as safe without
            }
        }
    }

    void close() {
        Journal.close(file);
    }
}
