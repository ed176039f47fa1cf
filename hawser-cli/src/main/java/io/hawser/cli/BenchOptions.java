package io.hawser.cli;

import io.hawser.client.MqttBuilder;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the benchmarks have in common. */
final class BenchOptions {
    @Mixin
    ServerOptions server = new ServerOptions();

    @Option(
            names = {"-t", "--topic"},
            paramLabel = "TOPIC",
            description = "Topic, for sub a filter (default: hawser/bench, each client's number appended).")
    @Nullable
    String topic;

    @Option(
            names = "--count",
            paramLabel = "COUNT",
            description = "Messages to measure (default: 100,000;" + " roundtrip 10,000), divided among the clients.")
    @Nullable
    Integer count;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "64", description = "Payload (default: 64).")
    int size = 64;

    @Option(
            names = {"-q", "--qos"},
            paramLabel = "0|1|2",
            converter = SessionOptions.QosLevel.class,
            completionCandidates = Candidates.QosLevels.class,
            defaultValue = "1",
            description = "Quality of service (default: 1).")
    Qos qos = Qos.AT_LEAST_ONCE;

    @Option(
            names = "--inflight",
            paramLabel = "COUNT",
            description = "Messages under way per client: pub, the acknowledgement window (default: 1,000);"
                    + " roundtrip, messages not yet back (default: 1).")
    @Nullable
    Integer inflight;

    @Option(names = "--clients", paramLabel = "COUNT", defaultValue = "1", description = "Connections (default: 1).")
    int clients = 1;

    @Option(
            names = "--warmup",
            paramLabel = "COUNT",
            description = "Messages before the measured ones (default: a fifth of them; sub none).")
    @Nullable
    Integer warmup;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Give up when nothing has moved for so long (default: 60).")
    int timeout = 60;

    @Option(
            names = "--report",
            paramLabel = "FILE.html",
            description = "Write a page with charts, too: throughput over time, and latency.")
    @Nullable
    Path report;

    @Option(names = "--json", description = "Print the result as one JSON object.")
    boolean json;

    @Option(names = "--help", usageHelp = true, description = "Print this help.")
    boolean help;

    void check() {
        server.check();
        require("--count", count(1), 1, Integer.MAX_VALUE / 2);
        require("--size", size, 0, 268_435_455 - 65_535);
        require("--inflight", inflight(1), 1, 65_535);
        require("--clients", clients, 1, 10_000);
        require("--warmup", warmup(0), 0, Integer.MAX_VALUE / 2);
        require("--timeout", timeout, 1, 1_000_000);
    }

    private static void require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(option + " is " + value + ", must be " + least + " to " + most);
        }
    }

    int count(int otherwise) {
        return Optional.ofNullable(count).orElse(otherwise);
    }

    int inflight(int otherwise) {
        return Optional.ofNullable(inflight).orElse(otherwise);
    }

    int warmup(int otherwise) {
        return Optional.ofNullable(warmup).orElse(otherwise);
    }

    /** The topic of one client; a topic that was given is taken as it is if there is only one. */
    String topicOf(int client) {
        String base = server.url == null || topic != null ? topic : server.url.topic();
        if (base == null) {
            return "hawser/bench/" + client;
        }
        return clients == 1 ? base : base + "/" + client;
    }

    /** Gives a client of a benchmark what it needs. */
    <B extends MqttBuilder<?, B>> B applyTo(B builder, int inflight) {
        server.applyTo(builder);
        return builder.sendWindow(inflight).queue(QueuePolicy.bounded(1_000_000).megabytes(2047));
    }
}
