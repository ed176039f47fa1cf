package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the broker knows about one client identifier: subscriptions, and messages on their way in both directions. */
final class BrokerSession {
    private static final int MAXIMUM_PACKET_ID = 65_535;

    /** A message that was sent and not acknowledged; {@code released} once PUBREL has taken its place. */
    private record Sent(Message message, boolean released) {}

    final String clientId;
    final boolean clean;
    private final int maximumInflight;
    private final Map<TopicFilter, Qos> subscriptions = new LinkedHashMap<>();
    private final Map<Integer, Sent> inFlight = new LinkedHashMap<>();
    private final Deque<Message> waiting = new ArrayDeque<>();
    private final Map<Integer, Message> unreleased = new HashMap<>();
    private int lastPacketId;
    private @Nullable BrokerConnection connection;
    private boolean resumed;

    BrokerSession(String clientId, boolean clean, int maximumInflight) {
        this.clientId = clientId;
        this.clean = clean;
        this.maximumInflight = maximumInflight;
    }

    @Nullable
    BrokerConnection connection() {
        return connection;
    }

    void detach() {
        connection = null;
        resumed = true;
    }

    /** Whether this session has had a connection before the current one. */
    boolean resumed() {
        return resumed;
    }

    /** Goes on over this connection: what was not acknowledged comes first, in the old order [MQTT-4.6.0-1]. */
    void attach(BrokerConnection fresh) {
        connection = fresh;
        inFlight.forEach((packetId, sent) -> {
            if (sent.released()) {
                fresh.release(packetId, true);
            } else {
                fresh.deliver(sent.message(), packetId, true);
            }
        });
        sendWaiting();
    }

    void subscribe(Subscription subscription) {
        subscriptions.put(subscription.filter(), subscription.qos());
    }

    void unsubscribe(TopicFilter filter) {
        subscriptions.remove(filter);
    }

    List<Subscription> subscriptions() {
        List<Subscription> list = new ArrayList<>();
        subscriptions.forEach((filter, qos) -> list.add(new Subscription(filter, qos)));
        return list;
    }

    /** The highest granted QoS among the subscriptions that match, or null if none does [MQTT-3.3.5-1]. */
    @Nullable
    Qos granted(TopicName topic) {
        Qos highest = null;
        for (Map.Entry<TopicFilter, Qos> subscription : subscriptions.entrySet()) {
            Qos qos = subscription.getValue();
            if ((highest == null || qos.compareTo(highest) > 0)
                    && subscription.getKey().matches(topic)) {
                highest = qos;
            }
        }
        return highest;
    }

    /** Sends the message now or later; at QoS 0 now or never. */
    void offer(Message message) {
        BrokerConnection to = connection;
        if (message.qos() != Qos.AT_MOST_ONCE) {
            waiting.add(message);
            sendWaiting();
        } else if (to != null) {
            to.deliver(message, 0, false);
        }
    }

    private void sendWaiting() {
        BrokerConnection to = connection;
        while (to != null && !waiting.isEmpty() && inFlight.size() < maximumInflight) {
            Message message = waiting.remove();
            int packetId = freePacketId();
            inFlight.put(packetId, new Sent(message, false));
            to.deliver(message, packetId, false);
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
        inFlight.computeIfPresent(packetId, (id, sent) -> new Sent(sent.message(), true));
    }

    /** A PUBLISH at QoS 2 has come; it is published when it is released. A repeated one changes nothing. */
    void hold(int packetId, Message message) {
        unreleased.putIfAbsent(packetId, message);
    }

    /** PUBREL has come: the message that it releases, or null if that is done already. */
    @Nullable
    Message release(int packetId) {
        return unreleased.remove(packetId);
    }

    int pending() {
        return inFlight.size() + waiting.size();
    }
}
