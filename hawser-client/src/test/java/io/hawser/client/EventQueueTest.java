package io.hawser.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventQueueTest {
    private final List<ConnectionEvent> told = new ArrayList<>();
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final EventQueue events = new EventQueue(told::add, tasks::add);

    private static ConnectionEvent failed(int number, int size) {
        return new ConnectionEvent.DeliveryFailed(
                Message.of("t/" + number, new byte[size]), new IllegalStateException(), 1, true);
    }

    private void tell() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void eventsAreToldInTheirOrder() {
        ConnectionEvent first = failed(1, 10);
        ConnectionEvent second = new ConnectionEvent.Closed(null);
        events.add(first);
        events.add(second);

        tell();

        assertThat(told).containsExactly(first, second);
    }

    @Test
    void theOldestFailuresAreDroppedBeyondTheBoundInBytesAndCounted() {
        ConnectionEvent ready = new ConnectionEvent.Ready("mqtt://a");
        events.add(ready);
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            events.add(failed(i, 10_000));
        }

        assertThat(tasks).hasSizeLessThan(200);
        tell();

        assertThat(told.get(0))
                .isInstanceOfSatisfying(
                        ConnectionEvent.EventsDropped.class,
                        dropped -> assertThat(dropped.count() + told.size() - 2).isEqualTo(count));
        assertThat(told.get(1)).isEqualTo(ready);
        assertThat(told.stream()
                        .filter(ConnectionEvent.DeliveryFailed.class::isInstance)
                        .mapToLong(event -> ((ConnectionEvent.DeliveryFailed) event)
                                .message()
                                .payloadSize())
                        .sum())
                .isBetween(EventQueue.MOST_BYTES / 2, EventQueue.MOST_BYTES);
    }

    @Test
    void withoutFailuresTheOldestEventsAreDropped() {
        for (int i = 0; i < 10 * EventQueue.MOST_EVENTS; i++) {
            events.add(new ConnectionEvent.Ready("mqtt://" + i));
        }
        ConnectionEvent closed = new ConnectionEvent.Closed(null);
        events.add(closed);

        assertThat(tasks).hasSizeLessThanOrEqualTo(EventQueue.MOST_EVENTS);
        tell();

        assertThat(told).last().isEqualTo(closed);
        assertThat(told).hasSize(EventQueue.MOST_EVENTS + 1);
    }

    @Test
    void aListenerThatThrowsHearsOfTheNext() {
        int[] calls = {0};
        EventQueue throwing = new EventQueue(
                event -> {
                    calls[0]++;
                    throw new StackOverflowError();
                },
                Runnable::run);
        throwing.add(failed(1, 1));
        throwing.add(failed(2, 1));

        assertThat(calls[0]).isEqualTo(2);
    }
}
