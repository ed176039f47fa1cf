package io.hawser.client.loop;

import io.hawser.mqtt.ClientClosedException;
import io.hawser.session.ClientSession;
import io.hawser.session.WatchedFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The futures of {@code flush}: each completes when everything that was accepted before it is settled. */
final class FlushWaiters {
    private record Waiter(long lastSequence, WatchedFuture<Void> flushed) {}

    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>(0);

    void add(long lastSequence, WatchedFuture<Void> flushed) {
        waiting.add(new Waiter(lastSequence, flushed));
    }

    /** Takes the futures whose messages are all settled, though perhaps not safe yet. */
    List<WatchedFuture<Void>> takeSettled(ClientSession session) {
        if (waiting.isEmpty()) {
            return List.of();
        }
        List<WatchedFuture<Void>> settled = new ArrayList<>();
        long oldest = session.oldestSequence();
        for (Waiter first = waiting.peek(); first != null && first.lastSequence < oldest; first = waiting.peek()) {
            waiting.remove();
            settled.add(first.flushed);
        }
        return settled;
    }

    void fail(ClientClosedException cause) {
        for (Waiter waiter : waiting) {
            waiter.flushed.completeExceptionally(cause);
        }
        waiting.clear();
    }
}
