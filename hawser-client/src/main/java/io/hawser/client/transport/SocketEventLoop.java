package io.hawser.client.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop on one of the JDK's selectors.
 *
 * <p>Its thread ends while it has no clients, and starts again:
 *
 * <pre>
 *            a client joins, or a task comes: start()
 *        ┌────────────────────────────────────────────────┐
 *        ▼                                                │
 *      AWAKE ──nothing to do──► ASLEEP                  ENDED
 *        │  ▲                     │                       ▲
 *        │  └──a task, I/O, time──┘                       │
 *        └── no client for some time, and no task: ends() ──────┘
 * </pre>
 *
 * <p>Joining, leaving, {@code start} and {@code ends} hold the loop's lock, so that a loop that was joined and not left has a thread. A
 * task is first added and then the state looked at, {@code ends} changes the state and then looks at the tasks: one of the two sees
 * the other.
 */
final class SocketEventLoop implements EventLoop {
    private enum State {
        /** The thread runs, and looks at the tasks before it sleeps or ends. */
        AWAKE,
        /** The thread waits, or is about to: who adds a task must wake it. */
        ASLEEP,
        /** There is no thread, and no selector: who adds a task must start them. */
        ENDED
    }

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);
    /** So many tasks are run before the network gets its turn. */
    private static final int TASKS = 256;

    private static final int CHUNK = 256 * 1024;
    private static final long NANOS_PER_MILLI = 1_000_000;
    /** So many cancelled timers may lie about before they are looked for. */
    private static final int CANCELLED = 64;

    private final Resolver resolver;
    private final String name;
    /** Joins and leaves under this object's lock. */
    private final LoopClients clients;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Consumer<SelectionKey> whenReady = SocketEventLoop::ready;
    private final AtomicReference<State> state = new AtomicReference<>(State.ENDED);
    /** Of the thread that runs, or of the last one. */
    private volatile @Nullable Selector selector;

    private int cancelled;
    private @Nullable InetSocketAddress lastRemote;

    /** For its connections, which all read into the same memory, and write by way of the same array. */
    final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);

    final Gathering gathering = new Gathering();
    private final FilterBuffers filterBuffers;

    SocketEventLoop(Resolver resolver, String name, LoopClients clients) {
        this.resolver = resolver;
        this.name = name;
        this.clients = clients;
        this.filterBuffers = new FilterBuffers();
    }

    private static final class LoopThread extends Thread {
        final SocketEventLoop loop;

        LoopThread(SocketEventLoop loop, Runnable task) {
            super(null, task, loop.name, 0, false);
            this.loop = loop;
        }
    }

    /**
     * For one more client: from now until it has left, the loop has a thread.
     *
     * @throws UncheckedIOException if the system has no selector
     */
    synchronized void join() {
        start();
        clients.join();
    }

    @Override
    public void leave() {
        boolean last;
        synchronized (this) {
            last = clients.leave();
        }
        if (last) {
            // It sleeps for as long as it likes; now it has to look when it may end.
            execute(() -> {});
        }
    }

    private synchronized void start() {
        if (state.get() != State.ENDED) {
            return;
        }
        boolean started = false;
        Selector opened = open();
        try {
            selector = opened;
            Thread thread = Workers.daemon(new LoopThread(this, () -> run(opened)));
            state.set(State.AWAKE);
            thread.start();
            started = true;
        } finally {
            if (!started) {
                state.set(State.ENDED);
                close(opened);
            }
        }
    }

    /** Nothing may end a loop, not even the report of what else has failed: without memory, that fails as well. */
    private static void report(String what, Throwable failure) {
        try {
            LOG.error(what, failure);
        } catch (Throwable e) {
            // There is nobody left to tell.
        }
    }

    private static Selector open() {
        try {
            return Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(Selector selector) {
        try {
            selector.close();
        } catch (IOException | RuntimeException e) {
            report("a selector does not close", e);
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
        clients.used();
        tasks.add(task);
        if (state.get() != State.AWAKE) {
            wake();
        }
    }

    private void wake() {
        if (state.compareAndSet(State.ASLEEP, State.AWAKE)) {
            Objects.requireNonNull(selector, "selector").wakeup();
        } else {
            start();
        }
    }

    /** Whether the calling thread is that of any of these loops. */
    static boolean runsThisThread() {
        return Thread.currentThread() instanceof LoopThread;
    }

    @Override
    public boolean inEventLoop() {
        return Thread.currentThread() instanceof LoopThread at && at.loop == this;
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

    Resolver resolver() {
        return resolver;
    }

    @Override
    public Connecting connect(Target target, ConnectionHandler handler) {
        Attempt attempt = new Attempt(this, target, handler);
        execute(attempt::start);
        return attempt;
    }

    FilterBuffers filterBuffers() {
        return filterBuffers;
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

    /** Has {@link SocketConnection#ready} called when one of these operations is possible. */
    SelectionKey register(SocketChannel channel, int operations, SocketConnection connection) throws IOException {
        return channel.register(Objects.requireNonNull(selector, "selector"), operations, connection);
    }

    private void run(Selector selector) {
        boolean over = false;
        while (!over) {
            try {
                select(selector);
                runTimers(selector);
                runTasks();
                over = clients.restNanos() <= 0 && ends(selector);
            } catch (Throwable e) {
                report("an event loop goes on after a mistake", e);
            }
        }
    }

    /**
     * Whether the thread ends, having had no clients for long enough; another may run as soon as this has returned. A channel that is
     * left by then was on its way to be closed, and is closed with the loop.
     */
    private synchronized boolean ends(Selector selector) {
        if (clients.restNanos() > 0) {
            return false;
        }
        selector.keys().forEach(key -> ((SocketConnection) key.attachment()).closeNow());
        // A timer that is due later than this has been left behind by a client that has closed.
        timers.clear();
        state.set(State.ENDED);
        if (!tasks.isEmpty()) {
            state.set(State.AWAKE);
            return false;
        }
        close(selector);
        return true;
    }

    private void select(Selector selector) throws IOException {
        // An interrupt, left behind by a handler that ran here, would keep the selector from ever waiting.
        boolean unused = Thread.interrupted();
        long millis = millisToSleep();
        if (millis != 0 && tasks.isEmpty()) {
            state.set(State.ASLEEP);
            try {
                if (tasks.isEmpty()) {
                    selector.select(whenReady, Math.max(millis, 0));
                    return;
                }
            } finally {
                state.set(State.AWAKE);
            }
        }
        selector.selectNow(whenReady);
    }

    private static void ready(SelectionKey key) {
        ((SocketConnection) key.attachment()).ready();
    }

    /** Until the next timer, and without clients no longer than until the end may come; -1 for as long as nothing happens. */
    private long millisToSleep() {
        Timer next = timers.peek();
        long nanos = next == null ? Long.MAX_VALUE : next.due - System.nanoTime();
        nanos = Math.min(nanos, clients.restNanos());
        // Rounded up, so that what is waited for is due by then.
        return nanos == Long.MAX_VALUE ? -1 : Math.max(0, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }

    /**
     * Runs the timers that are due, each after a look at the network that is newer than its time: a timer often decides that something
     * has not come, and on a slow machine much may come while another task runs.
     */
    private void runTimers(Selector selector) throws IOException {
        if (timers.isEmpty()) {
            return;
        }
        long now = System.nanoTime();
        long looked = now - 2 * NANOS_PER_MILLI;
        for (Timer timer = due(now); timer != null; timer = due(now)) {
            if (System.nanoTime() - looked > NANOS_PER_MILLI) {
                selector.selectNow(whenReady);
                looked = System.nanoTime();
                // The bytes that came may have removed this timer.
                timer = due(now);
            }
            if (timer != null) {
                timers.remove();
                runUnlessCancelled(timer);
            }
        }
    }

    private @Nullable Timer due(long now) {
        Timer next = timers.peek();
        return next != null && next.due - now <= 0 ? next : null;
    }

    private void runUnlessCancelled(Timer timer) {
        Runnable task = timer.task;
        timer.task = null;
        if (task != null) {
            run(task);
        } else if (cancelled > 0) {
            cancelled--;
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
}
