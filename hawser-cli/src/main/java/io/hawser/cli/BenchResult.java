package io.hawser.cli;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * The outcome of a benchmark.
 *
 * @param count measured messages
 * @param latencyNanos of measured or sampled messages; empty if latency cannot be known
 */
record BenchResult(
        String mode,
        int qos,
        long count,
        long size,
        int inflight,
        int clients,
        double seconds,
        double cpuMicrosPerMessage,
        double allocatedBytesPerMessage,
        Histogram latencyNanos) {

    private double messagesPerSecond() {
        return count / seconds;
    }

    private double percentileMicros(double percentile) {
        return latencyNanos.getTotalCount() == 0 ? Double.NaN : latencyNanos.getValueAtPercentile(percentile) / 1e3;
    }

    String json() {
        return Json.object()
                .put("mode", mode)
                .put("qos", qos)
                .put("count", count)
                .put("size", size)
                .put("inflight", inflight)
                .put("clients", clients)
                .put("seconds", seconds, 6)
                .put("messagesPerSecond", messagesPerSecond(), 1)
                .put("cpuMicrosPerMessage", cpuMicrosPerMessage, 3)
                .put("allocatedBytesPerMessage", allocatedBytesPerMessage, 1)
                .put("p50Micros", percentileMicros(50), 1)
                .put("p99Micros", percentileMicros(99), 1)
                .put("p999Micros", percentileMicros(99.9), 1)
                .toString();
    }

    String text() {
        String rate = String.format(
                Locale.ROOT,
                "%s at QoS %d: %,d messages of %,d bytes in %.3f s, %d client%s, %d in flight%n"
                        + "  %,.0f messages/s   %.2f µs CPU   %,.0f bytes allocated per message%n",
                mode,
                qos,
                count,
                size,
                seconds,
                clients,
                clients == 1 ? "" : "s",
                inflight,
                messagesPerSecond(),
                cpuMicrosPerMessage,
                allocatedBytesPerMessage);
        if (latencyNanos.getTotalCount() == 0) {
            return rate + String.format("  latency: cannot be known here%n");
        }
        return rate
                + String.format(
                        Locale.ROOT,
                        "  latency: 50 %% %,.1f µs   99 %% %,.1f µs   99.9 %% %,.1f µs%n",
                        percentileMicros(50),
                        percentileMicros(99),
                        percentileMicros(99.9));
    }
}
