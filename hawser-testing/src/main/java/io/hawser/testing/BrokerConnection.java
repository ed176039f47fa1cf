package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Will;
import io.hawser.testing.AuthenticationScript.Answer;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.Properties;
import io.hawser.wire.Property;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link ModelBroker}: takes the client's packets, and writes the broker's. */
final class BrokerConnection extends ClientPackets implements Peer {
    private static final int MAXIMUM_INFLIGHT = 65_535;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final ModelBroker broker;
    private final ModelBroker.Output output;
    private final PacketDecoder decoder;
    private final BrokerGate gate;
    private final SendBuffer buffer = new SendBuffer();
    private final BrokerQuirks quirks;
    private PacketEncoder encoder = new PacketEncoder(ProtocolVersion.MQTT_3_1_1, buffer);
    private ProtocolVersion version = ProtocolVersion.MQTT_3_1_1;
    private @Nullable BrokerSession session;
    private @Nullable Will will;
    private Properties grants = Properties.NONE;
    private long largest = Long.MAX_VALUE;
    private long keepAliveNanos;
    private long heardAtNanos;
    private boolean closed;
    /** Messages of the client at QoS 1 and 2 that it may count against the receive maximum. */
    private final Set<Integer> unanswered = new HashSet<>();

    BrokerConnection(ModelBroker broker, ModelBroker.Output output, int maximumPacketSize) {
        this.broker = broker;
        this.output = output;
        this.gate = new BrokerGate(broker);
        this.quirks = new BrokerQuirks(broker.misbehave(), buffer);
        this.decoder = PacketDecoder.server(maximumPacketSize);
        this.heardAtNanos = broker.nowNanos();
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (closed || quirks.isMute()) {
            return;
        }
        heardAtNanos = broker.nowNanos();
        try {
            decoder.decode(bytes, this);
        } catch (ProtocolException e) {
            if (session == null && e.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION) {
                encoder.connAck(new ConnAck(false, e.reasonCode(), Properties.NONE));
            }
            close(e.reasonCode());
        }
        broker.wrote(this);
        broker.flush();
    }

    @Override
    public void closed() {
        if (!closed) {
            end();
            broker.flush();
        }
    }

    /** Ends the connection from the broker's side, and says why where the version allows it. */
    void close(ReasonCode reason) {
        if (!closed && session != null && version == ProtocolVersion.MQTT_5) {
            encoder.disconnect(reason, Properties.NONE);
        }
        close();
    }

    /** Ends the connection from the broker's side. */
    @Override
    void close() {
        if (!closed) {
            flush();
            end();
            output.close();
        }
    }

    /** Ends the connection as a crash of the broker does: nothing is sent, no will is published. */
    void abandon() {
        closed = true;
        decoder.stop();
        output.close();
    }

    private void end() {
        closed = true;
        decoder.stop();
        Will last = will;
        will = null;
        BrokerSession left = session;
        if (left != null && last != null) {
            left.leave(last, broker.nowNanos());
        }
        broker.ended(this, left);
    }

    void flush() {
        if (!closed && !buffer.isEmpty()) {
            output.send(buffer.take());
        }
    }

    /** Closes the connection if it has been silent for one and a half times its keep alive [MQTT-3.1.2-24]. */
    void checkKeepAlive(long nowNanos) {
        if (keepAliveNanos > 0 && !quirks.isMute() && nowNanos - heardAtNanos > keepAliveNanos + keepAliveNanos / 2) {
            close(ReasonCode.KEEP_ALIVE_TIMEOUT);
        }
    }

    void sendRaw(byte[] bytes) {
        buffer.append(ByteBuffer.wrap(bytes));
        broker.wrote(this);
    }

    /** Whether the client takes a packet of this size; if not, it is as if it had been delivered [MQTT-3.1.2-25]. */
    boolean fits(Message message) {
        return largest == Long.MAX_VALUE || PacketEncoder.publishSize(message, version) <= largest;
    }

    long nowNanos() {
        return broker.nowNanos();
    }

    void deliver(Arrival arrival, int packetId, boolean duplicate) {
        if (quirks.isMute()) {
            return;
        }
        Message routed = arrival.at(broker.nowNanos());
        Message message = version == ProtocolVersion.MQTT_5 ? routed : routed.withoutAttributes();
        broker.wrote(this);
        int times = broker.misbehave().publishesTwice() ? 2 : 1;
        Poison poison = arrival.poison();
        for (int i = 0; i < times; i++) {
            if (poison != null && poison.exists(version)) {
                poison.write(message, packetId, duplicate, version, buffer);
            } else {
                encoder.publish(message, packetId, duplicate);
            }
        }
    }

    void release(int packetId, boolean duplicate) {
        encoder.pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, duplicate);
    }

    @Override
    public void connect(Connect packet) {
        if (gate.connect() != null) {
            close(ReasonCode.PROTOCOL_ERROR);
            return;
        }
        if (quirks.closesOn(packet) || broker.misbehave().closesWithoutConnAck(packet.version())) {
            close();
            return;
        }
        if (packet.version() == ProtocolVersion.MQTT_5 && broker.misbehave().refuses(packet.version())) {
            // In the form of the versions that such a broker knows.
            encoder.connAck(new ConnAck(false, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, Properties.NONE));
            close();
            return;
        }
        version = packet.version();
        encoder = new PacketEncoder(version, buffer);
        follow(packet, gate.judge(packet));
    }

    /** Does what the gate says to this client's CONNECT or AUTH. */
    private void follow(Connect packet, Answer answer) {
        ReasonCode reason = answer.reasonCode();
        if (reason.isError()) {
            if (session == null) {
                encoder.connAck(new ConnAck(false, reason, broker.misbehave().refusalProperties(version)));
            }
            close(reason);
        } else if (session == null && reason == ReasonCode.SUCCESS) {
            accept(packet, answer);
        } else {
            encoder.auth(reason, gate.said(answer, Properties.NONE));
            handled();
        }
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        Connect packet = gate.connect();
        if (packet == null) {
            close();
        } else {
            follow(packet, gate.judge(reasonCode, properties, session != null));
        }
    }

    private void accept(Connect packet, Answer answer) {
        will = packet.will();
        BrokerSession attached = broker.open(packet);
        session = attached;
        if (version == ProtocolVersion.MQTT_5) {
            grants = broker.grant().properties();
        }
        attached.expiry(expirySeconds(packet));
        attached.receiveMaximum(
                quirks.inflight(packet.properties().number(Property.RECEIVE_MAXIMUM, MAXIMUM_INFLIGHT)));
        keepAliveNanos = grants.number(Property.SERVER_KEEP_ALIVE, packet.keepAliveSeconds()) * NANOS_PER_SECOND;
        boolean present = attached.resumed() && version != ProtocolVersion.MQTT_3_1;
        encoder.connAck(new ConnAck(present, ReasonCode.SUCCESS, gate.said(answer, answer(packet, attached))));
        if (version == ProtocolVersion.MQTT_5) {
            decoder.topicAliasMaximum((int) grants.number(Property.TOPIC_ALIAS_MAXIMUM, 0));
            encoder.topicAliasMaximum((int) packet.properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0));
            largest = packet.properties().number(Property.MAXIMUM_PACKET_SIZE, Long.MAX_VALUE);
        }
        attached.attach(this);
        handled();
    }

    private long expirySeconds(Connect packet) {
        if (version != ProtocolVersion.MQTT_5) {
            return packet.cleanSession() ? 0 : BrokerSession.FOREVER;
        }
        return grants.number(
                Property.SESSION_EXPIRY_INTERVAL, packet.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0));
    }

    private Properties answer(Connect packet, BrokerSession attached) {
        return version == ProtocolVersion.MQTT_5 && packet.clientId().isEmpty()
                ? grants.with(Property.ASSIGNED_CLIENT_IDENTIFIER, attached.clientId)
                : grants;
    }

    @Override
    public void publish(Message sent, int packetId, boolean duplicate) {
        if (quirks.closesOn(sent, version)) {
            close();
            return;
        }
        if (quirks.refuses(sent, packetId, version)) {
            handled();
            return;
        }
        Message message = quirks.taken(sent);
        if (message.qos().level() > grants.number(Property.MAXIMUM_QOS, 2)) {
            close(ReasonCode.QOS_NOT_SUPPORTED);
            return;
        }
        if (message.retain() && grants.number(Property.RETAIN_AVAILABLE, 1) == 0) {
            close(ReasonCode.RETAIN_NOT_SUPPORTED);
            return;
        }
        if (message.qos() != Qos.AT_MOST_ONCE && !unanswered(packetId)) {
            close(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
            return;
        }
        switch (message.qos()) {
            case AT_MOST_ONCE -> broker.route(arrival(message), session());
            case AT_LEAST_ONCE -> {
                ReasonCode refusal = broker.misbehave().publishRefusal();
                ReasonCode reason = refusal == null ? routed(message) : refusal;
                if (answers(Misbehaviour.Answer.PUBACK)) {
                    unanswered.remove(packetId);
                    encoder.pubAck(packetId, reason, Properties.NONE);
                }
            }
            case EXACTLY_ONCE -> {
                ReasonCode refusal =
                        session().holds(packetId) ? null : broker.misbehave().publishRefusal();
                if (refusal == null) {
                    session().hold(packetId, arrival(message));
                } else {
                    unanswered.remove(packetId);
                }
                if (answers(Misbehaviour.Answer.PUBREC)) {
                    encoder.pubRec(packetId, refusal == null ? ReasonCode.SUCCESS : refusal, Properties.NONE);
                }
            }
        }
        handled();
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        session().settled(packetId);
        handled();
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        if (reasonCode.isError()) {
            session().settled(packetId);
        } else {
            session().released(packetId);
            release(packetId, false);
        }
        handled();
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        if (quirks.fallsSilent()) {
            decoder.stop();
            return;
        }
        Arrival released = session().release(packetId);
        if (released != null) {
            broker.route(released, session());
        }
        if (answers(Misbehaviour.Answer.PUBCOMP)) {
            unanswered.remove(packetId);
            boolean unknown = released == null && version == ProtocolVersion.MQTT_5;
            encoder.pubComp(
                    packetId, unknown ? ReasonCode.PACKET_IDENTIFIER_NOT_FOUND : ReasonCode.SUCCESS, Properties.NONE);
        }
        handled();
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        session().settled(packetId);
        handled();
    }

    @Override
    public void subscribe(Subscribe packet) {
        if (quirks.closesOn(packet)) {
            close();
            return;
        }
        List<Integer> codes = new ArrayList<>();
        List<Subscription> accepted = new ArrayList<>();
        for (Subscription asked : packet.subscriptions()) {
            ReasonCode refusal = SubscriptionRules.refusal(asked, grants);
            int quirk = quirks.refusal(asked.filter(), version);
            if (refusal != null || quirk != 0) {
                codes.add(refusal == null ? quirk : refusal.code());
                continue;
            }
            Subscription subscription = asked.qos(asked.qos().atMost(SubscriptionRules.highestQos(grants)));
            if (!broker.misbehave().refuses(subscription.filter())) {
                boolean isNew = session().subscribe(subscription);
                if (SubscriptionRules.wantsRetained(subscription, isNew)) {
                    accepted.add(subscription);
                }
            } else if (version != ProtocolVersion.MQTT_3_1) {
                codes.add(ReasonCode.UNSPECIFIED_ERROR.code());
                continue;
            }
            codes.add(subscription.qos().level());
        }
        if (answers(Misbehaviour.Answer.SUBACK)) {
            quirks.subAck(packet.packetId(), codes, version);
        }
        for (Subscription subscription : accepted) {
            broker.offerRetained(session(), subscription);
        }
        handled();
    }

    /** Takes note of a message at QoS 1 or 2; false if it is one too many [MQTT-3.3.4-7]. */
    private boolean unanswered(int packetId) {
        unanswered.add(packetId);
        return unanswered.size() <= grants.number(Property.RECEIVE_MAXIMUM, MAXIMUM_INFLIGHT);
    }

    private Arrival arrival(Message message) {
        return new Arrival(message, broker.nowNanos());
    }

    private ReasonCode routed(Message message) {
        boolean matched = broker.route(arrival(message), session());
        return matched || version != ProtocolVersion.MQTT_5 ? ReasonCode.SUCCESS : ReasonCode.NO_MATCHING_SUBSCRIBERS;
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        if (quirks.closesOn(packet)) {
            close();
            return;
        }
        List<Integer> codes = new ArrayList<>();
        for (TopicFilter filter : packet.filters()) {
            int quirk = quirks.unsubscribeRefusal(filter, version);
            boolean ended = quirk == 0 && session().unsubscribe(filter);
            ReasonCode reason = ended ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED;
            codes.add(quirk == 0 ? reason.code() : quirk);
        }
        if (answers(Misbehaviour.Answer.UNSUBACK)) {
            if (version == ProtocolVersion.MQTT_5) {
                quirks.unsubAck(packet.packetId(), codes);
            } else {
                encoder.unsubAck(new UnsubAck(packet.packetId(), List.of(), Properties.NONE));
            }
        }
        handled();
    }

    @Override
    public void pingReq() {
        if (answers(Misbehaviour.Answer.PINGRESP)) {
            encoder.pingResp();
        }
        handled();
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        if (reasonCode != ReasonCode.DISCONNECT_WITH_WILL_MESSAGE) {
            will = null;
        }
        BrokerSession ending = session;
        Connect packet = gate.connect();
        if (ending == null) {
            broker.saidGoodbye(packet == null ? "" : packet.clientId(), reasonCode);
            close();
            return;
        }
        broker.saidGoodbye(ending.clientId, reasonCode);
        if (properties.has(Property.SESSION_EXPIRY_INTERVAL)) {
            ending.expiry(properties.number(Property.SESSION_EXPIRY_INTERVAL, 0));
        }
        close();
    }

    private boolean answers(Misbehaviour.Answer answer) {
        return !broker.misbehave().swallows(answer);
    }

    private void handled() {
        if (broker.misbehave().closesAfterThisPacket()) {
            close();
        }
    }

    /** @throws ProtocolException if the client has not been let in [MQTT-3.1.2-30] */
    private BrokerSession session() {
        BrokerSession attached = session;
        if (attached == null) {
            throw new ProtocolException(ReasonCode.PROTOCOL_ERROR, "no CONNECT has been accepted");
        }
        return attached;
    }
}
