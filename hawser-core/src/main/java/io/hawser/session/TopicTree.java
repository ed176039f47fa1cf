package io.hawser.session;

import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Topic filters and what belongs to each, found by topic name: one node a level. What was found for a name is remembered as
 * long as the tree does not change: nothing at first, then room for twice as many names each time there are too many, up to
 * {@link #MOST_REMEMBERED}; then it begins again.
 */
final class TopicTree {
    /** Some megabytes at most, and well above the topics that one client listens to. */
    private static final int MOST_REMEMBERED = 8192;

    private static final int FIRST_REMEMBERED = 8;
    /** Longer names are looked up each time, so that they cannot fill the memory. */
    private static final int LONGEST_REMEMBERED = 256;

    private static final @Nullable TopicName[] NO_NAMES = new TopicName[1];
    private static final Object[][] NOTHING_FOUND = {};
    private static final Object[] NOTHING = {};

    private final Node root = new Node();

    // Open addressing, never more than half full.
    private @Nullable TopicName[] names = NO_NAMES;
    private Object[][] found = NOTHING_FOUND;
    private int remembered;
    private @Nullable TopicName lastName;
    private Object[] lastFound = NOTHING;

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
    @SuppressWarnings("ReferenceEquality") // decoders hand out the same name for the same bytes
    Object[] match(TopicName name) {
        if (name == lastName) {
            return lastFound;
        }
        int slot = slot(name);
        Object[] result;
        if (names[slot] != null) {
            result = found[slot];
        } else {
            result = collect(name.toString(), false);
            if (name.sizeInBytes() <= LONGEST_REMEMBERED) {
                remember(name, result);
            }
        }
        lastName = name;
        lastFound = result;
        return result;
    }

    /** The filters that match, in the order of {@link #match}. */
    Object[] filters(TopicName name) {
        return collect(name.toString(), true);
    }

    /** Where a name stands, or would stand. */
    @SuppressWarnings("ReferenceEquality")
    private int slot(TopicName name) {
        int mask = names.length - 1;
        int hash = name.hashCode();
        int slot = (hash ^ hash >>> 15) & mask;
        for (TopicName known = names[slot]; known != null && known != name && !known.equals(name); ) {
            slot = slot + 1 & mask;
            known = names[slot];
        }
        return slot;
    }

    private void remember(TopicName name, Object[] result) {
        if (remembered == names.length / 2) {
            int room = Math.min(Math.max(FIRST_REMEMBERED, names.length), MOST_REMEMBERED);
            @Nullable TopicName[] oldNames = names;
            Object[][] oldFound = found;
            names = new TopicName[2 * room];
            found = new Object[2 * room][];
            remembered = 0;
            if (oldNames.length < names.length) {
                for (int i = 0; i < oldNames.length; i++) {
                    TopicName old = oldNames[i];
                    if (old != null) {
                        enter(old, oldFound[i]);
                    }
                }
            }
        }
        enter(name, result);
    }

    private void enter(TopicName name, Object[] result) {
        int slot = slot(name);
        names[slot] = name;
        found[slot] = result;
        remembered++;
    }

    /** Level by level and not by recursion: a name may have 65,536 levels. */
    private Object[] collect(String name, boolean filters) {
        List<Object> matches = new ArrayList<>(2);
        List<Node> nodes = List.of(root);
        boolean wildcardsMatch = name.charAt(0) != '$';
        for (int from = 0; !nodes.isEmpty(); wildcardsMatch = true) {
            boolean end = from > name.length();
            String level = end ? "" : level(name, from);
            List<Node> children = new ArrayList<>(2);
            for (Node node : nodes) {
                Node rest = wildcardsMatch ? node.children.get("#") : null;
                if (rest != null) {
                    matches.addAll(filters ? rest.values.keySet() : rest.values.values());
                }
                if (end) {
                    matches.addAll(filters ? node.values.keySet() : node.values.values());
                } else {
                    addIfPresent(children, node.children.get(level));
                    addIfPresent(children, wildcardsMatch ? node.children.get("+") : null);
                }
            }
            nodes = children;
            from += level.length() + 1;
        }
        return matches.isEmpty() ? NOTHING : matches.toArray();
    }

    private static String level(String name, int from) {
        int end = name.indexOf('/', from);
        return name.substring(from, end < 0 ? name.length() : end);
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
        names = NO_NAMES;
        found = NOTHING_FOUND;
        remembered = 0;
        lastName = null;
        lastFound = NOTHING;
    }
}
