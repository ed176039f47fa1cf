package io.hawser.store.file;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the entries of a frame, one after the other; what its fields mean depends on the type. */
final class EntryReader {
    private final ByteBuffer in;
    private final long clock;

    /** Where the entry begins. */
    int start;

    /** One of the types of {@link EntryWriter}; all accepted messages have the same, whatever their flags. */
    int type;

    long sequence;
    int packetId;
    long count;
    /** When a message was accepted, in milliseconds of the wall clock. */
    long acceptedAt;

    private byte[] block = {};
    private int flags;
    /** The places of an accepted message; a topic may be shared with those before. */
    private int topicAt;

    private int topicLength;
    private int extrasAt;
    private int extrasLength;
    private int payloadAt;
    private int payloadLength;
    /** Where the topic stands of the message that was copied last. */
    private int copiedTopicAt;

    /** Reads from the buffer's position to its limit, in a frame that was begun at this time. */
    EntryReader(ByteBuffer in, long clock) {
        this.in = in;
        this.clock = clock;
    }

    /** Moves to the next entry, if there is one. */
    boolean next() {
        if (!in.hasRemaining()) {
            return false;
        }
        start = in.position();
        flags = in.get() & 0xFF;
        type = flags >= EntryWriter.ACCEPTED ? EntryWriter.ACCEPTED : flags;
        switch (type) {
            case EntryWriter.ACCEPTED -> accepted();
            case EntryWriter.SENT -> {
                sequence = number(in);
                packetId = size(in);
                count = number(in);
            }
            case EntryWriter.RELEASED, EntryWriter.SETTLED, EntryWriter.SUSPECTED -> {
                sequence = number(in);
                count = number(in);
            }
            case EntryWriter.UNSENT, EntryWriter.DOUBTED, EntryWriter.LAST, EntryWriter.CONTINUED ->
                sequence = number(in);
            case EntryWriter.CONCLUDED -> {
                sequence = number(in);
                block = bytes(in);
            }
            case EntryWriter.RECEIVED, EntryWriter.FORGOTTEN -> packetId = size(in);
            case EntryWriter.SUBSCRIBED, EntryWriter.UNSUBSCRIBED, EntryWriter.SEGMENT -> block = bytes(in);
            default -> throw new IllegalArgumentException("entry has the type " + type + ", which nothing has");
        }
        return true;
    }

    private void accepted() {
        if ((flags & EntryWriter.NEXT) == 0) {
            sequence = number(in);
            long age = number(in);
            acceptedAt = clock + (age >>> 1 ^ -(age & 1));
        } else {
            sequence++;
        }
        boolean sameTopic = (flags & EntryWriter.SAME_TOPIC) != 0;
        if (!sameTopic) {
            topicLength = size(in);
        }
        extrasLength = (flags & EntryWriter.EXTRAS) == 0 ? 0 : size(in);
        payloadLength = size(in);
        extrasAt = in.position();
        if (!sameTopic) {
            topicAt = extrasAt;
            extrasAt += topicLength;
        }
        payloadAt = extrasAt + extrasLength;
        in.position(payloadAt + payloadLength);
    }

    /** Whether the messages that the entry is about are queued from now on; null if it does not say. */
    @Nullable
    Boolean queues() {
        return switch (type) {
            case EntryWriter.ACCEPTED, EntryWriter.UNSENT, EntryWriter.DOUBTED -> true;
            case EntryWriter.SENT, EntryWriter.CONCLUDED, EntryWriter.SETTLED -> false;
            default -> null;
        };
    }

    /** The sequence of the last message that the entry is about, from {@link #sequence} on; 0 if it is about none. */
    long lastSequence() {
        return switch (type) {
            case EntryWriter.SENT, EntryWriter.RELEASED, EntryWriter.SETTLED -> sequence + count - 1;
            case EntryWriter.ACCEPTED,
                    EntryWriter.UNSENT,
                    EntryWriter.DOUBTED,
                    EntryWriter.CONCLUDED,
                    EntryWriter.SUSPECTED -> sequence;
            default -> 0;
        };
    }

    /** Adds this entry, an accepted message, to a frame of the same clock, to which only this reader writes. */
    void copyTo(Frame to) {
        ByteBuffer out = to.buffer;
        int at = out.position();
        long age = acceptedAt - clock;
        int sameTopic = to.isBehindAccepted() && topicAt == copiedTopicAt ? EntryWriter.SAME_TOPIC : 0;
        int shared = to.sharedNumbers(sequence, age) | sameTopic;
        int own = flags & (EntryWriter.QOS | EntryWriter.RETAIN | EntryWriter.EXTRAS);
        EntryWriter.acceptedHead(out, own | shared, sequence, age, topicLength, extrasLength, payloadLength);
        if (sameTopic == 0) {
            out.put(in.duplicate().limit(topicAt + topicLength).position(topicAt));
        }
        out.put(in.duplicate().limit(payloadAt + payloadLength).position(extrasAt));
        to.accepted(sequence, age, null, at);
        copiedTopicAt = topicAt;
    }

    /** Whether the entries are those of a checkpoint; asked before the first. */
    boolean isCheckpoint() {
        return in.hasRemaining() && in.get(in.position()) == EntryWriter.LAST;
    }

    int end() {
        return in.position();
    }

    /** The bytes of topic and payload. */
    int messageSize() {
        return topicLength + payloadLength;
    }

    /** The outcome, subscription, filter or segment that the entry holds. */
    byte[] block() {
        return block;
    }

    TopicFilter filter() {
        return TopicFilter.of(new String(block, StandardCharsets.UTF_8));
    }

    Subscription subscription() {
        ByteBuffer from = ByteBuffer.wrap(block);
        int options = from.get();
        int identifier = size(from);
        String filter = new String(block, from.position(), from.remaining(), StandardCharsets.UTF_8);
        return new Subscription(
                TopicFilter.of(filter),
                Qos.of(options & 0x03),
                (options & 0x04) != 0,
                (options & 0x08) != 0,
                RetainHandling.values()[options >> 4 & 0x03],
                identifier);
    }

    /** The accepted message at the entry, not sent yet, handed over at this time. */
    JournalledPublish publish(long now) {
        TopicName topic = TopicName.received(text(in, topicAt, topicLength));
        byte[] payload = new byte[payloadLength];
        in.get(payloadAt, payload);
        Message message =
                Message.of(topic, payload, Qos.of(flags & EntryWriter.QOS), (flags & EntryWriter.RETAIN) != 0);
        String key = null;
        if (extrasLength > 0) {
            ByteBuffer extras = in.duplicate();
            extras.limit(payloadAt).position(extrasAt);
            int has = extras.get();
            key = optional(extras, has, EntryWriter.KEY);
            message = attributes(message.received(), extras, has);
        }
        return new JournalledPublish(
                sequence, message, key, 0, false, false, null, null, Math.max(0, now - acceptedAt) * 1_000_000L, 0);
    }

    private static Message attributes(Message plain, ByteBuffer in, int has) {
        Message message = (has & EntryWriter.UTF8) == 0 ? plain : plain.utf8(true);
        if ((has & EntryWriter.EXPIRY) != 0) {
            message = message.expiry(Duration.ofSeconds(number(in)));
        }
        String contentType = optional(in, has, EntryWriter.CONTENT_TYPE);
        if (contentType != null) {
            message = message.contentType(contentType);
        }
        String responseTopic = optional(in, has, EntryWriter.RESPONSE_TOPIC);
        if (responseTopic != null) {
            message = message.responseTopic(responseTopic);
        }
        if ((has & EntryWriter.CORRELATION_DATA) != 0) {
            message = message.correlationData(bytes(in));
        }
        return (has & EntryWriter.USER_PROPERTIES) == 0 ? message : message.userProperties(properties(in));
    }

    private static @Nullable String optional(ByteBuffer in, int has, int flag) {
        return (has & flag) == 0 ? null : text(in);
    }

    static long number(ByteBuffer in) {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            number |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("number has more than ten bytes");
    }

    /** A number that is a length or a small count. */
    static int size(ByteBuffer in) {
        return Math.toIntExact(number(in));
    }

    static byte[] bytes(ByteBuffer in) {
        int length = size(in);
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("length is " + length + ", but " + in.remaining() + " bytes are left");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    static String text(ByteBuffer in) {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer in, int at, int length) {
        byte[] bytes = new byte[length];
        in.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static List<UserProperty> properties(ByteBuffer in) {
        int size = size(in);
        List<UserProperty> properties = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            properties.add(new UserProperty(text(in), text(in)));
        }
        return properties;
    }
}
