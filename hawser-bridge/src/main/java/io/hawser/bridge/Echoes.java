package io.hawser.bridge;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages that a bridge has published to a broker and expects back, because it subscribes to their topics there and the broker
 * knows no "no local" (MQTT 3.x). Each is taken for an echo once, within a minute: after that, and across a kill, a message may go
 * one round more.
 */
final class Echoes {
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    /** A bound on memory, about 3 MB; brokers have far fewer messages of one client on their way back to it. */
    private static final int MOST = 20_000;

    /** When each content was published, the oldest first; the content published last stands at the end. */
    private final Map<Fingerprint, ArrayDeque<Long>> expected = new LinkedHashMap<>();

    private int count;

    synchronized void expect(Fingerprint content, long now) {
        ArrayDeque<Long> times = expected.remove(content);
        times = times == null ? new ArrayDeque<>(2) : times;
        times.add(now);
        expected.put(content, times);
        count++;
        forgetOld(now);
    }

    /** Whether a received message is one that this bridge has published. */
    synchronized boolean take(Fingerprint content, long now) {
        forgetOld(now);
        ArrayDeque<Long> times = expected.get(content);
        while (times != null && !times.isEmpty()) {
            count--;
            if (now - times.remove() <= PATIENCE_NANOS) {
                return true;
            }
        }
        expected.remove(content);
        return false;
    }

    private void forgetOld(long now) {
        Iterator<ArrayDeque<Long>> oldest = expected.values().iterator();
        while (oldest.hasNext()) {
            ArrayDeque<Long> times = oldest.next();
            if (!times.isEmpty() && now - times.getLast() <= PATIENCE_NANOS && count <= MOST) {
                return;
            }
            count -= times.size();
            oldest.remove();
        }
    }
}
