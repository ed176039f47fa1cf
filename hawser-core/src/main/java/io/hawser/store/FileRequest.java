package io.hawser.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A page of messages that wait, which somebody has asked for. */
record FileRequest(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
    /**
     * Reads the page.
     *
     * @param unwritten what has been logged and is not in the journal
     * @return the call that gives the answer
     */
    Runnable read(FileJournal journal, ArrayDeque<Frame> unwritten, FileTrouble trouble) {
        try {
            FileOverlay later = unwritten.isEmpty() ? FileOverlay.NONE : new FileOverlay(unwritten);
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
