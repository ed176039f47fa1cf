package io.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * A subscription that a {@link Sink} has something for: to {@code source/<qos>/<size>/<count>}, so many messages (0: without
 * end) of so many bytes; with {@code /<topics>/+} behind it, spread over so many topics. The packets are encoded before; only
 * identifiers change.
 */
final class SinkSource {
    private static final String PREFIX = "source/";
    private static final int BATCH_BYTES = 128 * 1024;
    /** Then the other connections have their turn. */
    private static final int MOST_BATCHES = 16;

    private final Sink sink;
    private final int qos;
    private final int window;
    private final int frameLength;
    private final int identifierOffset;
    private final int frames;
    private final ByteBuffer batch;
    /** The next frame of the batch to be sent. */
    private int cursor;

    private long left;
    private long underWay;
    private int nextIdentifier = 1;
    private int expectedIdentifier = 1;

    private SinkSource(Sink sink, int qos, int window, int version, int size, long count, String[] topics) {
        this.sink = sink;
        this.qos = qos;
        this.window = window;
        this.left = count == 0 ? Long.MAX_VALUE : count;
        int length = 2 + topics[0].length() + (qos > 0 ? 2 : 0) + (version == 5 ? 1 : 0) + size;
        int header = 1 + varintLength(length);
        this.frameLength = header + length;
        this.identifierOffset = header + 2 + topics[0].length();
        int least = topics.length;
        this.frames = Math.max(least, Math.max(1, BATCH_BYTES / frameLength) / least * least);
        this.batch = ByteBuffer.allocateDirect(Math.multiplyExact(frames, frameLength));
        for (int i = 0; i < frames; i++) {
            encode(topics[i % topics.length], length, version, size);
        }
    }

    static boolean isMeant(String filter) {
        return filter.startsWith(PREFIX);
    }

    /** {@code version} is the protocol level; {@code granted} the QoS that was granted. */
    static SinkSource of(Sink sink, String filter, int version, int granted, int receiveMaximum) {
        String[] levels = filter.split("/", -1);
        int qos = Math.min(granted, Integer.parseInt(levels[1]));
        int size = Integer.parseInt(levels[2]);
        String base = String.join("/", levels[0], levels[1], levels[2], levels[3]);
        String[] topics = new String[levels.length > 4 ? Integer.parseInt(levels[4]) : 1];
        for (int i = 0; i < topics.length; i++) {
            topics[i] = levels.length > 4 ? base + "/" + levels[4] + String.format(Locale.ROOT, "/%05d", i) : base;
        }
        int window = Math.min(sink.options.window(), receiveMaximum);
        return new SinkSource(sink, qos, window, version, size, Long.parseLong(levels[3]), topics);
    }

    private void encode(String topic, int length, int version, int size) {
        batch.put((byte) (0x30 | qos << 1));
        putVarint(batch, length);
        batch.putShort((short) topic.length());
        batch.put(topic.getBytes(StandardCharsets.US_ASCII));
        if (qos > 0) {
            batch.putShort((short) 0);
        }
        if (version == 5) {
            batch.put((byte) 0);
        }
        for (int i = 0; i < size; i++) {
            batch.put((byte) i);
        }
    }

    static void putVarint(ByteBuffer target, int value) {
        int rest = value;
        do {
            target.put((byte) (rest > 0x7F ? rest & 0x7F | 0x80 : rest));
            rest >>>= 7;
        } while (rest > 0);
    }

    private static int varintLength(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }

    /** Whether a packet has been written in part. */
    boolean isHalfway() {
        return batch.hasRemaining();
    }

    /** Finishes what has been written in part. */
    void finish(SocketChannel channel) throws IOException {
        channel.write(batch);
    }

    /** Writes what the window has room for; whether it has more to write at once. */
    boolean write(SocketChannel channel) throws IOException {
        for (int i = 0; i < MOST_BATCHES; i++) {
            if (!batch.hasRemaining() && !prepare()) {
                return false;
            }
            channel.write(batch);
            if (batch.hasRemaining()) {
                return true;
            }
        }
        return true;
    }

    private boolean prepare() {
        long room = Math.min(left, qos == 0 ? Long.MAX_VALUE : window - underWay);
        int count = (int) Math.min(frames - cursor, room);
        if (count == 0) {
            return false;
        }
        batch.clear();
        if (qos > 0) {
            underWay += count;
            int identifier = nextIdentifier;
            int at = cursor * frameLength + identifierOffset;
            for (int i = 0; i < count; i++) {
                batch.putShort(at, (short) identifier);
                identifier = identifier == 0xFFFF ? 1 : identifier + 1;
                at += frameLength;
            }
            nextIdentifier = identifier;
        }
        left -= count;
        sink.sent += count;
        batch.limit((cursor + count) * frameLength).position(cursor * frameLength);
        cursor = cursor + count == frames ? 0 : cursor + count;
        return true;
    }

    /** The client has finally acknowledged this one. */
    void settled(int identifier) {
        if (identifier != expectedIdentifier) {
            sink.disordered++;
        }
        expectedIdentifier = identifier == 0xFFFF ? 1 : identifier + 1;
        underWay--;
        sink.settled++;
    }

    /** No more after what is under way. */
    void stop() {
        left = 0;
    }
}
