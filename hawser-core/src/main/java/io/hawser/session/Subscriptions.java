package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.store.SessionLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions that are wanted of the broker, and their handlers: which of them a message is for, and which identifiers of it
 * are the program's. {@link SubscriptionFlow} says it to the broker.
 */
final class Subscriptions {
    /** Ended subscriptions of which messages may still come; more than a program ends between two connections. */
    private static final int RETIRED = 1000;

    private static final Object[] NONE = {};

    private final SessionLog log;
    private final Object[] defaultHandler;
    /** The newest request for each filter. */
    private Map<TopicFilter, SubscriptionRequest> wanted = Collections.emptyMap();

    /** Whether a call of several filters has been made, so that handlers may match twice. */
    private boolean hasCalls;

    /** Null until there is a handler: who only publishes needs none. */
    private @Nullable TopicTree handlers;

    /** Filters of subscriptions that the program has ended. */
    private Set<TopicFilter> retired = Collections.emptySet();
    /** Filters that the store restored, and that nobody has declared or asked for since. */
    private Set<TopicFilter> unclaimed = Collections.emptySet();
    /** Reply topics of an earlier process that are to be unsubscribed from with the next connection. */
    private Set<TopicFilter> staleReplies = Collections.emptySet();
    /** Identifiers that the program gave to subscriptions, of those that the client itself could have given. */
    private Set<Integer> givenLarge = Collections.emptySet();

    private Capabilities capabilities;

    /**
     * None yet.
     *
     * @param defaultHandler gets the messages that match no subscription, or null to hold them
     */
    Subscriptions(SessionLog log, @Nullable Object defaultHandler, Capabilities capabilities) {
        this.log = log;
        this.defaultHandler = defaultHandler == null ? NONE : new Object[] {defaultHandler};
        this.capabilities = capabilities;
    }

    /** A subscription that the session had when it was stored. */
    void restore(Subscription subscription) {
        TopicFilter filter = subscription.filter();
        if (ReplyTopics.includes(filter.toString())) {
            staleReplies = staleReplies.isEmpty() ? new LinkedHashSet<>() : staleReplies;
            staleReplies.add(filter);
            retire(filter);
            return;
        }
        want(new SubscriptionRequest(subscription, null));
        unclaimed = unclaimed.isEmpty() ? new LinkedHashSet<>() : unclaimed;
        unclaimed.add(filter);
    }

    /** The restored filter that brought a message nobody wants, or null if none is known. */
    @Nullable
    TopicFilter unclaimed(TopicName topic) {
        for (TopicFilter filter : unclaimed) {
            if (filter.matches(topic)) {
                return filter;
            }
        }
        return null;
    }

    /** Whether the store restored filters that nobody has declared, and no default handler takes the messages of them. */
    boolean hasUnclaimed() {
        return !unclaimed.isEmpty() && defaultHandler.length == 0;
    }

    /** Takes the restored filters that nobody has declared. */
    List<TopicFilter> takeUnclaimed() {
        List<TopicFilter> taken = List.copyOf(unclaimed);
        unclaimed.clear();
        return taken;
    }

    /** Somebody has asked for a filter, one way or the other. */
    void claim(TopicFilter filter) {
        unclaimed.remove(filter);
    }

    /**
     * The broker has accepted a connection.
     *
     * @return filters of reply topics of an earlier process, which are to be unsubscribed from
     */
    List<TopicFilter> connected(Capabilities granted) {
        capabilities = granted;
        List<TopicFilter> stale = new ArrayList<>(0);
        String base = granted.negotiated().responseInformation();
        if (base != null && !unclaimed.isEmpty()) {
            // Reply topics that the broker's response information makes cannot be known before.
            TopicFilter replies = TopicFilter.of(ReplyTopics.within(base));
            if (unclaimed.remove(replies)) {
                wanted.remove(replies);
                retire(replies);
                stale.add(replies);
            }
        }
        stale.addAll(staleReplies);
        staleReplies = Collections.emptySet();
        return stale;
    }

    /** The newest request for each filter, in the order in which the filters were first asked for. */
    List<SubscriptionRequest> wanted() {
        return List.copyOf(wanted.values());
    }

    private void want(SubscriptionRequest request) {
        Subscription subscription = Objects.requireNonNull(request.subscription());
        if (wanted.isEmpty()) {
            wanted = new LinkedHashMap<>();
        }
        hasCalls |= request.call() != null;
        wanted.put(request.filter(), request);
        if (SubscriptionIds.isOwn(subscription.identifier())) {
            givenLarge = givenLarge.isEmpty() ? new LinkedHashSet<>() : givenLarge;
            givenLarge.add(subscription.identifier());
        }
    }

    /** The handler is there before the first message can come. */
    void bind(SubscriptionRequest request) {
        if (request.subscribes()) {
            want(request.again());
            retired.remove(request.filter());
            unclaimed.remove(request.filter());
            staleReplies.remove(request.filter());
            if (request.handler() != null) {
                handlers = handlers == null ? new TopicTree() : handlers;
                handlers.put(request.filter(), request.handler());
            }
        }
    }

    Object[] handlersOf(Message message) {
        TopicTree tree = handlers;
        Object[] found = tree == null ? NONE : tree.match(message.topicName());
        if (tree == null || found.length == 0) {
            return defaultHandler;
        }
        return found.length == 1 || message.subscriptionIdentifiers().isEmpty() && !hasCalls
                ? found
                : narrowed(found, message, tree);
    }

    /**
     * Of several that match, those that the broker means: it may send a message once for each subscription, and says with an
     * identifier for which. All of them if it names none that is known, as in a session that another client has made. The handler of
     * a call of several filters counts once.
     */
    private Object[] narrowed(Object[] found, Message message, TopicTree tree) {
        Object[] filters = tree.filters(message.topicName());
        boolean isNamed = isNamed(filters, message);
        List<Object> meant = new ArrayList<>(found.length);
        List<SubscriptionCall> calls = new ArrayList<>(0);
        for (int i = 0; i < filters.length; i++) {
            SubscriptionRequest request = wanted.get((TopicFilter) filters[i]);
            SubscriptionCall call = request == null ? null : request.call();
            if (call != null && calls.contains(call)
                    || isNamed
                            && request != null
                            && !message.subscriptionIdentifiers().contains(capabilities.identifierOf(request))) {
                continue;
            }
            meant.add(found[i]);
            if (call != null) {
                calls.add(call);
            }
        }
        return meant.toArray();
    }

    /** Whether the identifiers of a message tell which of these subscriptions it is for: all have one, and one is named. */
    private boolean isNamed(Object[] filters, Message message) {
        boolean named = false;
        for (Object filter : filters) {
            SubscriptionRequest request = wanted.get((TopicFilter) filter);
            int identifier = request == null ? 0 : capabilities.identifierOf(request);
            if (identifier == 0) {
                return false;
            }
            named |= message.subscriptionIdentifiers().contains(identifier);
        }
        return named;
    }

    /** The message as the program sees it: with the identifiers that it gave itself. */
    Message withoutOwnIdentifiers(Message message) {
        List<Integer> identifiers = message.subscriptionIdentifiers();
        if (identifiers.isEmpty()) {
            return message;
        }
        int own = 0;
        for (int i = 0; i < identifiers.size(); i++) {
            own += isOwn(identifiers.get(i)) ? 1 : 0;
        }
        if (own == 0) {
            return message;
        }
        if (own == identifiers.size()) {
            return message.hasAttributes() ? message.subscriptionIdentifiers(List.of()) : message.withoutAttributes();
        }
        return message.subscriptionIdentifiers(
                identifiers.stream().filter(each -> !isOwn(each)).toList());
    }

    /** Whether the client itself gave an identifier, and not a program that has chosen one from the same range. */
    private boolean isOwn(Integer identifier) {
        return SubscriptionIds.isOwn(identifier) && (givenLarge.isEmpty() || !givenLarge.contains(identifier));
    }

    /**
     * Whether a message that no handler wants comes from a subscription that the program has ended, or is a reply to what an
     * earlier process asked.
     */
    boolean retired(TopicName topic) {
        return ReplyTopics.includes(topic)
                || !retired.isEmpty() && retired.stream().anyMatch(filter -> filter.matches(topic));
    }

    /** The broker has granted a subscription. */
    void granted(Subscription subscription) {
        log.subscribed(subscription);
    }

    /** The broker has ended a subscription: what it has sent already may still come. */
    void ended(TopicFilter filter) {
        forget(filter);
        retire(filter);
    }

    /** A filter is not subscribed to, and nobody wants it any more. */
    void forget(TopicFilter filter) {
        wanted.remove(filter);
        if (handlers != null) {
            handlers.remove(filter);
        }
        log.unsubscribed(filter);
    }

    private void retire(TopicFilter filter) {
        if (retired.isEmpty()) {
            retired = new LinkedHashSet<>();
        }
        retired.add(filter);
        if (retired.size() > RETIRED) {
            retired.remove(retired.iterator().next());
        }
    }
}
