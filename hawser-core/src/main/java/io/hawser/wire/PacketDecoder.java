package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Turns a stream of bytes, cut anywhere, into packets. For one connection and one thread.
 *
 * <p>Strict: what the version does not allow throws a {@link ProtocolException} that names the packet, the byte (counted
 * from 0, the first byte of the packet's fixed header) and the rule; nothing is decoded after that. Type, flags and
 * remaining length are judged as soon as they are there. Memory follows what has arrived, never what was announced.
 *
 * <p>Packets that lie whole in a chunk are read in place. A PUBLISH allocates its message and one array for the payload.
 */
public final class PacketDecoder {
    /** An incomplete PUBLISH above this size is collected in its final payload array, sparing a copy. */
    static final int LARGE_PUBLISH = 16 * 1024;

    private static final int MAXIMUM_HEADER = 5;
    private static final int FIRST_HELD = 64;
    /** Larger arrays for incomplete packets are given back after use. */
    private static final int KEPT_HELD = 1024;

    private static final byte[] NO_BYTES = {};

    private final int maximumPacketSize;
    private final PacketReader reader = new PacketReader();
    private final PropertyReader properties = new PropertyReader(reader);
    private final PublishReader publish = new PublishReader(reader, properties);
    private @Nullable ProtocolVersion version;
    private @Nullable PacketSink redirected;
    private boolean stopped;

    // The fixed header that readHeader has understood last. A length of 0: it is not complete.
    private PacketType type = PacketType.CONNECT;
    private int flags;
    private int headerLength;
    private int remainingLength;

    // The first bytes of a packet that is not complete: held[0] to held[count - 1].
    private byte[] held = NO_BYTES;
    private ByteBuffer heldBuffer = ByteBuffer.wrap(held);
    private int count;

    // The payload of a large PUBLISH that is not complete: payload[0] to payload[filled - 1] of payloadSize.
    private byte @Nullable [] payload;
    private int payloadSize;
    private int filled;

    /**
     * A decoder for a connection whose version is known.
     *
     * @param maximumPacketSize larger packets are refused; in bytes, the fixed header included
     */
    public PacketDecoder(ProtocolVersion version, int maximumPacketSize) {
        this(maximumPacketSize);
        this.version = version;
        reader.version(version);
    }

    private PacketDecoder(int maximumPacketSize) {
        if (maximumPacketSize < 2) {
            throw new IllegalArgumentException("maximum packet size is " + maximumPacketSize + ", must be at least 2");
        }
        this.maximumPacketSize = maximumPacketSize;
    }

    /** A decoder for the server's side: the first packet must be CONNECT, and the version is learned from it. */
    public static PacketDecoder server(int maximumPacketSize) {
        return new PacketDecoder(maximumPacketSize);
    }

    /**
     * Takes topic aliases up to this one: 0 (the default) to 65,535, what the peer has been told. Those above are refused
     * [MQTT-3.3.2-11].
     */
    public void topicAliasMaximum(int maximum) {
        publish.topicAliasMaximum(maximum);
    }

    /**
     * Reads all bytes between the chunk's position and its limit, and calls the sink for every packet that they complete.
     * The chunk is not needed afterwards.
     *
     * @throws ProtocolException if the bytes break the protocol; later chunks are ignored
     */
    public void decode(ByteBuffer chunk, PacketSink first) {
        PacketSink sink = first;
        redirected = null;
        int at = chunk.position();
        int end = chunk.limit();
        chunk.position(end);
        try {
            while (at < end && !stopped) {
                if (count == 0
                        && payload == null
                        && readHeader(chunk, at, end)
                        && remainingLength <= end - at - headerLength) {
                    int from = at;
                    at += headerLength + remainingLength;
                    packet(chunk, from, at, sink);
                } else {
                    at = collect(chunk, at, end, sink);
                }
                if (redirected != null) {
                    sink = redirected;
                }
            }
        } catch (ProtocolException e) {
            stop();
            throw e;
        } finally {
            reader.release();
        }
    }

    /** Gives the packets of this chunk after the current one to another sink. To be called from within the sink. */
    public void redirect(PacketSink sink) {
        redirected = sink;
    }

    /** Decodes nothing further, neither of the current chunk nor of later ones. May be called from within the sink. */
    public void stop() {
        stopped = true;
        hold(NO_BYTES);
        count = 0;
        payload = null;
    }

    /** How many bytes are reserved for a packet that is not complete. */
    int reserved() {
        byte[] collected = payload;
        return held.length + (collected == null ? 0 : collected.length);
    }

    /** Judges the fixed header at {@code at}, as far as it is there; true if it is complete. */
    private boolean readHeader(ByteBuffer in, int at, int end) {
        headerLength = 0;
        int first = in.get(at) & 0xFF;
        readFirstByte(first);
        int length = 0;
        for (int i = 1; i < MAXIMUM_HEADER; i++) {
            if (at + i >= end) {
                return false;
            }
            int b = in.get(at + i);
            length |= (b & 0x7F) << 7 * (i - 1);
            if (b >= 0) {
                requireLength(length, i + 1);
                requireShortest(version, length, i + 1);
                headerLength = i + 1;
                remainingLength = length;
                return true;
            }
        }
        throw error(
                ReasonCode.MALFORMED_PACKET,
                4,
                "remaining length has more than four bytes (MQTT 3.1.1, section 2.2.3)");
    }

    private void readFirstByte(int first) {
        // CONNECT has the same flags in every version.
        ProtocolVersion known = version == null ? ProtocolVersion.MQTT_3_1_1 : version;
        PacketType found = PacketType.ofCode(first >> 4, known);
        if (found == null) {
            throw new ProtocolException(
                    ReasonCode.MALFORMED_PACKET,
                    "packet type " + (first >> 4) + ", byte 0: is reserved (MQTT "
                            + (reader.isMqtt5() ? "5.0, section 2.1.2)" : "3.1.1, section 2.2.1)"));
        }
        type = found;
        flags = first & 0x0F;
        if (version == null && found != PacketType.CONNECT) {
            throw error(ReasonCode.PROTOCOL_ERROR, 0, "comes before CONNECT, which must be first [MQTT-3.1.0-1]");
        }
        if ((found.allowedFlags(known) >>> flags & 1) == 0) {
            throw error(ReasonCode.MALFORMED_PACKET, 0, wrongFlags(known));
        }
    }

    private String wrongFlags(ProtocolVersion known) {
        if (type != PacketType.PUBLISH) {
            String bits = Integer.toBinaryString(0b10000 | flags).substring(1);
            return "has the flags " + bits + ", which are reserved " + type.flagsRule(known);
        }
        return (flags & 0b0110) == 0b0110
                ? "QoS is 3, must be 0, 1 or 2 [MQTT-3.3.1-4]"
                : "DUP is 1 at QoS 0, must be 0 [MQTT-3.3.1-2]";
    }

    private void requireLength(int length, int header) {
        // Before CONNECT has told the version: the least of all, and the most of all.
        int least = type.minimumLength(version == null ? ProtocolVersion.MQTT_3_1_1 : version);
        int most = type.maximumLength(version == null ? ProtocolVersion.MQTT_5 : version);
        if (length < least || length > most) {
            throw error(
                    ReasonCode.MALFORMED_PACKET,
                    1,
                    "remaining length is " + length + ", must be " + (least == most ? "" : least + " to ") + most);
        }
        if (length > maximumPacketSize - header) {
            throw error(
                    ReasonCode.PACKET_TOO_LARGE,
                    1,
                    "packet has " + ((long) header + length) + " bytes, the maximum packet size is "
                            + maximumPacketSize);
        }
    }

    private void requireShortest(@Nullable ProtocolVersion known, int length, int header) {
        if (known == ProtocolVersion.MQTT_5 && header > 1 + VariableByteInteger.size(length)) {
            throw error(
                    ReasonCode.MALFORMED_PACKET,
                    1,
                    "remaining length is " + length + " in more bytes than needed [MQTT-1.5.5-1]");
        }
    }

    private ProtocolException error(ReasonCode reasonCode, int offset, String what) {
        return new ProtocolException(reasonCode, type + ", byte " + offset + ": " + what);
    }

    /** Decodes the whole packet that stands from {@code start} to {@code end}. */
    private void packet(ByteBuffer in, int start, int end, PacketSink sink) {
        PacketReader body = reader;
        body.begin(type, in, start, start + headerLength, end);
        boolean duplicate = (flags & PacketType.DUP) != 0;
        switch (type) {
            case PUBLISH -> {
                readPublishHeader();
                byte[] bytes = NO_BYTES;
                if (body.remaining() > 0) {
                    bytes = new byte[body.remaining()];
                    in.get(body.at(), bytes);
                }
                deliver(bytes, sink);
            }
            case PUBACK -> sink.pubAck(body.packetId(), reasonCode(), ending());
            case PUBREC -> sink.pubRec(body.packetId(), reasonCode(), ending());
            case PUBREL -> sink.pubRel(body.packetId(), reasonCode(), ending(), duplicate);
            case PUBCOMP -> sink.pubComp(body.packetId(), reasonCode(), ending());
            case CONNECT -> {
                Connect connect = PacketBodies.connect(body, properties, version);
                requireShortest(connect.version(), remainingLength, headerLength);
                version = connect.version();
                sink.connect(connect);
            }
            case CONNACK -> sink.connAck(PacketBodies.connAck(body, properties));
            case SUBSCRIBE -> sink.subscribe(PacketBodies.subscribe(body, properties, duplicate));
            case SUBACK -> sink.subAck(PacketBodies.subAck(body, properties));
            case UNSUBSCRIBE -> sink.unsubscribe(PacketBodies.unsubscribe(body, properties, duplicate));
            case UNSUBACK -> sink.unsubAck(PacketBodies.unsubAck(body, properties));
            case PINGREQ -> sink.pingReq();
            case PINGRESP -> sink.pingResp();
            case DISCONNECT -> sink.disconnect(reasonCode(), ending());
            case AUTH -> PacketBodies.auth(body, properties, sink);
        }
    }

    private ReasonCode reasonCode() {
        return PacketBodies.optionalReasonCode(reader, type);
    }

    /** The properties at the packet's end. */
    private Properties ending() {
        return PacketBodies.optionalProperties(reader, properties, type);
    }

    private void readPublishHeader() {
        publish.readHeader((flags & 0b0110) != 0);
    }

    private void deliver(byte[] bytes, PacketSink sink) {
        int qos = flags >> 1 & 0b11;
        // MQTT 3.1 lets DUP pass at QoS 0, where it has no meaning.
        boolean duplicate = qos > 0 && (flags & PacketType.DUP) != 0;
        Message message = publish.message(bytes, Qos.of(qos), (flags & PacketType.RETAIN) != 0);
        sink.publish(message, publish.packetId(), duplicate);
    }

    /** Takes bytes for an incomplete packet, up to its end at most. The index behind the last byte taken. */
    private int collect(ByteBuffer in, int from, int end, PacketSink sink) {
        int at = from;
        if (count == 0) {
            headerLength = 0; // what readHeader saw of it may not have been all
        }
        while (payload == null) {
            int wanted = wanted();
            int taken = Math.min(wanted - count, end - at);
            take(in, at, taken);
            at += taken;
            if (count < wanted) {
                return at;
            }
            if (headerLength == 0) {
                readHeader(heldBuffer, 0, count);
            } else if (count == headerLength + remainingLength) {
                heldPacket(sink);
                return at;
            } else if (isLargePublish() && count == payloadStart()) {
                beginPayload();
            }
        }
        return collectPayload(in, at, end, sink);
    }

    /** How many bytes of the packet the next step needs. */
    private int wanted() {
        if (headerLength == 0) {
            return count + 1;
        }
        return isLargePublish()
                ? Math.min(payloadStart(), headerLength + remainingLength)
                : headerLength + remainingLength;
    }

    private boolean isLargePublish() {
        return type == PacketType.PUBLISH && remainingLength > LARGE_PUBLISH;
    }

    /**
     * Where the payload of the held PUBLISH begins, as soon as the lengths that decide it are there; before, the end of the
     * next one.
     */
    private int payloadStart() {
        int at = headerLength + 2;
        if (count < at) {
            return at;
        }
        int topicLength = (held[headerLength] & 0xFF) << 8 | held[headerLength + 1] & 0xFF;
        at += topicLength + ((flags & 0b0110) == 0 ? 0 : 2);
        if (!reader.isMqtt5()) {
            return at;
        }
        int propertyLength = 0;
        for (int i = 0; i < VariableByteInteger.MAXIMUM_BYTES; i++) {
            if (count <= at) {
                return at + 1;
            }
            int b = held[at++];
            propertyLength |= (b & 0x7F) << 7 * i;
            if (b >= 0) {
                break;
            }
        }
        return at + propertyLength;
    }

    private void take(ByteBuffer in, int at, int taken) {
        if (count + taken > held.length) {
            hold(Arrays.copyOf(held, Math.max(FIRST_HELD, Math.max(count + taken, 2 * held.length))));
        }
        in.get(at, held, count, taken);
        count += taken;
    }

    private void hold(byte[] bytes) {
        held = bytes;
        heldBuffer = ByteBuffer.wrap(bytes);
    }

    private void heldPacket(PacketSink sink) {
        ByteBuffer whole = heldBuffer;
        int size = count;
        releaseHeld();
        packet(whole, 0, size, sink);
    }

    private void releaseHeld() {
        count = 0;
        if (held.length > KEPT_HELD) {
            hold(NO_BYTES);
        }
    }

    private void beginPayload() {
        int size = headerLength + remainingLength - count;
        reader.begin(type, heldBuffer, 0, headerLength, headerLength + remainingLength);
        readPublishHeader();
        releaseHeld();
        payloadSize = size;
        filled = 0;
        payload = NO_BYTES;
    }

    private int collectPayload(ByteBuffer in, int at, int end, PacketSink sink) {
        byte[] bytes = payload == null ? NO_BYTES : payload;
        int taken = Math.min(payloadSize - filled, end - at);
        if (filled + taken > bytes.length) {
            int grown = Math.max(filled + taken, (int) Math.min(2L * bytes.length, payloadSize));
            bytes = Arrays.copyOf(bytes, grown);
            payload = bytes;
        }
        in.get(at, bytes, filled, taken);
        filled += taken;
        if (filled == payloadSize) {
            payload = null;
            deliver(bytes, sink);
        }
        return at + taken;
    }
}
