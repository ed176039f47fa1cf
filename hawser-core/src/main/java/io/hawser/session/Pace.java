package io.hawser.session;

import io.hawser.mqtt.BrokerProfile;
import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.session.Timers.Timer;
import io.hawser.wire.PacketEncoder;

/**
 * The limits on PUBLISH packets and their bytes in any second, as two token buckets. A bucket is one number: the time at which it
 * will be full again if nothing more is sent. It holds a tenth of what may be sent in a second and fills up with the rest, so
 * that no second has more than that, whenever it begins. Both outlive connections: a quota may be the session's.
 */
final class Pace {
    private static final long SECOND = 1_000_000_000L;
    /** Of what may be sent in a second, what may be sent at once: enough that a device with few messages never waits. */
    private static final int BURST = 10;
    /** Telling of it once a minute is enough. */
    private static final long TELL_NANOS = 60 * SECOND;

    private final Timers timers;
    private final Effects effects;
    private final Bucket publishes = new Bucket();
    private final Bucket bytes = new Bucket();
    private boolean limited;
    private long tellAtNanos;

    private static final class Bucket {
        /** The most in a second; {@link BrokerProfile#UNLIMITED} for no limit. */
        long limit = BrokerProfile.UNLIMITED;

        private long burst;
        private long refill;
        private long fullAtNanos;

        void limit(long perSecond) {
            limit = perSecond;
            burst = Math.max(1, perSecond / BURST);
            // A second has at most the burst and, after it, one less than it takes to fill up again.
            refill = Math.max(1, perSecond - burst + 1);
        }

        boolean isLimited() {
            return limit != BrokerProfile.UNLIMITED;
        }

        private long nanos(long tokens) {
            return (long) Math.ceil(tokens * (double) SECOND / refill);
        }

        /** When so much can be sent; at once if that is not later than now. What is larger than the bucket needs a full one. */
        long readyAt(long tokens) {
            return fullAtNanos - nanos(burst) + nanos(Math.min(tokens, burst));
        }

        void take(long tokens, long now) {
            fullAtNanos = Math.max(fullAtNanos, now) + nanos(tokens);
        }
    }

    Pace(BrokerProfile broker, Timers timers, Effects effects) {
        this.timers = timers;
        this.effects = effects;
        limit(broker.publishesPerSecond(), broker.bytesPerSecond());
    }

    /** Sets other limits, from now on. */
    void limit(int publishesPerSecond, long bytesPerSecond) {
        publishes.limit(publishesPerSecond);
        bytes.limit(bytesPerSecond);
        limited = publishes.isLimited() || bytes.isLimited();
    }

    /** Whether this message may be sent now; else a timer is set for when it may, and that is told. */
    boolean allows(Message message, ProtocolVersion version, int queued, long now) {
        if (!limited) {
            return true;
        }
        long at = publishes.isLimited() ? publishes.readyAt(1) : 0;
        if (bytes.isLimited()) {
            at = Math.max(at, bytes.readyAt(PacketEncoder.clientPublishSize(message, version)));
        }
        if (at <= now) {
            return true;
        }
        timers.set(Timer.PACE, at);
        if (now >= tellAtNanos) {
            tellAtNanos = now + TELL_NANOS;
            effects.event(new ConnectionEvent.PublishesPaced((int) publishes.limit, bytes.limit, queued));
        }
        return false;
    }

    /** Notes that this message has been sent. */
    void sent(Message message, ProtocolVersion version, long now) {
        if (publishes.isLimited()) {
            publishes.take(1, now);
        }
        if (bytes.isLimited()) {
            bytes.take(PacketEncoder.clientPublishSize(message, version), now);
        }
    }
}
