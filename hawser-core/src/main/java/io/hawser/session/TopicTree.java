package io.hawser.session;

import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Topic filters and what belongs to each, found by topic name: one node a level. What was found for a name is remembered as
 * long as the tree does not change, because decoders hand out the same {@link TopicName} for the same bytes.
 */
final class TopicTree {
    private static final int REMEMBERED = 512;
    private static final Object[] NOTHING = {};

    private final Node root = new Node();
    private final @Nullable TopicName[] names = new TopicName[REMEMBERED];
    private final Object[][] found = new Object[REMEMBERED][];

    private static final class Node {
        final Map<String, Node> children = new HashMap<>();
        /** By filter, since {@code a} and {@code $share/g/a} have the same pattern. */
        final Map<TopicFilter, Object> values = new HashMap<>(2);

        boolean isEmpty() {
            return children.isEmpty() && values.isEmpty();
        }
    }

    void put(TopicFilter filter, Object value) {
        Node node = root;
        for (String level : levels(filter.pattern())) {
            node = node.children.computeIfAbsent(level, l -> new Node());
        }
        node.values.put(filter, value);
        forget();
    }

    void remove(TopicFilter filter) {
        remove(root, levels(filter.pattern()), 0, filter);
        forget();
    }

    private static void remove(Node node, String[] levels, int depth, TopicFilter filter) {
        if (depth == levels.length) {
            node.values.remove(filter);
            return;
        }
        Node child = node.children.get(levels[depth]);
        if (child != null) {
            remove(child, levels, depth + 1, filter);
            if (child.isEmpty()) {
                node.children.remove(levels[depth]);
            }
        }
    }

    /** What belongs to the filters that match; the caller must not change the array. */
    @SuppressWarnings("ReferenceEquality") // the memory is by identity, which is faster and never wrong
    Object[] match(TopicName name) {
        int slot = System.identityHashCode(name) & (REMEMBERED - 1);
        Object[] remembered = found[slot];
        if (names[slot] == name && remembered != null) {
            return remembered;
        }
        List<Object> matches = new ArrayList<>(2);
        String text = name.toString();
        collect(root, levels(text), 0, text.charAt(0) == '$', matches);
        Object[] result = matches.isEmpty() ? NOTHING : matches.toArray();
        names[slot] = name;
        found[slot] = result;
        return result;
    }

    /** Depth is bounded by the levels of a name, at most 65,536, but by those of the filters too: the tree ends first. */
    private static void collect(Node node, String[] levels, int depth, boolean dollar, List<Object> matches) {
        boolean wildcardsMatch = depth > 0 || !dollar;
        Node rest = node.children.get("#");
        if (rest != null && wildcardsMatch) {
            matches.addAll(rest.values.values());
        }
        if (depth == levels.length) {
            matches.addAll(node.values.values());
            return;
        }
        Node same = node.children.get(levels[depth]);
        if (same != null) {
            collect(same, levels, depth + 1, dollar, matches);
        }
        Node any = node.children.get("+");
        if (any != null && wildcardsMatch) {
            collect(any, levels, depth + 1, dollar, matches);
        }
    }

    private static String[] levels(String text) {
        return text.split("/", -1);
    }

    private void forget() {
        Arrays.fill(names, null);
        Arrays.fill(found, null);
    }
}
