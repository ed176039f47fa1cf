package io.hawser.session;

import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** Finding the filters that match a topic name: among one or 10,000 with wildcards, for few names again and again or many. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TopicTreeBenchmark {
    private static final int LOOKUPS = 4_096;

    @Param({"1", "10000"})
    int filters;

    /** Names looked up in turn; the tree remembers some hundreds. */
    @Param({"16", "4096"})
    int names;

    private final TopicTree tree = new TopicTree();
    private final TopicName[] topics = new TopicName[LOOKUPS];

    @Setup
    public void fill() {
        for (int i = 0; i < filters; i++) {
            tree.put(TopicFilter.of("site/" + i + "/+/temp"), "handler " + i);
        }
        for (int i = 0; i < LOOKUPS; i++) {
            int name = i % names;
            topics[i] = i < names ? TopicName.of("site/" + name % filters + "/meter" + name + "/temp") : topics[name];
        }
    }

    @Benchmark
    @OperationsPerInvocation(LOOKUPS)
    public void match(Blackhole blackhole) {
        for (TopicName topic : topics) {
            blackhole.consume(tree.match(topic));
        }
    }
}
