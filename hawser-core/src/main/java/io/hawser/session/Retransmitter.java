package io.hawser.session;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.session.Timers.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** Keeps the deadlines of {@link Retransmission}: each request has its own, the timer only the nearest. */
final class Retransmitter {
    private static final double NANOS = 1e9;

    private final Retransmission policy;
    private final Timers timers;
    private final SplittableRandom random;
    private final Map<PublishRequest, Due> due = new HashMap<>();
    /** MQTT 5.0 forbids to repeat on a live connection [MQTT-4.4.0-1]. */
    private boolean allowed;

    /** When a publish is sent again, and the factor for the wait after that. */
    private static final class Due {
        long atNanos;
        double factor = 1;
    }

    Retransmitter(Retransmission policy, Timers timers, long seed) {
        this.policy = policy;
        this.timers = timers;
        this.random = new SplittableRandom(seed);
    }

    void connected(ProtocolVersion version) {
        allowed = version != ProtocolVersion.MQTT_5;
    }

    void sent(PublishRequest request, long now) {
        Due fresh = new Due();
        due.put(request, fresh);
        schedule(request, fresh, now);
    }

    /** It is on the wire no more. */
    void left(PublishRequest request) {
        due.remove(request);
    }

    void disconnected() {
        due.clear();
    }

    /** PUBREL is small: its waits begin anew. */
    void released(PublishRequest request, long now) {
        sent(request, now);
    }

    /** Sends again what is due, and looks when the next is. */
    void expired(Window publishes, SubscriptionFlow subscriptions, long now) {
        for (PublishRequest request : publishes.inOrder()) {
            Due next = due.get(request);
            if (next == null) {
                continue;
            }
            if (next.atNanos <= now) {
                publishes.repeat(request, true, now);
                next.factor *= request.released ? 2 : policy.factor();
                schedule(request, next, now);
            } else {
                nearest(next.atNanos);
            }
        }
        StalePacketIds staleIds = publishes.staleIds();
        if (staleIds != null) {
            staleIds.retransmit(now);
        }
        subscriptions.retransmit(now);
    }

    /** When a request that has been sent {@code times} times is sent again. */
    long retryAt(int times, long now) {
        long at = now + jittered(policy.initial().toNanos() * Math.pow(2, times - 1));
        nearest(at);
        return at;
    }

    private void schedule(PublishRequest request, Due next, long now) {
        double initial = policy.initial().toNanos();
        double wait = request.released
                ? initial * next.factor
                : initial + next.factor * request.size() * NANOS / policy.bandwidth();
        next.atNanos = now + jittered(wait);
        nearest(next.atNanos);
    }

    private long jittered(double wait) {
        return (long) Math.min(wait * (1 + random.nextDouble() / 10), Long.MAX_VALUE / 4.0);
    }

    /** Wakes up at this time at the latest. */
    void nearest(long at) {
        if (allowed) {
            timers.set(Timer.RETRANSMIT, Math.min(at, timers.deadline(Timer.RETRANSMIT)));
        }
    }
}
