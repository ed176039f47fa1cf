package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.Will;
import io.hawser.wire.Connect;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A small broker for MQTT 3.1, 3.1.1 and 5.0 without sockets, threads or clock: bytes and the time go in, bytes come out, and
 * the same calls give the same result every time. {@link BrokerServer} puts one behind a socket.
 *
 * <p>It keeps sessions, retained messages and wills, delivers at all three qualities of service in the order of arrival,
 * and sends again what was not acknowledged when a session is resumed. A message at QoS 2 goes out to subscribers when its
 * PUBREL comes. Overlapping subscriptions deliver once, at the highest QoS. Shared subscriptions deliver to their members in
 * turn; what a member has when its session ends is lost. Messages expire, and wills wait for their delay. Everyone may
 * connect, unless {@link Grants#authentication} says otherwise, and queues have no bound: it is made for tests.
 *
 * <p>Not safe for use by several threads at a time.
 */
public final class ModelBroker {
    /** How many messages per session are sent without being acknowledged, unless told otherwise: 20, as with Mosquitto. */
    public static final int DEFAULT_INFLIGHT = 20;

    private static final int MAXIMUM_PACKET_SIZE = 268_435_460;

    /** The way back to the client: what the broker does with one network connection. */
    public interface Output {
        /** Sends these bytes; the buffer is handed over. */
        void send(ByteBuffer bytes);

        /** Closes the network connection, after what was sent. */
        void close();
    }

    private final int inflight;
    private final Misbehaviour misbehaviour = new Misbehaviour();
    private final Grants grants = new Grants();
    private final Map<String, ReasonCode> goodbyes = new LinkedHashMap<>();
    private final Map<String, BrokerSession> sessions = new LinkedHashMap<>();
    private final Map<TopicName, Arrival> retained = new LinkedHashMap<>();
    private final Set<BrokerConnection> connections = new LinkedHashSet<>();
    private final Set<BrokerConnection> unsent = new LinkedHashSet<>();
    private final SharedGroups groups = new SharedGroups();
    private long nowNanos;
    private int assignedIds;

    /** A broker with {@link #DEFAULT_INFLIGHT}. */
    public ModelBroker() {
        this(DEFAULT_INFLIGHT);
    }

    /** @param inflight how many messages per session are sent without being acknowledged, 1 to 65,535 */
    public ModelBroker(int inflight) {
        if (inflight < 1 || inflight > 65_535) {
            throw new IllegalArgumentException("inflight is " + inflight + ", must be 1 to 65535");
        }
        this.inflight = inflight;
    }

    /** Takes a new network connection. */
    public Peer connect(Output output) {
        BrokerConnection connection = new BrokerConnection(this, output, MAXIMUM_PACKET_SIZE);
        connections.add(connection);
        return connection;
    }

    /** What this broker does wrong. */
    public Misbehaviour misbehave() {
        return misbehaviour;
    }

    /** What this broker grants clients of MQTT 5.0. */
    public Grants grant() {
        return grants;
    }

    /** The reason of the last DISCONNECT of a client, or null if it has sent none. */
    public @Nullable ReasonCode goodbye(String clientId) {
        return goodbyes.get(clientId);
    }

    void saidGoodbye(String clientId, ReasonCode reason) {
        goodbyes.put(clientId, reason);
    }

    /** Publishes a message as if a client had sent it. */
    public void publish(Message message) {
        route(new Arrival(message, nowNanos), null);
        flush();
    }

    /** Publishes a message as if a client had sent it, and the broker had passed it on with something that is wrong. */
    public void publish(Message message, Poison poison) {
        route(new Arrival(message, nowNanos, poison), null);
        flush();
    }

    /** Sends bytes of any kind to a connected client; false if there is none of this identifier. */
    public boolean send(String clientId, byte[] bytes) {
        BrokerConnection connection = connection(clientId);
        if (connection == null) {
            return false;
        }
        connection.sendRaw(bytes);
        flush();
        return true;
    }

    /** Ends the connection of a client, who is told why if it speaks MQTT 5.0; false if there is none of this identifier. */
    public boolean disconnect(String clientId, ReasonCode reason) {
        BrokerConnection connection = connection(clientId);
        if (connection == null) {
            return false;
        }
        connection.close(reason);
        flush();
        return true;
    }

    /** Closes all connections, as a network does that breaks: wills are published, sessions live on. */
    public void cutConnections() {
        List.copyOf(connections).forEach(BrokerConnection::close);
        flush();
    }

    /**
     * Crashes and comes back: all connections end, no will is published.
     *
     * @param keepState whether sessions and retained messages survive
     */
    public void restart(boolean keepState) {
        List.copyOf(connections).forEach(BrokerConnection::abandon);
        connections.clear();
        unsent.clear();
        sessions.values().removeIf(session -> session.endsWithConnection() || !keepState);
        for (BrokerSession session : sessions.values()) {
            detach(session);
            session.lastWill();
        }
        if (!keepState) {
            retained.clear();
        }
    }

    private void detach(BrokerSession session) {
        session.detach(nowNanos);
        if (misbehaviour.quirk(Quirk.ForgetsUnreleased.class) != null) {
            session.forgetUnreleased();
        }
    }

    /**
     * Tells the time, which never goes back: connections whose keep alive has run out are closed, sessions and retained
     * messages expire, and wills are published whose delay is over.
     */
    public void advanceTo(long nowNanos) {
        now(nowNanos);
        List.copyOf(connections).forEach(connection -> connection.checkKeepAlive(nowNanos));
        for (BrokerSession session : List.copyOf(sessions.values())) {
            if (session.hasExpired(nowNanos)) {
                end(session);
            } else {
                publish(session.dueWill(nowNanos), session);
            }
        }
        retained.values().removeIf(message -> message.hasExpired(nowNanos));
        flush();
    }

    /** The session is over, and its will waits no longer [MQTT-3.1.3-9]. */
    private void end(BrokerSession session) {
        sessions.remove(session.clientId);
        publish(session.lastWill(), session);
    }

    private void publish(@Nullable Will will, BrokerSession from) {
        if (will != null) {
            route(new Arrival(will.message(), nowNanos), from);
        }
    }

    /** The client identifiers that are connected now, in the order of their sessions. */
    public List<String> connectedClients() {
        List<String> clients = new ArrayList<>();
        for (BrokerSession session : sessions.values()) {
            if (session.connection() != null) {
                clients.add(session.clientId);
            }
        }
        return clients;
    }

    /** Whether there is a session of this client identifier, connected or not. */
    public boolean hasSession(String clientId) {
        return sessions.containsKey(clientId);
    }

    /** The subscriptions of a session, with the QoS that was granted; empty if there is no such session. */
    public List<Subscription> subscriptions(String clientId) {
        BrokerSession session = sessions.get(clientId);
        return session == null ? List.of() : session.subscriptions();
    }

    /** How many messages at QoS 1 and 2 a session has queued or sent without having them acknowledged. */
    public int pending(String clientId) {
        BrokerSession session = sessions.get(clientId);
        return session == null ? 0 : session.pending();
    }

    /** The retained message of a topic, or null. */
    public @Nullable Message retained(String topic) {
        Arrival arrival = retained.get(TopicName.of(topic));
        return arrival == null ? null : arrival.message();
    }

    /** The time at which the bytes to come were received. */
    void now(long nowNanos) {
        this.nowNanos = nowNanos;
    }

    long nowNanos() {
        return nowNanos;
    }

    private @Nullable BrokerConnection connection(String clientId) {
        BrokerSession session = sessions.get(clientId);
        return session == null ? null : session.connection();
    }

    /** The session for this CONNECT: the old one, or a fresh one. An older connection of the client is cut [MQTT-3.1.4-2]. */
    BrokerSession open(Connect packet) {
        String clientId = packet.clientId().isEmpty() ? "assigned-" + ++assignedIds : packet.clientId();
        BrokerConnection older = connection(clientId);
        if (older != null) {
            older.close(ReasonCode.SESSION_TAKEN_OVER);
        }
        BrokerSession session = sessions.get(clientId);
        if (session == null || packet.cleanSession()) {
            if (session != null) {
                end(session);
            }
            session = new BrokerSession(clientId, inflight);
            sessions.put(clientId, session);
        }
        return session;
    }

    /** The connection is no longer there, and with it a clean session. */
    void ended(BrokerConnection connection, @Nullable BrokerSession session) {
        connections.remove(connection);
        if (session != null && session.connection() == connection) {
            detach(session);
            if (session.endsWithConnection()) {
                end(session);
            } else {
                publish(session.dueWill(nowNanos), session);
            }
        }
    }

    /**
     * Retains the message if it asks for it, and adds it to every session with a matching subscription.
     *
     * @param from whose message it is, or null if nobody's
     * @return whether there was such a session
     */
    boolean route(Arrival arrival, @Nullable BrokerSession from) {
        Message message = arrival.message();
        if (message.retain()) {
            if (message.payloadSize() == 0) {
                retained.remove(message.topicName());
            } else {
                retained.put(message.topicName(), arrival);
            }
        }
        boolean matched = false;
        Map<TopicFilter, List<BrokerSession>> sharing = new LinkedHashMap<>();
        for (BrokerSession session : sessions.values()) {
            for (Message copy : copies(session, message, session == from)) {
                matched = true;
                session.offer(arrival.with(copy));
            }
            for (TopicFilter filter : session.sharing(message.topicName())) {
                sharing.computeIfAbsent(filter, f -> new ArrayList<>()).add(session);
            }
        }
        sharing.forEach((filter, members) -> {
            BrokerSession member = groups.next(filter, members);
            member.offer(arrival.with(member.sharedCopy(message, filter)));
        });
        return matched || !sharing.isEmpty();
    }

    private List<Message> copies(BrokerSession session, Message message, boolean own) {
        if (misbehaviour.quirk(Quirk.CopiesPerSubscription.class) != null) {
            return session.copies(message, own);
        }
        Message copy = session.copy(message, own);
        return copy == null ? List.of() : List.of(copy);
    }

    /** What a new subscription gets first [MQTT-3.3.1-6]. */
    void offerRetained(BrokerSession session, Subscription subscription) {
        for (Arrival arrival : retained.values()) {
            Message message = arrival.message();
            if (subscription.filter().matches(message.topicName())) {
                session.offer(arrival.with(BrokerSession.identified(
                        message.qos(message.qos().atMost(subscription.qos())),
                        subscription.identifier() == 0 ? List.of() : List.of(subscription.identifier()))));
            }
        }
    }

    /** This connection has something to send. */
    void wrote(BrokerConnection connection) {
        unsent.add(connection);
    }

    /** Sends what was written; closing a connection on the way may write more. */
    void flush() {
        while (!unsent.isEmpty()) {
            List<BrokerConnection> writers = List.copyOf(unsent);
            unsent.clear();
            writers.forEach(BrokerConnection::flush);
        }
    }
}
