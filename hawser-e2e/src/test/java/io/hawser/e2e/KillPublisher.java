package io.hawser.e2e;

import io.hawser.client.MqttPublisher;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MessageDroppedException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.ReconnectPolicy;
import io.hawser.store.file.FileSessionStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A program that publishes numbers and may be killed at any moment. Its output says {@code confirmed N} only after the client
 * has: {@code enqueue} that the message is safe in the store, {@code publish} that the broker has it.
 *
 * <p>Of a number that it was about to hand over when it was killed, it cannot know whether the store has it; it begins with a
 * fresh one. It finds the highest number in a file, to which it writes before it hands over.
 */
final class KillPublisher {
    static final String CLIENT_ID = "kill-publisher";
    static final String STORE = "publisher";
    static final String BEGUN = "begun";
    static final String OUTCOMES = "outcomes";

    static final String CONFIRMED = "confirmed ";
    static final String TROUBLE = "trouble ";
    static final String ACKNOWLEDGED = "acknowledged";
    static final String DOUBTFUL = "doubtful";
    static final String ALL = "all";
    static final String DRAINED = "drained";

    private static final int LARGEST_BURST = 64;
    /** Short, so that they come and go. */
    private static final int SEGMENT_BYTES = 128 * 1024;

    private final Appending begun;
    private final Appending outcomes;
    private final MqttPublisher publisher;
    private final boolean keyed;
    private final ExecutorService output = Executors.newSingleThreadExecutor();

    private KillPublisher(
            Path directory, String url, ProtocolVersion version, int inflight, boolean republish, boolean keyed)
            throws IOException {
        begun = new Appending(directory.resolve(BEGUN));
        outcomes = new Appending(directory.resolve(OUTCOMES));
        this.keyed = keyed;
        publisher = MqttPublisher.builder(url)
                .clientId(CLIENT_ID)
                .version(version)
                .sendWindow(inflight)
                .republishAmbiguous(republish)
                .queue(QueuePolicy.bounded(1_000_000))
                .timeout(Duration.ofMinutes(2))
                .reconnect(ReconnectPolicy.exponential(Duration.ofMillis(20), Duration.ofMillis(100)))
                .session(FileSessionStore.at(directory.resolve(STORE)).segmentBytes(SEGMENT_BYTES), Duration.ofHours(1))
                .onOutcome((key, result) -> result.whenComplete((done, failure) -> outcome(key, done, failure)))
                .onEvent(KillPublisher::tellTrouble)
                .build();
    }

    /**
     * Arguments: directory, URL, version, inflight, republishAmbiguous, whether all messages have a key; then how many numbers
     * to publish and a seed, after which it waits to be killed, or the topic of the message to end with.
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        endWithParent();
        KillPublisher program = new KillPublisher(
                Path.of(arguments[0]),
                arguments[1],
                ProtocolVersion.valueOf(arguments[2]),
                Integer.parseInt(arguments[3]),
                Boolean.parseBoolean(arguments[4]),
                Boolean.parseBoolean(arguments[5]));
        if (arguments.length == 7) {
            program.finish(arguments[6]);
        } else {
            program.publish(Integer.parseInt(arguments[6]), new Random(Long.parseLong(arguments[7])));
        }
    }

    /** A program that nobody is left to kill must not stay. */
    static void endWithParent() {
        ProcessHandle.current()
                .parent()
                .ifPresent(parent ->
                        parent.onExit().thenRun(() -> Runtime.getRuntime().halt(1)));
    }

    /** What a store says is for the test to see; a broker that goes away is not. */
    static void tellTrouble(ConnectionEvent event) {
        if (event instanceof ConnectionEvent.StoreFailed
                || event instanceof ConnectionEvent.StoreDamaged
                || event instanceof ConnectionEvent.Closed closed && closed.cause() != null) {
            System.out.println(TROUBLE + event);
        }
    }

    private void publish(int count, Random random) throws IOException, InterruptedException {
        String last = begun.lastLine();
        long next = last == null ? 1 : Long.parseLong(last) + 1;
        long end = next + count;
        System.out.println("started");
        publisher.connectAsync();
        while (next < end) {
            long to = Math.min(end, next + 1 + random.nextInt(LARGEST_BURST));
            begun.line(Long.toString(to - 1));
            List<CompletableFuture<Void>> accepted = new ArrayList<>();
            for (long number = next; number < to; number++) {
                accepted.add(handOver(number));
            }
            CompletableFuture.allOf(accepted.toArray(CompletableFuture<?>[]::new))
                    .join();
            next = to;
        }
        System.out.println(ALL);
        publisher.flush();
        System.out.println(DRAINED);
        new CountDownLatch(1).await();
    }

    private static boolean isPublished(long number) {
        return number / 2 % 4 == 0;
    }

    /** Whether a number is enqueued with a key in every campaign, not only where all are. */
    static boolean hasKey(long number) {
        return number / 2 % 4 == 1;
    }

    /** Returns what says that the message is accepted. That of a published one is known only when it is acknowledged. */
    private CompletableFuture<Void> handOver(long number) {
        Message message = Numbered.message(number);
        String key = Long.toString(number);
        if (!keyed && isPublished(number)) {
            CompletableFuture<PublishResult> result = publisher.publishAsync(message);
            result.whenCompleteAsync(
                    (done, failure) -> {
                        outcome(key, done, failure);
                        confirm(number, failure);
                    },
                    output);
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> accepted =
                keyed || hasKey(number) ? publisher.enqueueAsync(message, key) : publisher.enqueueAsync(message);
        accepted.whenCompleteAsync((done, failure) -> confirm(number, failure), output);
        return accepted;
    }

    private static void confirm(long number, @Nullable Throwable failure) {
        if (failure == null) {
            System.out.println(CONFIRMED + number);
        } else if (!(failure instanceof MessageDroppedException)) {
            System.out.println(TROUBLE + number + " " + failure);
        }
    }

    private void outcome(String key, @Nullable PublishResult result, @Nullable Throwable failure) {
        String how = result != null ? result.possiblyDuplicated() ? DOUBTFUL : ACKNOWLEDGED : nameOf(failure);
        outcomes.line(key + " " + how);
    }

    private static String nameOf(@Nullable Throwable failure) {
        return failure instanceof MessageDroppedException dropped
                ? dropped.rule().toString()
                : String.valueOf(failure);
    }

    private void finish(String topic) {
        publisher.connect();
        publisher.flush();
        publisher.publish(Message.of(topic, "the end").qos(Qos.EXACTLY_ONCE));
        publisher.close();
        output.shutdown();
    }
}
