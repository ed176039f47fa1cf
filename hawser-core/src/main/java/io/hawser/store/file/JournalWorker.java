package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionStore.Durability;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The thread that does the I/O of one open session: an interrupt of a thread that is in a file channel would close the channel.
 * All frames that were handed over since the last round go into one write and, with {@link Durability#POWER}, one force.
 *
 * <p>The monitor of the {@link WriteQueue} guards the queue, the requests and the flags. Between rounds it guards the journal,
 * too, so that the client's event loop can {@linkplain Journal#put put} a frame without the thread; during a round the journal is
 * the thread's alone, which {@link #busy} says.
 */
final class JournalWorker {
    private static final AtomicInteger THREADS = new AtomicInteger();

    private static final long RETRY_MILLIS = 1000;
    /** After so long without work the thread tidies up the journal. */
    private static final long IDLE_MILLIS = 1000;

    final StoreHealth health;
    private final JournalOptions options;
    private final Runnable whenClosed;
    private final Journal journal;
    private final SessionDirectory opening;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    /** The highest sequence whose acceptance is safe. */
    private long safeSequence;

    private final WriteQueue queue = new WriteQueue();
    /** Whether a round is going on, in which the journal and {@link #unwritten} are the thread's alone. */
    private boolean busy;

    /** Frames that were taken from the queue and are not written. */
    private ArrayDeque<Frame> unwritten = new ArrayDeque<>();

    // Only the thread itself uses these.
    private long triedAt;
    private long forcedAt;
    private boolean untidy = true;

    JournalWorker(String clientId, Path directory, JournalOptions options, Runnable whenClosed) {
        this.health = new StoreHealth(clientId, directory);
        this.options = options;
        this.whenClosed = whenClosed;
        this.journal = new Journal(directory, options);
        this.opening = new SessionDirectory(clientId, directory, options.disk());
    }

    /** Opens the session, and returns what was found. */
    SessionDirectory.Contents start() {
        CompletableFuture<SessionDirectory.Contents> opened = new CompletableFuture<>();
        if (options.inline()) {
            open(opened);
        } else {
            startThread(opened);
        }
        try {
            return opened.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw cause instanceof StoreException known ? known : health.cannotBeOpened(cause == null ? e : cause);
        }
    }

    private void startThread(CompletableFuture<SessionDirectory.Contents> opened) {
        Thread thread = new Thread(
                () -> {
                    if (open(opened)) {
                        run();
                    }
                },
                "hawser-store-" + THREADS.incrementAndGet());
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (Throwable e) {
            // The system gives no more threads: nobody would ever close the session otherwise.
            finish();
            opened.completeExceptionally(e);
        }
    }

    private boolean open(CompletableFuture<SessionDirectory.Contents> opened) {
        try {
            SessionDirectory.Contents contents = opening.open(journal);
            safeSequence = contents.lastSequence();
            health.found(journal.damage());
            opened.complete(contents);
            return true;
        } catch (Throwable e) {
            finish();
            opened.completeExceptionally(e);
            return false;
        }
    }

    /** Returns a frame to fill, with room for so many bytes. */
    Frame frame(int bytes, long now) {
        synchronized (queue) {
            return queue.withRoom(bytes, now);
        }
    }

    private void recycle(Frame frame) {
        safeSequence = Math.max(safeSequence, frame.lastAccepted);
        synchronized (queue) {
            queue.recycle(frame);
        }
    }

    /** Takes a frame that is full. */
    void add(Frame frame) {
        synchronized (queue) {
            if (!put(frame)) {
                queue.add(frame);
            }
        }
    }

    /** Whether nothing that was handed over is left to be written, and no round is going on. */
    private boolean isDone() {
        return !busy && health.failure() == null && queue.isEmpty() && unwritten.isEmpty();
    }

    private boolean put(Frame frame) {
        if (!isDone() || !journal.put(frame)) {
            return false;
        }
        queue.put(frame);
        recycle(frame);
        return true;
    }

    boolean isOverloaded() {
        return queue.isOverloaded();
    }

    long safePosition() {
        return queue.safePosition();
    }

    long urgentPosition() {
        synchronized (queue) {
            return queue.urgentPosition();
        }
    }

    /**
     * Takes the entries since the last call.
     *
     * @param urgent whether something depends on them
     */
    void hand(@Nullable Frame frame, boolean urgent) {
        boolean works;
        synchronized (queue) {
            boolean left = frame != null && !put(frame);
            if (frame != null && left) {
                if (urgent || options.inline()) {
                    queue.add(frame);
                } else {
                    queue.linger(frame);
                }
            }
            if (urgent) {
                queue.isUrgent();
            }
            if (!left && isDone()) {
                queue.isSafe(queue.position());
            }
            queue.wakeIfNeeded();
            works = left || !queue.isUrgentSafe() || frame == null;
        }
        if (options.inline() && works) {
            round();
        }
    }

    void read(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
        synchronized (queue) {
            if (queue.isClosing()) {
                result.completeExceptionally(health.cannotBeRead(new ClosedChannelException()));
                return;
            }
            queue.request(new PageRequest(after, messages, bytes, result));
        }
        if (options.inline()) {
            round();
        }
    }

    private void run() {
        while (await()) {
            round();
        }
        round(); // for what came until the queue was closed
        finish();
    }

    private boolean await() {
        long tidyMillis = options.durability() == Durability.LAZY ? options.lazyMillis() : IDLE_MILLIS;
        synchronized (queue) {
            boolean failing = health.failure() != null;
            return queue.await(failing, failing ? RETRY_MILLIS : untidy ? tidyMillis : 0, tidyMillis);
        }
    }

    /** One round, after which the thread goes on whatever was thrown. */
    private void round() {
        try {
            work();
        } catch (Throwable e) {
            fails(e);
        } finally {
            rest();
        }
    }

    /** Writes what was handed over, tells who waits for that, and reads the pages that were requested. */
    private void work() {
        long position;
        int pages;
        boolean idle;
        synchronized (queue) {
            busy = true;
            idle = queue.moveTo(unwritten);
            position = queue.position();
            // A later request counts on entries that were not taken here.
            pages = queue.requests();
        }
        boolean written = write(idle);
        boolean awaited;
        synchronized (queue) {
            awaited = written && queue.isSafe(position);
            busy = pages > 0;
            queue.notifyAll();
        }
        if (awaited) {
            health.tellThatSafePositionRose();
        }
        for (; pages > 0; pages--) {
            answer();
        }
        if (journal.isUnsettled()) {
            settle();
        }
    }

    private void rest() {
        synchronized (queue) {
            busy = false;
            queue.notifyAll();
        }
    }

    private boolean write(boolean idle) {
        long now = options.wallMillis().getAsLong();
        if (health.failure() != null && !isClosing() && !options.inline() && Math.abs(now - triedAt) < RETRY_MILLIS) {
            return false;
        }
        triedAt = now;
        try {
            untidy = !idle || !unwritten.isEmpty();
            journal.write(unwritten, this::recycle);
            if (options.durability() == Durability.LAZY
                    && (idle || isClosing() || Math.abs(now - forcedAt) >= options.lazyMillis())) {
                forcedAt = now;
                journal.force();
            }
            if (idle || isClosing()) {
                journal.shrink();
            }
            health.works();
            return true;
        } catch (Throwable e) {
            fails(e);
            return false;
        }
    }

    private void fails(Throwable e) {
        journal.hasFailed(e);
        health.fails(e);
    }

    /** Reads the page that was requested first. The request stays until its future is settled, however often that takes. */
    private void answer() {
        PageRequest request;
        synchronized (queue) {
            request = queue.firstRequest();
            busy = true;
        }
        List<StoredPublish> page = null;
        StoreException failure = null;
        try {
            page = request.read(journal, unwritten, health);
        } catch (Throwable e) {
            journal.hasFailed(e);
            failure = health.cannotBeRead(e);
        }
        rest();
        // Whatever depends on the future runs here, and what that throws stays with the future.
        if (failure == null) {
            request.result().complete(page);
        } else {
            request.result().completeExceptionally(failure);
        }
        synchronized (queue) {
            queue.removeFirstRequest();
        }
    }

    /** Does what follows from a new segment. The force of its checkpoint, which takes a disk's time, keeps nobody from putting. */
    private void settle() {
        rest();
        journal.forceBegun();
        synchronized (queue) {
            busy = true;
        }
        try {
            journal.settle();
        } catch (Throwable e) {
            fails(e);
        }
    }

    Rollback rollback(LongLongMap held) {
        synchronized (queue) {
            boolean interrupted = false;
            while (busy) {
                try {
                    queue.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            queue.moveTo(unwritten);
            Rollback rollback = new Rollback(safeSequence, held);
            unwritten = rollback.apply(unwritten);
            return rollback;
        }
    }

    /** Everything handed over is still written, if it can be. */
    void close() {
        synchronized (queue) {
            queue.close();
        }
        if (options.inline()) {
            round();
            finish();
        }
    }

    @Override
    public String toString() {
        return health.toString();
    }

    boolean isClosing() {
        synchronized (queue) {
            return queue.isClosing();
        }
    }

    void awaitClosed() {
        closed.join();
    }

    private void closeJournal() {
        synchronized (queue) {
            journal.close();
        }
    }

    private void finish() {
        for (Runnable last : List.<Runnable>of(this::closeJournal, opening::close, whenClosed)) {
            try {
                last.run();
            } catch (Throwable e) {
                // the others are due all the same, and the next opening finds what this one has left
            }
        }
        closed.complete(null);
    }
}
