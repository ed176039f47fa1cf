package io.hawser.testing.simulation;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unreadable;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The rules of one connection that bind the client, checked on the packets themselves. As a sink it takes what the client
 * sends and passes it on; {@link #incoming} takes what the client receives.
 */
final class WireRules implements PacketSink {
    /** What outlives the connection: the identifiers of messages in flight, and how far each has come. */
    static final class Identifiers {
        /** Whether a message was set aside, after which repetitions need not keep their order. */
        private boolean reordered;

        void reorder() {
            reordered = true;
        }

        private final Map<Integer, Flight> flights = new HashMap<>();
        private boolean established;
        /** Whether a message has come with a field that is not allowed. */
        private boolean unreadable;

        boolean hasMetUnreadable() {
            return unreadable;
        }

        boolean established() {
            return established;
        }

        /** A message was given up: nobody asks for its identifier any more, and a later client asks for its release. */
        void abandon(int message) {
            flights.values().removeIf(flight -> flight.message == message);
        }

        /** A new process knows nothing. */
        void forget() {
            flights.clear();
        }

        /** A new process knows what the log has. */
        void restart(SimulatedState log) {
            forget();
            for (SimulatedState.Stored stored : log.publishes.values()) {
                if (stored.packetId() != 0) {
                    Flight flight = new Flight(Ledger.number(stored.message()));
                    flight.released = stored.released();
                    flights.put(stored.packetId(), flight);
                }
            }
        }
    }

    private static final class Flight {
        final int message;
        boolean released;

        Flight(int message) {
            this.message = message;
        }
    }

    private final PacketSink next;
    private final Identifiers identifiers;
    private final ProtocolVersion version;
    private final Ledger ledger;
    private final boolean sessionMayEnd;
    private final boolean mayBeTooLarge;
    /** What was logged so far, or null if nobody looks. */
    private final Supplier<SimulatedState> log;

    private int inflight;
    private final Set<Integer> window = new HashSet<>();
    private final Set<Integer> answered = new HashSet<>();
    private final Set<Integer> refused = new HashSet<>();
    private final Set<Integer> requests = new HashSet<>();
    private final Deque<Integer> unacknowledged = new ArrayDeque<>();
    private final Deque<Integer> unreceived = new ArrayDeque<>();
    private final Deque<Integer> uncompleted = new ArrayDeque<>();
    private final Deque<Integer> unreleased = new ArrayDeque<>();
    private boolean begun;
    private boolean accepted;
    private boolean ended;
    /** Whether the broker has said DISCONNECT, which the client may not have read. */
    private boolean dismissed;

    private int lastRepeated = -1;

    final PacketSink incoming = new Incoming();

    WireRules(
            PacketSink next,
            Identifiers identifiers,
            ProtocolVersion version,
            Plan plan,
            Ledger ledger,
            Supplier<SimulatedState> log) {
        this.next = next;
        this.identifiers = identifiers;
        this.version = version;
        this.ledger = ledger;
        this.log = log;
        this.sessionMayEnd = plan.losesSessions() || plan.five().forgetsSessions();
        this.mayBeTooLarge = plan.quirks().has(Quirks.Kind.CLOSES_ON_LARGE);
        this.inflight = plan.publisherInflight();
    }

    /** The client has read all that has come. */
    void read() {
        ended |= dismissed;
    }

    /** The program refuses this message: its acknowledgement is not to come on this connection. */
    void refused(int packetId) {
        if (unacknowledged.remove(packetId) || unreceived.remove(packetId)) {
            refused.add(packetId);
        }
    }

    private void owe(Deque<Integer> owed, int packetId) {
        if (!owed.contains(packetId) && !refused.contains(packetId)) {
            owed.add(packetId);
        }
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new Violation(rule);
        }
    }

    private void sending(String packet) {
        require(accepted, packet + " before CONNACK");
        require(!ended, packet + " after DISCONNECT [3.1.1 MQTT-3.14.4-2] [5.0 MQTT-3.14.4-1]");
    }

    /** What is owed leaves in the order in which it became so; what was answered may be answered again. */
    private void inTurn(String packet, Deque<Integer> owed, int packetId) {
        sending(packet);
        if (!owed.contains(packetId)) {
            require(answered.contains(packetId), packet + " " + packetId + " answers nothing");
            return;
        }
        answered.add(packetId);
        Integer first = owed.poll();
        require(
                first != null && first == packetId,
                packet + " " + packetId + " is out of turn, " + first + " is next [MQTT-4.6.0-2] [MQTT-4.6.0-3]");
    }

    /** What a packet stands for is in the log before it, so that it leaves when that is safe. */
    private void requireLogged(String packet, int packetId, Predicate<SimulatedState> logged) {
        require(log == null || logged.test(log.get()), packet + " " + packetId + " does not follow from the log");
    }

    private static Predicate<SimulatedState> inFlight(int packetId, int number, boolean released) {
        return state -> {
            SimulatedState.Stored stored = state.inFlight(packetId);
            return stored != null
                    && stored.released() == released
                    && (number < 0 || Ledger.number(stored.message()) == number);
        };
    }

    @Override
    public void connect(Connect packet) {
        require(!begun, "a second CONNECT");
        begun = true;
        next.connect(packet);
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        sending("PUBLISH");
        if (message.qos() != Qos.AT_MOST_ONCE) {
            int number = Ledger.number(message);
            Flight flight = identifiers.flights.get(packetId);
            require(
                    !requests.contains(packetId),
                    "PUBLISH with identifier " + packetId + " of a request [MQTT-2.3.1-2]");
            if (duplicate) {
                require(
                        flight != null && flight.message == number,
                        "DUP on the first PUBLISH of " + number
                                + " [3.1.1 MQTT-4.3.2-1] [5.0 MQTT-4.3.2-2] [5.0 MQTT-4.3.3-2]");
                require(
                        !flight.released,
                        "PUBLISH of " + number + " again after PUBREL [3.1.1 MQTT-4.3.3-1] [5.0 MQTT-4.3.3-6]");
                require(
                        version != ProtocolVersion.MQTT_5 || !window.contains(packetId),
                        number + " repeated within a connection [5.0 MQTT-4.4.0-1]");
                if (!window.contains(packetId)) {
                    require(
                            number > lastRepeated || identifiers.reordered,
                            number + " repeated after " + lastRepeated + " [MQTT-4.6.0-1]");
                    lastRepeated = number;
                }
            } else {
                require(
                        flight == null,
                        "PUBLISH of " + number + " with identifier " + packetId
                                + " in use [3.1.1 MQTT-2.3.1-2] [5.0 MQTT-4.3.2-1] [5.0 MQTT-4.3.3-1]");
                identifiers.flights.put(packetId, new Flight(number));
                ledger.sent(message);
            }
            requireLogged("PUBLISH", packetId, inFlight(packetId, number, false));
            enterWindow(packetId);
        }
        next.publish(message, packetId, duplicate);
    }

    private void enterWindow(int packetId) {
        window.add(packetId);
        require(
                window.size() <= inflight,
                window.size() + " messages in flight, the window is " + inflight
                        + " [5.0 MQTT-3.3.4-7] [5.0 MQTT-4.9.0-2]");
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        sending("PUBREL");
        Flight flight = identifiers.flights.get(packetId);
        if (flight == null) {
            // For an earlier client that nobody remembers; until PUBCOMP the identifier is in use.
            request(packetId);
            next.pubRel(packetId, reasonCode, properties, duplicate);
            return;
        }
        require(flight.released, "PUBREL " + packetId + " without PUBREC");
        Integer owed = unreleased.peek();
        if (owed != null && unreleased.contains(packetId)) {
            require(owed == packetId, "PUBREL " + packetId + " is out of turn, " + owed + " is next [MQTT-4.6.0-4]");
            unreleased.remove();
        }
        requireLogged("PUBREL", packetId, inFlight(packetId, -1, true));
        enterWindow(packetId);
        next.pubRel(packetId, reasonCode, properties, duplicate);
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        inTurn("PUBACK", unacknowledged, packetId);
        next.pubAck(packetId, reasonCode, properties);
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        inTurn("PUBREC", unreceived, packetId);
        requireLogged("PUBREC", packetId, state -> reasonCode.isError() || state.received.get(packetId));
        next.pubRec(packetId, reasonCode, properties);
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        inTurn("PUBCOMP", uncompleted, packetId);
        requireLogged("PUBCOMP", packetId, state -> !state.received.get(packetId));
        next.pubComp(packetId, reasonCode, properties);
    }

    @Override
    public void subscribe(Subscribe packet) {
        request(packet.packetId());
        next.subscribe(packet);
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        request(packet.packetId());
        next.unsubscribe(packet);
    }

    private void request(int packetId) {
        sending("a request");
        require(
                !identifiers.flights.containsKey(packetId),
                "a request with identifier " + packetId + " in use [MQTT-2.3.1-2]");
        requests.add(packetId);
    }

    @Override
    public void pingReq() {
        sending("PINGREQ");
        next.pingReq();
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        sending("DISCONNECT");
        ended = true;
        next.disconnect(reasonCode, properties);
    }

    @Override
    public void connAck(ConnAck packet) {
        throw new Violation("a client sent CONNACK");
    }

    @Override
    public void subAck(SubAck packet) {
        throw new Violation("a client sent SUBACK");
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        throw new Violation("a client sent UNSUBACK");
    }

    @Override
    public void pingResp() {
        throw new Violation("a client sent PINGRESP");
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        throw new Violation("a client sent AUTH");
    }

    /** What the client receives: what it must answer, and what it may go on with. */
    private final class Incoming implements PacketSink {
        @Override
        public void connAck(ConnAck packet) {
            accepted = packet.reasonCode() == ReasonCode.SUCCESS;
            if (accepted && !packet.sessionPresent() && version != ProtocolVersion.MQTT_3_1) {
                identifiers.flights.clear();
                if (identifiers.established) {
                    require(sessionMayEnd, "the broker has lost the session");
                    ledger.sessionsLost();
                }
            }
            identifiers.established |= accepted;
            inflight = (int) Math.min(inflight, packet.properties().number(Property.RECEIVE_MAXIMUM, inflight));
        }

        @Override
        public void publish(Message message, int packetId, boolean duplicate) {
            switch (message.qos()) {
                case AT_MOST_ONCE -> {}
                case AT_LEAST_ONCE -> owe(unacknowledged, packetId);
                case EXACTLY_ONCE -> owe(unreceived, packetId);
            }
        }

        @Override
        public void unreadable(Unreadable packet) {
            identifiers.unreadable = true;
            if (packet.refused() && packet.packetId() != 0) {
                owe(packet.qos() == Qos.AT_LEAST_ONCE ? unacknowledged : unreceived, packet.packetId());
            }
        }

        @Override
        public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
            Flight flight = identifiers.flights.remove(packetId);
            window.remove(packetId);
            if (flight != null && reasonCode.isError() && reasonCode != ReasonCode.QUOTA_EXCEEDED) {
                ledger.rejected(flight.message);
            }
        }

        @Override
        public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
            if (reasonCode.isError()) {
                pubAck(packetId, reasonCode, properties);
                return;
            }
            Flight flight = identifiers.flights.get(packetId);
            if (flight != null && window.contains(packetId)) {
                flight.released = true;
                unreleased.add(packetId);
            }
        }

        @Override
        public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
            owe(uncompleted, packetId);
        }

        @Override
        public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
            requests.remove(packetId);
            Flight flight = identifiers.flights.get(packetId);
            if (flight != null && !flight.released) {
                // The second answer to a PUBREL that was repeated, of the message that had the identifier before.
                return;
            }
            // It has arrived, whatever the reason says.
            pubAck(packetId, ReasonCode.SUCCESS, properties);
        }

        @Override
        public void subAck(SubAck packet) {
            requests.remove(packet.packetId());
        }

        @Override
        public void unsubAck(UnsubAck packet) {
            requests.remove(packet.packetId());
        }

        @Override
        public void pingResp() {}

        @Override
        public void connect(Connect packet) {
            throw new Violation("a broker sent CONNECT");
        }

        @Override
        public void subscribe(Subscribe packet) {
            throw new Violation("a broker sent SUBSCRIBE");
        }

        @Override
        public void unsubscribe(Unsubscribe packet) {
            throw new Violation("a broker sent UNSUBSCRIBE");
        }

        @Override
        public void pingReq() {
            throw new Violation("a broker sent PINGREQ");
        }

        @Override
        public void disconnect(ReasonCode reasonCode, Properties properties) {
            require(version == ProtocolVersion.MQTT_5, "a broker sent DISCONNECT");
            boolean expected = mayBeTooLarge && reasonCode == ReasonCode.PACKET_TOO_LARGE;
            require(expected || !blamesTheClient(reasonCode), "the broker says DISCONNECT for " + reasonCode);
            dismissed = true;
        }

        private boolean blamesTheClient(ReasonCode reasonCode) {
            return reasonCode.isOneOf(
                    ReasonCode.MALFORMED_PACKET,
                    ReasonCode.PROTOCOL_ERROR,
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    ReasonCode.PACKET_TOO_LARGE,
                    ReasonCode.QOS_NOT_SUPPORTED,
                    ReasonCode.RETAIN_NOT_SUPPORTED);
        }

        @Override
        public void auth(ReasonCode reasonCode, Properties properties) {
            throw new Violation("a broker sent AUTH");
        }
    }
}
