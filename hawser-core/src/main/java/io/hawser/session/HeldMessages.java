package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicFilter;
import io.hawser.session.Timers.Timer;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Received QoS 1 and 2 messages that no handler wants so far, the oldest first: how many bytes they take, and when they are given
 * up. As long as one is held, the acknowledgements of all that came after it wait [MQTT-4.6.0-2].
 */
final class HeldMessages {
    /** The grace begins so long after CONNACK at the latest: a broker that never answers a SUBSCRIBE must not stop it. */
    private static final long LONGEST_UNREADY_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** What a held message takes beside its packet: objects, and its place in tables. */
    private static final int OVERHEAD_BYTES = 256;
    /** Topics or filters whose unhandled messages are counted one by one; of more, the oldest are forgotten. */
    private static final int MOST_COUNTED = 256;

    private final HoldPolicy policy;
    private final Effects effects;
    private final Timers timers;
    private Map<InboundMessage, Entry> entries = Collections.emptyMap();
    /** By filter if one is known, else by topic; null until there is one. */
    private @Nullable Map<Object, Long> counts;

    private long bytes;
    private long graceBegins;

    /** Since when a message is held, on the clock of the session. */
    private static final class Entry {
        final long since;
        /** As it was charged; the message may be shown otherwise when it is wanted at last. */
        final long bytes;

        boolean told;

        Entry(InboundMessage message, long since) {
            this.since = since;
            this.bytes = (long) OVERHEAD_BYTES + message.message().memoryInBytes();
        }
    }

    HeldMessages(HoldPolicy policy, Effects effects, Timers timers) {
        this.policy = policy;
        this.effects = effects;
        this.timers = timers;
    }

    void connected(long now) {
        graceBegins = now + LONGEST_UNREADY_NANOS;
        setTimer();
    }

    void ready(long now) {
        graceBegins = Math.min(graceBegins, now);
        setTimer();
    }

    boolean contains(InboundMessage message) {
        return !entries.isEmpty() && entries.containsKey(message);
    }

    void add(InboundMessage message, long now) {
        if (entries.isEmpty()) {
            entries = new LinkedHashMap<>();
        }
        Entry entry = new Entry(message, now);
        entries.put(message, entry);
        bytes += entry.bytes;
        if (entries.size() == 1) {
            setTimer();
        }
    }

    /** What the held messages take of the heap, about, in bytes. */
    long bytes() {
        return bytes;
    }

    /** Takes out those that are wanted now. */
    void removeIf(Predicate<InboundMessage> wanted) {
        for (Iterator<Map.Entry<InboundMessage, Entry>> each =
                        entries.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<InboundMessage, Entry> next = each.next();
            long charged = next.getValue().bytes;
            if (wanted.test(next.getKey())) {
                each.remove();
                bytes -= charged;
            }
        }
    }

    void clear(Consumer<InboundMessage> each) {
        entries.keySet().forEach(each);
        entries.clear();
        bytes = 0;
    }

    /** The oldest message, which is held no longer, if it has been held for too long or they are too many; else null. */
    @Nullable
    InboundMessage next(long now) {
        if (entries.isEmpty()) {
            return null;
        }
        Map.Entry<InboundMessage, Entry> oldest = entries.entrySet().iterator().next();
        if (bytes <= policy.bytes() && (policy.isForever() || deadline(oldest.getValue()) > now)) {
            return null;
        }
        InboundMessage message = oldest.getKey();
        bytes -= oldest.getValue().bytes;
        entries.remove(message);
        return message;
    }

    boolean isBeyondBytes() {
        return bytes > policy.bytes();
    }

    private long deadline(Entry entry) {
        return Math.max(entry.since, graceBegins) + policy.patienceNanos();
    }

    /** Tells of what is held for ever, once its handler should have come. */
    void tell(long now, int unacknowledged, Subscriptions subscriptions) {
        for (Map.Entry<InboundMessage, Entry> each : entries.entrySet()) {
            if (deadline(each.getValue()) > now) {
                break;
            }
            if (!each.getValue().told) {
                each.getValue().told = true;
                event(each.getKey(), null, unacknowledged, subscriptions);
            }
        }
    }

    void setTimer() {
        for (Entry entry : entries.values()) {
            if (!entry.told) {
                timers.set(Timer.HELD, Math.min(timers.deadline(Timer.HELD), deadline(entry)));
                return;
            }
        }
    }

    /** @param answer what the broker gets, or null for nothing */
    void event(InboundMessage message, @Nullable ReasonCode answer, int unacknowledged, Subscriptions subscriptions) {
        String topic = message.message().topic();
        TopicFilter filter = subscriptions.unclaimed(message.message().topicName());
        effects.event(new ConnectionEvent.MessageUnhandled(
                topic, filter, answer, unacknowledged, count(filter == null ? topic : filter)));
    }

    private long count(Object of) {
        Map<Object, Long> known = counts;
        if (known == null) {
            known = new LinkedHashMap<>();
            counts = known;
        }
        long count = known.merge(of, 1L, Long::sum);
        if (known.size() > MOST_COUNTED) {
            known.remove(known.keySet().iterator().next());
        }
        return count;
    }
}
