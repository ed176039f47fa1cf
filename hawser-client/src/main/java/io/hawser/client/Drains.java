package io.hawser.client;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.mqtt.MqttException;
import io.hawser.session.ClientSession;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Those who wait until everything that was accepted before they came is settled. */
final class Drains {
    private record Drain(long lastSequence, ClientFuture<Void> drained) {}

    private final ArrayDeque<Drain> waiting = new ArrayDeque<>(0);

    void add(long lastSequence, ClientFuture<Void> drained) {
        waiting.add(new Drain(lastSequence, drained));
    }

    void settle(ClientSession session) {
        if (waiting.isEmpty()) {
            return;
        }
        long oldest = session.oldestSequence();
        for (Drain first = waiting.peek(); first != null && first.lastSequence < oldest; first = waiting.peek()) {
            waiting.remove();
            first.drained.complete(null);
        }
    }

    void fail(@Nullable MqttException cause) {
        for (Drain drain : waiting) {
            drain.drained.completeExceptionally(new ClientClosedException("the client is closed", cause));
        }
        waiting.clear();
    }
}
