package io.hawser.store.file;

import io.hawser.store.SessionContents.StoredPublish;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A request for a page of queued messages. */
record PageRequest(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
    /**
     * Reads the page.
     *
     * @param unwritten the frames that have been logged and are not in the journal
     */
    List<StoredPublish> read(Journal journal, ArrayDeque<Frame> unwritten, StoreHealth health) throws IOException {
        UnwrittenEntries later = unwritten.isEmpty() ? UnwrittenEntries.NONE : new UnwrittenEntries(unwritten);
        if (later.accepts) {
            throw new IOException("messages that were accepted before cannot be written", health.failure());
        }
        List<StoredPublish> found = journal.read(after, messages, bytes, later);
        health.found(journal);
        return found;
    }
}
