package io.hawser.session;

import io.hawser.mqtt.ProtocolVersion;
import io.hawser.session.Timers.Timer;
import java.util.List;
import java.util.SplittableRandom;

/** Keeps the deadlines of {@link Retransmission}: each request has its own, the timer only the nearest. */
final class Retransmitter {
    private static final double NANOS = 1e9;

    private final Retransmission policy;
    private final Timers timers;
    private final SplittableRandom random;
    /** MQTT 5.0 forbids to repeat on a live connection [MQTT-4.4.0-1]. */
    private boolean allowed;

    Retransmitter(Retransmission policy, Timers timers, long seed) {
        this.policy = policy;
        this.timers = timers;
        this.random = new SplittableRandom(seed);
    }

    void connected(ProtocolVersion version) {
        allowed = version != ProtocolVersion.MQTT_5;
    }

    void sent(PublishRequest request, long now) {
        request.retransmitFactor = 1;
        schedule(request, now);
    }

    /** PUBREL is small: its waits begin anew. */
    void released(PublishRequest request, long now) {
        sent(request, now);
    }

    /** Sends again what is due, and looks when the next is. */
    void expired(Window publishes, Subscriptions subscriptions, long now) {
        List<PublishRequest> due = publishes
                .inFlight()
                .filter(request -> request.onWire)
                .sorted((a, b) -> Long.compare(a.sequence, b.sequence))
                .toList();
        for (PublishRequest request : due) {
            if (request.retransmitAtNanos <= now) {
                publishes.repeat(request, true, now);
                request.retransmitFactor *= request.released ? 2 : policy.factor();
                schedule(request, now);
            } else {
                nearest(request.retransmitAtNanos);
            }
        }
        subscriptions.retransmit(now);
    }

    /** When a request that has been sent {@code times} times is sent again. */
    long retryAt(int times, long now) {
        long at = now + jittered(policy.initial().toNanos() * Math.pow(2, times - 1));
        nearest(at);
        return at;
    }

    private void schedule(PublishRequest request, long now) {
        double initial = policy.initial().toNanos();
        double wait = request.released
                ? initial * request.retransmitFactor
                : initial + request.retransmitFactor * request.size() * NANOS / policy.bandwidth();
        request.retransmitAtNanos = now + jittered(wait);
        nearest(request.retransmitAtNanos);
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
