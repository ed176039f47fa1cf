package io.hawser.wire;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolException;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.ReasonCode;
import io.hawser.mqtt.TopicName;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A decoder of packets from a stream of bytes that is cut anywhere. For one connection and one thread.
 *
 * <p>Strict, unless it is made {@link #tolerant}: bytes that the version does not allow throw a
 * {@link ProtocolException} that names the packet, the byte (counted from 0, the first byte of the packet's fixed
 * header) and the rule; nothing is decoded afterwards. Type, flags and remaining length are judged as soon as they are
 * there. Memory grows with the bytes that have arrived, never with an announced length: an incomplete packet takes
 * twice its bytes so far, or as much as the largest payload before.
 *
 * <p>Packets are read from a heap array: the chunk's own, or, for chunks outside of the heap, a window of the thread. A
 * PUBLISH allocates its message and one array for the payload.
 */
public final class PacketDecoder {
    /** The size above which an incomplete PUBLISH is collected in its final payload array, which spares a copy. */
    static final int LARGE_PUBLISH = 16 * 1024;

    private static final int FIRST_PARTIAL = 64;
    /** The largest array for incomplete packets that is kept after use. */
    private static final int KEPT_PARTIAL = 1024;

    /**
     * The size of the window: small enough for a processor's nearest cache, and enough for any packet that is not
     * collected.
     */
    private static final int WINDOW = 16 * 1024;

    private static final ThreadLocal<Window> WINDOWS = ThreadLocal.withInitial(Window::new);

    private static final byte[] NO_BYTES = {};
    /** The empty buffer, which can be shared because it has no room. */
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** A heap array through which chunks outside of the heap pass. */
    private static final class Window {
        final byte[] bytes = new byte[WINDOW];
        boolean taken;

        /** The thread's window; a new one if the sink of a decoder feeds another decoder. */
        static Window take() {
            Window window = WINDOWS.get();
            if (window.taken) {
                window = new Window();
            }
            window.taken = true;
            return window;
        }

        /** Copies as much of the chunk as fits; returns the number of bytes. */
        int pass(ByteBuffer chunk, int at, int end) {
            int size = Math.min(bytes.length, end - at);
            chunk.get(at, bytes, 0, size);
            return size;
        }
    }

    private final FixedHeader header;
    private final PacketReader reader = new PacketReader();
    private final PropertyReader properties = new PropertyReader(reader);
    private final PublishReader publish = new PublishReader(reader, properties);
    private @Nullable PacketSink redirected;
    private boolean stopped;
    private boolean suspended;
    /** The bytes that came while the decoder was suspended. */
    private ByteBuffer kept = NOTHING;

    // The first bytes of an incomplete packet: partial[0] to partial[count - 1].
    private byte[] partial = NO_BYTES;
    private int count;

    // The payload of a large incomplete PUBLISH: payload[0] to payload[filled - 1] of payloadSize.
    private byte @Nullable [] payload;
    private int payloadSize;
    private int filled;
    /** Whether the payload is only counted, because the packet cannot be delivered. */
    private boolean discards;
    /** The largest payload that was collected before: the next one gets as much room at once, and need not grow. */
    private int largestPayload;

    /**
     * A decoder for a connection whose version is known.
     *
     * @param maximumPacketSize the largest packet that is taken, in bytes, the fixed header included
     */
    public PacketDecoder(ProtocolVersion version, int maximumPacketSize) {
        header = new FixedHeader(version, maximumPacketSize);
        reader.version(version);
    }

    private PacketDecoder(int maximumPacketSize) {
        header = new FixedHeader(null, maximumPacketSize);
    }

    /** A decoder for the server's side: the first packet must be CONNECT, which tells the version. */
    public static PacketDecoder server(int maximumPacketSize) {
        return new PacketDecoder(maximumPacketSize);
    }

    /**
     * Makes this decoder tolerant: only bytes that cannot be framed end the decoding. A PUBLISH with a field that is
     * not allowed, or above the maximum packet size, goes to {@link PacketSink#unreadable}. In other packets,
     * properties that are not allowed are left out, and {@link PacketSink#tolerated} is told; in an acknowledgement,
     * any code from 0x80 on is a refusal, and any other code outside of its table is success. CONNACK and AUTH must
     * still make sense.
     */
    public void tolerant() {
        header.tolerant();
        reader.tolerant();
    }

    /**
     * Sets the largest topic alias that is taken, as the peer has been told: 0 (the default) to 65,535. A larger alias
     * breaks the protocol [MQTT-3.3.2-11].
     */
    public void topicAliasMaximum(int maximum) {
        publish.topicAliasMaximum(maximum);
    }

    /**
     * Reads all bytes between the chunk's position and its limit, and calls the sink for every packet that they
     * complete. The chunk is not needed afterwards. While the decoder is suspended, the bytes are kept instead.
     *
     * @throws ProtocolException if the bytes break the protocol; later chunks are ignored
     */
    public void decode(ByteBuffer chunk, PacketSink first) {
        PacketSink sink = first;
        redirected = null;
        int at = chunk.position();
        int end = chunk.limit();
        chunk.position(end);
        Window window = chunk.hasArray() ? null : Window.take();
        try {
            while (at < end && !stopped && !suspended) {
                int before = at;
                if (count == 0 && payload == null) {
                    at += window == null
                            ? packets(chunk.array(), chunk.arrayOffset() + at, chunk.arrayOffset() + end, sink)
                            : packets(window.bytes, 0, window.pass(chunk, at, end), sink);
                }
                if (at == before) {
                    at = collect(chunk, at, end, sink);
                }
                if (redirected != null) {
                    sink = redirected;
                }
            }
            if (suspended && !stopped) {
                keep(chunk, at, end);
            }
        } catch (ProtocolException e) {
            stop();
            throw e;
        } finally {
            reader.release();
            if (window != null) {
                window.taken = false;
            }
        }
    }

    /** Decodes the complete packets; returns the number of their bytes. */
    private int packets(byte[] in, int from, int end, PacketSink first) {
        PacketSink sink = first;
        int at = from;
        while (at < end && !stopped && !suspended) {
            int start = at;
            int size = header.usualPublish(in, at, end);
            if (size > 0 && usualPublish(in, at, at + size, sink)) {
                at += size;
            } else if (header.isUsualAcknowledgement(in, at, end)) {
                at += FixedHeader.ACKNOWLEDGEMENT_BYTES;
                usualAcknowledgement(in, start, sink);
            } else if (header.read(in, at, end) && header.packetSize() <= end - at) {
                at += header.packetSize();
                packet(in, start, at, sink);
            } else {
                break;
            }
            if (redirected != null) {
                sink = redirected;
            }
        }
        return at - from;
    }

    /**
     * Gives the packets after the current one to another sink, to the end of this chunk. Called from within the sink.
     */
    public void redirect(PacketSink sink) {
        redirected = sink;
    }

    /**
     * Suspends the decoder until {@link #resume}: bytes are kept, and the caller of {@link #decode} bounds them. Called
     * from within the sink.
     */
    public void suspend() {
        suspended = true;
    }

    public boolean isSuspended() {
        return suspended;
    }

    /** Decodes the bytes that were kept since {@link #suspend}, as {@link #decode} does. */
    public void resume(PacketSink sink) {
        suspended = false;
        ByteBuffer waiting = kept.flip();
        kept = NOTHING;
        decode(waiting, sink);
    }

    private void keep(ByteBuffer chunk, int from, int end) {
        if (end - from > kept.remaining()) {
            ByteBuffer larger = ByteBuffer.allocate(Math.max(kept.position() + end - from, 2 * kept.capacity()));
            kept = larger.put(kept.flip());
        }
        kept.put(kept.position(), chunk, from, end - from).position(kept.position() + end - from);
    }

    /** Stops the decoder for good, within the current chunk, too. May be called from within the sink. */
    public void stop() {
        stopped = true;
        partial = NO_BYTES;
        kept = NOTHING;
        count = 0;
        payload = null;
    }

    /** The number of bytes reserved for an incomplete packet. */
    int reserved() {
        byte[] collected = payload;
        return partial.length + (collected == null ? 0 : collected.length);
    }

    /** Decodes the complete packet from {@code start} to {@code end}. */
    private void packet(byte[] in, int start, int end, PacketSink sink) {
        PacketReader body = reader;
        body.begin(header.type(), in, start, start + header.length(), end);
        boolean duplicate = header.isDuplicate();
        switch (header.type()) {
            case PUBLISH -> {
                readPublishHeader();
                boolean empty = body.at() == end || publish.refusal() != null;
                deliver(empty ? NO_BYTES : Arrays.copyOfRange(in, body.at(), end), sink);
            }
            case PUBACK -> sink.pubAck(body.packetId(), reasonCode(), ending());
            case PUBREC -> sink.pubRec(body.packetId(), reasonCode(), ending());
            case PUBREL -> sink.pubRel(body.packetId(), reasonCode(), ending(), duplicate);
            case PUBCOMP -> sink.pubComp(body.packetId(), reasonCode(), ending());
            case CONNECT -> {
                Connect connect = PacketBodies.connect(body, properties, header.version());
                header.version(connect.version());
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
        ProtocolException defect = body.defect();
        if (defect != null && header.type() != PacketType.PUBLISH) {
            sink.tolerated(String.valueOf(defect.getMessage()));
        }
    }

    /**
     * Decodes a PUBLISH without properties to a topic that came before, on a short way for the most frequent packet.
     * Returns false, and leaves the packet to the long way, if it is another or breaks a rule.
     */
    private boolean usualPublish(byte[] in, int start, int end, PacketSink sink) {
        int flags = in[start];
        int topicAt = start + (in[start + 1] < 0 ? 3 : 2);
        int length = (in[topicAt] & 0xFF) << 8 | in[topicAt + 1] & 0xFF;
        int at = topicAt + 2 + length;
        boolean hasPacketId = (flags & FixedHeader.QOS) != 0;
        if (at + (hasPacketId ? 2 : 0) + (reader.isMqtt5() ? 1 : 0) > end) {
            return false;
        }
        int packetId = 0;
        if (hasPacketId) {
            packetId = (in[at] & 0xFF) << 8 | in[at + 1] & 0xFF;
            at += 2;
        }
        if (reader.isMqtt5() && in[at++] != 0) {
            return false;
        }
        TopicName topic = reader.knownTopic(in, topicAt + 2, length);
        if (topic == null || hasPacketId && packetId == 0) {
            return false;
        }
        byte[] bytes = at == end ? NO_BYTES : Arrays.copyOfRange(in, at, end);
        Message message = Message.of(topic, bytes, FixedHeader.qos(flags), (flags & PacketType.RETAIN) != 0);
        sink.publish(message, packetId, hasPacketId && (flags & PacketType.DUP) != 0);
        return true;
    }

    /** Decodes an acknowledgement of four bytes, which means success. */
    private static void usualAcknowledgement(byte[] in, int at, PacketSink sink) {
        int packetId = (in[at + 2] & 0xFF) << 8 | in[at + 3] & 0xFF;
        switch (in[at]) {
            case FixedHeader.PUBACK -> sink.pubAck(packetId, ReasonCode.SUCCESS, Properties.NONE);
            case FixedHeader.PUBREC -> sink.pubRec(packetId, ReasonCode.SUCCESS, Properties.NONE);
            case FixedHeader.PUBREL -> sink.pubRel(packetId, ReasonCode.SUCCESS, Properties.NONE, false);
            default -> sink.pubComp(packetId, ReasonCode.SUCCESS, Properties.NONE);
        }
    }

    private ReasonCode reasonCode() {
        return PacketBodies.optionalReasonCode(reader, header.type());
    }

    /** The properties at the packet's end, which explain the fields before them. */
    private Properties ending() {
        try {
            return PacketBodies.optionalProperties(reader, properties, header.type());
        } catch (ProtocolException e) {
            reader.tolerate(e);
            return Properties.NONE;
        }
    }

    private void readPublishHeader() {
        publish.readHeader(header.qos() != Qos.AT_MOST_ONCE);
        if (header.isOversized()) {
            publish.refuse(header.tooLarge(header.packetSize()));
        }
    }

    private void deliver(byte[] bytes, PacketSink sink) {
        Qos qos = header.qos();
        // MQTT 3.1 lets DUP pass at QoS 0, where it has no meaning.
        boolean duplicate = qos != Qos.AT_MOST_ONCE && header.isDuplicate();
        if (reader.isTolerant() && isRefused(qos, duplicate, sink)) {
            return;
        }
        Message message = publish.message(bytes, qos, header.isRetained());
        sink.publish(message, publish.packetId(), duplicate);
    }

    /**
     * Tells the sink of an error in the PUBLISH read last, if there is one; true if the message cannot be delivered.
     */
    private boolean isRefused(Qos qos, boolean duplicate, PacketSink sink) {
        ProtocolException refusal = publish.refusal();
        ProtocolException defect = refusal == null ? reader.defect() : refusal;
        if (defect == null) {
            defect = header.wrongPublishFlags();
        }
        if (defect != null) {
            sink.unreadable(
                    new Unreadable(publish.shownTopic(), qos, publish.packetId(), duplicate, defect, refusal != null));
        }
        return refusal != null;
    }

    /** Collects bytes of an incomplete packet, up to its end at most. Returns the index behind the last byte taken. */
    private int collect(ByteBuffer in, int from, int end, PacketSink sink) {
        int at = from;
        if (count == 0) {
            header.clear(); // read() may have seen only a part of it
        }
        while (payload == null) {
            int wanted = wanted();
            int taken = Math.min(wanted - count, end - at);
            take(in, at, taken);
            at += taken;
            if (count < wanted) {
                return at;
            }
            if (!header.isComplete()) {
                header.read(partial, 0, count);
            } else if (count == header.packetSize()) {
                heldPacket(sink);
                return at;
            } else if (isLargePublish() && count == payloadStart()) {
                beginPayload();
            }
        }
        return collectPayload(in, at, end, sink);
    }

    /** The number of bytes of the packet that the next step needs. */
    private int wanted() {
        if (!header.isComplete()) {
            return count + 1;
        }
        if (!isLargePublish()) {
            return header.packetSize();
        }
        int payloadStart = payloadStart();
        if (payloadStart > header.maximumPacketSize()) {
            throw header.tooLarge(header.packetSize());
        }
        return Math.min(payloadStart, header.packetSize());
    }

    private boolean isLargePublish() {
        return header.type() == PacketType.PUBLISH && (header.packetSize() > LARGE_PUBLISH || header.isOversized());
    }

    /**
     * The index at which the payload of the incomplete PUBLISH begins, if the lengths that decide it are there; else the end
     * of the next length.
     */
    private int payloadStart() {
        int at = header.length() + 2;
        if (count < at) {
            return at;
        }
        int topicLength = (partial[at - 2] & 0xFF) << 8 | partial[at - 1] & 0xFF;
        at += topicLength + (header.qos() == Qos.AT_MOST_ONCE ? 0 : 2);
        if (!reader.isMqtt5()) {
            return at;
        }
        int propertyLength = 0;
        for (int i = 0; i < VariableByteInteger.MAXIMUM_BYTES; i++) {
            if (count <= at) {
                return at + 1;
            }
            int b = partial[at++];
            propertyLength |= (b & 0x7F) << 7 * i;
            if (b >= 0) {
                break;
            }
        }
        return at + propertyLength;
    }

    private void take(ByteBuffer in, int at, int taken) {
        if (count + taken > partial.length) {
            partial = Arrays.copyOf(partial, Math.max(FIRST_PARTIAL, Math.max(count + taken, 2 * partial.length)));
        }
        in.get(at, partial, count, taken);
        count += taken;
    }

    private void heldPacket(PacketSink sink) {
        byte[] whole = partial;
        int size = count;
        freePartial();
        packet(whole, 0, size, sink);
    }

    private void freePartial() {
        count = 0;
        if (partial.length > KEPT_PARTIAL) {
            partial = NO_BYTES;
        }
    }

    private void beginPayload() {
        int size = header.packetSize() - count;
        reader.begin(header.type(), partial, 0, header.length(), header.packetSize());
        readPublishHeader();
        freePartial();
        discards = publish.refusal() != null;
        payloadSize = size;
        filled = 0;
        payload = NO_BYTES;
    }

    private int collectPayload(ByteBuffer in, int at, int end, PacketSink sink) {
        byte[] bytes = payload == null ? NO_BYTES : payload;
        int taken = Math.min(payloadSize - filled, end - at);
        if (discards) {
            bytes = NO_BYTES;
        } else if (filled + taken > bytes.length) {
            int trusted = (int) Math.min(payloadSize, Math.max(2L * (filled + taken), largestPayload));
            bytes = Arrays.copyOf(bytes, trusted);
            payload = bytes;
        }
        if (!discards) {
            in.get(at, bytes, filled, taken);
        }
        filled += taken;
        if (filled == payloadSize) {
            payload = null;
            largestPayload = discards ? largestPayload : Math.max(largestPayload, payloadSize);
            deliver(bytes, sink);
        }
        return at + taken;
    }
}
