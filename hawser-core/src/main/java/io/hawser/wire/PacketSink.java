package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;

/**
 * A receiver of control packets, with one method for each type. A {@link PacketDecoder} calls a sink with the packets
 * that it reads, a {@link PacketEncoder} is a sink that writes, and connection states are sinks of the broker's
 * packets.
 *
 * <p>The arguments of frequent packets are plain values, so that nothing is allocated for them; other packets are
 * records. If the version has no reason code or no properties on the wire, the arguments are {@link ReasonCode#SUCCESS}
 * and {@link Properties#NONE}. The properties of a PUBLISH are attributes of its message; a topic alias never leaves
 * the codec.
 */
public interface PacketSink {
    void connect(Connect packet);

    void connAck(ConnAck packet);

    /** @param packetId 1 to 65,535, or 0 at QoS 0, which has no identifier [MQTT-2.3.1-5] */
    void publish(Message message, int packetId, boolean duplicate);

    void pubAck(int packetId, ReasonCode reasonCode, Properties properties);

    void pubRec(int packetId, ReasonCode reasonCode, Properties properties);

    /** @param duplicate whether the packet is sent again; on the wire in MQTT 3.1 only, false elsewhere */
    void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate);

    void pubComp(int packetId, ReasonCode reasonCode, Properties properties);

    void subscribe(Subscribe packet);

    void subAck(SubAck packet);

    void unsubscribe(Unsubscribe packet);

    void unsubAck(UnsubAck packet);

    void pingReq();

    void pingResp();

    void disconnect(ReasonCode reasonCode, Properties properties);

    /**
     * Tells of a PUBLISH with a field that is not allowed; only a {@linkplain PacketDecoder#tolerant tolerant} decoder
     * calls this. If the packet can be delivered, {@link #publish} follows.
     */
    default void unreadable(Unreadable packet) {
        throw packet.reason();
    }

    /**
     * Tells of an error in a packet other than PUBLISH that a {@linkplain PacketDecoder#tolerant tolerant} decoder has
     * passed over.
     */
    default void tolerated(String what) {}

    /** AUTH; MQTT 5.0 only. */
    void auth(ReasonCode reasonCode, Properties properties);
}
