package io.hawser.wire;

import static io.hawser.wire.Frames.refused;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.text.Utf8;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An encoder that writes packets to an {@link Outlet}, in the form of one protocol version. For one thread.
 *
 * <p>A packet that the version does not have or that must not be sent (packet identifier 0, a size above the limits, a
 * reason code or a property where the version or the packet has none) is rejected with an
 * {@link IllegalArgumentException} before anything is written, so that the stream stays as it was. Only the
 * explanations of an answer, reason string and user properties, are left out of a packet that would be too large with
 * them [MQTT-3.4.2-2] [MQTT-3.4.2-3]; if it is still too large, an acknowledgement or DISCONNECT is sent without its
 * reason code, since no packet at all would be worse.
 *
 * <p>PUBLISH and its acknowledgements allocate nothing, large payloads and properties apart.
 */
public final class PacketEncoder implements PacketSink {
    /**
     * The size from which on payloads are appended by reference; copying a smaller payload costs less than one more
     * piece in a gathering write.
     */
    static final int BY_REFERENCE = 16 * 1024;

    /** The size of a topic alias among the properties. */
    private static final int ALIAS_BYTES = 3;

    private final ProtocolVersion version;
    private final boolean isMqtt5;
    private final Frames frames;
    private final PropertyWriter properties;
    private @Nullable TopicAliases aliases;
    /** Whether this side has sent CONNECT; a client sends no subscription identifiers [MQTT-3.3.4-6]. */
    private boolean isClient;

    public PacketEncoder(ProtocolVersion version, Outlet outlet) {
        this.version = version;
        this.isMqtt5 = version == ProtocolVersion.MQTT_5;
        this.frames = new Frames(outlet);
        this.properties = new PropertyWriter(version);
    }

    /**
     * Sets the largest packet in bytes, the fixed header included (default: the format's limit); larger packets are
     * rejected.
     */
    public void maximumPacketSize(int bytes) {
        frames.maximumPacketSize(bytes);
    }

    /**
     * Sends topics that come again by topic aliases, if that saves bytes.
     *
     * @param maximum the largest alias that the peer takes: 0 (the default: none) to 65,535, and 0 before MQTT 5.0
     */
    public void topicAliasMaximum(int maximum) {
        int most = isMqtt5 ? 65_535 : 0;
        if (maximum < 0 || maximum > most) {
            throw new IllegalArgumentException(
                    "topic alias maximum is " + maximum + ", must be 0 to " + most + " in MQTT " + version);
        }
        aliases = maximum == 0 ? null : new TopicAliases(maximum);
    }

    /**
     * The size of the PUBLISH packet of {@code message}, in bytes, the fixed header included. A topic alias can make
     * the packet smaller.
     */
    public static long publishSize(Message message, ProtocolVersion version) {
        return publishSize(message, version, true);
    }

    /** The size of the PUBLISH packet of {@code message} if a client sends it: without subscription identifiers. */
    public static long clientPublishSize(Message message, ProtocolVersion version) {
        return publishSize(message, version, false);
    }

    private static long publishSize(Message message, ProtocolVersion version, boolean identifiers) {
        long remaining = publishLength(message);
        if (version == ProtocolVersion.MQTT_5) {
            remaining += PropertyWriter.section(new PropertyWriter(version).size(message, identifiers));
        }
        return Frames.size(remaining);
    }

    /**
     * The size of a SUBSCRIBE or UNSUBSCRIBE, in bytes, the fixed header included.
     *
     * @param filters the size of the filters with their lengths and, in SUBSCRIBE, options
     * @param identifier the subscription identifier, or 0 if there is none
     * @param given the other properties
     */
    public static long requestSize(long filters, int identifier, Properties given, ProtocolVersion version) {
        Properties all = identifier == 0 ? given : given.with(Property.SUBSCRIPTION_IDENTIFIER, identifier);
        return Frames.size(2 + filters + new PropertyWriter(version).section(PacketType.SUBSCRIBE, all));
    }

    /** The remaining length of a PUBLISH without its properties. */
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
        ConnectWriter writer = new ConnectWriter(packet, properties);
        writer.put(frames.begin(PacketType.CONNECT, 0, writer.length(), 0));
        isClient = true;
    }

    @Override
    public void connAck(ConnAck packet) {
        ReasonCode reasonCode = packet.reasonCode();
        if (packet.sessionPresent() && reasonCode != ReasonCode.SUCCESS) {
            throw refused(PacketType.CONNACK, "refuses with a session present " + rule("3.2.2-4", "3.2.2-6"));
        }
        if (packet.sessionPresent() && version == ProtocolVersion.MQTT_3_1) {
            throw refused(PacketType.CONNACK, "has a session present, for which MQTT 3.1 has no room");
        }
        if (isMqtt5) {
            requireAllowed(PacketType.CONNACK, reasonCode);
        }
        Properties fitting = fitting(PacketType.CONNACK, packet.properties(), 2);
        ByteBuffer out = frames.begin(PacketType.CONNACK, 0, 2 + properties.section(PacketType.CONNACK, fitting), 0);
        out.put((byte) (packet.sessionPresent() ? 1 : 0));
        out.put((byte) (isMqtt5 ? reasonCode.code() : reasonCode.connectReturnCode()));
        properties.put(out, fitting);
    }

    @Override
    public void publish(Message message, int packetId, boolean duplicate) {
        int qos = message.qos().level();
        if (qos > 0) {
            requirePacketId(PacketType.PUBLISH, packetId);
        } else if (packetId != 0) {
            throw refused(
                    PacketType.PUBLISH,
                    "at QoS 0 has packet identifier " + packetId + ", must have none " + rule("2.3.1-5", "2.2.1-2"));
        } else if (duplicate) {
            throw refused(PacketType.PUBLISH, "at QoS 0 has DUP set [MQTT-3.3.1-2]");
        }
        int flags = (duplicate ? PacketType.DUP : 0) | qos << 1 | (message.retain() ? PacketType.RETAIN : 0);
        int payloadSize = message.payloadSize();
        if (aliases == null && frames.isSmall(publishLength(message)) && properties.size(message, !isClient) == 0) {
            small(message, flags, packetId, payloadSize);
        } else if (payloadSize >= BY_REFERENCE) {
            beginPublish(message, flags, packetId, payloadSize);
            frames.append(message.payload());
        } else {
            message.copyPayload(0, payloadSize, beginPublish(message, flags, packetId, 0));
        }
    }

    /**
     * Writes the most frequent PUBLISH with few calls: with one byte of remaining length, no property and no topic
     * alias.
     */
    private void small(Message message, int flags, int packetId, int payloadSize) {
        TopicName topic = message.topicName();
        int remaining = (int) publishLength(message) + (isMqtt5 ? 1 : 0);
        ByteBuffer out = frames.room(2 + remaining);
        out.putInt((PacketType.PUBLISH.code() << 4 | flags) << 24 | remaining << 16 | topic.sizeInBytes());
        topic.copyTo(out);
        if (packetId != 0) {
            out.putShort((short) packetId);
        }
        if (isMqtt5) {
            out.put((byte) 0);
        }
        message.copyPayload(0, payloadSize, out);
    }

    /** Writes a PUBLISH up to its payload, of which {@code elsewhere} bytes will be appended by reference. */
    private ByteBuffer beginPublish(Message message, int flags, int packetId, int elsewhere) {
        TopicName topic = message.topicName();
        long size = properties.size(message, !isClient);
        long length = publishLength(message);
        TopicAliases given = topic.sizeInBytes() > ALIAS_BYTES ? aliases : null;
        int alias = 0;
        boolean isNew = false;
        if (given != null) {
            alias = given.find(topic);
            length -= alias == 0 ? 0 : topic.sizeInBytes();
            // A new alias makes this packet larger, which must not make it too large.
            isNew = alias == 0 && frames.fits(length + PropertyWriter.section(size + ALIAS_BYTES));
        }
        long all = size + (alias != 0 || isNew ? ALIAS_BYTES : 0);
        long remaining = length + (isMqtt5 ? PropertyWriter.section(all) : 0);
        ByteBuffer out = frames.begin(PacketType.PUBLISH, flags, remaining, elsewhere);
        if (alias == 0) {
            out.putShort((short) topic.sizeInBytes());
            topic.copyTo(out);
        } else {
            out.putShort((short) 0);
        }
        if (packetId != 0) {
            out.putShort((short) packetId);
        }
        if (isMqtt5) {
            VariableByteInteger.put(out, (int) all);
        }
        if (given != null && all != size) {
            out.put((byte) Property.TOPIC_ALIAS.identifier());
            out.putShort((short) (isNew ? given.add(topic) : alias));
        }
        if (size > 0) {
            PropertyWriter.put(out, message, !isClient);
        }
        return out;
    }

    @Override
    public void pubAck(int packetId, ReasonCode reasonCode, Properties properties) {
        acknowledgement(PacketType.PUBACK, 0, packetId, reasonCode, properties);
    }

    @Override
    public void pubRec(int packetId, ReasonCode reasonCode, Properties properties) {
        acknowledgement(PacketType.PUBREC, 0, packetId, reasonCode, properties);
    }

    @Override
    public void pubRel(int packetId, ReasonCode reasonCode, Properties properties, boolean duplicate) {
        acknowledgement(PacketType.PUBREL, requestFlags(duplicate), packetId, reasonCode, properties);
    }

    @Override
    public void pubComp(int packetId, ReasonCode reasonCode, Properties properties) {
        acknowledgement(PacketType.PUBCOMP, 0, packetId, reasonCode, properties);
    }

    @Override
    public void subscribe(Subscribe packet) {
        requirePacketId(PacketType.SUBSCRIBE, packet.packetId());
        List<Subscription> subscriptions = packet.subscriptions();
        if (subscriptions.isEmpty()) {
            throw refused(
                    PacketType.SUBSCRIBE, "has no topic filter, must have at least one " + rule("3.8.3-3", "3.8.3-2"));
        }
        Properties all = SubscriptionOptions.properties(packet);
        List<byte[]> filters = new ArrayList<>(subscriptions.size());
        long remaining = 2 + properties.section(PacketType.SUBSCRIBE, all);
        for (Subscription subscription : subscriptions) {
            if (subscription.hasOptions() && !isMqtt5) {
                throw refused(
                        PacketType.SUBSCRIBE,
                        "has a subscription with noLocal, retainAsPublished, retainHandling or identifier set, for which"
                                + " MQTT " + version + " has no room");
            }
            byte[] filter = Utf8.encode("topic filter", subscription.filter().toString());
            filters.add(filter);
            remaining += 2 + filter.length + 1;
        }
        ByteBuffer out = frames.begin(PacketType.SUBSCRIBE, requestFlags(packet.duplicate()), remaining, 0);
        out.putShort((short) packet.packetId());
        properties.put(out, all);
        for (int i = 0; i < filters.size(); i++) {
            putBinary(out, filters.get(i));
            out.put((byte) SubscriptionOptions.of(subscriptions.get(i)));
        }
    }

    @Override
    public void subAck(SubAck packet) {
        List<ReasonCode> codes = packet.reasonCodes();
        if (codes.isEmpty()) {
            throw refused(
                    PacketType.SUBACK,
                    "has no return code, must have one per topic filter " + rule("3.8.4-5", "3.8.4-6"));
        }
        for (ReasonCode code : codes) {
            if (isMqtt5) {
                requireAllowed(PacketType.SUBACK, code);
            } else if (code.isError() && version == ProtocolVersion.MQTT_3_1) {
                throw refused(PacketType.SUBACK, "refuses a filter with " + code + ", which MQTT 3.1 cannot say");
            }
        }
        answer(PacketType.SUBACK, packet.packetId(), codes, packet.properties());
    }

    @Override
    public void unsubscribe(Unsubscribe packet) {
        requirePacketId(PacketType.UNSUBSCRIBE, packet.packetId());
        if (packet.filters().isEmpty()) {
            throw refused(PacketType.UNSUBSCRIBE, "has no topic filter, must have at least one [MQTT-3.10.3-2]");
        }
        List<byte[]> filters = new ArrayList<>(packet.filters().size());
        long remaining = 2 + properties.section(PacketType.UNSUBSCRIBE, packet.properties());
        for (TopicFilter each : packet.filters()) {
            byte[] filter = Utf8.encode("topic filter", each.toString());
            filters.add(filter);
            remaining += 2 + filter.length;
        }
        ByteBuffer out = frames.begin(PacketType.UNSUBSCRIBE, requestFlags(packet.duplicate()), remaining, 0);
        out.putShort((short) packet.packetId());
        properties.put(out, packet.properties());
        for (byte[] filter : filters) {
            putBinary(out, filter);
        }
    }

    @Override
    public void unsubAck(UnsubAck packet) {
        List<ReasonCode> codes = packet.reasonCodes();
        if (isMqtt5 && codes.isEmpty()) {
            throw refused(PacketType.UNSUBACK, "has no reason code, must have one per topic filter [MQTT-3.11.3-2]");
        }
        for (ReasonCode code : codes) {
            requireAllowed(PacketType.UNSUBACK, code);
        }
        answer(PacketType.UNSUBACK, packet.packetId(), isMqtt5 ? codes : List.of(), packet.properties());
    }

    /** Writes SUBACK or UNSUBACK. */
    private void answer(PacketType type, int packetId, List<ReasonCode> codes, Properties given) {
        requirePacketId(type, packetId);
        Properties fitting = fitting(type, given, 2L + codes.size());
        ByteBuffer out = frames.begin(type, 0, 2 + properties.section(type, fitting) + codes.size(), 0);
        out.putShort((short) packetId);
        properties.put(out, fitting);
        for (ReasonCode code : codes) {
            out.put((byte) (code.isError() && !isMqtt5 ? ReasonCode.UNSPECIFIED_ERROR : code).code());
        }
    }

    @Override
    public void pingReq() {
        frames.begin(PacketType.PINGREQ, 0, 0, 0);
    }

    @Override
    public void pingResp() {
        frames.begin(PacketType.PINGRESP, 0, 0, 0);
    }

    @Override
    public void disconnect(ReasonCode reasonCode, Properties properties) {
        withReason(PacketType.DISCONNECT, 0, 0, reasonCode, properties);
    }

    @Override
    public void auth(ReasonCode reasonCode, Properties properties) {
        if (!isMqtt5) {
            throw refused(PacketType.AUTH, "is unknown to MQTT " + version);
        }
        boolean isShort = reasonCode == ReasonCode.SUCCESS && properties.isEmpty();
        if (!isShort && !properties.has(Property.AUTHENTICATION_METHOD)) {
            throw refused(PacketType.AUTH, "has no AUTHENTICATION_METHOD [MQTT-4.12.0-5]");
        }
        withReason(PacketType.AUTH, 0, 0, reasonCode, properties);
    }

    private void acknowledgement(
            PacketType type, int flags, int packetId, ReasonCode reasonCode, Properties properties) {
        requirePacketId(type, packetId);
        if (reasonCode == ReasonCode.SUCCESS && properties.isEmpty()) {
            frames.acknowledge(type, flags, packetId);
        } else {
            withReason(type, flags, packetId, reasonCode, properties);
        }
    }

    /** Writes a packet that ends with reason code and properties, and leaves them out if they say nothing. */
    private void withReason(PacketType type, int flags, int packetId, ReasonCode reasonCode, Properties given) {
        requireAllowed(type, reasonCode);
        int before = packetId == 0 ? 0 : 2;
        Properties fitting = fitting(type, given, before + 1L);
        long section = properties.section(type, fitting);
        boolean mayBeShort = isMqtt5 && type != PacketType.AUTH;
        boolean hasProperties = !fitting.isEmpty() && !(mayBeShort && !frames.fits(before + 1 + section));
        boolean hasReason = isMqtt5
                && (hasProperties || reasonCode != ReasonCode.SUCCESS && !(mayBeShort && !frames.fits(before + 1)));
        ByteBuffer out = frames.begin(type, flags, before + (hasReason ? 1 : 0) + (hasProperties ? section : 0), 0);
        if (packetId != 0) {
            out.putShort((short) packetId);
        }
        if (hasReason) {
            out.put((byte) reasonCode.code());
        }
        if (hasProperties) {
            properties.put(out, fitting);
        }
    }

    /**
     * The properties of an answer, without reason string and user properties if there is no room for them beside
     * {@code rest} bytes.
     */
    private Properties fitting(PacketType type, Properties given, long rest) {
        if (frames.fits(rest + properties.section(type, given))) {
            return given;
        }
        Properties less = given.with(List.of());
        return frames.fits(rest + properties.section(type, less)) ? less : less.without(Property.REASON_STRING);
    }

    /** The flags of PUBREL, SUBSCRIBE and UNSUBSCRIBE: QoS 1, and DUP in MQTT 3.1 only. */
    private int requestFlags(boolean duplicate) {
        return PacketType.QOS_1 | (duplicate && version == ProtocolVersion.MQTT_3_1 ? PacketType.DUP : 0);
    }

    private static void putBinary(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }

    private void requirePacketId(PacketType type, int packetId) {
        if (packetId < 1 || packetId > 65_535) {
            throw refused(
                    type, "has packet identifier " + packetId + ", must be 1 to 65535 " + rule("2.3.1-1", "2.2.1-3"));
        }
    }

    private void requireAllowed(PacketType type, ReasonCode reasonCode) {
        if (isMqtt5 && !ReasonCodes.of(type).contains(reasonCode)) {
            throw refused(type, "has reason code " + reasonCode + ", must not " + ReasonCodes.rule(type));
        }
        if (!isMqtt5 && reasonCode.isError()) {
            throw refused(type, "has reason code " + reasonCode + ", for which MQTT " + version + " has no room");
        }
    }

    /** The name that this version has for a rule that MQTT 3.x and 5.0 share. */
    private String rule(String of3, String of5) {
        return "[MQTT-" + (isMqtt5 ? of5 : of3) + "]";
    }
}
