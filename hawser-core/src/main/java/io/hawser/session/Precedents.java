package io.hawser.session;

import io.hawser.mqtt.TopicName;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topics whose messages became {@linkplain Suspects suspects} one after the other, with no message to the topic answered since.
 * A program that goes on publishing what the broker ends connections on would otherwise pay for each message with as many
 * connections as for the first, until no connection lives long enough for a trial and the queue is full of suspects. A message to
 * such a topic is set aside unsent. That alone accuses it of nothing: it goes back to the others once the broker answers a
 * message to the topic. Only after convictions in a row the end of one trial is enough to convict the next.
 */
final class Precedents {
    /** Messages set aside, or convicted, in a row from which on it is the topic: one may be due to its payload, or to a bad network. */
    private static final int IN_A_ROW = 2;
    /** More topics are not remembered, lest they take memory without end; a message to another is judged by itself. */
    private static final int MOST_TOPICS = 64;
    /** From one conviction to the next trial of the topic, since each costs a connection; it doubles. */
    private static final long FIRST_DISTANCE_NANOS = 1_000_000_000L;

    private static final int DOUBLINGS = 6;

    private final Map<TopicName, Topic> topics = new LinkedHashMap<>(0);
    private boolean cleared;

    private static final class Topic {
        int setAside;
        int convictions;
        /** No message to the topic is tried before. */
        long dueAtNanos = Long.MIN_VALUE;
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    private @Nullable Topic of(Object request) {
        return topics.isEmpty() || !(request instanceof PublishRequest publish)
                ? null
                : topics.get(publish.message().topicName());
    }

    /** Whether a message is to be set aside unsent. */
    boolean cover(Object request) {
        Topic topic = of(request);
        return topic != null && topic.setAside >= IN_A_ROW;
    }

    /** Whether one trial is enough to convict a message. */
    boolean convict(Object request) {
        Topic topic = of(request);
        return topic != null && topic.convictions >= IN_A_ROW;
    }

    /** How many messages to the topic of a request were set aside in a row. */
    int setAside(Object request) {
        Topic topic = of(request);
        return topic == null ? 0 : topic.setAside;
    }

    /** When a message to the topic of a request may be tried. */
    long dueAt(Object request) {
        Topic topic = of(request);
        return topic == null ? Long.MIN_VALUE : topic.dueAtNanos;
    }

    /** A request was set aside because connections ended on it. */
    void setAsideFor(Object request) {
        if (request instanceof PublishRequest publish) {
            topic(publish).setAside++;
        }
    }

    void convicted(Object request, long now) {
        if (request instanceof PublishRequest publish) {
            Topic topic = topic(publish);
            topic.convictions++;
            topic.dueAtNanos = now + (FIRST_DISTANCE_NANOS << Math.min(topic.convictions - 1, DOUBLINGS));
        }
    }

    private Topic topic(PublishRequest publish) {
        if (topics.size() == MOST_TOPICS) {
            topics.remove(topics.keySet().iterator().next());
            cleared = true;
        }
        return topics.computeIfAbsent(publish.message().topicName(), name -> new Topic());
    }

    /** The broker has answered a request: it is not the topic. */
    void answered(Object request) {
        if (!topics.isEmpty() && request instanceof PublishRequest publish) {
            cleared |= topics.remove(publish.message().topicName()) != null;
        }
    }

    /** Whether a topic has been forgotten since the last call. */
    boolean takeCleared() {
        boolean taken = cleared;
        cleared = false;
        return taken;
    }

    void clear() {
        topics.clear();
    }
}
