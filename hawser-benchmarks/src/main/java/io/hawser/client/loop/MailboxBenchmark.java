package io.hawser.client.loop;

import io.hawser.session.Command;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The way from a caller to the event loop and out again, in batches, on one thread: without waking anybody. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MailboxBenchmark {
    private static final int MOST = 1_024;

    @Param({"1", "64", "1024"})
    int batch;

    private int wakeUps;
    private final Mailbox mailbox = new Mailbox(() -> wakeUps++);

    @Benchmark
    @OperationsPerInvocation(MOST)
    public int addAndTake(Blackhole blackhole) {
        for (int done = 0; done < MOST; done += batch) {
            for (int i = 0; i < batch; i++) {
                mailbox.add(Command.of(() -> {}));
            }
            for (Command at = mailbox.takeAll(); at != null; at = at.next()) {
                blackhole.consume(at);
            }
        }
        return wakeUps;
    }
}
