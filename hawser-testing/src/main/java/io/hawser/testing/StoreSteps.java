package io.hawser.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The steps of a session that the tests of {@link SessionStoreContract} consist of: entries, waits, and looks at the contents. */
final class StoreSteps {
    /** The longest wait for a store, in seconds: much longer than any store should take. */
    static final long PATIENCE_SECONDS = 30;

    private StoreSteps() {}

    static FakePublish accepted(SessionLog log, long sequence) {
        FakePublish publish = new FakePublish(sequence, message(sequence));
        log.accepted(publish);
        return publish;
    }

    static FakePublish keyed(SessionLog log, long sequence, String key) {
        FakePublish publish = new FakePublish(sequence, message(sequence));
        publish.key = key;
        log.accepted(publish);
        return publish;
    }

    static void sent(SessionLog log, FakePublish publish, int packetId) {
        publish.packetId = packetId;
        if (packetId == 0) {
            log.unsent(publish);
        } else {
            log.sent(publish);
        }
    }

    static void concluded(
            SessionLog log, FakePublish publish, @Nullable PublishResult result, @Nullable MqttException failure) {
        publish.packetId = 0;
        publish.result = result;
        publish.failure = failure;
        log.concluded(publish);
    }

    static Message message(long sequence) {
        return Message.of("t", "m" + sequence).qos(Qos.of((int) (sequence % 3)));
    }

    /** Waits until everything logged is safe. */
    static void safe(SessionLog log) {
        CountDownLatch safe = new CountDownLatch(1);
        AtomicLong end = new AtomicLong(Long.MAX_VALUE);
        log.listen(new SessionLog.Listener() {
            @Override
            public void safePositionRose() {
                if (log.safePosition() >= end.get()) {
                    safe.countDown();
                }
            }

            @Override
            public void healthChanged() {}
        });
        end.set(log.sync());
        if (log.safePosition() >= end.get()) {
            return;
        }
        try {
            assertThat(safe.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("safe")
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything that the log holds, by replay and by reading back. */
    static List<StoredPublish> contents(SessionLog log) {
        List<StoredPublish> all = new ArrayList<>();
        log.replay(
                publish -> {
                    all.add(publish);
                    return publish;
                },
                packetId -> {},
                subscription -> {});
        assertThat(all).isSortedAccordingTo(Comparator.comparing(StoredPublish::sequence));
        if (log.readsBack()) {
            long after = 0;
            for (List<StoredPublish> page = page(log, after, 7, 100);
                    !page.isEmpty();
                    page = page(log, after, 7, 100)) {
                all.addAll(page);
                after = page.get(page.size() - 1).sequence();
            }
        }
        return all.stream()
                .sorted(Comparator.comparing(StoredPublish::sequence))
                .toList();
    }

    static List<StoredPublish> page(SessionLog log, long after, int messages, long bytes) {
        return log.read(after, messages, bytes)
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    static List<Long> sequences(SessionLog log, long after, int messages, long bytes) {
        return page(log, after, messages, bytes).stream()
                .map(StoredPublish::sequence)
                .toList();
    }

    static List<String> lines(SessionLog log) {
        List<String> lines = contents(log).stream().map(StoreSteps::line).toList();
        log.close();
        return lines;
    }

    static String line(StoredPublish publish) {
        String state = publish.packetId() == 0
                ? " waits "
                : " has identifier " + publish.packetId() + (publish.released() ? " and PUBREC " : " ");
        return publish.sequence()
                + state
                + (publish.possiblyDuplicated() ? "perhaps again " : "")
                + publish.message().text();
    }

    static long last(List<StoredPublish> publishes) {
        return publishes.isEmpty() ? 0 : publishes.get(publishes.size() - 1).sequence();
    }

    /** The packet identifiers of received QoS 2 messages. */
    static List<Integer> received(SessionLog log) {
        List<Integer> received = new ArrayList<>();
        log.replay(publish -> publish, received::add, subscription -> {});
        return received;
    }

    static List<Subscription> subscriptions(SessionLog log) {
        List<Subscription> subscriptions = new ArrayList<>();
        log.replay(publish -> publish, packetId -> {}, subscriptions::add);
        return subscriptions;
    }

    /** Messages of which each says something that the others do not. */
    static List<Message> differentMessages() {
        Message plain = Message.of("a/\u00fc", new byte[] {0, -1, 7})
                .qos(Qos.EXACTLY_ONCE)
                .retain(true);
        Message rich = Message.of("b", "text")
                .qos(Qos.AT_MOST_ONCE)
                .utf8(true)
                .expiry(Duration.ofSeconds(4_294_967_295L))
                .contentType("text/plain")
                .responseTopic("answers/1")
                .correlationData(new byte[] {1, 2})
                .userProperty("name", "value")
                .userProperty("name", "");
        Message empty = Message.of("c", new byte[0]);
        Message large = Message.of("d", new byte[300_000]).userProperty("k", "v".repeat(60_000));
        return List.of(plain, rich, empty, large);
    }
}
