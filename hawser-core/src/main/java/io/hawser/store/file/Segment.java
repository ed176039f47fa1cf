package io.hawser.store.file;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One segment of a journal: its number, its length, and which of its messages are not settled. */
final class Segment {
    final long number;
    /** The highest number of the segments whose messages it has; its own unless it was put together from several. */
    long covers;
    /** Whether its file holds only what was wanted when it took the place of others. */
    boolean rewritten;
    /** How many of its bytes count. */
    long end;
    /** The lowest sequence in it; more than the {@link #last} if it has no message. */
    long first = Long.MAX_VALUE;

    long last = Long.MIN_VALUE;
    /** Accepted messages in it. */
    long count;
    /** Those of them that are not settled. */
    long live;
    /** The sequences that are settled, and those between first and last that no message has. */
    final LongRangeSet dead = new LongRangeSet();
    /** Its file as memory, if it was made that. */
    FileSystem.@Nullable Memory memory;

    Segment(long number) {
        this.number = number;
        this.covers = number;
    }

    /** So many messages, whose sequences rise by one from this one on. */
    void accepted(long sequence, int messages) {
        if (count == 0) {
            first = sequence;
        } else if (sequence > last + 1) {
            dead.add(last + 1, sequence - 1);
        }
        last = sequence + messages - 1;
        count += messages;
        live += messages;
    }

    /** Both within the segment. */
    void settled(long from, long to) {
        live -= dead.add(from, to);
    }

    boolean isLive(long sequence) {
        return sequence >= first && sequence <= last && !dead.contains(sequence);
    }

    /** An estimate of the bytes that live messages take. */
    long liveBytes() {
        return count == 0 ? 0 : (long) ((double) end * live / count);
    }

    /** Takes in what a later segment knows, whose file was put into this one's. */
    void absorb(Segment later) {
        if (later.count > 0) {
            if (count > 0 && later.first > last + 1) {
                dead.add(last + 1, later.first - 1);
            }
            first = Math.min(first, later.first);
            last = Math.max(last, later.last);
        }
        for (int i = 0; i < later.dead.size(); i++) {
            dead.add(later.dead.start(i), later.dead.end(i));
        }
        count += later.count;
        live += later.live;
        end += later.end;
    }

    byte[] encoded() {
        return GrowingBuffer.bytes(out -> {
            EntryWriter.number(out, number);
            EntryWriter.number(out, covers);
            EntryWriter.number(out, end);
            EntryWriter.number(out, count);
            EntryWriter.number(out, live);
            EntryWriter.number(out, first);
            EntryWriter.number(out, last - first);
            EntryWriter.number(out, dead.size());
            long from = first;
            for (int i = 0; i < dead.size(); i++) {
                EntryWriter.number(out, dead.start(i) - from);
                EntryWriter.number(out, dead.end(i) - dead.start(i));
                from = dead.end(i);
            }
        });
    }

    static Segment decoded(byte[] block) {
        ByteBuffer in = ByteBuffer.wrap(block);
        Segment segment = new Segment(EntryReader.number(in));
        segment.covers = EntryReader.number(in);
        segment.end = EntryReader.number(in);
        segment.count = EntryReader.number(in);
        segment.live = EntryReader.number(in);
        segment.first = EntryReader.number(in);
        segment.last = segment.first + EntryReader.number(in);
        long ranges = EntryReader.number(in);
        long from = segment.first;
        for (long i = 0; i < ranges; i++) {
            long start = from + EntryReader.number(in);
            from = start + EntryReader.number(in);
            segment.dead.add(start, from);
        }
        return segment;
    }
}
