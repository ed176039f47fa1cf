package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An event loop has a thread exactly as long as somebody may need it, whoever comes and goes meanwhile. */
class LoopLifeTest {
    private static final int THREADS = 16;
    private static final int ROUNDS = 200;

    private SocketEventLoop loop(long restNanos) {
        return new SocketEventLoop(Resolver.SYSTEM, "loop-of-test", new LoopClients(restNanos));
    }

    private static Thread thread(EventLoop loop) throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        loop.execute(() -> thread.complete(Thread.currentThread()));
        return thread.get(30, TimeUnit.SECONDS);
    }

    private static void awaitEnd(Thread thread) {
        await().atMost(30, TimeUnit.SECONDS).until(() -> !thread.isAlive());
    }

    @Test
    void theThreadEndsAfterTheLastClientAndAnotherStartsWithTheNext() throws Exception {
        SocketEventLoop loop = loop(0);
        loop.join();
        loop.join();
        Thread first = thread(loop);
        loop.leave();
        assertThat(thread(loop)).isSameAs(first);
        loop.leave();
        awaitEnd(first);

        loop.join();

        Thread second = thread(loop);
        assertThat(second).isNotSameAs(first);
        loop.leave();
        awaitEnd(second);
    }

    @Test
    void aClientThatStaysKeepsTheThreadHoweverManyComeAndGo() throws Exception {
        SocketEventLoop loop = loop(0);
        loop.join();
        Thread thread = thread(loop);
        for (int i = 0; i < ROUNDS; i++) {
            loop.join();
            assertThat(thread(loop)).isSameAs(thread);
            loop.leave();
        }
        assertThat(thread(loop)).isSameAs(thread);
        loop.leave();
        awaitEnd(thread);
    }

    @Test
    void withinItsRestTheNextClientFindsTheSameThread() throws Exception {
        SocketEventLoop loop = loop(TimeUnit.HOURS.toNanos(1));
        loop.join();
        Thread thread = thread(loop);
        loop.leave();
        assertThat(thread(loop)).isSameAs(thread);
        loop.join();
        assertThat(thread(loop)).isSameAs(thread);
    }

    @Test
    void aTaskOrATimerThatComesWhenTheThreadHasEndedRuns() throws Exception {
        SocketEventLoop loop = loop(TimeUnit.MILLISECONDS.toNanos(200));
        loop.join();
        Thread first = thread(loop);
        loop.leave();
        awaitEnd(first);

        assertThat(thread(loop)).isNotSameAs(first);
        CompletableFuture<Boolean> timed = new CompletableFuture<>();
        Runnable unused = loop.schedule(() -> timed.complete(loop.inEventLoop()), 1);
        assertThat(timed.get(30, TimeUnit.SECONDS)).isTrue();
        awaitEnd(thread(loop));
    }

    /** Each thread is a client that comes and goes, and uses the loop once more when it has gone. No task is lost, none overlap. */
    @Test
    void clientsThatComeAndGoAtTheSameTimeAlwaysFindALoopThatRuns() throws Exception {
        SocketEventLoop loop = loop(0);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlapping = new AtomicInteger();
        AtomicInteger elsewhere = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                boolean late = i % 2 == 0;
                all.add(clients.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        loop.join();
                        use(loop, inside, overlapping, elsewhere);
                        loop.leave();
                        if (late) {
                            use(loop, inside, overlapping, elsewhere);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get(2, TimeUnit.MINUTES);
            }
        } finally {
            clients.shutdownNow();
        }
        assertThat(overlapping).hasValue(0);
        assertThat(elsewhere).hasValue(0);
        awaitEnd(thread(loop));
    }

    private static void use(EventLoop loop, AtomicInteger inside, AtomicInteger overlapping, AtomicInteger elsewhere)
            throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            overlapping.addAndGet(inside.getAndIncrement() == 0 ? 0 : 1);
            elsewhere.addAndGet(loop.inEventLoop() ? 0 : 1);
            inside.decrementAndGet();
            done.complete(null);
        });
        done.get(1, TimeUnit.MINUTES);
    }

    @Test
    void aConnectionThatIsLeftWhenTheLastClientHasGoneIsClosed() throws Exception {
        SocketEventLoop loop = loop(0);
        loop.join();
        Recorder client = new Recorder(loop);
        CompletableFuture<Integer> end = new CompletableFuture<>();
        try (Peer peer = new Peer(socket -> {
            try {
                end.complete(socket.getInputStream().read());
            } catch (SocketException e) {
                end.complete(-1);
            }
        })) {
            Runnable unused =
                    loop.connect(new Target("127.0.0.1", peer.port(), null, TimeUnit.SECONDS.toNanos(30)), client);
            client.awaitOpened();
            loop.leave();
            assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(-1);
            client.awaitClosed();
        }
    }

    /** Whoever reports this fails as well: the report asks for its text. */
    private static final class Unspeakable extends Error {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw this;
        }
    }

    @Test
    void aThrowableEndsNoLoop() throws Exception {
        SocketEventLoop loop = loop(0);
        loop.join();
        Thread thread = thread(loop);
        for (int i = 0; i < 3; i++) {
            loop.execute(() -> {
                throw new Unspeakable();
            });
            Runnable unused = loop.schedule(
                    () -> {
                        throw new Unspeakable();
                    },
                    1);
            assertThat(thread(loop)).isSameAs(thread);
        }
        loop.leave();
        awaitEnd(thread);
    }
}
