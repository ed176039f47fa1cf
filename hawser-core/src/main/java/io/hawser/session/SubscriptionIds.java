package io.hawser.session;

import io.hawser.mqtt.TopicFilter;
import java.util.List;

/**
 * The subscription identifiers that the client gives to subscriptions of programs that ask for none (MQTT 5.0). A broker may send a
 * message once for each subscription that it matches, and says with the identifier for which; so no two filters that match the
 * same topic may have the same one. Filters of the same shape (as many levels, wildcards at the same places) never do, unless they
 * are equal; hence the identifier is made of the shape: thousands of filters share a packet, and a later process that resumes the
 * session knows the identifiers of the earlier one.
 */
final class SubscriptionIds {
    /** Beyond what programs number by hand, and below the largest identifier. */
    private static final int FIRST = 0x800_0000;

    private static final int MASK = 0x3FF_FFFF;

    private SubscriptionIds() {}

    /** The identifier for a filter's shape. */
    static int of(TopicFilter filter) {
        String pattern = filter.pattern();
        int hash = 0;
        if (filter.isShared()) {
            String whole = filter.toString();
            hash = whole.substring(0, whole.length() - pattern.length()).hashCode();
        }
        boolean wildcards = false;
        int shape = 1;
        for (int from = 0; from <= pattern.length(); ) {
            int end = pattern.indexOf('/', from);
            end = end < 0 ? pattern.length() : end;
            char only = end - from == 1 ? pattern.charAt(from) : 0;
            boolean wildcard = only == '+' || only == '#';
            wildcards |= wildcard;
            shape = 31 * shape + (wildcard ? only : 7);
            from = end + 1;
        }
        // Filters without wildcards match one topic each.
        return FIRST + (mixed(31 * hash + (wildcards ? shape : 0)) & MASK);
    }

    /**
     * The identifier for filters that are to share a packet: that of their shape if they have one in common, else one of their own,
     * whatever their order.
     */
    static int of(List<TopicFilter> filters) {
        int first = of(filters.get(0));
        int all = 0;
        boolean alike = true;
        for (TopicFilter filter : filters) {
            alike &= of(filter) == first;
            all += mixed(filter.toString().hashCode());
        }
        return alike ? first : FIRST + (mixed(all) & MASK);
    }

    private static int mixed(int hash) {
        int spread = hash * 0x9E37_79B9;
        return spread ^ spread >>> 15;
    }

    /** Whether the identifier is of the range from which {@link #of} takes them. */
    static boolean isOwn(int identifier) {
        return identifier >= FIRST && identifier <= FIRST + MASK;
    }
}
