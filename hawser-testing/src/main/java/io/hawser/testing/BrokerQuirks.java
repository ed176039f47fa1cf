package io.hawser.testing;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicFilter;
import io.hawser.wire.Connect;
import io.hawser.wire.Subscribe;
import io.hawser.wire.Unsubscribe;
import java.nio.ByteBuffer;
import java.util.List;

/** What the quirks of a {@link ModelBroker} make of the packets of one connection. */
final class BrokerQuirks {
    private static final byte[] MIXED_CONNACK = {0x20, 3, 0, 1, 0};
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;
    private static final int DISCONNECT = 0xE0;
    private static final int SUBACK = 0x90;
    private static final int UNSUBACK = 0xB0;

    private final Misbehaviour misbehaviour;
    private final SendBuffer buffer;
    /** Whether this connection answers nothing any more. */
    private boolean mute;

    BrokerQuirks(Misbehaviour misbehaviour, SendBuffer buffer) {
        this.misbehaviour = misbehaviour;
        this.buffer = buffer;
    }

    boolean isMute() {
        return mute;
    }

    /** Whether this CONNECT ends the connection. */
    boolean closesOn(Connect packet) {
        if (packet.version() == ProtocolVersion.MQTT_5 && misbehaviour.quirk(Quirk.MixesConnAck.class) != null) {
            buffer.append(ByteBuffer.wrap(MIXED_CONNACK));
            return true;
        }
        return packet.will() != null && misbehaviour.quirk(Quirk.ClosesOnWill.class) != null;
    }

    /** Whether this PUBLISH ends the connection. */
    boolean closesOn(Message message, ProtocolVersion version) {
        Quirk.ClosesOnPublish quirk = misbehaviour.quirk(Quirk.ClosesOnPublish.class);
        if (quirk == null
                || message.payloadSize() <= quirk.largerThan()
                || !quirk.topics().matches(message.topicName())) {
            return false;
        }
        if (quirk.blames() != 0 && version == ProtocolVersion.MQTT_5) {
            put(DISCONNECT, 1, quirk.blames());
        }
        return true;
    }

    /** Whether this SUBSCRIBE ends the connection. */
    boolean closesOn(Subscribe packet) {
        Quirk.ClosesOnFilter quirk = misbehaviour.quirk(Quirk.ClosesOnFilter.class);
        boolean unwanted = quirk != null
                && packet.subscriptions().stream()
                        .anyMatch(asked -> asked.filter().equals(quirk.filter()));
        return unwanted || tooMany(packet.subscriptions().size());
    }

    /** Whether this UNSUBSCRIBE ends the connection. */
    boolean closesOn(Unsubscribe packet) {
        Quirk.ClosesOnUnsubscribe quirk = misbehaviour.quirk(Quirk.ClosesOnUnsubscribe.class);
        boolean unwanted = quirk != null && packet.filters().contains(quirk.filter());
        return unwanted || tooMany(packet.filters().size());
    }

    private boolean tooMany(int filters) {
        Quirk.ClosesOnManyFilters quirk = misbehaviour.quirk(Quirk.ClosesOnManyFilters.class);
        return quirk != null && filters > quirk.most();
    }

    /** Refuses this PUBLISH with a code of its own; false if it has none for it. */
    boolean refuses(Message message, int packetId, ProtocolVersion version) {
        Quirk.RefusesPublish quirk = misbehaviour.quirk(Quirk.RefusesPublish.class);
        if (quirk == null
                || version != ProtocolVersion.MQTT_5
                || message.qos() == Qos.AT_MOST_ONCE
                || !quirk.topics().matches(message.topicName())) {
            return false;
        }
        int type = message.qos() == Qos.AT_LEAST_ONCE ? PUBACK : PUBREC;
        put(type, 3, packetId >> 8, packetId, quirk.code());
        return true;
    }

    /** The code for a subscription to this filter, or 0 if there is none of its own. */
    int refusal(TopicFilter filter, ProtocolVersion version) {
        Quirk.RefusesFilter quirk = misbehaviour.quirk(Quirk.RefusesFilter.class);
        return quirk != null
                        && version != ProtocolVersion.MQTT_3_1
                        && quirk.filter().equals(filter)
                ? quirk.code()
                : 0;
    }

    /** The code for the end of a subscription to this filter, or 0 if there is none of its own. */
    int unsubscribeRefusal(TopicFilter filter, ProtocolVersion version) {
        Quirk.RefusesUnsubscribe quirk = misbehaviour.quirk(Quirk.RefusesUnsubscribe.class);
        return quirk != null
                        && version == ProtocolVersion.MQTT_5
                        && quirk.filter().equals(filter)
                ? quirk.code()
                : 0;
    }

    /** Writes a SUBACK with any codes. */
    void subAck(int packetId, List<Integer> codes, ProtocolVersion version) {
        acknowledge(SUBACK, packetId, codes, version);
    }

    /** Writes an UNSUBACK with any codes, which only MQTT 5.0 has. */
    void unsubAck(int packetId, List<Integer> codes) {
        acknowledge(UNSUBACK, packetId, codes, ProtocolVersion.MQTT_5);
    }

    private void acknowledge(int type, int packetId, List<Integer> codes, ProtocolVersion version) {
        boolean is5 = version == ProtocolVersion.MQTT_5;
        int remaining = 2 + (is5 ? 1 : 0) + codes.size();
        ByteBuffer out = buffer.room(3 + remaining);
        out.put((byte) type);
        if (remaining > 127) {
            out.put((byte) (remaining & 127 | 128)).put((byte) (remaining >> 7));
        } else {
            out.put((byte) remaining);
        }
        out.putShort((short) packetId);
        if (is5) {
            out.put((byte) 0);
        }
        codes.forEach(code -> out.put(code.byteValue()));
    }

    private void put(int... bytes) {
        ByteBuffer out = buffer.room(bytes.length);
        for (int each : bytes) {
            out.put((byte) each);
        }
    }

    /** The message as this broker takes it. */
    Message taken(Message message) {
        boolean lowers = message.qos() == Qos.EXACTLY_ONCE && lacksExactlyOnce();
        return lowers ? message.qos(Qos.AT_LEAST_ONCE) : message;
    }

    /** A PUBREL has come. Returns whether that is the end of all answers. */
    boolean fallsSilent() {
        mute |= lacksExactlyOnce();
        return mute;
    }

    private boolean lacksExactlyOnce() {
        return misbehaviour.quirk(Quirk.LacksExactlyOnce.class) != null;
    }

    /** How many messages the client is sent at most without acknowledging one. */
    long inflight(long receiveMaximum) {
        Quirk.ExceedsReceiveMaximum quirk = misbehaviour.quirk(Quirk.ExceedsReceiveMaximum.class);
        return quirk == null ? receiveMaximum : receiveMaximum + quirk.by();
    }
}
