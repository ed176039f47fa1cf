package io.hawser.client.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SubmissionsTest {
    private static final class Numbered extends Submission.Node {
        final int thread;
        final int number;

        Numbered(int thread, int number) {
            this.thread = thread;
            this.number = number;
        }

        @Override
        public void run() {
            throw new AssertionError();
        }
    }

    private static List<Integer> numbers(@Nullable Submission first) {
        List<Integer> numbers = new ArrayList<>();
        for (Submission at = first; at != null; at = at.nextSubmission()) {
            numbers.add(((Numbered) at).number);
        }
        return numbers;
    }

    @Test
    void oldestComesFirstAndOnlyTheFirstOfABurstWakes() {
        AtomicInteger wakeUps = new AtomicInteger();
        Submissions submissions = new Submissions(wakeUps::incrementAndGet);
        assertThat(submissions.takeAll()).isNull();

        for (int i = 0; i < 5; i++) {
            submissions.add(new Numbered(0, i));
        }

        assertThat(wakeUps).hasValue(1);
        assertThat(numbers(submissions.takeAll())).containsExactly(0, 1, 2, 3, 4);
        assertThat(submissions.takeAll()).isNull();
        submissions.add(new Numbered(0, 5));
        assertThat(wakeUps).hasValue(2);
        assertThat(numbers(submissions.takeAll())).containsExactly(5);
    }

    @Test
    void nothingIsLostOrReorderedBetweenThreads() throws Exception {
        int threads = 4;
        int each = 100_000;
        int[] next = new int[threads];
        CountDownLatch arrived = new CountDownLatch(threads * each);
        ExecutorService loop = Executors.newSingleThreadExecutor();
        ExecutorService callers = Executors.newFixedThreadPool(threads);
        try {
            AtomicReference<Submissions> self = new AtomicReference<>();
            List<String> mistakes = new ArrayList<>();
            Submissions submissions = new Submissions(() -> loop.execute(() -> {
                for (Submission at = self.get().takeAll(); at != null; at = at.nextSubmission()) {
                    Numbered numbered = (Numbered) at;
                    if (next[numbered.thread]++ != numbered.number) {
                        mistakes.add(numbered.thread + ": " + numbered.number);
                    }
                    arrived.countDown();
                }
            }));
            self.set(submissions);
            for (int t = 0; t < threads; t++) {
                int thread = t;
                callers.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        submissions.add(new Numbered(thread, i));
                    }
                });
            }

            assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(mistakes).isEmpty();
        } finally {
            callers.shutdownNow();
            loop.shutdownNow();
        }
    }
}
