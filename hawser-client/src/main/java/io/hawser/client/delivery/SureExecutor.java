package io.hawser.client.delivery;

import io.hawser.client.transport.EventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor that never throws and runs every task once. If the program's executor does not take a task, whatever it
 * throws, the task runs on the default executor. If the default executor does not take it either (the process may have
 * no more threads), the task is tried again until one of them takes it.
 */
public final class SureExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SureExecutor.class);
    /**
     * The pause before untaken tasks are tried again: time for a few threads to end, and too short for anybody to
     * notice.
     */
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** The pause between two warnings: a program whose executor fails for long reads one each minute. */
    private static final long WARN_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Executor preferred;
    private final Executor fallback;
    private final EventLoop loop;
    /**
     * A stack of tasks that no executor has taken; a task is its own node, because there may be no memory for another.
     */
    private final AtomicReference<@Nullable Once> untaken = new AtomicReference<>();

    private volatile long warnedAt = System.nanoTime() - WARN_NANOS;

    public SureExecutor(Executor preferred, Executor fallback, EventLoop loop) {
        this.preferred = preferred;
        this.fallback = fallback;
        this.loop = loop;
    }

    /** A task that runs once, however often it is started: an executor may take a task and throw all the same. */
    private static final class Once extends AtomicBoolean implements Runnable {
        private static final long serialVersionUID = 1;

        private final transient Runnable task;

        private transient @Nullable Once next;

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (compareAndSet(false, true)) {
                task.run();
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        start(new Once(task));
    }

    private void start(Once task) {
        if (!takes(preferred, task) && (preferred == fallback || !takes(fallback, task))) {
            Once before;
            do {
                before = untaken.get();
                task.next = before;
            } while (!untaken.compareAndSet(before, task));
            startLater();
        } else if (untaken.get() != null) {
            startUntaken();
        }
    }

    private boolean takes(Executor executor, Once task) {
        try {
            executor.execute(task);
            return true;
        } catch (Throwable e) {
            if (task.get()) {
                return true;
            }
            warn(executor, e);
            return false;
        }
    }

    private void warn(Executor executor, Throwable failure) {
        long now = System.nanoTime();
        if (now - warnedAt >= WARN_NANOS) {
            warnedAt = now;
            String what = executor == fallback
                    ? "the default executor takes no task, which is tried again"
                    : "the handlerExecutor takes no task, which the default one runs instead";
            Reports.warn(LOG, what, failure);
        }
    }

    private void startLater() {
        try {
            Runnable unused = loop.schedule(this::startUntaken, RETRY_NANOS);
        } catch (Throwable e) {
            // The next task that is executed starts the untaken tasks, too.
            Reports.warn(LOG, "a task of the program waits for the next one", e);
        }
    }

    private void startUntaken() {
        Once at = untaken.getAndSet(null);
        while (at != null) {
            Once next = at.next;
            at.next = null;
            start(at);
            at = next;
        }
    }
}
