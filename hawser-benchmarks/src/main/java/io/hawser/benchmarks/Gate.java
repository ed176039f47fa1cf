package io.hawser.benchmarks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts what is under way and what is done, lets no more than a bound be under way, and tells when to stop. Cheaper than a
 * semaphore, which would be a tenth of what the fastest cost: who is let in is one thread, and it waits until half of the
 * bound is free, so that it is woken once for many messages.
 */
final class Gate {
    private static final VarHandle DONE;
    private static final long NEVER = Long.MAX_VALUE;
    /** Completions that need not be counted atomically may be overlooked by who goes to sleep at that moment. */
    private static final long LONGEST_NAP_NANOS = 1_000_000;

    static {
        try {
            DONE = MethodHandles.lookup().findVarHandle(Gate.class, "done", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int bound;
    private final boolean timing;
    private long entered;
    private long seen;
    private volatile long done;
    private volatile long wakeAt = NEVER;
    private volatile boolean stopped;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable Thread waiter;
    private volatile @Nullable Throwable failure;
    private long started;
    private long[] latencies = new long[1 << 16];
    private int samples;
    private volatile boolean sampling;

    /** @param timing whether the time is taken of what goes through, which is one at a time then */
    Gate(int bound, boolean timing) {
        this.bound = bound;
        this.timing = timing;
    }

    int bound() {
        return bound;
    }

    boolean isStopped() {
        return stopped;
    }

    long done() {
        return done;
    }

    /** How many may enter without waiting. For the one thread that enters. */
    long room() {
        return bound - (entered - done);
    }

    /**
     * Whether there is enough room to fill it, for somebody who is told of each that leaves. With half of the bound, only half
     * would ever be under way, since all that come back together are seen at once.
     */
    boolean isWorthFilling() {
        return room() > bound / 16;
    }

    /** Waits until there is room. For one thread. Returns false when it is time to stop. */
    boolean enter() {
        if (entered - seen >= bound) {
            seen = done;
            if (entered - seen >= bound) {
                await(entered - bound / 2);
            }
        }
        if (timing) {
            take();
        }
        entered++;
        return !stopped;
    }

    /** As {@link #enter}, by somebody who knows that there is room. */
    void enterAtOnce(long count) {
        entered += count;
    }

    private void take() {
        long now = System.nanoTime();
        if (sampling) {
            if (samples == latencies.length) {
                latencies = Arrays.copyOf(latencies, samples * 2);
            }
            latencies[samples++] = now - started;
        }
        started = System.nanoTime();
    }

    private void await(long target) {
        waiter = Thread.currentThread();
        while (done < target && !stopped) {
            wakeAt = target;
            if (done < target && !stopped) {
                LockSupport.parkNanos(this, LONGEST_NAP_NANOS);
            }
        }
        wakeAt = NEVER;
        seen = done;
    }

    /** One is done; from any thread. */
    void leave() {
        wake((long) DONE.getAndAdd(this, 1L) + 1);
    }

    /** So many are done; all calls one after the other. */
    void leaveInTurn(long count) {
        if (timing) {
            wake((long) DONE.getAndAdd(this, count) + count);
            return;
        }
        long now = (long) DONE.get(this) + count;
        DONE.setRelease(this, now);
        wake(now);
    }

    private void wake(long now) {
        if (now >= wakeAt) {
            wakeAt = NEVER;
            LockSupport.unpark(waiter);
        }
    }

    /** Whoever waits or would wait goes home. */
    void stop() {
        stopped = true;
        stop.countDown();
        LockSupport.unpark(waiter);
    }

    void awaitStop() throws InterruptedException {
        stop.await();
    }

    void fail(Throwable cause) {
        failure = cause;
        stop();
    }

    /** Throws what has gone wrong, if anything has. */
    void requireSound() {
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(cause);
        }
    }

    void sample(boolean on) {
        sampling = on;
    }

    /** The times taken, in nanoseconds, sorted. To be called when all is over. */
    long[] latencies() {
        long[] sorted = Arrays.copyOf(latencies, samples);
        Arrays.sort(sorted);
        return sorted;
    }
}
