package io.hawser.store;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What entries that could not be written yet say about messages that wait. */
final class FileOverlay {
    static final FileOverlay NONE = new FileOverlay(List.of());

    private final Map<Long, Boolean> waiting = new HashMap<>();
    /** Whether there are accepted messages among them, which cannot be read. */
    final boolean accepts;

    FileOverlay(Iterable<Frame> frames) {
        boolean found = false;
        for (Frame frame : frames) {
            EntryReader in = new EntryReader(frame.body(), frame.clock);
            while (in.next()) {
                found |= in.type == Entries.ACCEPTED;
                switch (in.type) {
                    case Entries.SENT, Entries.SETTLED -> {
                        for (long i = 0; i < in.count; i++) {
                            waiting.put(in.sequence + i, false);
                        }
                    }
                    case Entries.CONCLUDED -> waiting.put(in.sequence, false);
                    case Entries.UNSENT, Entries.DOUBTED -> waiting.put(in.sequence, true);
                    default -> {}
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
