package io.hawser.store.file;

import io.hawser.store.StoredPublish;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A page of messages that wait, which somebody has asked for. */
record PageRequest(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
    /**
     * Reads the page.
     *
     * @param unwritten what has been logged and is not in the journal
     * @return the call that gives the answer
     */
    Runnable read(Journal journal, ArrayDeque<Frame> unwritten, StoreHealth trouble) {
        try {
            UnwrittenEntries later = unwritten.isEmpty() ? UnwrittenEntries.NONE : new UnwrittenEntries(unwritten);
            if (later.accepts) {
                throw new IOException("messages that were accepted before cannot be written", trouble.failure());
            }
            List<StoredPublish> found = journal.read(after, messages, bytes, later);
            trouble.found(journal);
            return () -> result.complete(found);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return () -> result.completeExceptionally(trouble.cannotBeRead(e));
        }
    }
}
