package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Will;
import io.hawser.testing.Misbehaviour.Answer;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketDecoder;
import io.hawser.wire.PacketEncoder;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link ModelBroker}: takes the client's packets, and writes the broker's. */
final class BrokerConnection implements Peer, PacketSink {
    private static final int LONGEST_CLIENT_ID_OF_3_1 = 23;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final ModelBroker broker;
    private final ModelBroker.Output output;
    private final PacketDecoder decoder;
    private final SendBuffer buffer = new SendBuffer();
    private PacketEncoder encoder = new PacketEncoder(ProtocolVersion.MQTT_3_1_1, buffer);
    private ProtocolVersion version = ProtocolVersion.MQTT_3_1_1;
    private @Nullable BrokerSession session;
    private @Nullable Will will;
    private long keepAliveNanos;
    private long heardAtNanos;
    private boolean closed;

    BrokerConnection(ModelBroker broker, ModelBroker.Output output, int maximumPacketSize) {
        this.broker = broker;
        this.output = output;
        this.decoder = PacketDecoder.server(maximumPacketSize);
        this.heardAtNanos = broker.nowNanos();
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (closed) {
            return;
        }
        heardAtNanos = broker.nowNanos();
        try {
            decoder.decode(bytes, this);
        } catch (ProtocolException e) {
            if (session == null && e.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION) {
                encoder.connAck(new ConnAck(false, e.reasonCode(), Properties.NONE));
            }
            close();
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

    /** Ends the connection from the broker's side. */
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
        broker.ended(this, session);
        if (last != null) {
            broker.route(last.message());
        }
    }

    void flush() {
        if (!closed && !buffer.isEmpty()) {
            output.send(buffer.take());
        }
    }

    /** Closes the connection if it has been silent for one and a half times its keep alive [MQTT-3.1.2-24]. */
    void checkKeepAlive(long nowNanos) {
        if (keepAliveNanos > 0 && nowNanos - heardAtNanos > keepAliveNanos + keepAliveNanos / 2) {
            close();
        }
    }

    void sendRaw(byte[] bytes) {
        buffer.append(ByteBuffer.wrap(bytes));
        broker.wrote(this);
    }

    void deliver(Message message, int packetId, boolean duplicate) {
        broker.wrote(this);
        encoder.publish(message, packetId, duplicate);
        if (broker.misbehave().publishesTwice()) {
            encoder.publish(message, packetId, duplicate);
        }
    }

    void release(int packetId, boolean duplicate) {
        encoder.pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, duplicate);
    }

    @Override
    public void connect(Connect packet) {
        if (session != null) {
            close();
            return;
        }
        if (packet.version() == ProtocolVersion.MQTT_5) {
            encoder.connAck(new ConnAck(false, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, Properties.NONE));
            close();
            return;
        }
        version = packet.version();
        encoder = new PacketEncoder(version, buffer);
        if (broker.misbehave().closesWithoutConnAck()) {
            close();
            return;
        }
        ReasonCode refusal = broker.misbehave().connectRefusal(version);
        if (refusal == null && !acceptable(packet)) {
            refusal = ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
        }
        if (refusal != null) {
            encoder.connAck(new ConnAck(false, refusal, Properties.NONE));
            close();
            return;
        }
        keepAliveNanos = packet.keepAliveSeconds() * NANOS_PER_SECOND;
        will = packet.will();
        BrokerSession attached = broker.open(packet);
        session = attached;
        boolean present = attached.resumed() && version != ProtocolVersion.MQTT_3_1;
        encoder.connAck(new ConnAck(present, ReasonCode.SUCCESS, Properties.NONE));
        attached.attach(this);
        handled();
    }

    private boolean acceptable(Connect packet) {
        String clientId = packet.clientId();
        if (version == ProtocolVersion.MQTT_3_1) {
            return !clientId.isEmpty() && clientId.length() <= LONGEST_CLIENT_ID_OF_3_1;
        }
        return !clientId.isEmpty() || packet.cleanSession();
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        switch (message.qos()) {
            case AT_MOST_ONCE -> broker.route(message);
            case AT_LEAST_ONCE -> {
                broker.route(message);
                if (answers(Answer.PUBACK)) {
                    encoder.pubAck(packetId, ReasonCode.SUCCESS, Properties.NONE);
                }
            }
            case EXACTLY_ONCE -> {
                session().hold(packetId, message);
                if (answers(Answer.PUBREC)) {
                    encoder.pubRec(packetId, ReasonCode.SUCCESS, Properties.NONE);
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
        session().released(packetId);
        release(packetId, false);
        handled();
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        Message released = session().release(packetId);
        if (released != null) {
            broker.route(released);
        }
        if (answers(Answer.PUBCOMP)) {
            encoder.pubComp(packetId, ReasonCode.SUCCESS, Properties.NONE);
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
        List<ReasonCode> codes = new ArrayList<>();
        List<Subscription> accepted = new ArrayList<>();
        for (Subscription subscription : packet.subscriptions()) {
            if (!broker.misbehave().refuses(subscription.filter())) {
                session().subscribe(subscription);
                accepted.add(subscription);
            } else if (version != ProtocolVersion.MQTT_3_1) {
                codes.add(ReasonCode.UNSPECIFIED_ERROR);
                continue;
            }
            codes.add(granted(subscription.qos()));
        }
        if (answers(Answer.SUBACK)) {
            encoder.subAck(new SubAck(packet.packetId(), codes, Properties.NONE));
        }
        for (Subscription subscription : accepted) {
            broker.offerRetained(session(), subscription);
        }
        handled();
    }

    private static ReasonCode granted(Qos qos) {
        return switch (qos) {
            case AT_MOST_ONCE -> ReasonCode.SUCCESS;
            case AT_LEAST_ONCE -> ReasonCode.GRANTED_QOS_1;
            case EXACTLY_ONCE -> ReasonCode.GRANTED_QOS_2;
        };
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        packet.filters().forEach(session()::unsubscribe);
        if (answers(Answer.UNSUBACK)) {
            encoder.unsubAck(new UnsubAck(packet.packetId(), List.of(), Properties.NONE));
        }
        handled();
    }

    @Override
    public void pingReq() {
        if (answers(Answer.PINGRESP)) {
            encoder.pingResp();
        }
        handled();
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        will = null;
        close();
    }

    @Override
    public void connAck(ConnAck packet) {
        close();
    }

    @Override
    public void subAck(SubAck packet) {
        close();
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        close();
    }

    @Override
    public void pingResp() {
        close();
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        close();
    }

    private boolean answers(Answer answer) {
        return !broker.misbehave().swallows(answer);
    }

    private void handled() {
        if (broker.misbehave().closesAfterThisPacket()) {
            close();
        }
    }

    /** The decoder lets nothing pass before CONNECT, and nothing after a refusal. */
    private BrokerSession session() {
        BrokerSession attached = session;
        if (attached == null) {
            throw new IllegalStateException("no CONNECT has been accepted");
        }
        return attached;
    }
}
