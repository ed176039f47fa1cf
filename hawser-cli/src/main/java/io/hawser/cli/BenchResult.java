package io.hawser.cli;

import java.util.ArrayList;
import java.util.List;
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

    /** A page with charts of this result. */
    HtmlReport report(String server, HtmlReport.Samples samples) {
        HtmlReport page = new HtmlReport(
                "hawser bench " + mode,
                server + ", QoS " + qos + ", " + size + " bytes, " + clients
                        + (clients == 1 ? " client, " : " clients, ") + inflight + " in flight");
        page.figures(
                HtmlReport.number(messagesPerSecond()),
                "messages per second",
                HtmlReport.number((double) count),
                "messages",
                HtmlReport.number(seconds) + " s",
                "time",
                HtmlReport.number(cpuMicrosPerMessage) + " µs",
                "CPU per message",
                HtmlReport.number(allocatedBytesPerMessage) + " B",
                "allocated per message");
        page.lines(
                "Throughput",
                List.of(new HtmlReport.Series("messages per second", samples.rates())),
                "messages per second",
                x -> HtmlReport.number(x) + " s");
        if (latencyNanos.getTotalCount() > 0) {
            boolean isLong = percentileMicros(99) >= 1_000;
            String unit = isLong ? "ms" : "µs";
            double micros = isLong ? 1_000 : 1;
            List<HtmlReport.Point> curve = new ArrayList<>();
            for (int tenths = 0; tenths <= 40; tenths++) {
                double nines = tenths / 10.0;
                double percentile = 100 - 100 / Math.pow(10, nines);
                curve.add(new HtmlReport.Point(nines, percentileMicros(percentile) / micros));
            }
            page.lines(
                    "Latency by percentile",
                    List.of(new HtmlReport.Series(unit, curve)),
                    unit,
                    x -> HtmlReport.percentile(x) + " %");
            List<Double> shown = List.of(50.0, 90.0, 99.0, 99.9, 99.99, 100.0);
            page.bars(
                    "Latency",
                    shown.stream()
                            .map(percentile -> percentile == 100 ? "longest" : HtmlReport.number(percentile) + " %")
                            .toList(),
                    shown.stream()
                            .map(percentile -> percentileMicros(percentile) / micros)
                            .toList(),
                    unit);
        }
        return page;
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
