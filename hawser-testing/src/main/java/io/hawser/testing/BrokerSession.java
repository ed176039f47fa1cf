package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.Will;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the broker knows about one client identifier: subscriptions, and messages on their way in both directions. */
final class BrokerSession {
    /** A session expiry. */
    static final long FOREVER = 0xFFFF_FFFFL;

    private static final int MAXIMUM_PACKET_ID = 65_535;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** A message that was sent and not acknowledged; {@code released} once PUBREL has taken its place. */
    private record Sent(Arrival arrival, boolean released) {}

    final String clientId;
    private final int inflight;
    private final Map<TopicFilter, Subscription> subscriptions = new LinkedHashMap<>();
    private final Map<Integer, Sent> inFlight = new LinkedHashMap<>();
    private final Deque<Arrival> waiting = new ArrayDeque<>();
    private final Map<Integer, Arrival> unreleased = new HashMap<>();
    private int lastPacketId;
    private @Nullable BrokerConnection connection;
    private boolean resumed;
    private int maximumInflight;
    private long expirySeconds = FOREVER;
    private long expiresAtNanos = Long.MAX_VALUE;
    private @Nullable Will will;
    private long willAtNanos;

    BrokerSession(String clientId, int inflight) {
        this.clientId = clientId;
        this.inflight = inflight;
        this.maximumInflight = inflight;
    }

    /** Lives on for this long after its connection: 0 not at all, {@link #FOREVER}. */
    void expiry(long seconds) {
        expirySeconds = seconds;
    }

    boolean endsWithConnection() {
        return expirySeconds == 0;
    }

    boolean hasExpired(long nowNanos) {
        return connection == null && nowNanos >= expiresAtNanos;
    }

    /** What the client takes at a time. */
    void receiveMaximum(long maximum) {
        maximumInflight = (int) Math.min(inflight, maximum);
    }

    @Nullable
    BrokerConnection connection() {
        return connection;
    }

    void detach(long nowNanos) {
        connection = null;
        resumed = true;
        expiresAtNanos = expirySeconds == FOREVER ? Long.MAX_VALUE : nowNanos + expirySeconds * NANOS_PER_SECOND;
    }

    /** Whether this session has had a connection before the current one. */
    boolean resumed() {
        return resumed;
    }

    /** A connection has ended without its client taking back the will, which waits for its delay now. */
    void leave(Will left, long nowNanos) {
        will = left;
        willAtNanos = nowNanos + left.delay().toNanos();
    }

    /** The will whose delay is over, or null. */
    @Nullable
    Will dueWill(long nowNanos) {
        return nowNanos >= willAtNanos ? lastWill() : null;
    }

    /** The will that waits, which does so no longer, or null. */
    @Nullable
    Will lastWill() {
        Will last = will;
        will = null;
        return last;
    }

    /** Goes on over this connection: what was not acknowledged comes first, in the old order [MQTT-4.6.0-1]. */
    void attach(BrokerConnection fresh) {
        connection = fresh;
        will = null;
        inFlight.forEach((packetId, sent) -> {
            if (sent.released()) {
                fresh.release(packetId, true);
            } else {
                fresh.deliver(sent.arrival(), packetId, true);
            }
        });
        sendWaiting();
    }

    /** Whether it is a new one. */
    boolean subscribe(Subscription subscription) {
        return subscriptions.put(subscription.filter(), subscription) == null;
    }

    /** Whether there was one. */
    boolean unsubscribe(TopicFilter filter) {
        return subscriptions.remove(filter) != null;
    }

    List<Subscription> subscriptions() {
        return List.copyOf(subscriptions.values());
    }

    /**
     * The message as the subscriptions that match want it, at the highest QoS among them [MQTT-3.3.5-1]; null if none does.
     *
     * @param own whether it comes from this session's client
     */
    @Nullable
    Message copy(Message message, boolean own) {
        Qos highest = null;
        boolean retain = false;
        List<Integer> identifiers = new ArrayList<>();
        for (Subscription subscription : subscriptions.values()) {
            if (subscription.filter().isShared()
                    || !subscription.filter().matches(message.topicName())
                    || own && subscription.noLocal()) {
                continue;
            }
            if (highest == null || subscription.qos().compareTo(highest) > 0) {
                highest = subscription.qos();
            }
            retain |= message.retain() && subscription.retainAsPublished();
            if (subscription.identifier() != 0) {
                identifiers.add(subscription.identifier());
            }
        }
        return highest == null
                ? null
                : identified(message.retain(retain).qos(message.qos().atMost(highest)), identifiers);
    }

    /** The message once for each subscription that matches, as that wants it. */
    List<Message> copies(Message message, boolean own) {
        List<Message> copies = new ArrayList<>();
        for (Subscription subscription : subscriptions.values()) {
            if (!subscription.filter().isShared()
                    && subscription.filter().matches(message.topicName())
                    && !(own && subscription.noLocal())) {
                copies.add(sharedCopy(message, subscription.filter()));
            }
        }
        return copies;
    }

    /** The shared subscriptions that match. */
    List<TopicFilter> sharing(TopicName topic) {
        return subscriptions.keySet().stream()
                .filter(filter -> filter.isShared() && filter.matches(topic))
                .toList();
    }

    /** The message as this one subscription wants it. */
    Message sharedCopy(Message message, TopicFilter filter) {
        Subscription subscription = Objects.requireNonNull(subscriptions.get(filter), "subscription");
        List<Integer> identifiers = subscription.identifier() == 0 ? List.of() : List.of(subscription.identifier());
        boolean retain = message.retain() && subscription.retainAsPublished();
        return identified(message.retain(retain).qos(message.qos().atMost(subscription.qos())), identifiers);
    }

    static Message identified(Message message, List<Integer> identifiers) {
        return identifiers.isEmpty() ? message : message.subscriptionIdentifiers(identifiers);
    }

    /** Sends the message now or later; at QoS 0 now or never. */
    void offer(Arrival arrival) {
        BrokerConnection to = connection;
        if (to != null && !to.fits(arrival.message())) {
            return;
        }
        if (arrival.message().qos() != Qos.AT_MOST_ONCE) {
            waiting.add(arrival);
            sendWaiting();
        } else if (to != null) {
            to.deliver(arrival, 0, false);
        }
    }

    private void sendWaiting() {
        BrokerConnection to = connection;
        while (to != null && !waiting.isEmpty() && inFlight.size() < maximumInflight) {
            Arrival arrival = waiting.remove();
            if (!to.fits(arrival.message()) || arrival.hasExpired(to.nowNanos())) {
                continue;
            }
            int packetId = freePacketId();
            inFlight.put(packetId, new Sent(arrival, false));
            to.deliver(arrival, packetId, false);
        }
    }

    private int freePacketId() {
        do {
            lastPacketId = lastPacketId == MAXIMUM_PACKET_ID ? 1 : lastPacketId + 1;
        } while (inFlight.containsKey(lastPacketId));
        return lastPacketId;
    }

    /** PUBACK or PUBCOMP has come. */
    void settled(int packetId) {
        inFlight.remove(packetId);
        sendWaiting();
    }

    /** PUBREC has come. */
    void released(int packetId) {
        inFlight.computeIfPresent(packetId, (id, sent) -> new Sent(sent.arrival(), true));
    }

    /** A PUBLISH at QoS 2 has come; it is published when it is released. A repeated one changes nothing. */
    void hold(int packetId, Arrival arrival) {
        unreleased.putIfAbsent(packetId, arrival);
    }

    boolean holds(int packetId) {
        return unreleased.containsKey(packetId);
    }

    /** PUBREL has come: the message that it releases, or null if that is done already. */
    @Nullable
    Arrival release(int packetId) {
        return unreleased.remove(packetId);
    }

    /** Messages that wait for their PUBREL are forgotten. */
    void forgetUnreleased() {
        unreleased.clear();
    }

    int pending() {
        return inFlight.size() + waiting.size();
    }
}
