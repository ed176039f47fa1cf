package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.session.Timers.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How long messages may wait: their own expiry, which counts down meanwhile, and the queue's time to live. */
final class Expiry {
    private static final Duration LEAST_EXPIRY = Duration.ofSeconds(1);
    /** Between two looks at the whole queue, so that they cost little. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    private final Timers timers;
    private final @Nullable Duration timeToLive;
    private long lookedAtNanos = Long.MIN_VALUE / 2;

    Expiry(@Nullable Duration timeToLive, Timers timers) {
        this.timeToLive = timeToLive;
        this.timers = timers;
    }

    /** A message has been accepted, and is to be looked at when its time is over. */
    void watch(PublishRequest request) {
        if (timeToLive == null && request.message().expiry() == null) {
            return;
        }
        long end = Math.max(endOf(request), lookedAtNanos + LOOK_NANOS);
        timers.set(Timer.EXPIRY, Math.min(end, timers.deadline(Timer.EXPIRY)));
    }

    void looked(long now) {
        lookedAtNanos = now;
    }

    /** An expiry of zero is for a connection that is there: such a message may wait for less than a second. */
    private long endOf(PublishRequest request) {
        Duration expiry = request.message().expiry();
        Duration least = expiry == null ? timeToLive : expiry.compareTo(LEAST_EXPIRY) < 0 ? LEAST_EXPIRY : expiry;
        if (least != null && timeToLive != null && timeToLive.compareTo(least) < 0) {
            least = timeToLive;
        }
        return least == null ? Long.MAX_VALUE : request.acceptedAtNanos + least.toNanos();
    }

    boolean isOver(PublishRequest request, long now) {
        return (timeToLive != null || request.message().expiry() != null) && now >= endOf(request);
    }

    /** Why {@link #isOver} is so. */
    String objection(PublishRequest request, long now) {
        Duration expiry = request.message().expiry();
        Duration waited = waited(request, now);
        return "the message waited for " + waited
                + (expiry != null && (timeToLive == null || expiry.compareTo(timeToLive) <= 0)
                        ? ", longer than its expiry of " + expiry
                        : ", longer than the queue's time to live of " + timeToLive);
    }

    /** The message with what is left of its expiry. */
    static Message countedDown(PublishRequest request, long now) {
        Message message = request.message();
        Duration expiry = message.expiry();
        return expiry == null ? message : message.expiry(expiry.minus(waited(request, now)));
    }

    /** A message under way must be repeated even if it has expired [MQTT-4.4.0-1]: then with the least expiry there is. */
    static Message repeated(PublishRequest request, long now) {
        Message message = request.message();
        Duration expiry = message.expiry();
        if (expiry == null || expiry.isZero()) {
            return message;
        }
        Duration left = expiry.minus(waited(request, now));
        return message.expiry(left.compareTo(LEAST_EXPIRY) < 0 ? LEAST_EXPIRY : left);
    }

    /** In whole seconds, as expiry is. */
    private static Duration waited(PublishRequest request, long now) {
        return Duration.ofSeconds((now - request.acceptedAtNanos) / 1_000_000_000L);
    }
}
