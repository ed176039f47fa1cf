package io.hawser.store.file;

import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a session: what its entries come to, without topics and payloads. Entries have the same effect whether they have
 * just been written or are read again, and a checkpoint is the fewest entries that come to the state.
 */
final class SessionState {
    long lastSequence;
    /** Bytes of topics and payloads that wait. */
    long waitingBytes;

    /** The number of the segment that followed, if the entries say that there is one. */
    long continuedBy;

    /** By number; the last is the one that is written. Their sequences do not overlap. */
    final List<Segment> segments = new ArrayList<>();

    final BitSet received = new BitSet();
    final Map<TopicFilter, Subscription> subscriptions = new LinkedHashMap<>();
    /** Outcomes that were not delivered to a listener, by sequence. */
    final TreeMap<Long, byte[]> concluded = new TreeMap<>();

    private final InFlight inFlight = new InFlight();
    /** The sequences of messages that the broker may have received in a session that it has lost. */
    private final LongLongMap doubted = new LongLongMap();

    /** What is held against messages, by sequence, if anything is: {@link StoredPublish#ends}. */
    private final LongLongMap suspected = new LongLongMap();

    /** Adds a segment to which the accepted messages from here on belong. */
    Segment open(long number) {
        Segment segment = new Segment(number);
        segments.add(segment);
        return segment;
    }

    Segment current() {
        return segments.get(segments.size() - 1);
    }

    void apply(Frame frame) {
        if (frame.runCount > 0) {
            accepted(frame.runFrom, frame.runCount);
        }
        apply(frame.body().position(frame.runEnd));
    }

    private void accepted(long sequence, int count) {
        current().accepted(sequence, count);
        lastSequence = Math.max(lastSequence, sequence + count - 1);
    }

    void apply(ByteBuffer entries) {
        EntryReader in = new EntryReader(entries, 0);
        while (in.next()) {
            apply(in);
        }
    }

    private void apply(EntryReader in) {
        switch (in.type) {
            case EntryWriter.ACCEPTED -> accepted(in.sequence, 1);
            case EntryWriter.SENT -> inFlight.send(in.sequence, in.packetId, Math.toIntExact(in.count));
            case EntryWriter.UNSENT -> inFlight.remove(in.sequence, in.sequence);
            case EntryWriter.DOUBTED -> {
                inFlight.remove(in.sequence, in.sequence);
                doubted.put(in.sequence, 1);
            }
            case EntryWriter.RELEASED -> inFlight.release(in.sequence, in.sequence + in.count - 1);
            case EntryWriter.CONCLUDED -> {
                inFlight.remove(in.sequence, in.sequence);
                concluded.put(in.sequence, in.block());
            }
            case EntryWriter.SETTLED -> settled(in.sequence, in.sequence + in.count - 1);
            case EntryWriter.SUSPECTED -> {
                if (in.count == 0) {
                    suspected.remove(in.sequence);
                } else {
                    suspected.put(in.sequence, in.count);
                }
            }
            case EntryWriter.RECEIVED -> received.set(in.packetId);
            case EntryWriter.FORGOTTEN -> received.clear(in.packetId);
            case EntryWriter.SUBSCRIBED -> {
                Subscription subscription = in.subscription();
                subscriptions.put(subscription.filter(), subscription);
            }
            case EntryWriter.UNSUBSCRIBED -> subscriptions.remove(in.filter());
            case EntryWriter.SEGMENT -> segments.add(Segment.decoded(in.block()));
            case EntryWriter.LAST -> lastSequence = Math.max(lastSequence, in.sequence);
            case EntryWriter.CONTINUED -> continuedBy = in.sequence;
            default -> throw new IllegalArgumentException("entry has the type " + in.type + ", which nothing has");
        }
    }

    /**
     * Settles each message in flight whose packet identifier a later message has. The identifier was free when the later message
     * got it, so the earlier message was settled, and only the entry that said so is lost.
     */
    void settleDisplaced() {
        LongLongMap holders = new LongLongMap();
        for (InFlight.Run run : inFlight.inSendingOrder()) {
            for (long sequence = run.first(); sequence <= run.last(); sequence++) {
                long before = holders.put(run.packetId(sequence), sequence);
                if (before != 0) {
                    settled(before, before);
                }
            }
        }
    }

    void settled(long from, long to) {
        inFlight.remove(from, to);
        if (!concluded.isEmpty()) {
            concluded.subMap(from, true, to, true).clear();
        }
        if (doubted.size() > 0) {
            for (long sequence = from; sequence <= to; sequence++) {
                doubted.remove(sequence);
            }
        }
        if (suspected.size() > 0) {
            for (long sequence = from; sequence <= to; sequence++) {
                suspected.remove(sequence);
            }
        }
        settleAll(from, to);
    }

    /** Gives up the messages of a segment that are not among these, which rise. Returns how many there were. */
    long keepOnly(Segment segment, long[] sequences) {
        for (long sequence : held()) {
            if (segment.isLive(sequence) && Arrays.binarySearch(sequences, sequence) < 0) {
                inFlight.remove(sequence, sequence);
                concluded.remove(sequence);
            }
        }
        for (LongLongMap table : List.of(doubted, suspected)) {
            for (long sequence : table.sortedKeys()) {
                if (segment.isLive(sequence) && Arrays.binarySearch(sequences, sequence) < 0) {
                    table.remove(sequence);
                }
            }
        }
        long before = segment.live;
        long next = segment.first;
        for (long sequence : sequences) {
            if (next < sequence) {
                segment.settled(next, sequence - 1);
            }
            next = sequence + 1;
        }
        if (next <= segment.last) {
            segment.settled(next, segment.last);
        }
        return before - segment.live;
    }

    /** Forgets a segment and the messages in it. */
    void lose(Segment segment) {
        keepOnly(segment, new long[0]);
        segments.remove(segment);
    }

    private void settleAll(long from, long to) {
        for (long sequence = from; sequence <= to; ) {
            Segment segment = segmentOf(sequence);
            if (segment == null) {
                sequence++;
            } else {
                long end = Math.min(to, segment.last);
                segment.settled(sequence, end);
                sequence = end + 1;
            }
        }
    }

    /** The segment in which a message with this sequence is or was. */
    @Nullable
    Segment segmentOf(long sequence) {
        int low = 0;
        int high = segments.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Segment segment = segments.get(middle);
            if (segment.count == 0) {
                return searched(sequence); // an empty segment does not say on which side to go on
            }
            if (sequence < segment.first) {
                high = middle - 1;
            } else if (sequence > segment.last) {
                low = middle + 1;
            } else {
                return segment;
            }
        }
        return null;
    }

    private @Nullable Segment searched(long sequence) {
        for (Segment segment : segments) {
            if (sequence >= segment.first && sequence <= segment.last) {
                return segment;
            }
        }
        return null;
    }

    boolean isHeld(long sequence) {
        return inFlight.find(sequence) != null || !concluded.isEmpty() && concluded.containsKey(sequence);
    }

    /** The sequences of all that is in flight or concluded. */
    long[] held() {
        LongStream ended = concluded.keySet().stream().mapToLong(Long::longValue);
        return LongStream.concat(inFlight.sequences(), ended)
                .sorted()
                .distinct()
                .toArray();
    }

    /** A message that is in flight or concluded, in the state in which it is. */
    JournalledPublish stateOf(JournalledPublish read) {
        JournalledPublish publish = waiting(read);
        byte[] outcome = concluded.get(publish.sequence());
        if (outcome != null) {
            return publish.concluded(outcome);
        }
        InFlight.Run run = inFlight.find(publish.sequence());
        return run == null ? publish : publish.inFlight(run.packetId(publish.sequence()), run.released());
    }

    /** A message that waits, in the state in which it is. */
    JournalledPublish waiting(JournalledPublish publish) {
        JournalledPublish told = doubted.get(publish.sequence()) == 0 ? publish : publish.doubted();
        long ends = suspected.get(publish.sequence());
        return ends == 0 ? told : told.suspected((int) ends);
    }

    /** Messages that are not settled. */
    long live() {
        long live = 0;
        for (Segment segment : segments) {
            live += segment.live;
        }
        return live;
    }

    /** Messages that wait to be sent. */
    long waiting() {
        return live() - inFlight.size() - concluded.size();
    }

    /** Writes the checkpoint: everything but the segments without a live message. */
    void write(ByteBuffer out) {
        EntryWriter.single(out, EntryWriter.LAST, lastSequence);
        for (Segment segment : segments) {
            if (segment.live > 0) {
                EntryWriter.block(out, EntryWriter.SEGMENT, segment.encoded());
            }
        }
        for (long sequence : doubted.sortedKeys()) {
            EntryWriter.single(out, EntryWriter.DOUBTED, sequence);
        }
        for (long sequence : suspected.sortedKeys()) {
            EntryWriter.run(out, EntryWriter.SUSPECTED, sequence, suspected.get(sequence));
        }
        for (InFlight.Run run : inFlight.inSendingOrder()) {
            EntryWriter.sent(out, run.first(), run.packetId(), run.count());
            if (run.released()) {
                EntryWriter.run(out, EntryWriter.RELEASED, run.first(), run.count());
            }
        }
        concluded.forEach((sequence, outcome) -> EntryWriter.concluded(out, sequence, outcome));
        received.stream().forEach(packetId -> EntryWriter.single(out, EntryWriter.RECEIVED, packetId));
        subscriptions
                .values()
                .forEach(subscription ->
                        EntryWriter.block(out, EntryWriter.SUBSCRIBED, EntryWriter.subscription(subscription)));
    }
}
