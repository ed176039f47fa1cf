package io.hawser.client.delivery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The default executor of handlers, which all clients without an executor of their own share. It is never shut down;
 * its threads end when they are idle.
 */
public final class HandlerExecutors {
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;
    /**
     * As long as an event loop waits for another client: an idle thread would keep the library's class loader
     * reachable.
     */
    private static final long IDLE_SECONDS = 5;

    public static final Executor SHARED = virtualThreadsOrDaemons();

    private HandlerExecutors() {}

    /** The executor of virtual threads is looked up by reflection, because the baseline, Java 17, does not have it. */
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
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, "hawser-handler-" + made.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }
}
