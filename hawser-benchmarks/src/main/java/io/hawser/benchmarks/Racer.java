package io.hawser.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Runs one client over one {@link Course} against a {@link Sink}, and prints one line of figures: {@code rate} in messages per
 * second, {@code cpu} in microseconds of all threads and {@code bytes} allocated per message; of a round trip {@code p50} and
 * {@code p99} in microseconds; of idle connections the {@code heap} of each in bytes, and the {@code threads} of all.
 */
final class Racer {
    private static final long POLL_MILLIS = 1;

    private final Course course;
    private final ProcessMeter meter = new ProcessMeter();

    Racer(Course course) {
        this.course = course;
    }

    public static void main(String[] args) throws Exception {
        Course course = Course.parse(args);
        System.out.println(course.mode().equals("first") ? first(course) : new Racer(course).run());
        // Some clients leave threads behind.
        System.exit(0);
    }

    /** As short as can be: the time is taken outside, from the start of the process to this line. */
    private static String first(Course course) throws Exception {
        Contestant contestant = Contestants.of(course);
        Gate gate = new Gate(1, true);
        contestant.connect();
        gate.enter();
        contestant.publishOne(gate);
        while (gate.done() == 0) {
            Thread.onSpinWait();
        }
        return "first";
    }

    String run() throws Exception {
        return switch (course.mode()) {
            case "pub", "roundtrip", "sub" -> race();
            case "idle" -> idle();
            default ->
                throw new IllegalArgumentException(
                        "--mode is '" + course.mode() + "', must be pub, sub, roundtrip, idle or first");
        };
    }

    private record Reading(long nanos, long done, long cpuNanos, long allocatedBytes) {}

    private Reading read(Gate gate) {
        return new Reading(System.nanoTime(), gate.done(), meter.cpuNanos(), meter.allocatedBytes());
    }

    private String race() throws Exception {
        Gate gate = new Gate(course.bound(), course.mode().equals("roundtrip"));
        try (Contestant contestant = Contestants.of(course)) {
            contestant.connect();
            Thread publisher = course.mode().equals("sub") ? null : publisher(contestant, gate);
            if (publisher == null) {
                contestant.subscribe(course.filter(), gate);
            } else {
                publisher.start();
            }
            run(gate, course.warmup());
            gate.sample(true);
            Reading before = read(gate);
            run(gate, course.seconds());
            Reading after = read(gate);
            gate.stop();
            if (publisher != null) {
                publisher.join();
            }
            gate.requireSound();
            return figures(gate, before, after);
        }
    }

    private Thread publisher(Contestant contestant, Gate gate) {
        Thread thread = new Thread(
                () -> {
                    try {
                        if (course.mode().equals("roundtrip")) {
                            while (gate.enter()) {
                                contestant.publishOne(gate);
                            }
                        } else {
                            contestant.publish(gate);
                        }
                    } catch (Exception e) {
                        if (!gate.isStopped()) {
                            gate.fail(e);
                        }
                    }
                },
                "racer");
        thread.setDaemon(true);
        return thread;
    }

    /** So long, or until as many are done as there are. */
    private void run(Gate gate, double seconds) throws InterruptedException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end && !gate.isStopped() && (course.count() == 0 || gate.done() < course.count())) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private String figures(Gate gate, Reading before, Reading after) {
        long messages = Math.max(1, after.done - before.done);
        double seconds = (after.nanos - before.nanos) / 1e9;
        String line = String.format(
                Locale.ROOT,
                "rate=%.0f cpu=%.3f bytes=%.0f messages=%d",
                messages / seconds,
                (after.cpuNanos - before.cpuNanos) / 1e3 / messages,
                (double) (after.allocatedBytes - before.allocatedBytes) / messages,
                gate.done());
        long[] latencies = gate.latencies();
        if (latencies.length == 0) {
            return line;
        }
        return line
                + String.format(
                        Locale.ROOT,
                        " p50=%.1f p99=%.1f",
                        latencies[latencies.length / 2] / 1e3,
                        latencies[(int) (latencies.length * 0.99)] / 1e3);
    }

    private String idle() throws Exception {
        List<Contestant> connected = new ArrayList<>();
        // What all share, and is loaded by the first, is not counted.
        connect(connected, 10);
        long before = meter.heapBytes();
        connect(connected, course.count());
        long after = meter.heapBytes();
        int threads = meter.threads();
        String line =
                String.format(Locale.ROOT, "heap=%.0f threads=%d", (double) (after - before) / course.count(), threads);
        for (Contestant contestant : connected) {
            contestant.close();
        }
        return line;
    }

    private void connect(List<Contestant> connected, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            Contestant contestant = Contestants.of(course);
            contestant.connect();
            connected.add(contestant);
        }
    }
}
