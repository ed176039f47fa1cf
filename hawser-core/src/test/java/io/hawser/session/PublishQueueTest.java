package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.QueuePolicy;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The queue in front of a log that gives back what waits: order, and what is held in memory. */
class PublishQueueTest {
    private static final QueuePolicy ROOMY = QueuePolicy.bounded(1_000_000);

    /** Keeps what waits by sequence, and reads pages of it when it is told to. */
    private static final class PagingLog implements SessionLog {
        final TreeMap<Long, Copy> waiting = new TreeMap<>();
        final Deque<Runnable> reads = new ArrayDeque<>();

        record Copy(long sequence, Message message) implements StoredPublish {
            @Override
            public int packetId() {
                return 0;
            }

            @Override
            public boolean released() {
                return false;
            }
        }

        @Override
        public boolean readsBack() {
            return true;
        }

        @Override
        public int waiting() {
            return waiting.size();
        }

        @Override
        public long waitingBytes() {
            return waiting.values().stream()
                    .mapToLong(copy -> PublishRequest.sizeOf(copy.message()))
                    .sum();
        }

        @Override
        public CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
            List<StoredPublish> page = new ArrayList<>();
            for (Copy copy : waiting.tailMap(after, false).values()) {
                if (page.size() == messages) {
                    break;
                }
                page.add(copy);
            }
            CompletableFuture<List<StoredPublish>> future = new CompletableFuture<>();
            reads.add(() -> future.complete(page));
            return future;
        }

        @Override
        public void accepted(StoredPublish publish) {
            waiting.put(publish.sequence(), new Copy(publish.sequence(), publish.message()));
        }

        @Override
        public void sent(StoredPublish publish) {
            waiting.remove(publish.sequence());
        }

        @Override
        public void unsent(StoredPublish publish) {
            accepted(publish);
        }

        @Override
        public void replay(
                UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {}

        @Override
        public void released(StoredPublish publish) {}

        @Override
        public void concluded(StoredPublish publish) {}

        @Override
        public void settled(StoredPublish publish) {
            waiting.remove(publish.sequence());
        }

        @Override
        public void received(int packetId) {}

        @Override
        public void forgotten(int packetId) {}

        @Override
        public void subscribed(Subscription subscription) {}

        @Override
        public void unsubscribed(TopicFilter filter) {}

        @Override
        public long sync() {
            return 0;
        }

        @Override
        public void close() {}
    }

    private final PagingLog log = new PagingLog();
    private final PublishQueue queue = new PublishQueue(ROOMY, log, new Suspects());
    private long lastSequence;

    private PublishRequest accept(boolean awaited, int qos) {
        Message message = Machine.message("m" + (lastSequence + 1), qos);
        PublishRequest request = new PublishRequest(message, null, awaited ? null : new CompletableFuture<>(), null);
        request.sequence = ++lastSequence;
        if (qos > 0 || !awaited) {
            log.accepted(request);
            request.logged = true;
        }
        queue.add(request);
        return request;
    }

    private void askForPage() {
        CompletableFuture<List<StoredPublish>> page = queue.nextPage();
        if (page != null) {
            Runnable answer = log.reads.removeLast();
            log.reads.add(() -> {
                answer.run();
                assertThat(queue.read(page.join(), 0)).isEmpty();
            });
        }
    }

    /** Sends the first: what the session does when the window has room. */
    private PublishRequest sendFirst() {
        PublishRequest first = queue.peek();
        queue.removeFirst();
        if (first.logged) {
            first.packetId = 1;
            log.sent(first);
        }
        return first;
    }

    @Test
    void holdsOnlyTheFrontInMemory() {
        for (int i = 0; i < 100_000; i++) {
            accept(false, 1);
        }

        assertThat(queue.count()).isEqualTo(100_000);
        assertThat(queue.front().count()).isLessThanOrEqualTo(8192);
        assertThat(queue.bytes()).isEqualTo(log.waitingBytes());
    }

    @Test
    void keepsTheFutureButNotTheMessageOfWhatIsAwaited() {
        for (int i = 0; i < 10_000; i++) {
            accept(false, 1);
        }
        PublishRequest awaited = accept(true, 1);
        assertThat(awaited.isLoaded()).isFalse();

        long next = 1;
        while (queue.count() > 0) {
            askForPage();
            if (!log.reads.isEmpty()) {
                log.reads.removeLast().run();
            }
            PublishRequest first = sendFirst();
            assertThat(first.sequence).isEqualTo(next++);
            if (first.sequence == awaited.sequence) {
                assertThat(first).isSameAs(awaited);
                assertThat(first.message().text()).isEqualTo("m10001");
            }
        }
    }

    @Test
    void aMessageThatTheLogHasLostIsReported() {
        for (int i = 0; i < 9_000; i++) {
            accept(false, 1);
        }
        PublishRequest awaited = accept(true, 1);
        log.waiting.tailMap(8_500L).clear();
        while (queue.peek() != null) {
            sendFirst();
        }

        CompletableFuture<List<StoredPublish>> page = queue.nextPage();
        log.reads.remove().run();
        assertThat(queue.read(page.join(), 0)).isEmpty();
        while (queue.peek() != null) {
            sendFirst();
        }
        page = queue.nextPage();
        log.reads.remove().run();

        assertThat(queue.read(page.join(), 0)).containsExactly(awaited);
        assertThat(queue.count()).isZero();
    }

    @Test
    void aMessageThatWasAcceptedWhileAPageWasOnItsWayIsNotLost() {
        for (int i = 0; i < 9_000; i++) {
            accept(false, 1);
        }
        log.waiting.tailMap(8_193L).clear();
        while (queue.peek() != null) {
            sendFirst();
        }
        CompletableFuture<List<StoredPublish>> page = queue.nextPage();
        PublishRequest awaited = accept(true, 1);
        PublishRequest enqueued = accept(false, 1);

        log.reads.remove().run();
        assertThat(queue.read(page.join(), 0)).isEmpty();
        assertThat(queue.count()).isEqualTo(2);
        page = queue.nextPage();
        log.reads.remove().run();
        assertThat(queue.read(page.join(), 0)).isEmpty();

        assertThat(queue.front().map(PublishRequest::sequence)).containsExactly(awaited.sequence, enqueued.sequence);
    }

    @Tag("slow")
    @Test
    void anythingInAnyOrderComesOutInTheOrderOfAcceptance() {
        for (long seed = 0; seed < 30; seed++) {
            new PublishQueueTest().script(new SplittableRandom(seed));
        }
    }

    private void script(SplittableRandom random) {
        List<Long> expected = new ArrayList<>();
        Deque<PublishRequest> sent = new ArrayDeque<>();
        for (int step = 0; step < 40_000; step++) {
            int dice = random.nextInt(step < 20_000 ? 14 : 30);
            if (dice < 9) {
                PublishRequest request = accept(random.nextInt(3) == 0, random.nextInt(8) == 0 ? 0 : 1);
                expected.add(request.sequence);
            } else if (dice < 10) {
                if (!log.reads.isEmpty()) {
                    log.reads.removeLast().run();
                }
            } else if (dice == 10 && random.nextInt(200) == 0) {
                // The broker lost the session: what was in flight is new again.
                while (!sent.isEmpty()) {
                    PublishRequest again = sent.removeLast();
                    again.packetId = 0;
                    queue.putBack(again);
                    log.unsent(again);
                    expected.add(0, again.sequence);
                }
            } else if (queue.peek() != null) {
                PublishRequest first = sendFirst();
                assertThat(first.sequence).isEqualTo(expected.remove(0));
                assertThat(first.message().text()).isEqualTo("m" + first.sequence);
                if (first.logged) {
                    sent.add(first);
                }
                if (sent.size() > 20) {
                    log.settled(sent.remove());
                }
            } else {
                askForPage();
            }
            assertThat(queue.count()).isEqualTo(expected.size());
        }
    }

    @Test
    void whatWasInFlightWhenTheLastClientEndedGoesBackToItsPlaceAmongWhatIsNotReadYet() {
        for (long sequence : new long[] {1, 2, 4, 5}) {
            log.waiting.put(sequence, new PagingLog.Copy(sequence, Machine.message("m" + sequence, 1)));
        }
        PublishQueue restarted = new PublishQueue(ROOMY, log, new Suspects());
        restarted.recount();
        PublishRequest third = new PublishRequest(new PagingLog.Copy(3, Machine.message("m3", 1)));

        restarted.putBack(third);
        log.unsent(third);
        CompletableFuture<List<StoredPublish>> page = restarted.nextPage();
        log.reads.remove().run();
        restarted.read(page.join(), 0);

        assertThat(restarted.front().map(PublishRequest::sequence)).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(restarted.count()).isEqualTo(5);
    }

    @Test
    void whatIsNotSafeLeavesTheQueueWhereverItIs() {
        for (int i = 0; i < 10_000; i++) {
            accept(i % 2 == 0, 1);
        }
        long safe = 8_100;
        log.waiting.tailMap(safe, false).clear();

        List<PublishRequest> unsafe = queue.rollback(safe);

        assertThat(unsafe).allMatch(request -> request.sequence > safe);
        assertThat(unsafe).filteredOn(request -> request.sequence > 8_192).hasSize((10_000 - 8_192) / 2);
        assertThat(queue.count()).isEqualTo((int) safe);
        assertThat(queue.bytes()).isEqualTo(log.waitingBytes());
    }
}
