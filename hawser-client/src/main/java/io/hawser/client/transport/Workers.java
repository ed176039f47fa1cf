package io.hawser.client.transport;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Daemon threads for what opening a connection needs and an event loop must not do; they end when idle. */
final class Workers {
    private static final long IDLE_SECONDS = 5;

    /** Name lookups, which may hang for as long as the system's resolver likes: many, so that a few do not stop all. */
    static final Executor LOOKUP = pool("hawser-lookup-", 16);

    /** The reckoning of TLS handshakes, bound by the processors; apart from the lookups, which may all hang. */
    static final Executor HANDSHAKE = pool("hawser-tls-", Runtime.getRuntime().availableProcessors());

    private Workers() {}

    private static Executor pool(String name, int threads) {
        AtomicInteger made = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(new Thread(null, task, name + made.incrementAndGet(), 0, false)));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Neither keeps the JVM alive nor holds on to whatever application made the first client. */
    static Thread daemon(Thread thread) {
        thread.setDaemon(true);
        thread.setContextClassLoader(Workers.class.getClassLoader());
        return thread;
    }
}
