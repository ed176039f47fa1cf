package io.hawser.wire;

import io.hawser.mqtt.Credentials;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.Utf8;
import io.hawser.mqtt.Will;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes each packet it is given to an {@link Outlet}, in the form of one protocol version. For one thread.
 *
 * <p>What cannot be said in that version or must not be sent (packet identifier 0, a packet above the limits, an error
 * code where the version has none) is refused with an {@link IllegalArgumentException} before anything is written, so a
 * refused packet leaves the stream as it was.
 *
 * <p>PUBLISH and its acknowledgements allocate nothing, large payloads apart.
 */
public final class PacketEncoder implements PacketSink {
    /** Payloads from this size on go by reference: below, copying costs less than one more piece in a gathering write. */
    static final int BY_REFERENCE = 16 * 1024;

    private static final int NO_MAXIMUM = 5 + PacketType.MAXIMUM_REMAINING_LENGTH;

    private final ProtocolVersion version;
    private final Outlet outlet;
    private int maximumPacketSize = NO_MAXIMUM;

    public PacketEncoder(ProtocolVersion version, Outlet outlet) {
        this.version = version;
        this.outlet = outlet;
    }

    /** Refuses packets of more than {@code bytes} from now on, the fixed header included; default: what the format allows. */
    public void maximumPacketSize(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("maximum packet size is " + bytes + ", must be at least 1");
        }
        maximumPacketSize = bytes;
    }

    /** The size of the PUBLISH packet that carries {@code message}, in bytes, the fixed header included. */
    public static long publishSize(Message message, ProtocolVersion version) {
        long remaining = publishLength(message);
        return 1 + lengthSize(remaining) + remaining;
    }

    private static long publishLength(Message message) {
        int identifier = message.qos().level() == 0 ? 0 : 2;
        return 2L + message.topicName().sizeInBytes() + identifier + message.payloadSize();
    }

    @Override
    public void connect(Connect packet) {
        if (packet.version() != version) {
            throw refused(
                    PacketType.CONNECT, "is for MQTT " + packet.version() + ", this connection speaks " + version);
        }
        byte[] protocolName = Utf8.encode("protocol name", version.protocolName());
        byte[] clientId = Utf8.encode("client identifier", packet.clientId());
        int keepAlive = packet.keepAliveSeconds();
        if (keepAlive < 0 || keepAlive > 65_535) {
            throw refused(PacketType.CONNECT, "has a keep alive of " + keepAlive + " seconds, must be 0 to 65535");
        }
        Will will = packet.will();
        Credentials credentials = packet.credentials();
        byte[] userName = credentials == null ? null : Utf8.encode("user name", credentials.userName());
        byte[] password = credentials == null ? null : credentials.password();

        int flags = (packet.cleanSession() ? ConnectFlags.CLEAN_SESSION : 0)
                | (will == null ? 0 : ConnectFlags.of(will))
                | (userName == null ? 0 : ConnectFlags.USER_NAME)
                | (password == null ? 0 : ConnectFlags.PASSWORD);
        long remaining = 2L + protocolName.length + 1 + 1 + 2 + 2 + clientId.length;
        if (will != null) {
            remaining += 2
                    + will.message().topicName().sizeInBytes()
                    + 2
                    + will.message().payloadSize();
        }
        remaining += (userName == null ? 0 : 2 + userName.length) + (password == null ? 0 : 2 + password.length);

        ByteBuffer out = begin(PacketType.CONNECT, 0, remaining, 0);
        putBinary(out, protocolName);
        out.put((byte) version.level()).put((byte) flags).putShort((short) keepAlive);
        putBinary(out, clientId);
        if (will != null) {
            Message message = will.message();
            out.putShort((short) message.topicName().sizeInBytes());
            message.topicName().copyTo(out);
            out.putShort((short) message.payloadSize());
            message.copyPayload(0, message.payloadSize(), out);
        }
        if (userName != null) {
            putBinary(out, userName);
        }
        if (password != null) {
            putBinary(out, password);
        }
    }

    @Override
    public void connAck(ConnAck packet) {
        boolean refusal = packet.reasonCode() != ReasonCode.SUCCESS;
        if (packet.sessionPresent() && (refusal || version == ProtocolVersion.MQTT_3_1)) {
            throw refused(
                    PacketType.CONNACK,
                    refusal
                            ? "refuses with a session present [MQTT-3.2.2-4]"
                            : "has a session present, for which MQTT 3.1 has no room");
        }
        begin(PacketType.CONNACK, 0, 2, 0)
                .put((byte) (packet.sessionPresent() ? 1 : 0))
                .put((byte) packet.reasonCode().connectReturnCode());
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        int qos = message.qos().level();
        if (qos > 0) {
            requirePacketId(PacketType.PUBLISH, packetId);
        } else if (packetId != 0) {
            throw refused(
                    PacketType.PUBLISH,
                    "at QoS 0 has packet identifier " + packetId + ", must have none [MQTT-2.3.1-5]");
        } else if (duplicate) {
            throw refused(PacketType.PUBLISH, "at QoS 0 has DUP set [MQTT-3.3.1-2]");
        }
        int flags = (duplicate ? PacketType.DUP : 0) | qos << 1 | (message.retain() ? PacketType.RETAIN : 0);
        int payloadSize = message.payloadSize();
        boolean byReference = payloadSize >= BY_REFERENCE;
        ByteBuffer out = begin(PacketType.PUBLISH, flags, publishLength(message), byReference ? payloadSize : 0);
        out.putShort((short) message.topicName().sizeInBytes());
        message.topicName().copyTo(out);
        if (qos > 0) {
            out.putShort((short) packetId);
        }
        if (byReference) {
            outlet.append(message.payload());
        } else {
            message.copyPayload(0, payloadSize, out);
        }
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode) {
        acknowledgement(PacketType.PUBACK, 0, packetId, reasonCode);
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode) {
        acknowledgement(PacketType.PUBREC, 0, packetId, reasonCode);
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, boolean duplicate) {
        acknowledgement(PacketType.PUBREL, requestFlags(duplicate), packetId, reasonCode);
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode) {
        acknowledgement(PacketType.PUBCOMP, 0, packetId, reasonCode);
    }

    @Override
    public void subscribe(Subscribe packet) {
        requirePacketId(PacketType.SUBSCRIBE, packet.packetId());
        List<Subscription> subscriptions = packet.subscriptions();
        if (subscriptions.isEmpty()) {
            throw refused(PacketType.SUBSCRIBE, "has no topic filter, must have at least one [MQTT-3.8.3-3]");
        }
        List<byte[]> filters = new ArrayList<>(subscriptions.size());
        long remaining = 2;
        for (Subscription subscription : subscriptions) {
            byte[] filter = Utf8.encode("topic filter", subscription.filter().toString());
            filters.add(filter);
            remaining += 2 + filter.length + 1;
        }
        ByteBuffer out = begin(PacketType.SUBSCRIBE, requestFlags(packet.duplicate()), remaining, 0);
        out.putShort((short) packet.packetId());
        for (int i = 0; i < filters.size(); i++) {
            putBinary(out, filters.get(i));
            out.put((byte) subscriptions.get(i).qos().level());
        }
    }

    @Override
    public void subAck(SubAck packet) {
        requirePacketId(PacketType.SUBACK, packet.packetId());
        List<ReasonCode> codes = packet.reasonCodes();
        if (codes.isEmpty()) {
            throw refused(PacketType.SUBACK, "has no return code, must have one per topic filter [MQTT-3.8.4-5]");
        }
        if (version == ProtocolVersion.MQTT_3_1) {
            for (ReasonCode code : codes) {
                if (code.isError()) {
                    throw refused(PacketType.SUBACK, "refuses a filter with " + code + ", which MQTT 3.1 cannot say");
                }
            }
        }
        ByteBuffer out = begin(PacketType.SUBACK, 0, 2L + codes.size(), 0).putShort((short) packet.packetId());
        for (ReasonCode code : codes) {
            out.put((byte) (code.isError() ? ReasonCode.UNSPECIFIED_ERROR.code() : code.code()));
        }
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        requirePacketId(PacketType.UNSUBSCRIBE, packet.packetId());
        if (packet.filters().isEmpty()) {
            throw refused(PacketType.UNSUBSCRIBE, "has no topic filter, must have at least one [MQTT-3.10.3-2]");
        }
        List<byte[]> filters = new ArrayList<>(packet.filters().size());
        long remaining = 2;
        for (TopicFilter each : packet.filters()) {
            byte[] filter = Utf8.encode("topic filter", each.toString());
            filters.add(filter);
            remaining += 2 + filter.length;
        }
        ByteBuffer out = begin(PacketType.UNSUBSCRIBE, requestFlags(packet.duplicate()), remaining, 0);
        out.putShort((short) packet.packetId());
        for (byte[] filter : filters) {
            putBinary(out, filter);
        }
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        for (ReasonCode code : packet.reasonCodes()) {
            requireNoError(PacketType.UNSUBACK, code);
        }
        acknowledgement(PacketType.UNSUBACK, 0, packet.packetId(), ReasonCode.SUCCESS);
    }

    @Override
    public void pingReq() {
        begin(PacketType.PINGREQ, 0, 0, 0);
    }

    @Override
    public void pingResp() {
        begin(PacketType.PINGRESP, 0, 0, 0);
    }

    @Override
    public void disconnect(ReasonCode reasonCode) {
        requireNoError(PacketType.DISCONNECT, reasonCode);
        begin(PacketType.DISCONNECT, 0, 0, 0);
    }

    private void acknowledgement(PacketType type, int flags, int packetId, ReasonCode reasonCode) {
        requirePacketId(type, packetId);
        requireNoError(type, reasonCode);
        begin(type, flags, 2, 0).putShort((short) packetId);
    }

    /** QoS 1 in the flags of PUBREL, SUBSCRIBE and UNSUBSCRIBE; DUP beside it is a thing of MQTT 3.1 alone. */
    private int requestFlags(boolean duplicate) {
        return PacketType.QOS_1 | (duplicate && version == ProtocolVersion.MQTT_3_1 ? PacketType.DUP : 0);
    }

    /** Room for a packet, its fixed header written; {@code elsewhere} bytes of it will be appended by reference. */
    private ByteBuffer begin(PacketType type, int flags, long remaining, int elsewhere) {
        int lengthSize = lengthSize(remaining);
        long total = 1 + lengthSize + remaining;
        if (remaining > PacketType.MAXIMUM_REMAINING_LENGTH) {
            throw refused(
                    type,
                    "has a remaining length of " + remaining + " bytes, must have at most "
                            + PacketType.MAXIMUM_REMAINING_LENGTH);
        }
        if (total > maximumPacketSize) {
            throw refused(type, "has " + total + " bytes, the maximum packet size is " + maximumPacketSize);
        }
        ByteBuffer out = outlet.room((int) total - elsewhere);
        out.put((byte) (type.code() << 4 | flags));
        int rest = (int) remaining;
        while (rest > 0x7F) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        return out.put((byte) rest);
    }

    private static int lengthSize(long remaining) {
        return remaining < 1 << 7 ? 1 : remaining < 1 << 14 ? 2 : remaining < 1 << 21 ? 3 : 4;
    }

    private static void putBinary(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }

    private static void requirePacketId(PacketType type, int packetId) {
        if (packetId < 1 || packetId > 65_535) {
            throw refused(type, "has packet identifier " + packetId + ", must be 1 to 65535 [MQTT-2.3.1-1]");
        }
    }

    private void requireNoError(PacketType type, ReasonCode reasonCode) {
        if (reasonCode.isError()) {
            throw refused(type, "has reason code " + reasonCode + ", for which MQTT " + version + " has no room");
        }
    }

    private static IllegalArgumentException refused(PacketType type, String why) {
        return new IllegalArgumentException(type + " " + why);
    }
}
