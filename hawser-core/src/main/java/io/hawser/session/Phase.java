package io.hawser.session;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ReasonCode;
import io.hawser.wire.ConnAck;
import io.hawser.wire.Connect;
import io.hawser.wire.PacketSink;
import io.hawser.wire.Properties;
import io.hawser.wire.SubAck;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unreadable;
import io.hawser.wire.UnsubAck;
import io.hawser.wire.Unsubscribe;

/**
 * What a broker may send at one point in the life of a connection. Here that is nothing; each subclass allows a little, so
 * that everything else is an error by construction [MQTT-4.8.0-1].
 */
abstract class Phase implements PacketSink {
    private final String name;

    Phase(String name) {
        this.name = name;
    }

    /** Called for every packet that may not come. */
    ProtocolException notAllowed(String packet) {
        return new ProtocolException(ReasonCode.PROTOCOL_ERROR, packet + " is not allowed " + name);
    }

    @Override
    public void connect(Connect packet) {
        throw notAllowed("CONNECT");
    }

    @Override
    public void connAck(ConnAck packet) {
        throw notAllowed("CONNACK");
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        throw notAllowed("PUBLISH");
    }

    @Override
    public void unreadable(Unreadable packet) {
        throw notAllowed("PUBLISH");
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        throw notAllowed("PUBACK");
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        throw notAllowed("PUBREC");
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        throw notAllowed("PUBREL");
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        throw notAllowed("PUBCOMP");
    }

    @Override
    public void subscribe(Subscribe packet) {
        throw notAllowed("SUBSCRIBE");
    }

    @Override
    public void subAck(SubAck packet) {
        throw notAllowed("SUBACK");
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        throw notAllowed("UNSUBSCRIBE");
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        throw notAllowed("UNSUBACK");
    }

    @Override
    public void pingReq() {
        throw notAllowed("PINGREQ");
    }

    @Override
    public void pingResp() {
        throw notAllowed("PINGRESP");
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        throw notAllowed("DISCONNECT");
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        throw notAllowed("AUTH");
    }
}
