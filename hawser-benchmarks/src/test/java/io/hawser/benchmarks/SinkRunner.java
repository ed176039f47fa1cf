package io.hawser.benchmarks;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A sink on a thread of this process. */
final class SinkRunner {
    private final BlockingQueue<SinkCounts> counts = new LinkedBlockingQueue<>();
    private final Sink sink;
    private final Thread thread;

    SinkRunner(Sink.Options options) throws IOException {
        sink = new Sink(options, counts::add);
        thread = new Thread(sink::run, "sink");
        thread.start();
    }

    int port() {
        return sink.port();
    }

    /** What the sink saw between the first connection and the end of the last. */
    SinkCounts counts() throws InterruptedException {
        SinkCounts next = counts.poll(8, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("a connection to the sink is still open");
        }
        return next;
    }

    void close() throws IOException, InterruptedException {
        sink.close();
        thread.join();
    }
}
