package io.hawser.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent.PublishesFailed;
import io.hawser.mqtt.QueuePolicy;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Publishes that nobody waits for do not fail in silence. */
class UnheardTest {
    /** As {@code enqueue} without a key makes them. */
    private static void enqueue(Machine machine, String name) {
        machine.session.publish(
                new PublishRequest(Machine.message(name, 1), null, new CompletableFuture<>(), null), machine.now());
    }

    @Test
    void areToldOfAtGrowingCounts() {
        Machine machine = Machine.offline(
                options -> options.queue = QueuePolicy.bounded(1).dropOldest());
        for (int i = 0; i < 101; i++) {
            enqueue(machine, "m" + i);
        }

        assertThat(machine.effects.events(PublishesFailed.class))
                .extracting(PublishesFailed::count)
                .containsExactly(1L, 2L, 4L, 8L, 16L, 32L, 64L);
        assertThat(machine.effects.events(PublishesFailed.class))
                .allSatisfy(event -> assertThat(event.topic()).isEqualTo("t"))
                .allSatisfy(event -> assertThat(event.cause()).hasMessageContaining("made room"));
    }

    @Test
    void areToldOfAnewWithAConnection() {
        Machine machine = Machine.offline(
                options -> options.queue = QueuePolicy.bounded(1).dropOldest());
        for (int i = 0; i < 101; i++) {
            enqueue(machine, "m" + i);
        }
        machine.connect(false);
        machine.lose();
        for (int i = 0; i < 3; i++) {
            enqueue(machine, "n" + i);
        }

        assertThat(machine.effects.events(PublishesFailed.class))
                .extracting(PublishesFailed::count)
                .contains(101L);
    }

    @Test
    void thoseThatSomebodyWaitsForAreNot() {
        Machine machine = Machine.offline(
                options -> options.queue = QueuePolicy.bounded(1).dropOldest());
        machine.publish(1, "a", "b", "c");

        assertThat(machine.effects.events(PublishesFailed.class)).isEmpty();
    }
}
