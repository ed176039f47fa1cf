package io.hawser.store.file;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The log of a session in a journal. It makes entries of the client's calls and collects them in frames; a frame goes to the
 * {@link JournalWorker} when it is full or the turn ends. Messages with sequences in a row that are sent, released or settled one
 * after the other become one entry, a run.
 */
final class JournalLog implements SessionLog {
    /** Room in a frame for the runs that are still open. */
    private static final int RESERVE = 3 * EntryWriter.NUMBERS;

    private final JournalWorker worker;
    private final JournalOptions options;
    /** Until they are told. */
    private SessionDirectory.@Nullable Contents contents;

    private @Nullable Frame frame;
    private long now;
    /** Whether something since the last sync must be safe before the session goes on. */
    private boolean urgent;

    private final Run sent = new Run(EntryWriter.SENT);
    private final Run released = new Run(EntryWriter.RELEASED);
    private final Run settled = new Run(EntryWriter.SETTLED);

    /** Sequences of messages with a key that are in flight or concluded; of the others, the packet identifier tells. */
    private final LongLongMap held = new LongLongMap();

    private int waiting;
    private long waitingBytes;
    private long lastSequence;
    private boolean closed;

    /** Messages one after the other of which the same is to be said: those that were sent have packet identifiers in a row, too. */
    private static final class Run {
        private final int type;
        private long first;
        /** The first packet identifier; 0 if the entry has none. */
        private int firstId;

        private int count;

        Run(int type) {
            this.type = type;
        }

        boolean isContinuedBy(long sequence, int packetId) {
            return count > 0 && first + count == sequence && (firstId == 0 || firstId + count == packetId);
        }

        void write(ByteBuffer out) {
            if (count > 0 && firstId != 0) {
                EntryWriter.sent(out, first, firstId, count);
            } else if (count > 0) {
                EntryWriter.run(out, type, first, count);
            }
            count = 0;
        }
    }

    JournalLog(JournalWorker worker, JournalOptions options, SessionDirectory.Contents contents) {
        this.worker = worker;
        this.options = options;
        this.contents = contents;
        waiting = contents.waiting();
        waitingBytes = contents.waitingBytes();
        lastSequence = contents.lastSequence();
    }

    @Override
    public void replay(
            UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
        SessionDirectory.Contents found = Objects.requireNonNull(contents, "the contents, which are told once");
        contents = null;
        for (StoredPublish publish : found.held()) {
            if (publish.key() != null) {
                held.put(publish.sequence(), 1);
            }
            Objects.requireNonNull(publishes.apply(publish), "the session's publish");
        }
        found.received().stream().forEach(received);
        found.subscriptions().forEach(subscriptions);
    }

    @Override
    public long lastSequence() {
        return lastSequence;
    }

    @Override
    public boolean readsBack() {
        return true;
    }

    @Override
    public int waiting() {
        return (int) Math.max(0, waiting - worker.health.lost());
    }

    @Override
    public long waitingBytes() {
        return waiting() == 0 ? 0 : waitingBytes;
    }

    @Override
    public CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
        CompletableFuture<List<StoredPublish>> page = new CompletableFuture<>();
        hand();
        worker.read(after, messages, bytes, page);
        return page;
    }

    @Override
    public void accepted(StoredPublish publish) {
        byte[] extras = EntryWriter.extras(publish);
        int size = size(publish);
        Frame to = room(EntryWriter.ACCEPTED_NUMBERS + extras.length + size);
        int at = to.buffer.position();
        try {
            EntryWriter.accepted(to, publish, extras, now - to.clock);
        } catch (Throwable e) {
            to.buffer.position(at);
            throw e;
        }
        lastSequence = publish.sequence();
        waiting++;
        waitingBytes += size;
        urgent = true;
    }

    private static int size(StoredPublish publish) {
        Message message = publish.message();
        return message.topicName().sizeInBytes() + message.payloadSize();
    }

    @Override
    public void sent(StoredPublish publish) {
        long sequence = publish.sequence();
        int packetId = publish.packetId();
        urgent |= publish.message().qos() == Qos.EXACTLY_ONCE;
        if (!sent.isContinuedBy(sequence, packetId)) {
            sent.write(room(EntryWriter.NUMBERS).buffer);
            sent.first = sequence;
            sent.firstId = packetId;
        }
        sent.count++;
        hold(publish);
    }

    @Override
    public void unsent(StoredPublish publish) {
        long sequence = publish.sequence();
        urgent |= publish.message().qos() == Qos.EXACTLY_ONCE;
        int type = publish.possiblyDuplicated() ? EntryWriter.DOUBTED : EntryWriter.UNSENT;
        EntryWriter.single(ordered(EntryWriter.NUMBERS), type, sequence);
        if (publish.key() == null || held.remove(sequence) != 0) {
            waits(publish, 1);
        }
    }

    private void hold(StoredPublish publish) {
        if (publish.key() == null || held.put(publish.sequence(), 1) == 0) {
            waits(publish, -1);
        }
    }

    private void waits(StoredPublish publish, int change) {
        waiting += change;
        waitingBytes += (long) change * size(publish);
    }

    @Override
    public void released(StoredPublish publish) {
        add(released, publish.sequence());
        urgent = true;
    }

    @Override
    public void suspected(StoredPublish publish) {
        EntryWriter.run(ordered(EntryWriter.NUMBERS), EntryWriter.SUSPECTED, publish.sequence(), publish.ends());
        urgent = true;
    }

    @Override
    public void concluded(StoredPublish publish) {
        byte[] outcome = Outcomes.encode(publish);
        EntryWriter.concluded(ordered(EntryWriter.NUMBERS + outcome.length), publish.sequence(), outcome);
        hold(publish);
        urgent = true;
    }

    /**
     * A loss would repeat what was in flight, and the broker knows QoS 2 when it sees it again. But what was given up before
     * it was sent, and QoS 0, must not come back.
     */
    @Override
    public void settled(StoredPublish publish) {
        long sequence = publish.sequence();
        add(settled, sequence);
        boolean waited = publish.packetId() == 0;
        if (publish.key() == null ? waited : held.remove(sequence) == 0) {
            waits(publish, -1);
            urgent = true;
        }
    }

    @Override
    public void received(int packetId) {
        EntryWriter.single(ordered(EntryWriter.NUMBERS), EntryWriter.RECEIVED, packetId);
        urgent = true;
    }

    @Override
    public void forgotten(int packetId) {
        EntryWriter.single(ordered(EntryWriter.NUMBERS), EntryWriter.FORGOTTEN, packetId);
        urgent = true;
    }

    @Override
    public void subscribed(Subscription subscription) {
        byte[] block = EntryWriter.subscription(subscription);
        EntryWriter.block(ordered(EntryWriter.NUMBERS + block.length), EntryWriter.SUBSCRIBED, block);
        urgent = true;
    }

    @Override
    public void unsubscribed(TopicFilter filter) {
        byte[] block = filter.toString().getBytes(StandardCharsets.UTF_8);
        EntryWriter.block(ordered(EntryWriter.NUMBERS + block.length), EntryWriter.UNSUBSCRIBED, block);
        urgent = true;
    }

    /** The frame, with room for so much and for the open runs. */
    private Frame room(int bytes) {
        Frame to = frame;
        if (to != null && to.buffer.remaining() >= bytes + RESERVE) {
            return to;
        }
        if (to != null) {
            writeRuns(to);
            frame = null;
            worker.add(seal(to));
        }
        now = options.wallMillis().getAsLong();
        frame = to = worker.frame(bytes + RESERVE, now);
        return to;
    }

    /** Room behind the open runs, for an entry that may depend on them. */
    private ByteBuffer ordered(int bytes) {
        Frame to = room(bytes + RESERVE);
        writeRuns(to);
        return to.buffer;
    }

    private void add(Run run, long sequence) {
        if (!run.isContinuedBy(sequence, 0)) {
            Frame to = room(EntryWriter.NUMBERS);
            if (run.count > 0) {
                writeRuns(to);
            }
            run.first = sequence;
        }
        run.count++;
    }

    /**
     * In the order in which it happens to a message, which may be in each. All are in one frame, so that nothing else can come
     * between them.
     */
    private void writeRuns(Frame to) {
        sent.write(to.buffer);
        released.write(to.buffer);
        settled.write(to.buffer);
    }

    private Frame seal(Frame full) {
        full.waitingBytes = waitingBytes;
        return full;
    }

    @Override
    public long sync() {
        hand();
        return worker.urgentPosition();
    }

    @Override
    public long safePosition() {
        return worker.safePosition();
    }

    @Override
    public boolean isAsynchronous() {
        return options.durability() != Durability.LAZY;
    }

    @Override
    public void flush() {
        if (frame != null) {
            hand();
        }
    }

    /** Gives everything logged so far to the worker. */
    private void hand() {
        Frame last = frame;
        frame = null;
        if (last != null) {
            writeRuns(last);
            seal(last);
        }
        boolean mustWait = urgent && isAsynchronous();
        urgent = false;
        worker.hand(last, mustWait);
    }

    @Override
    public void listen(Listener listener) {
        worker.health.listen(listener);
    }

    @Override
    public @Nullable StoreException failure() {
        return worker.health.failure();
    }

    @Override
    public @Nullable StoreException damage() {
        return worker.health.damage();
    }

    @Override
    public boolean isOverloaded() {
        return worker.isOverloaded();
    }

    @Override
    public long rollback() {
        hand();
        Rollback rollback = worker.rollback(held);
        waiting -= rollback.messages;
        waitingBytes -= rollback.bytes;
        lastSequence = rollback.safe;
        return lastSequence;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            hand();
            worker.close();
            worker.awaitClosed();
        }
    }
}
