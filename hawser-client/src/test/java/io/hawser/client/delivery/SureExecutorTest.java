package io.hawser.client.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.client.transport.ConnectionHandler;
import io.hawser.client.transport.EventLoop;
import io.hawser.client.transport.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SureExecutorTest {
    private final List<String> ran = new ArrayList<>();
    private final TimerLoop loop = new TimerLoop();

    /** Keeps what is scheduled until the test lets it run. */
    private static final class TimerLoop implements EventLoop {
        final ArrayDeque<Runnable> timers = new ArrayDeque<>();
        boolean broken;

        @Override
        public boolean inEventLoop() {
            return false;
        }

        @Override
        public Runnable schedule(Runnable task, long delayNanos) {
            if (broken) {
                throw new OutOfMemoryError("no timer");
            }
            timers.add(task);
            return () -> timers.remove(task);
        }

        @Override
        public Connecting connect(Target target, ConnectionHandler handler) {
            throw new AssertionError();
        }

        @Override
        public void leave() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void execute(Runnable task) {
            throw new AssertionError();
        }
    }

    static Stream<Throwable> throwables() {
        return Stream.of(
                new RejectedExecutionException("full"),
                new IllegalStateException("stopped"),
                new OutOfMemoryError("unable to create native thread"),
                new StackOverflowError());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static Executor throwing(Throwable thrown) {
        return task -> SureExecutorTest.<RuntimeException>sneak(thrown);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void theDefaultExecutorRunsWhatThePreferredOneDoesNotTake(Throwable thrown) {
        SureExecutor executor = new SureExecutor(throwing(thrown), Runnable::run, loop);

        executor.execute(() -> ran.add("a"));

        assertThat(ran).containsExactly("a");
        assertThat(loop.timers).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void whatNobodyTakesIsTriedAgainUntilSomebodyDoes(Throwable thrown) {
        int[] failures = {5};
        Executor recovering = task -> {
            if (failures[0]-- > 0) {
                SureExecutorTest.<RuntimeException>sneak(thrown);
            }
            task.run();
        };
        SureExecutor executor = new SureExecutor(recovering, recovering, loop);

        executor.execute(() -> ran.add("a"));
        while (!loop.timers.isEmpty()) {
            loop.timers.remove().run();
        }

        assertThat(ran).containsExactly("a");
    }

    @Test
    void withoutATimerTheNextTaskTakesTheOthersWithIt() {
        boolean[] takes = {false};
        Executor recovering = task -> {
            if (!takes[0]) {
                throw new OutOfMemoryError("no thread");
            }
            task.run();
        };
        SureExecutor executor = new SureExecutor(recovering, recovering, loop);
        loop.broken = true;
        executor.execute(() -> ran.add("a"));
        executor.execute(() -> ran.add("b"));
        assertThat(ran).isEmpty();

        takes[0] = true;
        executor.execute(() -> ran.add("c"));

        assertThat(ran).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void aTaskThatWasTakenByAnExecutorThatThrewRunsOnce() {
        List<Runnable> taken = new ArrayList<>();
        Executor both = task -> {
            taken.add(task);
            throw new OutOfMemoryError("after the task was queued");
        };
        SureExecutor executor = new SureExecutor(both, Runnable::run, loop);

        executor.execute(() -> ran.add("a"));
        taken.forEach(Runnable::run);

        assertThat(ran).containsExactly("a");
    }
}
