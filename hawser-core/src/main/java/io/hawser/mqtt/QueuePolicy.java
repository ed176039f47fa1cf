package io.hawser.mqtt;

/**
 * How much may wait to be sent, and what gives way when it is too much. Messages in the acknowledgement window
 * ({@code inflight}) no longer count.
 *
 * @param messages the most messages that wait: 1 to 50,000,000 (default 65,536)
 * @param bytes the most bytes of topics and payloads that wait: 1 to 2<sup>38</sup> (default 64 MiB)
 * @param dropsOldest what gives way: the new message, whose publish fails with
 *     {@link MessageDroppedException.Rule#QUEUE_FULL} (false, the default), or the oldest waiting messages, whose publishes
 *     fail with {@link MessageDroppedException.Rule#MADE_ROOM} (true). A caller that outruns the client so far that twice the
 *     bound waits is refused all the same
 */
public record QueuePolicy(int messages, long bytes, boolean dropsOldest) {
    /** The most messages a queue can be told to hold: more than any memory would, so that counters cannot overflow. */
    public static final int MAXIMUM_MESSAGES = 50_000_000;
    /** The most bytes a queue can be told to hold: 256 GiB, so that counters cannot overflow. */
    public static final long MAXIMUM_BYTES = 1L << 38;

    private static final long MEGABYTE = 1024 * 1024;

    public QueuePolicy {
        if (messages < 1 || messages > MAXIMUM_MESSAGES) {
            throw new IllegalArgumentException("queue messages is " + messages + ", must be 1 to " + MAXIMUM_MESSAGES);
        }
        if (bytes < 1 || bytes > MAXIMUM_BYTES) {
            throw new IllegalArgumentException("queue bytes is " + bytes + ", must be 1 to " + MAXIMUM_BYTES);
        }
    }

    /** At most so many messages, 64 MiB, and the new message gives way. */
    public static QueuePolicy bounded(int messages) {
        return new QueuePolicy(messages, 64 * MEGABYTE, false);
    }

    /** This policy with another bound in bytes, given in units of 1024 · 1024. */
    public QueuePolicy megabytes(int megabytes) {
        return new QueuePolicy(messages, megabytes * MEGABYTE, dropsOldest);
    }

    /** This policy with the oldest waiting messages giving way. */
    public QueuePolicy dropOldest() {
        return new QueuePolicy(messages, bytes, true);
    }

    /** This policy with the new message giving way. */
    public QueuePolicy rejectNew() {
        return new QueuePolicy(messages, bytes, false);
    }
}
