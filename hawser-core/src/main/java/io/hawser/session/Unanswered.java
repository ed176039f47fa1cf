package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import java.time.Duration;

/**
 * Notices when a request has been waiting for its answer for too long, sent or not: looks once in a while, with one deadline for
 * all, and tells it once until it is over.
 */
final class Unanswered {
    private final OutboundFlow outbound;
    private final SubscriptionFlow subscriptions;
    private final Effects effects;
    /** Never, unless told otherwise. */
    private long limitNanos = Timers.NEVER;
    /** When it is time to look, or never: nothing is unanswered. */
    private long deadline = Timers.NEVER;

    private boolean told;

    Unanswered(OutboundFlow outbound, SubscriptionFlow subscriptions, Effects effects) {
        this.outbound = outbound;
        this.subscriptions = subscriptions;
        this.effects = effects;
    }

    void limit(long nanos) {
        limitNanos = nanos;
    }

    /** Changes the limit, and looks again with the next tick. */
    void changeLimit(long nanos, long now) {
        limitNanos = nanos;
        told = false;
        deadline = nanos == Timers.NEVER ? Timers.NEVER : now;
    }

    /** There may be something that is not answered. */
    void watch(long now) {
        if (deadline == Timers.NEVER && limitNanos != Timers.NEVER) {
            deadline = now + limitNanos;
        }
    }

    long deadline() {
        return deadline;
    }

    /** Looks, if it is time. */
    void look(long now) {
        if (deadline > now) {
            return;
        }
        PublishRequest publish = outbound.oldest();
        SubscriptionRequest subscription = subscriptions.oldest();
        long since = Math.min(
                publish == null ? Timers.NEVER : publish.acceptedAtNanos,
                subscription == null ? Timers.NEVER : subscription.askedAtNanos);
        if (since == Timers.NEVER) {
            told = false;
            deadline = Timers.NEVER;
        } else if (now - since < limitNanos) {
            told = false;
            deadline = since + limitNanos;
        } else {
            deadline = now + limitNanos;
            if (!told) {
                told = true;
                String request = publish != null && publish.acceptedAtNanos == since
                        ? textOf(publish)
                        : subscription == null ? "" : subscription.text();
                effects.event(new ConnectionEvent.RequestUnanswered(request, Duration.ofNanos(now - since)));
            }
        }
    }

    /** A message that waits far behind is in the log only, and its topic with it. */
    private static String textOf(PublishRequest publish) {
        return publish.isLoaded() ? "PUBLISH to '" + publish.message().topic() + "'" : "a PUBLISH";
    }

    void stop() {
        deadline = Timers.NEVER;
        limitNanos = Timers.NEVER;
    }
}
