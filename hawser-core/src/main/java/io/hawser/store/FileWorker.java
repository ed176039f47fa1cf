package io.hawser.store;

import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.text.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Does all I/O of one open session, on a thread of its own: an interrupt of a thread that is in a file channel would close the
 * channel. Whatever has been handed over since it last looked goes into one write and, if so promised, one force.
 */
final class FileWorker {
    private static final AtomicInteger THREADS = new AtomicInteger();

    private static final long RETRY_MILLIS = 1000;
    /** How long entries that nobody waits for lie about, so that one write takes many. */
    private static final long LINGER_MILLIS = 10;
    /** After so long without work it tidies up. */
    private static final long IDLE_MILLIS = 1000;

    private static final int POOLED = 16;
    /** More than that many bytes that wait to be written are too much. */
    private static final long BEHIND = 16 * 1024 * 1024;

    /** What was found when the session was opened. */
    record Contents(
            List<StoredPublish> held,
            BitSet received,
            List<Subscription> subscriptions,
            int waiting,
            long waitingBytes,
            long lastSequence) {}

    private record Page(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {}

    private final String clientId;
    private final Path directory;
    private final FileOptions options;
    private final Runnable whenClosed;
    private final FileJournal journal;
    private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();
    private final FileOpening opening;
    private volatile @Nullable Contents contents;
    private volatile @Nullable Runnable watcher;
    private volatile @Nullable StoreException failure;
    private volatile @Nullable StoreException damage;
    private volatile long lost;
    /** How much of what was {@link #asked} is safe. */
    private volatile long safe;
    /** The highest sequence whose acceptance is safe. */
    private long safeSequence;

    /** Bytes that were handed over and are not written; changed under the lock only. */
    private final AtomicLong behind = new AtomicLong();

    private final Object lock = new Object();
    /** Guarded by the lock, as is everything down to the next remark. */
    private final ArrayDeque<Frame> handed = new ArrayDeque<>();
    /** Handed over, but taken back for more entries if nobody was quicker. */
    private @Nullable Frame lingering;

    private List<Runnable> waiters = new ArrayList<>();
    private List<Page> pages = new ArrayList<>();
    private final ArrayDeque<Frame> pool = new ArrayDeque<>();
    /** How often something was handed over that must be safe. */
    private long asked;

    private boolean closing;
    private boolean sleeping;
    private boolean wakesSoon;
    /** Whether the frames below are being worked on. */
    private boolean busy;

    /** Not written yet; the worker's while it is busy, else guarded by the lock. */
    private ArrayDeque<Frame> unwritten = new ArrayDeque<>();
    /** The worker's own, as is what follows. */
    private long triedAt;

    private long forcedAt;
    private boolean untidy = true;

    FileWorker(String clientId, Path directory, FileOptions options, Runnable whenClosed) {
        this.clientId = clientId;
        this.directory = directory;
        this.options = options;
        this.whenClosed = whenClosed;
        this.journal = new FileJournal(directory, options);
        this.opening = new FileOpening(clientId, directory, options.disk());
    }

    /** Opens the session; returns when that is done. */
    void start() {
        CompletableFuture<@Nullable Void> opened = new CompletableFuture<>();
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
        Throwable cause = opened.handle((done, failed) -> failed).join();
        if (cause instanceof StoreException known) {
            throw known;
        } else if (cause != null) {
            throw new StoreException(
                    "session '" + Utf8.printable(clientId) + "' cannot be opened in " + directory + ": " + cause,
                    cause);
        }
    }

    private boolean open(CompletableFuture<@Nullable Void> opened) {
        try {
            opening.open(journal);
            SessionState state = journal.state;
            contents = new Contents(
                    opening.held(),
                    (BitSet) state.received.clone(),
                    List.copyOf(state.subscriptions.values()),
                    Math.toIntExact(state.waiting()),
                    state.waiting() == 0 ? 0 : Math.max(0, state.waitingBytes),
                    state.lastSequence);
            safeSequence = state.lastSequence;
            damage = journal.damage();
            opened.complete(null);
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            finish();
            opened.completeExceptionally(e);
            return false;
        }
    }

    Contents contents() {
        Contents found = contents;
        if (found == null) {
            throw new IllegalStateException("the contents of the log were told already");
        }
        return found;
    }

    void forgetContents() {
        contents = null;
    }

    /** A frame to fill, with room for so many bytes; perhaps one that was handed over before and nobody has taken. */
    Frame frame(int bytes, long now) {
        synchronized (lock) {
            Frame frame = lingering;
            lingering = null;
            if (frame != null && frame.buffer.remaining() < bytes) {
                enqueue(frame);
                frame = null;
            }
            if (frame == null) {
                frame = Frame.HEADER + bytes > Frame.SIZE
                        ? new Frame(ByteBuffer.allocate(Frame.HEADER + bytes))
                        : pool.poll();
                if (frame == null) {
                    frame = new Frame(ByteBuffer.allocateDirect(Frame.SIZE));
                }
                frame.clock = now;
            }
            return frame;
        }
    }

    private void recycle(Frame frame) {
        safeSequence = Math.max(safeSequence, frame.lastAccepted);
        synchronized (lock) {
            if (frame.buffer.isDirect() && pool.size() < POOLED) {
                frame.reuse();
                pool.add(frame);
            }
        }
    }

    /** Takes a frame that is full. */
    void add(Frame frame) {
        synchronized (lock) {
            enqueue(frame);
            wake();
        }
    }

    private void enqueue(Frame frame) {
        handed.add(frame);
        behind.addAndGet(frame.buffer.position());
    }

    boolean isBehind() {
        return behind.get() > BEHIND;
    }

    /**
     * Takes the entries since the last call.
     *
     * @param urgent whether something depends on them
     * @param whenSafe called when everything is safe unless this returns true
     */
    boolean hand(@Nullable Frame frame, boolean urgent, @Nullable Runnable whenSafe) {
        boolean done;
        synchronized (lock) {
            if (urgent) {
                asked++;
            }
            // One that is behind always calls back, so that whoever waits for that is told.
            done = safe == asked && !isBehind();
            if (frame != null) {
                if (urgent || options.inline()) {
                    enqueue(frame);
                } else {
                    lingering = frame;
                }
            }
            if (!done && whenSafe != null) {
                waiters.add(whenSafe);
            }
            if (urgent || !done || lingering != null && !wakesSoon) {
                wake();
            }
        }
        if (options.inline()) {
            work();
        }
        return done;
    }

    void read(long after, int messages, long bytes, CompletableFuture<List<StoredPublish>> result) {
        synchronized (lock) {
            pages.add(new Page(after, messages, bytes, result));
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
        return !pages.isEmpty() || failure == null && (!handed.isEmpty() || !waiters.isEmpty());
    }

    /** How long to sleep at most, in milliseconds; 0 for as long as nothing happens. */
    private long pause() {
        if (failure != null) {
            return RETRY_MILLIS;
        }
        if (lingering != null) {
            return LINGER_MILLIS;
        }
        return untidy ? options.durability() == Durability.LAZY ? options.lazyMillis() : IDLE_MILLIS : 0;
    }

    /** Writes what there is, tells those who wait, and reads what is asked for. */
    void work() {
        List<Runnable> told;
        List<Page> asking;
        long ticket;
        boolean idle;
        synchronized (lock) {
            busy = true;
            idle = !hasWork() && lingering == null;
            takeAll();
            told = waiters;
            waiters = new ArrayList<>();
            asking = pages;
            pages = new ArrayList<>();
            ticket = asked;
        }
        boolean written = write(idle);
        synchronized (lock) {
            busy = false;
            if (written) {
                behind.set(handed.stream()
                        .mapToLong(frame -> frame.buffer.position())
                        .sum());
                safe = ticket;
            } else {
                told.addAll(waiters);
                waiters = told;
            }
            lock.notifyAll();
        }
        if (written) {
            told.forEach(FileWorker::tell);
        }
        for (Page page : asking) {
            read(page);
        }
    }

    private void takeAll() {
        unwritten.addAll(handed);
        handed.clear();
        if (lingering != null) {
            unwritten.add(lingering);
            lingering = null;
        }
    }

    private static void tell(Runnable whenSafe) {
        try {
            whenSafe.run();
        } catch (RuntimeException e) {
            // its own fault; the others wait for this thread, too
        }
    }

    private boolean write(boolean idle) {
        long now = options.wallMillis().getAsLong();
        if (failure != null && !closing && !options.inline() && Math.abs(now - triedAt) < RETRY_MILLIS) {
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
            change(null);
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            change(new StoreException(
                    "session '" + Utf8.printable(clientId) + "' cannot be written to " + directory + ": " + e
                            + "; tried again every second",
                    e));
            return false;
        }
    }

    private void change(@Nullable StoreException to) {
        boolean changed = (failure == null) != (to == null);
        failure = to;
        if (changed) {
            notifyWatcher();
        }
    }

    private void notifyWatcher() {
        Runnable call = watcher;
        if (call != null) {
            tell(call);
        }
    }

    private void read(Page page) {
        List<StoredPublish> found;
        try {
            FileOverlay later = unwritten.isEmpty() ? FileOverlay.NONE : new FileOverlay(unwritten);
            if (later.accepts) {
                throw new IOException("messages that were accepted before cannot be written", failure);
            }
            found = journal.read(page.after, page.messages, page.bytes, later);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            page.result.completeExceptionally(new StoreException(
                    "session '" + Utf8.printable(clientId) + "' cannot be read from " + directory + ": " + e, e));
            return;
        }
        if (lost != journal.lostSinceOpening) {
            lost = journal.lostSinceOpening;
            damage = journal.damage();
            notifyWatcher();
        }
        page.result.complete(found);
    }

    FileRollback rollback(LongTable held) {
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
            takeAll();
            FileRollback rollback = new FileRollback(safeSequence, held);
            unwritten = rollback.apply(unwritten);
            return rollback;
        }
    }

    void watch(Runnable changed) {
        watcher = changed;
    }

    @Nullable
    StoreException failure() {
        return failure;
    }

    @Nullable
    StoreException damage() {
        return damage;
    }

    long lost() {
        return lost;
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
        return "session '" + Utf8.printable(clientId) + "' in " + directory;
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
