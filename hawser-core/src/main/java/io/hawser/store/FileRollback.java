package io.hawser.store;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Takes out of frames that were not written what belongs to messages above a sequence. */
final class FileRollback {
    final long safe;
    /** Messages that waited and are given up. */
    int messages;
    /** The bytes of their topics and payloads. */
    long bytes;

    /** Those that are given up and still wait as far as the entries were read, with their bytes. */
    private final Map<Long, Integer> waiting = new HashMap<>();

    private final Map<Long, Integer> accepted = new HashMap<>();
    private final LongTable held;

    /** @param held what is in flight or concluded; what is given up is taken out */
    FileRollback(long safe, LongTable held) {
        this.safe = safe;
        this.held = held;
    }

    /** Frames with the entries that remain. */
    ArrayDeque<Frame> apply(ArrayDeque<Frame> frames) {
        ArrayDeque<Frame> kept = new ArrayDeque<>();
        for (Frame frame : frames) {
            Frame rest = rest(frame);
            if (!rest.isEmpty()) {
                kept.add(rest);
            }
        }
        messages = waiting.size();
        bytes = waiting.values().stream().mapToLong(Integer::longValue).sum();
        Frame last = frames.peekLast();
        if (last != null) {
            // Between them it may be too much; after the last it is right.
            kept.forEach(frame -> frame.waitingBytes = Math.max(0, last.waitingBytes - bytes));
        }
        return kept;
    }

    private Frame rest(Frame frame) {
        ByteBuffer body = frame.body();
        // A run that is cut takes no more room than it did.
        Frame rest = new Frame(ByteBuffer.allocate(Frame.HEADER + body.remaining()));
        rest.clock = frame.clock;
        EntryReader in = new EntryReader(body, frame.clock);
        while (in.next()) {
            switch (in.type) {
                case Entries.ACCEPTED -> accepted(in, body, rest);
                case Entries.SENT, Entries.SETTLED -> run(in, rest);
                case Entries.UNSENT, Entries.DOUBTED, Entries.RELEASED, Entries.CONCLUDED -> {
                    if (in.sequence <= safe) {
                        copy(in, body, rest);
                    } else if (in.type == Entries.UNSENT || in.type == Entries.DOUBTED) {
                        Integer size = accepted.get(in.sequence);
                        if (size != null) {
                            waiting.put(in.sequence, size);
                        }
                    } else {
                        waiting.remove(in.sequence);
                    }
                }
                default -> copy(in, body, rest);
            }
        }
        return rest;
    }

    private void accepted(EntryReader in, ByteBuffer body, Frame rest) {
        if (in.sequence <= safe) {
            copy(in, body, rest);
            rest.lastAccepted = in.sequence;
        } else {
            accepted.put(in.sequence, in.messageSize());
            waiting.put(in.sequence, in.messageSize());
        }
    }

    private void run(EntryReader in, Frame rest) {
        long keep = Math.max(0, Math.min(in.count, safe - in.sequence + 1));
        if (keep > 0 && in.type == Entries.SENT) {
            Entries.sent(rest.buffer, in.sequence, in.packetId, (int) keep);
        } else if (keep > 0) {
            Entries.settled(rest.buffer, in.sequence, keep);
        }
        for (long i = keep; i < in.count; i++) {
            waiting.remove(in.sequence + i);
            held.remove(in.sequence + i);
        }
    }

    private static void copy(EntryReader in, ByteBuffer body, Frame rest) {
        rest.buffer.put(body.duplicate().limit(in.end()).position(in.start));
    }
}
