package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ConnectionException;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.TopicName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What standard error says of a connection without {@code -d}. */
class NoticesTest {
    private final List<String> told = new ArrayList<>();
    private long now;
    private final ConnectionWatch watch = new ConnectionWatch(false, told::add, () -> now);

    private void fails(String why) {
        ConnectionException cause = new ConnectionException(why);
        watch.accept(new ConnectionEvent.Disconnected(cause));
        watch.accept(new ConnectionEvent.ReconnectScheduled(Duration.ofMillis(1500), cause));
    }

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void repeatedFailureIsToldAtGrowingIntervals() {
        fails("first");
        fails("first");
        told.clear();
        for (int second = 0; second < 3600; second += 2) {
            fails("closed\u001b[2J");
            pass(2);
        }

        assertThat(told)
                .hasSizeBetween(8, 20)
                .allSatisfy(text -> assertThat(text)
                        .startsWith("Warning: ")
                        .contains("failures in a row, the last: closed\\u001b[2J; trying again in 1.5 s"));
        assertThat(told.get(told.size() - 1)).containsPattern("\\(and \\d{2,} times before\\)");
    }

    @Test
    void oneFailureAfterALongConnectionIsNotWorthAWord() {
        fails("first");
        for (int i = 0; i < 10; i++) {
            watch.accept(new ConnectionEvent.Connected("mqtt://h:1883", null));
            pass(3600);
            fails("cut");
        }
        assertThat(told).isEmpty();
    }

    @Test
    void kindsHaveIntervalsOfTheirOwn() {
        Notices notices = new Notices(told::add, () -> now);
        notices.tell("a", "1");
        notices.tell("b", "2");
        notices.tell("a", "3");
        pass(6);
        notices.tell("a", "4");
        pass(6);
        notices.tell("a", "5");

        assertThat(told).containsExactly("1", "2", "4 (and 1 times before)");
    }

    /** Those that need not be told are listed: a new event is told, or somebody has decided otherwise. */
    @Test
    void everyOtherEventIsTold() {
        watch.accept(new ConnectionEvent.StoreFailed(new StoreException("the disk is full", null)));
        watch.accept(new ConnectionEvent.StoreRecovered());
        watch.accept(new ConnectionEvent.DeliveryFailed(
                Message.of(TopicName.received("a\u009b"), new byte[0]), new IllegalStateException(), 1, true));
        assertThat(told)
                .containsExactly(
                        "Error: the disk is full",
                        "The session store works again.",
                        "Warning: a message to 'a\\u009b' could not be handled: java.lang.IllegalStateException");

        watch.accept(new ConnectionEvent.DeliveryFailed(
                Message.of("a", "x"), new UncheckedIOException(new IOException("told by respond")), 1, true));
        watch.accept(new ConnectionEvent.Ready("mqtt://h:1883"));
        watch.accept(new ConnectionEvent.Disconnected(null));
        watch.accept(new ConnectionEvent.Closed(null));
        assertThat(told).hasSize(3);

        watch.accept(new ConnectionEvent.UnacknowledgedBacklog(15, 20));
        assertThat(told.get(3)).startsWith("Warning: UnacknowledgedBacklog[");
    }
}
