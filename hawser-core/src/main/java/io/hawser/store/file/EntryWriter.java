package io.hawser.store.file;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.TopicName;
import io.hawser.mqtt.UserProperty;
import io.hawser.store.SessionContents.StoredPublish;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the entries of which a journal consists; {@link EntryReader} reads them. Numbers have seven bits in a byte, the
 * lowest first, and the eighth bit where more follow.
 */
final class EntryWriter {
    static final int SENT = 1;
    static final int UNSENT = 2;
    static final int RELEASED = 3;
    static final int CONCLUDED = 4;
    static final int SETTLED = 5;
    static final int RECEIVED = 6;
    static final int FORGOTTEN = 7;
    static final int SUBSCRIBED = 8;
    static final int UNSUBSCRIBED = 9;
    /** Only in a checkpoint: an older segment. */
    static final int SEGMENT = 10;
    /** Only in a checkpoint: the highest sequence. */
    static final int LAST = 11;
    /** At the end of a segment: there is a later one. */
    static final int CONTINUED = 12;
    /** As {@link #UNSENT}, and the message may have arrived all the same. */
    static final int DOUBTED = 13;
    /** What is held against a message, as {@link StoredPublish#ends} says it, has changed. */
    static final int SUSPECTED = 14;
    /** An accepted message, its flags in the lower bits. */
    static final int ACCEPTED = 0x80;

    static final int QOS = 0x03;
    static final int RETAIN = 0x04;
    static final int EXTRAS = 0x08;
    /** The accepted message directly before has the sequence before this one, and the same age: neither is said again. */
    static final int NEXT = 0x10;
    /** The accepted message directly before has the same topic, which is not said again. */
    static final int SAME_TOPIC = 0x20;

    static final int KEY = 0x01;
    static final int UTF8 = 0x02;
    static final int EXPIRY = 0x04;
    static final int CONTENT_TYPE = 0x08;
    static final int RESPONSE_TOPIC = 0x10;
    static final int CORRELATION_DATA = 0x20;
    static final int USER_PROPERTIES = 0x40;

    /** What an entry of plain numbers needs at most. */
    static final int NUMBERS = 1 + 3 * 10;
    /** What an accepted message needs at most beside topic, extras and payload. */
    static final int ACCEPTED_NUMBERS = 1 + 2 * 10 + 3 * 5;

    private static final byte[] NOTHING = {};

    private EntryWriter() {}

    static void number(ByteBuffer out, long number) {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    static void bytes(ByteBuffer out, byte[] bytes) {
        number(out, bytes.length);
        out.put(bytes);
    }

    static void text(ByteBuffer out, String text) {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    static void properties(ByteBuffer out, List<UserProperty> properties) {
        number(out, properties.size());
        for (UserProperty property : properties) {
            text(out, property.name());
            text(out, property.value());
        }
    }

    /**
     * An accepted message.
     *
     * @param age how long after the time of its frame it was accepted, in milliseconds
     */
    static void accepted(Frame to, StoredPublish publish, byte[] extras, long age) {
        Message message = publish.message();
        TopicName topic = message.topicName();
        long sequence = publish.sequence();
        int shared = to.shared(sequence, age, topic);
        int flags = message.qos().level() | (message.retain() ? RETAIN : 0) | (extras.length > 0 ? EXTRAS : 0) | shared;
        ByteBuffer out = to.buffer;
        int at = out.position();
        acceptedHead(out, flags, sequence, age, topic.sizeInBytes(), extras.length, message.payloadSize());
        if ((flags & SAME_TOPIC) == 0) {
            topic.copyTo(out);
        }
        if (extras.length > 0) {
            out.put(extras);
        }
        message.copyPayload(0, message.payloadSize(), out);
        to.accepted(sequence, age, topic, at);
    }

    /** What an accepted message begins with: topic, extras and payload follow. */
    static void acceptedHead(ByteBuffer out, int flags, long sequence, long age, int topic, int extras, int payload) {
        out.put((byte) (ACCEPTED | flags));
        if ((flags & NEXT) == 0) {
            number(out, sequence);
            number(out, age << 1 ^ age >> 63);
        }
        if ((flags & SAME_TOPIC) == 0) {
            number(out, topic);
        }
        if (extras > 0) {
            number(out, extras);
        }
        number(out, payload);
    }

    /** What most messages have not: a key, and attributes of MQTT 5.0. */
    static byte[] extras(StoredPublish publish) {
        Message message = publish.message();
        String key = publish.key();
        if (key == null && !message.hasAttributes()) {
            return NOTHING;
        }
        Duration expiry = message.expiry();
        String contentType = message.contentType();
        String responseTopic = message.responseTopic();
        byte[] correlationData = message.correlationData();
        List<UserProperty> properties = message.userProperties();
        return GrowingBuffer.bytes(out -> {
            out.put((byte) (flag(key != null, KEY)
                    | flag(message.utf8(), UTF8)
                    | flag(expiry != null, EXPIRY)
                    | flag(contentType != null, CONTENT_TYPE)
                    | flag(responseTopic != null, RESPONSE_TOPIC)
                    | flag(correlationData != null, CORRELATION_DATA)
                    | flag(!properties.isEmpty(), USER_PROPERTIES)));
            optional(out, key);
            if (expiry != null) {
                number(out, expiry.toSeconds());
            }
            optional(out, contentType);
            optional(out, responseTopic);
            if (correlationData != null) {
                bytes(out, correlationData);
            }
            if (!properties.isEmpty()) {
                properties(out, properties);
            }
        });
    }

    private static int flag(boolean set, int flag) {
        return set ? flag : 0;
    }

    private static void optional(ByteBuffer out, @Nullable String text) {
        if (text != null) {
            text(out, text);
        }
    }

    /** Messages that were sent in a row: sequences and packet identifiers both rise by one. */
    static void sent(ByteBuffer out, long sequence, int packetId, int count) {
        out.put((byte) SENT);
        number(out, sequence);
        number(out, packetId);
        number(out, count);
    }

    /** Messages with sequences in a row of which the same is said. */
    static void run(ByteBuffer out, int type, long sequence, long count) {
        out.put((byte) type);
        number(out, sequence);
        number(out, count);
    }

    static void concluded(ByteBuffer out, long sequence, byte[] outcome) {
        out.put((byte) CONCLUDED);
        number(out, sequence);
        bytes(out, outcome);
    }

    /** An entry with one number. */
    static void single(ByteBuffer out, int type, long number) {
        out.put((byte) type);
        number(out, number);
    }

    static byte[] subscription(Subscription subscription) {
        byte[] filter = subscription.filter().toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(1 + 5 + filter.length);
        out.put((byte) (subscription.qos().level()
                | flag(subscription.noLocal(), 0x04)
                | flag(subscription.retainAsPublished(), 0x08)
                | subscription.retainHandling().ordinal() << 4));
        number(out, subscription.identifier());
        out.put(filter);
        return Arrays.copyOf(out.array(), out.position());
    }

    static void block(ByteBuffer out, int type, byte[] block) {
        out.put((byte) type);
        bytes(out, block);
    }
}
