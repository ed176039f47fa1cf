package io.hawser.client;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executor for handlers that is shared by all clients that bring none: made when the first needs it. */
final class HandlerExecutors {
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;

    static final Executor SHARED = virtualThreadsOrDaemons();

    private static final Logger LOG = LoggerFactory.getLogger(HandlerExecutors.class);

    private HandlerExecutors() {}

    /** The program's executor; what it rejects runs on the shared one, since messages cannot wait for it to recover. */
    static Executor backedUp(Executor executor) {
        return task -> {
            try {
                executor.execute(task);
            } catch (RejectedExecutionException e) {
                LOG.warn("the handlerExecutor rejects a task, which the default one runs instead", e);
                SHARED.execute(task);
            }
        };
    }

    /** The method is looked for, because the baseline, Java 17, does not have it. */
    private static Executor virtualThreadsOrDaemons() {
        return Runtime.version().feature() < FIRST_WITH_VIRTUAL_THREADS ? daemons() : virtualThreads();
    }

    private static Executor virtualThreads() {
        try {
            return (ExecutorService) MethodHandles.publicLookup()
                    .findStatic(
                            Executors.class,
                            "newVirtualThreadPerTaskExecutor",
                            MethodType.methodType(ExecutorService.class))
                    .invokeExact();
        } catch (Throwable e) {
            return daemons();
        }
    }

    private static Executor daemons() {
        AtomicInteger made = new AtomicInteger();
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "hawser-handler-" + made.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }
}
