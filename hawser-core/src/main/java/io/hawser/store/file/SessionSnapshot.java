package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents;
import io.hawser.store.SessionContents.StoredPublish;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The contents of a session as its files have them. Reading locks nothing, writes nothing and leaves nothing open. */
final class SessionSnapshot implements SessionContents {
    private final Path directory;
    private final Recovery recovery;
    private final SessionState state;
    private final SegmentReader reader;

    SessionSnapshot(Path directory, JournalOptions options) throws IOException {
        this.directory = directory;
        recovery = new Recovery(options.disk(), directory);
        recovery.recover(true);
        state = recovery.state;
        reader = new SegmentReader(directory, options);
    }

    @Override
    public void replay(
            UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
        try {
            for (StoredPublish publish : reader.held(state, state.held(), new HashSet<>())) {
                Objects.requireNonNull(publishes.apply(publish), "the reader's publish");
            }
        } catch (IOException e) {
            throw unreadable(e);
        } finally {
            reader.close();
        }
        state.received.stream().forEach(received);
        state.subscriptions.values().forEach(subscriptions);
    }

    @Override
    public long lastSequence() {
        return state.lastSequence;
    }

    @Override
    public boolean readsBack() {
        return true;
    }

    @Override
    public int waiting() {
        return (int) Math.min(Integer.MAX_VALUE, Math.max(0, state.waiting()));
    }

    @Override
    public long waitingBytes() {
        return waiting() == 0 ? 0 : Math.max(0, state.waitingBytes);
    }

    @Override
    public CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
        try {
            return CompletableFuture.completedFuture(
                    reader.queued(state, after, messages, bytes, UnwrittenEntries.NONE, new HashSet<>()));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(unreadable(e));
        } finally {
            reader.close();
        }
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
