package io.hawser.store.file;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The entries that are not in a segment yet, as far as they say whether a message is queued. */
final class UnwrittenEntries {
    static final UnwrittenEntries NONE = new UnwrittenEntries(List.of());

    private final Map<Long, Boolean> waiting = new HashMap<>();
    /** Whether a message was accepted in these entries, which cannot be read. */
    final boolean accepts;

    UnwrittenEntries(Iterable<Frame> frames) {
        boolean found = false;
        for (Frame frame : frames) {
            EntryReader in = new EntryReader(frame.body(), frame.clock);
            while (in.next()) {
                found |= in.type == EntryWriter.ACCEPTED;
                Boolean queues = in.queues();
                for (long sequence = in.sequence; queues != null && sequence <= in.lastSequence(); sequence++) {
                    waiting.put(sequence, queues);
                }
            }
        }
        accepts = found;
    }

    boolean waits(long sequence, Segment segment, SessionState state) {
        if (!segment.isLive(sequence)) {
            return false;
        }
        Boolean said = waiting.isEmpty() ? null : waiting.get(sequence);
        return said == null ? !state.isHeld(sequence) : said;
    }
}
