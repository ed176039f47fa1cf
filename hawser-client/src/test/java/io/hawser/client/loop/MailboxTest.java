package io.hawser.client.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.session.Command;
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
class MailboxTest {
    private static final class Numbered extends Command.Node {
        final int thread;
        final int number;

        Numbered(int thread, int number) {
            this.thread = thread;
            this.number = number;
        }

        @Override
        public void run(Intake intake) {
            throw new AssertionError();
        }
    }

    private static List<Integer> numbers(@Nullable Command first) {
        List<Integer> numbers = new ArrayList<>();
        for (Command at = first; at != null; at = at.next()) {
            numbers.add(((Numbered) at).number);
        }
        return numbers;
    }

    @Test
    void oldestComesFirstAndOnlyTheFirstOfABurstWakes() {
        AtomicInteger wakeUps = new AtomicInteger();
        Mailbox mailbox = new Mailbox(wakeUps::incrementAndGet);
        assertThat(mailbox.takeAll()).isNull();

        for (int i = 0; i < 5; i++) {
            mailbox.add(new Numbered(0, i));
        }

        assertThat(wakeUps).hasValue(1);
        assertThat(numbers(mailbox.takeAll())).containsExactly(0, 1, 2, 3, 4);
        assertThat(mailbox.takeAll()).isNull();
        mailbox.add(new Numbered(0, 5));
        assertThat(wakeUps).hasValue(2);
        assertThat(numbers(mailbox.takeAll())).containsExactly(5);
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
            AtomicReference<Mailbox> self = new AtomicReference<>();
            List<String> mistakes = new ArrayList<>();
            Mailbox mailbox = new Mailbox(() -> loop.execute(() -> {
                for (Command at = self.get().takeAll(); at != null; at = at.next()) {
                    Numbered numbered = (Numbered) at;
                    if (next[numbered.thread]++ != numbered.number) {
                        mistakes.add(numbered.thread + ": " + numbered.number);
                    }
                    arrived.countDown();
                }
            }));
            self.set(mailbox);
            for (int t = 0; t < threads; t++) {
                int thread = t;
                callers.execute(() -> {
                    for (int i = 0; i < each; i++) {
                        mailbox.add(new Numbered(thread, i));
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
