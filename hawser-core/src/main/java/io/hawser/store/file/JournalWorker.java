package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.store.Durability;
import io.hawser.store.StoredPublish;
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
    /** How long frames that nobody waits for are kept, so that one write takes many. */
    private static final long LINGER_MILLIS = 10;
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
    private final ArrayDeque<PageRequest> requests = new ArrayDeque<>();
    private boolean closing;
    private boolean sleeping;
    private boolean wakesSoon;
    private boolean wakesLate;
    /** Whether frames were put into the journal since the thread's last round. */
    private boolean put;
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
                wake();
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
        queue.passed(frame);
        recycle(frame);
        put = true;
        if (wakesLate) {
            wakesLate = false;
            wake();
        }
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
            boolean awaited = !queue.isUrgentSafe();
            if (awaited || queue.isLingering() && !wakesSoon) {
                wake();
            }
            works = left || awaited || frame == null;
        }
        if (options.inline() && works) {
            round();
        }
    }

    void read(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
        synchronized (queue) {
            requests.add(new PageRequest(after, messages, bytes, result));
            wake();
        }
        if (options.inline()) {
            round();
        }
    }

    private void wake() {
        if (sleeping) {
            queue.notifyAll();
        }
    }

    private void run() {
        while (await()) {
            round();
        }
        round();
        finish();
    }

    /** Returns when there is something to do, or the time has come to do something unasked; false if it is the last. */
    private boolean await() {
        synchronized (queue) {
            long since = System.nanoTime();
            while (!closing && !hasWork()) {
                long slept = (System.nanoTime() - since) / 1_000_000;
                long pause = pause();
                if (pause > 0 && slept >= pause) {
                    break;
                }
                // The first sleep is short in any case, so that entries that nobody waits for need not end it.
                wakesSoon = slept < LINGER_MILLIS;
                wakesLate = !wakesSoon && pause == 0;
                sleeping = true;
                try {
                    queue.wait(wakesSoon ? LINGER_MILLIS - slept : pause == 0 ? 0 : pause - slept);
                } catch (InterruptedException e) {
                    // nobody has a reason to interrupt this thread, and it ends by being told so
                } finally {
                    sleeping = false;
                }
            }
            return !closing;
        }
    }

    private boolean hasWork() {
        return !requests.isEmpty() || health.failure() == null && (!queue.isEmpty() || !queue.isUrgentSafe());
    }

    /** How long to sleep at most, in milliseconds; 0 for as long as nothing happens. */
    private long pause() {
        if (health.failure() != null) {
            return RETRY_MILLIS;
        }
        if (queue.isLingering()) {
            return LINGER_MILLIS;
        }
        return untidy || put ? options.durability() == Durability.LAZY ? options.lazyMillis() : IDLE_MILLIS : 0;
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
            idle = !hasWork() && !queue.isLingering() && !put;
            put = false;
            queue.moveTo(unwritten);
            position = queue.position();
            // A later request counts on entries that were not taken here.
            pages = requests.size();
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
        if (health.failure() != null && !closing && !options.inline() && Math.abs(now - triedAt) < RETRY_MILLIS) {
            return false;
        }
        triedAt = now;
        try {
            untidy = !idle || !unwritten.isEmpty();
            journal.write(unwritten, this::recycle);
            if (options.durability() == Durability.LAZY
                    && (idle || closing || Math.abs(now - forcedAt) >= options.lazyMillis())) {
                forcedAt = now;
                journal.force();
            }
            if (idle || closing) {
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
            request = requests.element();
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
            requests.remove();
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
            closing = true;
            wake();
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
            return closing;
        }
    }

    void awaitClosed() {
        closed.join();
    }

    private void finish() {
        for (Runnable last : List.<Runnable>of(journal::close, opening::close, whenClosed)) {
            try {
                last.run();
            } catch (Throwable e) {
                // the others are due all the same, and the next opening finds what this one has left
            }
        }
        closed.complete(null);
    }
}
