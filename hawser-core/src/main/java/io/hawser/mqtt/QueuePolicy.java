package io.hawser.mqtt;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bounds of the queue: of messages that are accepted and not sent. Messages in flight do not count.
 *
 * @param messages the most queued messages: 1 to 50,000,000 (default 65,536)
 * @param bytes the most bytes of topics, payloads and properties of queued messages: 1 to 2<sup>38</sup> (default 64
 *     MiB)
 * @param dropsOldest at a bound, false (the default) rejects the new message, whose publish fails with
 *     {@link MessageDroppedException.Rule#QUEUE_FULL}; true drops the oldest queued messages, whose publishes fail with
 *     {@link MessageDroppedException.Rule#OLDEST_DROPPED}. With true as well, new messages are rejected if a caller
 *     outruns the client so far that twice the bound waits
 * @param timeToLive how long a message may be queued before its publish fails with
 *     {@link MessageDroppedException.Rule#EXPIRED}: 1 s to 36,500 days, or null for ever (the default). A message's own
 *     expiry counts besides
 */
public record QueuePolicy(
        int messages,
        long bytes,
        boolean dropsOldest,
        @Nullable Duration timeToLive) {
    /** The largest bound in messages: more than any memory holds, so that counters cannot overflow. */
    public static final int MAXIMUM_MESSAGES = 50_000_000;
    /** The largest bound in bytes: 256 GiB, so that counters cannot overflow. */
    public static final long MAXIMUM_BYTES = 1L << 38;

    private static final long MEGABYTE = 1024 * 1024;
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(1);
    /** A century: nothing is meant to be queued longer, and nanoseconds do not overflow. */
    private static final Duration LONGEST_LIFE = Duration.ofDays(36_500);

    public QueuePolicy {
        if (messages < 1 || messages > MAXIMUM_MESSAGES) {
            throw new IllegalArgumentException("queue messages is " + messages + ", must be 1 to " + MAXIMUM_MESSAGES);
        }
        if (bytes < 1 || bytes > MAXIMUM_BYTES) {
            throw new IllegalArgumentException("queue bytes is " + bytes + ", must be 1 to " + MAXIMUM_BYTES);
        }
        if (timeToLive != null && (timeToLive.compareTo(SHORTEST_LIFE) < 0 || timeToLive.compareTo(LONGEST_LIFE) > 0)) {
            throw new IllegalArgumentException(
                    "queue timeToLive is " + timeToLive + ", must be " + SHORTEST_LIFE + " to " + LONGEST_LIFE);
        }
    }

    /** A policy with this bound in messages and 64 MiB, which rejects the new message. */
    public static QueuePolicy bounded(int messages) {
        return new QueuePolicy(messages, 64 * MEGABYTE, false, null);
    }

    /** This policy with another bound in bytes, given in units of 1024 · 1024. */
    public QueuePolicy megabytes(int megabytes) {
        return new QueuePolicy(messages, megabytes * MEGABYTE, dropsOldest, timeToLive);
    }

    /** This policy, dropping the oldest queued messages at a bound. */
    public QueuePolicy dropOldest() {
        return new QueuePolicy(messages, bytes, true, timeToLive);
    }

    /** This policy, rejecting the new message at a bound. */
    public QueuePolicy rejectNew() {
        return new QueuePolicy(messages, bytes, false, timeToLive);
    }

    /** This policy with a limit on the time that a message may be queued. */
    public QueuePolicy timeToLive(Duration timeToLive) {
        return new QueuePolicy(messages, bytes, dropsOldest, Objects.requireNonNull(timeToLive, "timeToLive"));
    }
}
