package io.hawser.mqtt;

import io.hawser.text.Utf8;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A topic filter: a topic name, or a pattern with {@code +} for one level and {@code #} for all levels that follow; 1
 * to 65,535 bytes of UTF-8 [MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-1].
 *
 * <p>{@code $share/group/filter} is a shared subscription: its messages have topics that match the part after the
 * group. Immutable; two filters are equal if their texts are equal [MQTT-3.10.4-1].
 */
public final class TopicFilter {
    private static final String SHARE = "$share/";

    private final String filter;
    private final int matchFrom;

    private TopicFilter(String filter, int matchFrom) {
        this.filter = filter;
        this.matchFrom = matchFrom;
    }

    /**
     * The topic filter with this text.
     *
     * @throws IllegalArgumentException if the text is empty, misplaces a wildcard, has a control character, a non-character such as
     *     U+FFFF or an unpaired surrogate, has more than 65,535 bytes in UTF-8, or is a shared subscription without a group or a filter
     */
    public static TopicFilter of(String filter) {
        Utf8.requireSendable("topic filter", Objects.requireNonNull(filter, "filter"));
        int matchFrom = matchFrom(filter);
        if (matchFrom == filter.length()) {
            throw bad(filter, "has no character to match, must have at least one [MQTT-4.7.3-1]");
        }
        for (int i = matchFrom; i < filter.length(); i++) {
            char c = filter.charAt(i);
            boolean startsLevel = i == matchFrom || filter.charAt(i - 1) == '/';
            if (c == '#' && (!startsLevel || i + 1 != filter.length())) {
                throw bad(filter, "has '#' at index " + i + "; it must be the whole last level [MQTT-4.7.1-2]");
            }
            if (c == '+' && (!startsLevel || i + 1 != filter.length() && filter.charAt(i + 1) != '/')) {
                throw bad(filter, "has '+' at index " + i + "; it must be a whole level [MQTT-4.7.1-3]");
            }
        }
        return new TopicFilter(filter, matchFrom);
    }

    private static int matchFrom(String filter) {
        if (!filter.startsWith(SHARE)) {
            return 0;
        }
        int slash = filter.indexOf('/', SHARE.length());
        String group = slash < 0 ? "" : filter.substring(SHARE.length(), slash);
        if (group.isEmpty() || group.indexOf('+') >= 0 || group.indexOf('#') >= 0) {
            throw bad(
                    filter,
                    "is a shared subscription, must read $share/group/filter with a group without wildcards"
                            + " [MQTT-4.8.2-1] [MQTT-4.8.2-2]");
        }
        return slash + 1;
    }

    private static IllegalArgumentException bad(String filter, String why) {
        return new IllegalArgumentException("topic filter '" + Utf8.printable(filter) + "' " + why);
    }

    /** Whether this is a shared subscription: {@code $share/group/filter}. */
    public boolean isShared() {
        return matchFrom > 0;
    }

    /** The part that is matched against topic names: the whole filter, or the part after {@code $share/group/}. */
    public String pattern() {
        return filter.substring(matchFrom);
    }

    /**
     * Whether this filter matches {@code topic}. A filter that begins with a wildcard does not match topics that begin
     * with {@code $} [MQTT-4.7.2-1]; {@code a/#} matches {@code a} too.
     */
    public boolean matches(TopicName topic) {
        String name = topic.toString();
        int f = matchFrom;
        int n = 0;
        char first = filter.charAt(f);
        if (name.charAt(0) == '$' && (first == '+' || first == '#')) {
            return false;
        }
        while (true) {
            int levelEnd = levelEnd(filter, f);
            int nameEnd = levelEnd(name, n);
            char lead = f < filter.length() ? filter.charAt(f) : '/';
            if (lead == '#') {
                return true;
            }
            boolean same = levelEnd - f == nameEnd - n && filter.regionMatches(f, name, n, nameEnd - n);
            if (lead != '+' && !same) {
                return false;
            }
            boolean filterDone = levelEnd == filter.length();
            boolean nameDone = nameEnd == name.length();
            if (filterDone || nameDone) {
                return filterDone && nameDone || nameDone && filter.startsWith("/#", levelEnd);
            }
            f = levelEnd + 1;
            n = nameEnd + 1;
        }
    }

    private static int levelEnd(String text, int from) {
        int slash = text.indexOf('/', from);
        return slash < 0 ? text.length() : slash;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof TopicFilter that && filter.equals(that.filter);
    }

    @Override
    public int hashCode() {
        return filter.hashCode();
    }

    /** The filter itself, as it is sent in SUBSCRIBE. */
    @Override
    public String toString() {
        return filter;
    }
}
