package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents;
import io.hawser.store.StoredPublish;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The contents of a session as its files have them. Reading locks nothing and writes nothing. */
final class SessionSnapshot implements SessionContents {
    private final Path directory;
    private final JournalOptions options;
    private final Recovery recovery;
    /** Where the last page ended, so that the next need not look for it. */
    private @Nullable Segment pageSegment;

    private long pageOffset;
    private long pageAfter;

    SessionSnapshot(Path directory, JournalOptions options) throws IOException {
        this.directory = directory;
        this.options = options;
        this.recovery = new Recovery(options.disk(), directory);
        recovery.recover(true);
    }

    @Override
    public void replay(
            UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
        try {
            List<StoredPublish> held = new ArrayList<>();
            for (Segment segment : recovery.state.segments) {
                collect(segment, 0, held, recovery.state::isHeld, size -> false);
            }
            for (StoredPublish publish : held) {
                Objects.requireNonNull(
                        publishes.apply(recovery.state.stateOf((JournalledPublish) publish)), "the reader's publish");
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
        recovery.state.received.stream().forEach(received);
        recovery.state.subscriptions.values().forEach(subscriptions);
    }

    @Override
    public long lastSequence() {
        return recovery.state.lastSequence;
    }

    @Override
    public boolean readsBack() {
        return true;
    }

    @Override
    public int waiting() {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, recovery.state.waiting()));
    }

    @Override
    public long waitingBytes() {
        return waiting() == 0 ? 0 : Math.max(0, recovery.state.waitingBytes);
    }

    @Override
    public CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
        List<StoredPublish> page = new ArrayList<>();
        long[] size = {0};
        try {
            for (Segment segment : recovery.state.segments) {
                boolean full = collect(segment, after, page, sequence -> !recovery.state.isHeld(sequence), next -> {
                    size[0] += next;
                    return !page.isEmpty() && (page.size() == messages || size[0] > bytes);
                });
                if (full) {
                    break;
                }
            }
        } catch (IOException e) {
            return CompletableFuture.failedFuture(unreadable(e));
        }
        page.replaceAll(publish -> recovery.state.waiting((JournalledPublish) publish));
        return CompletableFuture.completedFuture(page);
    }

    /** Whether a message of this size is too much for the page. */
    @FunctionalInterface
    private interface Full {
        boolean with(int messageSize);
    }

    /** Whether a sequence is among those that are looked for. */
    @FunctionalInterface
    private interface Wanted {
        boolean has(long sequence);
    }

    /** Adds what is wanted of a segment, whole frames only; returns whether the page is full. */
    private boolean collect(Segment segment, long after, List<StoredPublish> page, Wanted wanted, Full full)
            throws IOException {
        if (segment.live == 0 || segment.last <= after) {
            return false;
        }
        boolean known = segment == pageSegment && pageAfter <= after && after > 0;
        try (FileSystem.Handle file =
                options.disk().open(directory.resolve(FileNames.segment(segment.number)), false)) {
            FrameScanner scan =
                    new FrameScanner(file, segment.number, known ? pageOffset : SegmentHeader.LENGTH, segment.end);
            while (scan.next()) {
                EntryReader in = scan.entries();
                while (in.next()) {
                    boolean looked = in.type == EntryWriter.ACCEPTED
                            && in.sequence > after
                            && segment.isLive(in.sequence)
                            && wanted.has(in.sequence);
                    if (!looked) {
                        continue;
                    }
                    if (full.with(in.messageSize())) {
                        return true;
                    }
                    page.add(in.publish(options.wallMillis().getAsLong()));
                    pageSegment = segment;
                    pageOffset = scan.offset;
                    pageAfter = in.sequence;
                }
            }
        }
        return false;
    }

    private StoreException unreadable(IOException cause) {
        return new StoreException("the session in " + directory + " cannot be read: " + cause, cause);
    }

    @Override
    public @Nullable StoreException damage() {
        return recovery.damage.isEmpty()
                ? null
                : new StoreException(
                        "the stored session in " + directory + " is damaged: " + String.join("; ", recovery.damage),
                        null);
    }
}
