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
    /** Both are empty until a message has come. */
    private @Nullable TopicName[] names = {};

    private Object[][] found = {};

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
        String[] levels = levels(filter.pattern());
        List<Node> path = new ArrayList<>();
        Node node = root;
        for (int depth = 0; node != null && depth < levels.length; depth++) {
            path.add(node);
            node = node.children.get(levels[depth]);
        }
        if (node != null) {
            node.values.remove(filter);
            for (int depth = levels.length - 1; depth >= 0 && node.isEmpty(); depth--) {
                node = path.get(depth);
                node.children.remove(levels[depth]);
            }
        }
        forget();
    }

    /** What belongs to a filter, or null. */
    @Nullable
    Object get(TopicFilter filter) {
        Node node = root;
        for (String level : levels(filter.pattern())) {
            node = node.children.get(level);
            if (node == null) {
                return null;
            }
        }
        return node.values.get(filter);
    }

    /** What belongs to the filters that match; the caller must not change the array. */
    @SuppressWarnings("ReferenceEquality") // the memory is by identity, which is faster and never wrong
    Object[] match(TopicName name) {
        if (names.length == 0) {
            names = new TopicName[REMEMBERED];
            found = new Object[REMEMBERED][];
        }
        int slot = System.identityHashCode(name) & (REMEMBERED - 1);
        Object[] remembered = found[slot];
        if (names[slot] == name && remembered != null) {
            return remembered;
        }
        Object[] result = collect(name.toString());
        names[slot] = name;
        found[slot] = result;
        return result;
    }

    /** Level by level and not by recursion: a name may have 65,536 levels. */
    private Object[] collect(String name) {
        List<Object> matches = new ArrayList<>(2);
        String[] levels = levels(name);
        List<Node> nodes = List.of(root);
        for (int depth = 0; !nodes.isEmpty(); depth++) {
            boolean wildcardsMatch = depth > 0 || name.charAt(0) != '$';
            List<Node> children = new ArrayList<>(2);
            for (Node node : nodes) {
                Node rest = wildcardsMatch ? node.children.get("#") : null;
                if (rest != null) {
                    matches.addAll(rest.values.values());
                }
                if (depth == levels.length) {
                    matches.addAll(node.values.values());
                } else {
                    addIfPresent(children, node.children.get(levels[depth]));
                    addIfPresent(children, wildcardsMatch ? node.children.get("+") : null);
                }
            }
            nodes = children;
        }
        return matches.isEmpty() ? NOTHING : matches.toArray();
    }

    private static void addIfPresent(List<Node> nodes, @Nullable Node node) {
        if (node != null) {
            nodes.add(node);
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
