package io.hawser.cli;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The topics that messages have come to, as a tree, with the last message and the rate of each. It knows no clock and no terminal.
 * Safe for use by many threads.
 */
final class TopicView {
    /** A bound on memory: about 100 MB, if payloads are not long. */
    static final int MOST_TOPICS = 100_000;
    /** In how many seconds a rate has forgotten two thirds of what was before. */
    private static final double MEMORY_SECONDS = 5;

    /**
     * A line of the tree.
     *
     * @param path the topic down to here
     * @param label the levels that this line adds to the one above it
     * @param last the last message to this very topic; null if there was none
     * @param topics how many topics are here and below
     * @param rate messages in a second, here and below
     * @param fresh whether a message came within the last second
     */
    record Row(
            String path,
            String label,
            int depth,
            @Nullable Message last,
            boolean folded,
            int topics,
            double rate,
            boolean fresh) {}

    /** A level of a topic. */
    private static final class Node {
        final Map<String, Node> below = new TreeMap<>();

        @Nullable
        Message last;

        double rate;
        long ratedAt;
    }

    /** The lines of a level and of those below it. */
    private static final class Sum {
        int topics;
        double rate;
        boolean fresh;
        final List<Row> rows = new ArrayList<>();
    }

    private final Node root = new Node();
    private final Set<String> folded = new HashSet<>();
    private int topics;
    private long messages;
    private long beyond;

    /** Takes a message that came at this time. */
    synchronized void received(Message message, long now) {
        messages++;
        Node node = root;
        for (String level : message.topic().split("/", -1)) {
            Node next = node.below.get(level);
            if (next == null) {
                if (topics >= MOST_TOPICS) {
                    beyond++;
                    return;
                }
                next = new Node();
                node.below.put(level, next);
            }
            node = next;
        }
        topics += node.last == null ? 1 : 0;
        node.last = message;
        node.rate = rate(node, now) + 1 / MEMORY_SECONDS;
        node.ratedAt = now;
    }

    private static double rate(Node node, long now) {
        return node.rate * Math.exp(-(now - node.ratedAt) / 1e9 / MEMORY_SECONDS);
    }

    synchronized int topics() {
        return topics;
    }

    synchronized long messages() {
        return messages;
    }

    /** How many messages came to topics that there was no room for. */
    synchronized long beyond() {
        return beyond;
    }

    /** Hides or shows what is below a topic. */
    synchronized void fold(String path, boolean hidden) {
        if (hidden) {
            folded.add(path);
        } else {
            folded.remove(path);
        }
    }

    /** The lines of the topics that pass the filter, and of what is above them. */
    synchronized List<Row> rows(String filter, long now) {
        Sum sum = new Sum();
        Predicate<String> wanted = predicate(filter);
        root.below.forEach((level, node) -> add(sum, node, level, level, 0, wanted, !filter.isEmpty(), now));
        return sum.rows;
    }

    /** Messages in a second, all topics together. */
    synchronized double rate(long now) {
        return rows("", now).stream()
                .filter(row -> row.depth == 0)
                .mapToDouble(Row::rate)
                .sum();
    }

    /** A text with wildcards is a topic filter, if it is a valid one; any other text is a part of the topic, in either case. */
    private static Predicate<String> predicate(String filter) {
        if (filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0) {
            try {
                TopicFilter topicFilter = TopicFilter.of(filter);
                return topic -> topicFilter.matches(TopicName.of(topic));
            } catch (IllegalArgumentException e) {
                // Half typed, or a part of a topic.
            }
        }
        String part = filter.toLowerCase(Locale.ROOT);
        return topic -> topic.toLowerCase(Locale.ROOT).contains(part);
    }

    /** Levels that have one level below them and no message are one line with it. */
    private void add(
            Sum sum,
            Node node,
            String path,
            String label,
            int depth,
            Predicate<String> wanted,
            boolean filtered,
            long now) {
        if (node.last == null && node.below.size() == 1) {
            Map.Entry<String, Node> only = node.below.entrySet().iterator().next();
            String level = "/" + only.getKey();
            add(sum, only.getValue(), path + level, label + level, depth, wanted, filtered, now);
            return;
        }
        Sum here = new Sum();
        boolean shown = node.last != null && wanted.test(path);
        if (shown) {
            here.topics = 1;
            here.rate = rate(node, now);
            here.fresh = now - node.ratedAt < 1_000_000_000L;
        }
        node.below.forEach(
                (level, below) -> add(here, below, path + "/" + level, level, depth + 1, wanted, filtered, now));
        if (here.topics == 0) {
            return;
        }
        boolean hides = folded.contains(path) && !filtered && !node.below.isEmpty();
        sum.rows.add(new Row(path, label, depth, shown ? node.last : null, hides, here.topics, here.rate, here.fresh));
        if (!hides) {
            sum.rows.addAll(here.rows);
        }
        sum.topics += here.topics;
        sum.rate += here.rate;
        sum.fresh |= here.fresh;
    }
}
