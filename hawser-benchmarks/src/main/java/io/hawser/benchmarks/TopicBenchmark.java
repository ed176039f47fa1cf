package io.hawser.benchmarks;

import io.hawser.mqtt.TopicName;
import org.openjdk.jmh.annotations.Benchmark;

/** What it costs to check a topic name that was not seen before. */
public class TopicBenchmark {
    @Benchmark
    public TopicName parse() {
        return TopicName.of("meters/7/temperature");
    }
}
