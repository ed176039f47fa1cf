package io.hawser.benchmarks;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore.Durability;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Queue;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to make messages of 128 bytes safe in files, in batches, beside the floor: the same bytes appended to a file
 * with one write per batch, and one force if power is to be survived. The journal goes on with up to 1,000 messages that are
 * not safe yet, as a client with a window does, so that it can take several batches into one write; the floor cannot. Each
 * message is accepted, sent and settled. Compare the counter {@code messages}.
 */
@State(Scope.Thread)
@Fork(value = 1, jvmArgs = "-Xmx512m")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class JournalBenchmark {
    private static final int PAYLOAD = 128;
    private static final int WINDOW = 1_000;
    private static final int SEGMENT = 8 * 1024 * 1024;

    @Param({"1", "32", "256"})
    int batch;

    @Param({"PROCESS", "POWER"})
    Durability durability = Durability.PROCESS;

    private final TopicName topic = TopicName.of("meters/7/temp");
    private final byte[] payload = new byte[PAYLOAD];
    private final Semaphore window = new Semaphore(WINDOW);
    private Path directory = Path.of("");
    private @Nullable SessionLog log;
    private @Nullable FileChannel floor;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(256 * 256);
    /** The positions at which batches are safe. */
    private final Queue<Long> ends = new ArrayDeque<>();

    private long sequence;
    private final @Nullable Publish[] inFlight = new Publish[WINDOW];

    /** How many messages. */
    @State(Scope.Thread)
    @AuxCounters
    public static class Messages {
        public long messages;
    }

    @Setup
    public void open() throws IOException {
        directory = Files.createTempDirectory("journal");
        SessionLog opened = FileSessionStore.at(directory.resolve("store"))
                .durability(durability)
                .open("benchmark");
        opened.listen(new SessionLog.Listener() {
            @Override
            public void safePositionRose() {
                release(opened);
            }

            @Override
            public void healthChanged() {}
        });
        opened.replay(publish -> publish, packetId -> {}, subscription -> {});
        log = opened;
        floor = FileChannel.open(directory.resolve("floor"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    private void release(SessionLog to) {
        synchronized (ends) {
            while (!ends.isEmpty() && ends.element() <= to.safePosition()) {
                ends.remove();
                window.release(batch);
            }
        }
    }

    @Benchmark
    public void journal(Messages counter) {
        SessionLog to = log;
        if (to == null) {
            return;
        }
        window.acquireUninterruptibly(batch);
        for (int i = 0; i < batch; i++) {
            Publish publish = new Publish(++sequence, Message.of(topic, payload));
            to.accepted(publish);
            publish.packetId = 1 + (int) (sequence % 60_000);
            to.sent(publish);
            int slot = (int) (sequence % WINDOW);
            Publish before = inFlight[slot];
            if (before != null) {
                to.settled(before);
            }
            inFlight[slot] = publish;
        }
        synchronized (ends) {
            ends.add(to.sync());
        }
        release(to);
        counter.messages += batch;
    }

    @Benchmark
    public void floor(Messages counter) throws IOException {
        FileChannel to = floor;
        if (to == null) {
            return;
        }
        if (to.position() > SEGMENT) {
            to.truncate(0);
        }
        bytes.clear().limit(batch * (PAYLOAD + topic.sizeInBytes()));
        to.write(bytes);
        if (durability == Durability.POWER) {
            to.force(false);
        }
        counter.messages += batch;
    }

    @TearDown
    public void close() throws IOException {
        if (log != null) {
            window.acquireUninterruptibly(WINDOW);
            log.close();
            // The next client waits until the last is gone.
            FileSessionStore.at(directory.resolve("store")).open("benchmark").close();
        }
        if (floor != null) {
            floor.close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
                Files.delete(file);
            }
        }
    }

    private static final class Publish implements StoredPublish {
        private final long sequence;
        private final Message message;
        private int packetId;

        Publish(long sequence, Message message) {
            this.sequence = sequence;
            this.message = message;
        }

        @Override
        public long sequence() {
            return sequence;
        }

        @Override
        public Message message() {
            return message;
        }

        @Override
        public @Nullable String key() {
            return null;
        }

        @Override
        public int packetId() {
            return packetId;
        }

        @Override
        public boolean released() {
            return false;
        }

        @Override
        public @Nullable PublishResult result() {
            return null;
        }

        @Override
        public @Nullable MqttException failure() {
            return null;
        }

        @Override
        public long ageNanos() {
            return 0;
        }
    }
}
