package io.hawser.mqtt;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How much may wait to be sent, and what gives way when it is too much. Messages in the acknowledgement window
 * ({@code sendWindow}) no longer count.
 *
 * @param messages the most messages that wait: 1 to 50,000,000 (default 65,536)
 * @param bytes the most bytes of topics, payloads and properties that wait: 1 to 2<sup>38</sup> (default 64 MiB)
 * @param dropsOldest what gives way: the new message, whose publish fails with
 *     {@link MessageDroppedException.Rule#QUEUE_FULL} (false, the default), or the oldest waiting messages, whose publishes
 *     fail with {@link MessageDroppedException.Rule#OLDEST_DROPPED} (true). A caller that outruns the client so far that twice the
 *     bound waits is refused all the same
 * @param timeToLive how long a message may wait before its publish fails with
 *     {@link MessageDroppedException.Rule#EXPIRED}: 1 s to 36,500 days, or null for ever (the default). A message's own expiry
 *     counts besides
 */
public record QueuePolicy(
        int messages,
        long bytes,
        boolean dropsOldest,
        @Nullable Duration timeToLive) {
    /** The most messages a queue can be told to hold: more than any memory would, so that counters cannot overflow. */
    public static final int MAXIMUM_MESSAGES = 50_000_000;
    /** The most bytes a queue can be told to hold: 256 GiB, so that counters cannot overflow. */
    public static final long MAXIMUM_BYTES = 1L << 38;

    private static final long MEGABYTE = 1024 * 1024;
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(1);
    /** A century: nothing is meant to wait longer, and nanoseconds do not overflow. */
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

    /** At most so many messages, 64 MiB, and the new message gives way. */
    public static QueuePolicy bounded(int messages) {
        return new QueuePolicy(messages, 64 * MEGABYTE, false, null);
    }

    /** This policy with another bound in bytes, given in units of 1024 · 1024. */
    public QueuePolicy megabytes(int megabytes) {
        return new QueuePolicy(messages, megabytes * MEGABYTE, dropsOldest, timeToLive);
    }

    /** This policy with the oldest waiting messages giving way. */
    public QueuePolicy dropOldest() {
        return new QueuePolicy(messages, bytes, true, timeToLive);
    }

    /** This policy with the new message giving way. */
    public QueuePolicy rejectNew() {
        return new QueuePolicy(messages, bytes, false, timeToLive);
    }

    /** This policy with messages given up that have waited for so long. */
    public QueuePolicy timeToLive(Duration timeToLive) {
        return new QueuePolicy(messages, bytes, dropsOldest, Objects.requireNonNull(timeToLive, "timeToLive"));
    }
}
