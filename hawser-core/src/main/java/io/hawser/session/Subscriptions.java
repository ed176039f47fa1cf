package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.RequestRejectedException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.session.Timers.Timer;
import io.hawser.store.SessionLog;
import io.hawser.text.Utf8;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the client is subscribed to, the handlers of it, and the SUBSCRIBE and UNSUBSCRIBE packets that the broker has not
 * answered. A request leaves the list of what waits only by its answer: when the connection goes, it goes back there, so a
 * SUBSCRIBE without SUBACK is always sent again.
 */
final class Subscriptions {
    /** Filters in one packet, in bytes: few enough for brokers with small packet limits. */
    private static final int BATCH_LENGTH = 8192;
    /** Ended subscriptions of which messages may still come; more than a program ends between two connections. */
    private static final int RETIRED = 1000;

    private static final Object[] NONE = {};
    private static final Deque<SubscriptionRequest> NOTHING = new ArrayDeque<>(0);

    private final SessionLog log;
    private final Effects effects;
    private final PacketIds<Object> ids;
    private final Suspects suspects;
    private final @Nullable Retransmitter retransmitter;
    private final @Nullable Object[] defaultHandler;
    /** What is wanted of the broker, the newest request for each filter. */
    private Map<TopicFilter, Subscription> wanted = Collections.emptyMap();

    /** Null until there is a handler: who only publishes needs none. */
    private @Nullable TopicTree handlers;

    /** The shared empty one, which is never added to, until there is something. */
    private Deque<SubscriptionRequest> waiting = NOTHING;

    private Set<Batch> sent = Collections.emptySet();
    private Set<TopicFilter> retired = Collections.emptySet();
    /** Filters that the store restored, and that nobody has declared or asked for since. */
    private Set<TopicFilter> unclaimed = Collections.emptySet();
    /** Reply topics of an earlier process that are to be unsubscribed from with the next connection. */
    private Set<TopicFilter> staleReplies = Collections.emptySet();

    private final HoldPolicy unhandled;
    private final Timers timers;
    /** Identifiers that the program gave to subscriptions, of those that the client itself could have given. */
    private Set<Integer> givenLarge = Collections.emptySet();

    private long readyAt;
    private long unsettledSince = Timers.NEVER;
    /** Filters in one packet at most; less since a broker has ended connections on more. */
    private int batch;

    private boolean connected;
    private Capabilities capabilities;

    /** One packet that waits for its answer. */
    private static final class Batch {
        final int packetId;
        final List<SubscriptionRequest> requests;
        long sentBehind;
        int times = 1;
        long retransmitAtNanos;

        Batch(int packetId, List<SubscriptionRequest> requests) {
            this.packetId = packetId;
            this.requests = requests;
        }
    }

    Subscriptions(
            SessionLog log,
            Effects effects,
            PacketIds<Object> ids,
            Capabilities capabilities,
            @Nullable Retransmitter retransmitter,
            @Nullable Object defaultHandler,
            HoldPolicy unhandled,
            Timers timers,
            Suspects suspects,
            int batch) {
        this.unhandled = unhandled;
        this.timers = timers;
        this.suspects = suspects;
        this.batch = batch;
        this.capabilities = capabilities;
        this.log = log;
        this.effects = effects;
        this.ids = ids;
        this.retransmitter = retransmitter;
        this.defaultHandler = defaultHandler == null ? NONE : new Object[] {defaultHandler};
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
        want(subscription);
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

    void ready(long now) {
        readyAt = now;
        if (!unclaimed.isEmpty() && mayDropUnclaimed()) {
            timers.set(Timer.HELD, now + unhandled.graceNanos());
        }
    }

    /** A default handler takes what comes by them, and who holds for ever may subscribe at any time. */
    private boolean mayDropUnclaimed() {
        return defaultHandler.length == 0 && !unhandled.isForever();
    }

    /** Unsubscribes from what an earlier program was subscribed to and this one has not asked for in time. */
    void dropUnclaimed(long now, boolean ready) {
        if (!ready || unclaimed.isEmpty() || !mayDropUnclaimed()) {
            return;
        }
        if (now < readyAt + unhandled.graceNanos()) {
            timers.set(Timer.HELD, Math.min(timers.deadline(Timer.HELD), readyAt + unhandled.graceNanos()));
            return;
        }
        for (TopicFilter filter : unclaimed) {
            effects.event(new ConnectionEvent.SubscriptionUnclaimed(filter));
            waiting().add(new SubscriptionRequest(filter));
        }
        unclaimed.clear();
        pump(now);
    }

    private void want(Subscription subscription) {
        if (wanted.isEmpty()) {
            wanted = new LinkedHashMap<>();
        }
        wanted.put(subscription.filter(), subscription);
        if (SubscriptionIds.isOwn(subscription.identifier())) {
            givenLarge = givenLarge.isEmpty() ? new LinkedHashSet<>() : givenLarge;
            givenLarge.add(subscription.identifier());
        }
    }

    private Deque<SubscriptionRequest> waiting() {
        if (waiting == NOTHING) {
            waiting = new ArrayDeque<>();
        }
        return waiting;
    }

    /** A subscription that is wanted from the start. */
    void declare(SubscriptionRequest request) {
        bind(request);
        waiting().add(request);
    }

    void request(SubscriptionRequest request, long now) {
        request.askedAtNanos = now;
        if (settled()) {
            unsettledSince = now;
        }
        supersede(request);
        if (request.subscribes()) {
            bind(request);
        }
        unclaimed.remove(request.filter());
        waiting().add(request);
        pump(now);
    }

    /** The handler is there before the first message can come. */
    private void bind(SubscriptionRequest request) {
        Subscription subscription = request.subscription();
        if (subscription != null) {
            want(subscription);
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
        return found.length == 1 || message.subscriptionIdentifiers().isEmpty()
                ? found
                : narrowed(found, message, tree);
    }

    /**
     * Of several that match, those that the broker means: it may send a message once for each subscription, and says with an
     * identifier for which. All of them if it names none that is known, as in a session that another client has made.
     */
    private Object[] narrowed(Object[] found, Message message, TopicTree tree) {
        List<Object> meant = new ArrayList<>(found.length);
        Object[] filters = tree.filters(message.topicName());
        for (int i = 0; i < filters.length; i++) {
            Subscription subscription = wanted.get((TopicFilter) filters[i]);
            int identifier = subscription == null ? 0 : capabilities.identifierOf(subscription);
            if (identifier == 0) {
                return found;
            }
            if (message.subscriptionIdentifiers().contains(identifier)) {
                meant.add(found[i]);
            }
        }
        return meant.isEmpty() ? found : meant.toArray();
    }

    /** The message as the program sees it: with the identifiers that it gave itself. */
    Message withoutOwnIdentifiers(Message message) {
        List<Integer> identifiers = message.subscriptionIdentifiers();
        if (identifiers.isEmpty()) {
            return message;
        }
        List<Integer> given = identifiers.stream()
                .filter(each -> !SubscriptionIds.isOwn(each) || isGiven(each))
                .toList();
        if (given.isEmpty() && !message.hasAttributes()) {
            return message.withoutAttributes();
        }
        return given.size() == identifiers.size() ? message : message.subscriptionIdentifiers(given);
    }

    /** Whether a program has chosen an identifier from the range of the client's own. */
    private boolean isGiven(int identifier) {
        return !givenLarge.isEmpty() && givenLarge.contains(identifier);
    }

    /**
     * Whether a message that no handler wants comes from a subscription that the program has ended, or is a reply to what an
     * earlier process asked.
     */
    boolean retired(TopicName topic) {
        return ReplyTopics.includes(topic)
                || !retired.isEmpty() && retired.stream().anyMatch(filter -> filter.matches(topic));
    }

    /** @param sessionKnown whether the broker said that it still has the session, and so its subscriptions */
    void connected(Capabilities capabilities, boolean sessionKnown, long now) {
        connected = true;
        this.capabilities = capabilities;
        endStaleReplies();
        if (!sessionKnown && !wanted.isEmpty()) {
            Set<TopicFilter> asked =
                    waiting.stream().map(SubscriptionRequest::filter).collect(Collectors.toSet());
            asideRequests().forEach(request -> asked.add(request.filter()));
            List<Subscription> all = List.copyOf(wanted.values());
            for (int i = all.size() - 1; i >= 0; i--) {
                if (!asked.contains(all.get(i).filter())) {
                    waiting().addFirst(new SubscriptionRequest(all.get(i), null));
                }
            }
        }
        groupWaiting();
        pump(now);
    }

    /** Brings together what may share a packet, as long as that changes nothing between requests for the same filter. */
    private void groupWaiting() {
        if (waiting.size() > 1
                && capabilities.version() == ProtocolVersion.MQTT_5
                && waiting.stream().allMatch(SubscriptionRequest::subscribes)
                && waiting.stream().map(SubscriptionRequest::filter).distinct().count() == waiting.size()) {
            List<SubscriptionRequest> grouped = new ArrayList<>(waiting);
            grouped.sort(Comparator.comparingInt(
                    request -> capabilities.identifierOf(Objects.requireNonNull(request.subscription()))));
            waiting.clear();
            waiting.addAll(grouped);
        }
    }

    private void endStaleReplies() {
        String base = capabilities.negotiated().responseInformation();
        if (base != null && !unclaimed.isEmpty()) {
            // Reply topics that the broker's response information makes cannot be known before.
            String name = ReplyTopics.within(base);
            unclaimed.stream()
                    .filter(filter -> filter.toString().equals(name))
                    .toList()
                    .forEach(this::endStaleReply);
        }
        staleReplies.forEach(filter -> waiting().add(new SubscriptionRequest(filter)));
        staleReplies = Collections.emptySet();
    }

    private void endStaleReply(TopicFilter filter) {
        unclaimed.remove(filter);
        wanted.remove(filter);
        retire(filter);
        waiting().add(new SubscriptionRequest(filter));
    }

    void disconnected() {
        connected = false;
        List<Batch> batches = new ArrayList<>(sent);
        for (int i = batches.size() - 1; i >= 0; i--) {
            takeBack(batches.get(i));
        }
        if (!suspects.aside().isEmpty()) {
            // The trial of a suspect is over with its connection.
            waiting.removeIf(suspects::isAside);
        }
    }

    /** The request that has been waiting longest for its answer, or null; those that were declared count from the first connection. */
    @Nullable
    SubscriptionRequest oldest() {
        SubscriptionRequest oldest = Stream.of(
                        sent.stream().flatMap(batch -> batch.requests.stream()),
                        waiting.stream(),
                        asideRequests().stream())
                .flatMap(requests -> requests)
                .min(Comparator.comparingLong(request -> request.askedAtNanos))
                .orElse(null);
        if (oldest != null) {
            unsettledSince = oldest.askedAtNanos;
        }
        return oldest;
    }

    /** Since when there has been something unanswered at any time, or {@link Timers#NEVER}; for any thread. */
    long unsettledSince() {
        return settled() ? Timers.NEVER : unsettledSince;
    }

    /** Whether the broker has answered everything. */
    boolean settled() {
        return waiting.isEmpty() && sent.isEmpty();
    }

    void pump(long now) {
        while (connected && !waiting.isEmpty() && !ids.exhausted() && suspects.allows()) {
            List<SubscriptionRequest> requests = nextBatch();
            if (!requests.isEmpty()) {
                send(requests, now);
            }
        }
    }

    private void send(List<SubscriptionRequest> requests, long now) {
        Batch packet = new Batch(ids.next(), requests);
        ids.put(packet.packetId, packet);
        if (sent.isEmpty()) {
            sent = new LinkedHashSet<>();
        }
        sent.add(packet);
        packet.sentBehind = suspects.sent();
        transmit(packet, false, now);
    }

    /** Takes the requests of a packet, and the sequence of the message that was sent before it. */
    @FunctionalInterface
    interface PacketTaker {
        void take(long before, List<Object> requests);
    }

    /** Hands over the requests of each packet that is on the wire. */
    void unanswered(PacketTaker taker) {
        sent.forEach(packet -> taker.take(packet.sentBehind, List.copyOf(packet.requests)));
    }

    /** From now on no packet has more filters. */
    void batchAtMost(int filters) {
        batch = Math.min(batch, filters);
    }

    private List<SubscriptionRequest> asideRequests() {
        List<SubscriptionRequest> found = new ArrayList<>(0);
        for (Suspect suspect : suspects.aside()) {
            if (suspect.request instanceof SubscriptionRequest request) {
                found.add(request);
            }
        }
        return found;
    }

    /** A request is set aside. A filter that the program has given up is not subscribed to again even so. */
    void setAside(SubscriptionRequest request) {
        waiting.remove(request);
        if (!request.subscribes() && !subscribedAfter(request)) {
            forget(request.filter());
            retire(request.filter());
        }
    }

    void sendAlone(SubscriptionRequest request, long now) {
        send(List.of(request), now);
    }

    /** Fails a request that is set aside. */
    void giveUp(SubscriptionRequest request, RequestRejectedException cause) {
        waiting.remove(request);
        suspects.gone(request);
        if (request.subscribes()) {
            refused(request, cause);
        } else {
            effects.fail(request, cause);
        }
    }

    /** What is set aside for the filter of a newer request ends: it must not be sent behind that. */
    private void supersede(SubscriptionRequest newer) {
        for (SubscriptionRequest older : asideRequests()) {
            if (!suspects.isTried(older) && older.filter().equals(newer.filter())) {
                suspects.gone(older);
                effects.fail(older, Refusals.superseded(older));
            }
        }
    }

    /** The next requests that fit into one packet; those that the connection cannot carry are refused on the way. */
    private List<SubscriptionRequest> nextBatch() {
        List<SubscriptionRequest> requests = new ArrayList<>();
        int length = 0;
        while (!waiting.isEmpty() && requests.size() < batch && length < BATCH_LENGTH) {
            SubscriptionRequest next = waiting.element();
            int bytes = Capabilities.bytesOf(next);
            if (!requests.isEmpty()
                    && (!fitTogether(requests.get(0), next) || !capabilities.fits(requests.get(0), length + bytes))) {
                break;
            }
            waiting.remove();
            RequestRejectedException objection = capabilities.objectionTo(next);
            if (objection == null) {
                requests.add(next);
                length += bytes;
            } else if (next.subscribes()) {
                refused(next, objection);
            } else {
                effects.fail(next, objection);
            }
        }
        return requests;
    }

    /** A packet is of one kind, and its subscription identifier is for all of it. */
    private boolean fitTogether(SubscriptionRequest one, SubscriptionRequest other) {
        Subscription first = one.subscription();
        Subscription second = other.subscription();
        return first == null || second == null
                ? first == null && second == null
                : capabilities.identifierOf(first) == capabilities.identifierOf(second);
    }

    private void transmit(Batch batch, boolean again, long now) {
        for (SubscriptionRequest request : batch.requests) {
            request.askedAtNanos = Math.min(request.askedAtNanos, now);
        }
        if (retransmitter != null) {
            batch.retransmitAtNanos = retransmitter.retryAt(batch.times++, now);
        }
        boolean duplicate = again && capabilities.version() == ProtocolVersion.MQTT_3_1;
        if (batch.requests.get(0).subscribes()) {
            List<Subscription> subscriptions = batch.requests.stream()
                    .map(SubscriptionRequest::subscription)
                    .filter(Objects::nonNull)
                    .map(capabilities::adapted)
                    .toList();
            effects.transmit().subscribe(new Subscribe(batch.packetId, subscriptions, Properties.NONE, duplicate));
        } else {
            List<TopicFilter> filters =
                    batch.requests.stream().map(SubscriptionRequest::filter).toList();
            effects.transmit().unsubscribe(new Unsubscribe(batch.packetId, filters, Properties.NONE, duplicate));
        }
    }

    /** Sends again what was not answered in time. */
    void retransmit(long now) {
        for (Batch batch : sent) {
            if (batch.retransmitAtNanos <= now) {
                transmit(batch, true, now);
            } else if (retransmitter != null) {
                retransmitter.nearest(batch.retransmitAtNanos);
            }
        }
    }

    void subAck(SubAck packet) {
        Batch batch = waitingFor("SUBACK", packet.packetId(), true);
        if (batch == null) {
            return;
        }
        if (packet.reasonCodes().size() != batch.requests.size()) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    "SUBACK has " + packet.reasonCodes().size() + " codes for " + batch.requests.size()
                            + " subscriptions [MQTT-3.8.4-5]");
        }
        takeBack(batch);
        answered(batch);
        for (ReasonCode code : packet.reasonCodes()) {
            if (code.isError()) {
                refused(waiting.element(), rejected("SUBSCRIBE to", waiting.element(), code, packet.properties()));
            } else {
                granted(waiting.element(), Qos.of(code.code()), packet.properties());
            }
            waiting.remove();
        }
    }

    private static RequestRejectedException rejected(
            String what, SubscriptionRequest request, ReasonCode code, Properties answer) {
        return new RequestRejectedException(
                what + " '" + Utf8.printable(request.filter().toString()) + "'",
                request.filter(),
                code,
                answer.reasonString(),
                answer.userProperties());
    }

    private void granted(SubscriptionRequest request, Qos qos, Properties answer) {
        Subscription subscription = Objects.requireNonNull(request.subscription());
        log.subscribed(subscription);
        effects.complete(request, qos, answer);
    }

    private void refused(SubscriptionRequest request, RequestRejectedException cause) {
        Subscription subscription = Objects.requireNonNull(request.subscription());
        if (!subscribedAfter(request)) {
            forget(request.filter());
        }
        effects.fail(request, cause);
        effects.event(new ConnectionEvent.SubscriptionRefused(subscription, cause));
    }

    void unsubAck(UnsubAck packet) {
        Batch batch = waitingFor("UNSUBACK", packet.packetId(), false);
        if (batch == null) {
            return;
        }
        int codes = packet.reasonCodes().size();
        if (codes != 0 && codes != batch.requests.size()) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    "UNSUBACK has " + codes + " codes for " + batch.requests.size() + " filters [MQTT-3.11.3-1]");
        }
        takeBack(batch);
        answered(batch);
        for (int i = 0; i < batch.requests.size(); i++) {
            SubscriptionRequest request = waiting.element();
            ReasonCode code =
                    codes == 0 ? ReasonCode.SUCCESS : packet.reasonCodes().get(i);
            if (code.isError()) {
                effects.fail(request, rejected("UNSUBSCRIBE from", request, code, packet.properties()));
            } else {
                if (!subscribedAfter(request)) {
                    forget(request.filter());
                    retire(request.filter());
                }
                effects.complete(request, null, packet.properties());
            }
            waiting.remove();
        }
    }

    /** Whether there is another request to subscribe to the same filter that is not answered. */
    private boolean subscribedAfter(SubscriptionRequest request) {
        return Stream.of(
                        sent.stream().flatMap(packet -> packet.requests.stream()),
                        waiting.stream(),
                        asideRequests().stream())
                .flatMap(requests -> requests)
                .anyMatch(other ->
                        other != request && other.subscribes() && other.filter().equals(request.filter()));
    }

    private void forget(TopicFilter filter) {
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

    /** A packet counts as unsent: its requests are the first that wait, and those that were answered leave from there. */
    private void takeBack(Batch batch) {
        ids.remove(batch.packetId);
        if (sent.remove(batch)) {
            suspects.left();
        }
        for (int i = batch.requests.size() - 1; i >= 0; i--) {
            waiting().addFirst(batch.requests.get(i));
        }
    }

    private void answered(Batch packet) {
        if (!suspects.isQuiet()) {
            packet.requests.forEach(suspects::answered);
        }
    }

    /** The packet that an answer is for; null for one that nobody waits for, as brokers send after a restart. */
    private @Nullable Batch waitingFor(String packet, int packetId, boolean subscribes) {
        Object user = ids.get(packetId);
        if (user instanceof Batch batch && batch.requests.get(0).subscribes() == subscribes) {
            return batch;
        }
        if (user != null) {
            throw new ProtocolException(
                    ReasonCode.PROTOCOL_ERROR,
                    packet + " for identifier " + packetId + ", which is in use for another kind of request");
        }
        effects.tolerated(packet + " for identifier " + packetId + ", which waits for none");
        return null;
    }

    /** The client ends: nobody waits any more. */
    void close(MqttException cause) {
        asideRequests().stream()
                .filter(request -> !waiting.contains(request))
                .forEach(request -> effects.fail(request, cause));
        for (SubscriptionRequest request : waiting) {
            effects.fail(request, cause);
        }
        waiting.clear();
    }
}
