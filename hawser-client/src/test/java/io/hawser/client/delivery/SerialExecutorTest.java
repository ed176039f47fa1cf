package io.hawser.client.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SerialExecutorTest {
    @Test
    void runsTasksInOrderOneAtATime() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            SerialExecutor serial = new SerialExecutor(threads);
            int count = 10_000;
            CountDownLatch done = new CountDownLatch(count);
            AtomicInteger running = new AtomicInteger();
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                serial.execute(() -> {
                    if (running.incrementAndGet() == 1) {
                        order.add(number);
                    }
                    running.decrementAndGet();
                    done.countDown();
                });
            }
            assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(order).hasSize(count).isSorted();
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void taskThatThrowsDoesNotStopTheNext() {
        List<String> ran = new ArrayList<>();
        SerialExecutor serial = new SerialExecutor(Runnable::run);
        serial.execute(() -> {
            throw new AssertionError("a mistake");
        });
        serial.execute(() -> ran.add("next"));
        assertThat(ran).containsExactly("next");
    }

    @Test
    void taskThatAddsTasksDoesNotRunThemInside() {
        List<String> ran = new ArrayList<>();
        SerialExecutor serial = new SerialExecutor(Runnable::run);
        serial.execute(() -> {
            serial.execute(() -> ran.add("inner"));
            ran.add("outer");
        });
        assertThat(ran).containsExactly("outer", "inner");
    }

    @Test
    void needsOneTaskOfTheExecutorForABurst() {
        ArrayDeque<Runnable> submitted = new ArrayDeque<>();
        SerialExecutor serial = new SerialExecutor(submitted::add);
        List<Integer> ran = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            serial.execute(() -> ran.add(number));
        }
        assertThat(submitted).hasSize(1);
        submitted.remove().run();
        assertThat(ran).containsExactly(0, 1, 2, 3, 4);
    }
}
