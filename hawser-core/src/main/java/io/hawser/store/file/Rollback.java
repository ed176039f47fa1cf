package io.hawser.store.file;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives up messages whose acceptance is not safe: takes all entries about them out of the frames that are not written. */
final class Rollback {
    final long safe;
    /** Messages that waited and are given up. */
    int messages;
    /** The bytes of their topics and payloads. */
    long bytes;

    /** The messages given up that are queued as far as the entries were read, by sequence, with their bytes. */
    private final Map<Long, Integer> waiting = new HashMap<>();

    private final Map<Long, Integer> accepted = new HashMap<>();
    private final LongLongMap held;

    /** @param held the sequences of messages with a key that are in flight or concluded; those given up are removed */
    Rollback(long safe, LongLongMap held) {
        this.safe = safe;
        this.held = held;
    }

    /** The entries that remain, in one frame so that all of them happen or none. No accepted message is among them. */
    ArrayDeque<Frame> apply(ArrayDeque<Frame> frames) {
        List<ByteBuffer> rests = new ArrayList<>();
        long waitingBytes = 0;
        for (Frame frame : frames) {
            ByteBuffer body = frame.body();
            // A run that is cut takes no more room than it did.
            Frame rest = new Frame(ByteBuffer.allocate(Frame.HEADER + body.remaining()));
            EntryReader in = new EntryReader(body, frame.clock);
            while (in.next()) {
                sift(in, body, rest);
            }
            rests.add(rest.body());
            waitingBytes = frame.waitingBytes;
        }
        Frame rest = new Frame(ByteBuffer.allocate(
                Frame.HEADER + rests.stream().mapToInt(ByteBuffer::remaining).sum()));
        rests.forEach(rest.buffer::put);
        messages = waiting.size();
        bytes = waiting.values().stream().mapToLong(Integer::longValue).sum();
        rest.waitingBytes = waitingBytes - bytes;
        return rest.isEmpty() ? new ArrayDeque<>() : new ArrayDeque<>(List.of(rest));
    }

    private void sift(EntryReader in, ByteBuffer body, Frame rest) {
        long last = in.lastSequence();
        if (last <= safe) {
            copy(in, body, rest);
            return;
        }
        if (in.type == EntryWriter.ACCEPTED) {
            accepted.put(in.sequence, in.messageSize());
        }
        long kept = Math.max(0, safe - in.sequence + 1);
        if (kept > 0 && in.type == EntryWriter.SENT) {
            EntryWriter.sent(rest.buffer, in.sequence, in.packetId, (int) kept);
        } else if (kept > 0) {
            EntryWriter.run(rest.buffer, in.type, in.sequence, kept);
        }
        Boolean queues = in.queues();
        for (long sequence = in.sequence + kept; sequence <= last; sequence++) {
            held.remove(sequence);
            Integer size = accepted.get(sequence);
            if (Boolean.TRUE.equals(queues) && size != null) {
                waiting.put(sequence, size);
            } else if (queues != null) {
                waiting.remove(sequence);
            }
        }
    }

    private static void copy(EntryReader in, ByteBuffer body, Frame rest) {
        rest.buffer.put(body.duplicate().limit(in.end()).position(in.start));
    }
}
