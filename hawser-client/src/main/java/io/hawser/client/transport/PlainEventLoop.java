package io.hawser.client.transport;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An event loop on one of the JDK's selectors, for plain TCP. */
final class PlainEventLoop implements Opener {
    private static final Logger LOG = LoggerFactory.getLogger(PlainEventLoop.class);
    /** So many tasks are run before the network gets its turn. */
    private static final int TASKS = 256;

    private static final int CHUNK = 256 * 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** So many cancelled timers may lie about before they are looked for. */
    private static final int CANCELLED = 64;

    private final Resolver resolver;
    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Consumer<SelectionKey> whenReady = PlainEventLoop::ready;
    /** Whether the loop waits, or is about to, so that who adds a task must wake it. */
    private final AtomicBoolean asleep = new AtomicBoolean();

    private int cancelled;
    private @Nullable InetSocketAddress lastRemote;

    /** For its connections, which all read into the same memory, and write by way of the same array. */
    final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);

    final Gathering gathering = new Gathering();

    private PlainEventLoop(Resolver resolver, String name) throws IOException {
        this.resolver = resolver;
        this.selector = Selector.open();
        this.thread = Workers.daemon(new LoopThread(this::run, name));
    }

    static PlainEventLoop start(Resolver resolver, String name) throws IOException {
        PlainEventLoop loop = new PlainEventLoop(resolver, name);
        loop.thread.start();
        return loop;
    }

    private static final class LoopThread extends Thread implements EventLoops.IoThread {
        LoopThread(Runnable task, String name) {
            super(null, task, name, 0, false);
        }
    }

    /** What is to be run later; running it from outside cancels it. */
    private final class Timer implements Runnable, Comparable<Timer> {
        private final long due;
        private volatile @Nullable Runnable task;

        Timer(Runnable task, long due) {
            this.task = task;
            this.due = due;
        }

        @Override
        public int compareTo(Timer other) {
            return Long.signum(due - other.due);
        }

        @Override
        public void run() {
            if (task != null) {
                task = null;
                if (inEventLoop() && ++cancelled > Math.max(CANCELLED, timers.size() / 4)) {
                    cancelled = 0;
                    timers.removeIf(timer -> timer.task == null);
                }
            }
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    @Override
    public boolean inEventLoop() {
        return Thread.currentThread() == thread;
    }

    @Override
    public Runnable schedule(Runnable task, long delayNanos) {
        Timer timer = new Timer(task, System.nanoTime() + delayNanos);
        if (inEventLoop()) {
            timers.add(timer);
        } else {
            execute(() -> timers.add(timer));
        }
        return timer;
    }

    @Override
    public Resolver resolver() {
        return resolver;
    }

    @Override
    public Candidate candidate(Attempt attempt, InetAddress address, @Nullable SslContext tls) throws IOException {
        if (tls != null) {
            throw new IllegalArgumentException("this event loop is for plain TCP only");
        }
        return new PlainConnection(this, attempt, address);
    }

    /** Mostly the one that the connection before has: many clients of a program have the same broker. */
    InetSocketAddress remote(InetAddress address, int port) {
        InetSocketAddress remote = new InetSocketAddress(address, port);
        // Of IPv6, equal addresses may lead to different links.
        if (lastRemote == null || !(address instanceof Inet4Address) || !lastRemote.equals(remote)) {
            lastRemote = remote;
        }
        return lastRemote;
    }

    /** Has {@link PlainConnection#ready} called when one of these operations is possible. */
    SelectionKey register(SocketChannel channel, int operations, PlainConnection connection) throws IOException {
        return channel.register(selector, operations, connection);
    }

    @SuppressWarnings("InfiniteLoopStatement")
    private void run() {
        while (true) {
            try {
                select();
                runTimers();
                runTasks();
            } catch (Throwable e) {
                report("an event loop goes on after a mistake", e);
            }
        }
    }

    private void select() throws IOException {
        // An interrupt, left behind by a handler that ran here, would keep the selector from ever waiting.
        boolean unused = Thread.interrupted();
        long millis = millisToNextTimer();
        if (millis != 0 && tasks.isEmpty()) {
            asleep.set(true);
            if (tasks.isEmpty()) {
                try {
                    selector.select(whenReady, Math.max(millis, 0));
                } finally {
                    asleep.set(false);
                }
                return;
            }
            asleep.set(false);
        }
        selector.selectNow(whenReady);
    }

    private static void ready(SelectionKey key) {
        ((PlainConnection) key.attachment()).ready();
    }

    /** Rounded up, so that the timer is due by then; -1 if there is none. */
    private long millisToNextTimer() {
        Timer next = timers.peek();
        return next == null ? -1 : Math.max(0, (next.due - System.nanoTime() + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    private void runTimers() {
        if (timers.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        for (Timer timer = timers.peek(); timer != null && timer.due - now <= 0; timer = timers.peek()) {
            timers.remove();
            Runnable task = timer.task;
            timer.task = null;
            if (task != null) {
                run(task);
            } else if (cancelled > 0) {
                cancelled--;
            }
        }
    }

    private void runTasks() {
        for (int i = 0; i < TASKS; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            run(task);
        }
    }

    private static void run(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            report("a task on an event loop failed", e);
        }
    }

    /** Nothing may end the loop, not even the report of what else has failed: without memory, that fails as well. */
    private static void report(String what, Throwable failure) {
        try {
            LOG.error(what, failure);
        } catch (Throwable e) {
            // There is nobody left to tell.
        }
    }
}
