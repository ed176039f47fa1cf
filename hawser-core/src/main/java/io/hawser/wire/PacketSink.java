package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ReasonCode;

/**
 * Takes control packets, one call each. A {@link PacketDecoder} calls one for what it reads, a {@link PacketEncoder} is
 * one that writes, and connection states are sinks for what a broker may send them.
 *
 * <p>The packets that come in masses are plain arguments, so that nothing is allocated for them; the others are records.
 * Reason codes are {@link ReasonCode#SUCCESS}, and properties {@link Properties#NONE}, where the version has none on the
 * wire. The properties of a PUBLISH are attributes of its message; a topic alias never leaves the codec.
 */
public interface PacketSink {
    void connect(Connect packet);

    void connAck(ConnAck packet);

    /** @param packetId 1 to 65,535, or 0 at QoS 0, which has none [MQTT-2.3.1-5] */
    void publish(Message message, int packetId, boolean duplicate);

    void pubAck(int packetId, ReasonCode reasonCode, Properties properties);

    void pubRec(int packetId, ReasonCode reasonCode, Properties properties);

    /** @param duplicate whether it is sent again; on the wire in MQTT 3.1 only, false elsewhere */
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
     * A PUBLISH has a field that is not allowed; only a {@linkplain PacketDecoder#tolerant tolerant} decoder calls this. If the
     * packet is not refused, {@link #publish} follows.
     */
    default void unreadable(Unreadable packet) {
        throw packet.reason();
    }

    /** In a packet other than PUBLISH, a {@linkplain PacketDecoder#tolerant tolerant} decoder has passed over this. */
    default void tolerated(String what) {}

    /** MQTT 5.0 only. */
    void auth(ReasonCode reasonCode, Properties properties);
}
