package io.hawser.store.file;

import io.hawser.mqtt.StoreException;
import io.hawser.store.Durability;
import io.hawser.store.StoredPublish;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Does all I/O of one open session, on a thread of its own: an interrupt of a thread that is in a file channel would close the
 * channel. Whatever has been handed over since it last looked goes into one write and, if so promised, one force.
 */
final class JournalWorker {
    private static final AtomicInteger THREADS = new AtomicInteger();

    private static final long RETRY_MILLIS = 1000;
    /** How long entries that nobody waits for lie about, so that one write takes many. */
    private static final long LINGER_MILLIS = 10;
    /** After so long without work it tidies up. */
    private static final long IDLE_MILLIS = 1000;

    final StoreHealth trouble;
    private final JournalOptions options;
    private final Runnable whenClosed;
    private final Journal journal;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private final SessionDirectory opening;
    /** How much of what was {@link #asked} is safe. */
    private volatile long safe;
    /** The highest sequence whose acceptance is safe. */
    private long safeSequence;

    private final Object lock = new Object();
    /** Guarded by the lock, as is everything down to the next remark. */
    private final WriteQueue frames = new WriteQueue();

    private List<Runnable> waiters = new ArrayList<>();
    private List<PageRequest> pages = new ArrayList<>();
    /** How often something was handed over that must be safe. */
    private long asked;

    private boolean closing;
    private boolean sleeping;
    private boolean wakesSoon;
    private boolean wakesLate;
    /** Whether frames were put since the worker looked last. */
    private boolean put;
    /** Whether the journal and the frames below are the worker's, and not anybody's who has the lock. */
    private boolean busy;

    /** Not written yet. */
    private ArrayDeque<Frame> unwritten = new ArrayDeque<>();
    /** The worker's own, as is what follows. */
    private long triedAt;

    private long forcedAt;
    private boolean untidy = true;

    JournalWorker(String clientId, Path directory, JournalOptions options, Runnable whenClosed) {
        this.trouble = new StoreHealth(clientId, directory);
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
            Thread thread = new Thread(
                    () -> {
                        if (open(opened)) {
                            run();
                        }
                    },
                    "hawser-store-" + THREADS.incrementAndGet());
            thread.setDaemon(true);
            thread.start();
        }
        try {
            return opened.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            throw cause instanceof StoreException known ? known : trouble.cannotBeOpened(cause == null ? e : cause);
        }
    }

    private boolean open(CompletableFuture<SessionDirectory.Contents> opened) {
        try {
            SessionDirectory.Contents contents = opening.open(journal);
            safeSequence = contents.lastSequence();
            trouble.found(journal.damage());
            opened.complete(contents);
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            finish();
            opened.completeExceptionally(e);
            return false;
        }
    }

    /** A frame to fill, with room for so many bytes. */
    Frame frame(int bytes, long now) {
        synchronized (lock) {
            return frames.withRoom(bytes, now);
        }
    }

    private void recycle(Frame frame) {
        safeSequence = Math.max(safeSequence, frame.lastAccepted);
        synchronized (lock) {
            frames.recycle(frame);
        }
    }

    /** Takes a frame that is full. */
    void add(Frame frame) {
        synchronized (lock) {
            if (!put(frame)) {
                frames.add(frame);
                wake();
            }
        }
    }

    /** Whether nothing that was handed over is left to be written, nor anything else is done to the journal. */
    private boolean isDone() {
        return !busy && trouble.failure() == null && frames.isEmpty() && unwritten.isEmpty();
    }

    /** Under the lock, which the worker does not hold while it is at work: then nothing can be put. */
    private boolean put(Frame frame) {
        if (!isDone() || !journal.put(frame)) {
            return false;
        }
        recycle(frame);
        put = true;
        if (wakesLate) {
            wakesLate = false;
            wake();
        }
        return true;
    }

    boolean isBehind() {
        return frames.isBehind();
    }

    /**
     * Takes the entries since the last call.
     *
     * @param urgent whether something depends on them
     * @param whenSafe called when everything is safe unless this returns true
     */
    boolean hand(@Nullable Frame frame, boolean urgent, @Nullable Runnable whenSafe) {
        boolean done;
        boolean left;
        synchronized (lock) {
            if (urgent) {
                asked++;
            }
            left = frame != null && !put(frame);
            if (!left && isDone()) {
                safe = asked;
            }
            // One that is behind always calls back, so that whoever waits for that is told.
            done = safe == asked && !isBehind();
            if (frame != null && left) {
                if (urgent || options.inline()) {
                    frames.add(frame);
                } else {
                    frames.linger(frame);
                }
            }
            if (!done && whenSafe != null) {
                waiters.add(whenSafe);
            }
            if (!done || frames.isLingering() && !wakesSoon) {
                wake();
            }
        }
        if (options.inline() && (left || !done || frame == null)) {
            work();
        }
        return done;
    }

    void read(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
        synchronized (lock) {
            pages.add(new PageRequest(after, messages, bytes, result));
            wake();
        }
        if (options.inline()) {
            work();
        }
    }

    private void wake() {
        if (sleeping) {
            lock.notifyAll();
        }
    }

    private void run() {
        while (await()) {
            work();
        }
        work();
        finish();
    }

    /** Returns when there is something to do, or the time has come to do something unasked; false if it is the last. */
    private boolean await() {
        synchronized (lock) {
            long since = System.nanoTime();
            while (!closing && !hasWork()) {
                long slept = (System.nanoTime() - since) / 1_000_000;
                long pause = pause();
                if (pause > 0 && slept >= pause) {
                    break;
                }
                // The first sleep is short in any case, so that what nobody waits for need not wake it.
                wakesSoon = slept < LINGER_MILLIS;
                wakesLate = !wakesSoon && pause == 0;
                sleeping = true;
                try {
                    lock.wait(wakesSoon ? LINGER_MILLIS - slept : pause == 0 ? 0 : pause - slept);
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
        return !pages.isEmpty() || trouble.failure() == null && (!frames.isEmpty() || !waiters.isEmpty());
    }

    /** How long to sleep at most, in milliseconds; 0 for as long as nothing happens. */
    private long pause() {
        if (trouble.failure() != null) {
            return RETRY_MILLIS;
        }
        if (frames.isLingering()) {
            return LINGER_MILLIS;
        }
        return untidy || put ? options.durability() == Durability.LAZY ? options.lazyMillis() : IDLE_MILLIS : 0;
    }

    /** Writes what there is, tells those who wait, and reads what is asked for. */
    void work() {
        List<Runnable> told;
        List<PageRequest> asking;
        long ticket;
        boolean idle;
        synchronized (lock) {
            busy = true;
            idle = !hasWork() && !frames.isLingering() && !put;
            put = false;
            frames.moveTo(unwritten);
            told = waiters;
            waiters = new ArrayList<>();
            asking = pages;
            pages = new ArrayList<>();
            ticket = asked;
        }
        boolean written = write(idle);
        synchronized (lock) {
            busy = !asking.isEmpty();
            if (written) {
                frames.written();
                safe = ticket;
            } else {
                told.addAll(waiters);
                waiters = told;
            }
            lock.notifyAll();
        }
        if (written) {
            told.forEach(StoreHealth::tell);
        }
        if (!asking.isEmpty()) {
            List<Runnable> answers = asking.stream()
                    .map(request -> request.read(journal, unwritten, trouble))
                    .toList();
            rest();
            answers.forEach(Runnable::run);
        }
        if (journal.isUnsettled()) {
            settle();
        }
    }

    /** The journal is anybody's who has the lock. */
    private void rest() {
        synchronized (lock) {
            busy = false;
            lock.notifyAll();
        }
    }

    /** What follows from a new segment: first, for as long as a disk takes, beside whoever logs. */
    private void settle() {
        journal.forceBegun();
        synchronized (lock) {
            busy = true;
        }
        try {
            journal.settle();
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            trouble.fails(e);
        }
        rest();
    }

    private boolean write(boolean idle) {
        long now = options.wallMillis().getAsLong();
        if (trouble.failure() != null && !closing && !options.inline() && Math.abs(now - triedAt) < RETRY_MILLIS) {
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
            trouble.works();
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            trouble.fails(e);
            return false;
        }
    }

    Rollback rollback(LongLongMap held) {
        synchronized (lock) {
            boolean interrupted = false;
            while (busy) {
                try {
                    lock.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            frames.moveTo(unwritten);
            Rollback rollback = new Rollback(safeSequence, held);
            unwritten = rollback.apply(unwritten);
            return rollback;
        }
    }

    /** Everything handed over is still written, if it can be. */
    void close() {
        synchronized (lock) {
            closing = true;
            wake();
        }
        if (options.inline()) {
            work();
            finish();
        }
    }

    @Override
    public String toString() {
        return trouble.toString();
    }

    boolean isClosing() {
        synchronized (lock) {
            return closing;
        }
    }

    void awaitClosed() {
        closed.join();
    }

    private void finish() {
        journal.close();
        opening.close();
        whenClosed.run();
        closed.complete(null);
    }
}
