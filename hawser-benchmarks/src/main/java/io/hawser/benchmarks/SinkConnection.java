package io.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One client of a {@link Sink}. Reads by absolute index from the sink's buffer; a payload is not looked at, and need not be
 * there as a whole.
 */
final class SinkConnection {
    private static final int PUBACK = 0x40;
    private static final int PUBREC = 0x50;
    private static final int PUBREL = 0x62;
    private static final int PUBCOMP = 0x70;
    private static final int MORE = -1;

    private final Sink sink;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer in;
    private final ByteBuffer out;
    private final SinkConnect connect = new SinkConnect();
    /** The beginning of a packet whose rest has not come. */
    private byte @Nullable [] held;
    /** What the network did not take. */
    private @Nullable ByteBuffer pending;

    private @Nullable SinkSource source;
    /** How much of the PUBLISH that is being received is still to come, and what it is answered with then. */
    private long skip;

    private int answer;
    private int answerIdentifier;

    SinkConnection(Sink sink, SocketChannel channel, SelectionKey key) {
        this.sink = sink;
        this.channel = channel;
        this.key = key;
        this.in = sink.in;
        this.out = sink.out;
    }

    void serve() {
        try {
            out.clear();
            if (!key.isReadable() || read()) {
                write();
                return;
            }
        } catch (IOException e) {
            // As good as a goodbye: clients are killed at the end of a race.
        }
        end();
    }

    private void end() {
        key.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            System.err.println("sink: cannot close: " + e);
        }
        sink.ended();
    }

    private boolean read() throws IOException {
        in.clear();
        if (held != null) {
            in.put(held);
            held = null;
        }
        if (channel.read(in) < 0) {
            return false;
        }
        sink.reads++;
        int end = in.position();
        int at = 0;
        while (at < end) {
            if (skip > 0) {
                int step = (int) Math.min(skip, end - at);
                at += step;
                skip -= step;
                if (skip == 0) {
                    received();
                }
                continue;
            }
            int next = packet(at, end);
            if (next == MORE) {
                hold(at, end);
                break;
            }
            if (next < 0) {
                return false;
            }
            at = next;
        }
        return true;
    }

    private void hold(int at, int end) throws IOException {
        if (end - at == in.capacity()) {
            throw new IOException("a packet is longer than " + in.capacity() + " bytes");
        }
        byte[] bytes = new byte[end - at];
        in.get(at, bytes);
        held = bytes;
    }

    /** Where the next packet begins, {@link #MORE}, or less than that to end the connection. */
    private int packet(int start, int end) throws IOException {
        int first = in.get(start) & 0xFF;
        int at = start + 1;
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            if (at == end) {
                return MORE;
            }
            int digit = in.get(at++);
            length |= (digit & 0x7F) << shift;
            if (digit >= 0) {
                break;
            }
        }
        if (first >>> 4 == 3) {
            return publish(first >>> 1 & 3, at, end, length);
        }
        if (end - at < length) {
            return MORE;
        }
        return control(first, at, length) ? at + length : MORE - 1;
    }

    private int publish(int qos, int at, int end, int length) {
        int next = at;
        if (qos == 0) {
            answer = 0;
        } else {
            if (end - at < 2) {
                return MORE;
            }
            int identifierAt = at + 2 + (in.getShort(at) & 0xFFFF);
            if (end - identifierAt < 2) {
                return MORE;
            }
            answer = qos == 1 ? PUBACK : PUBREC;
            answerIdentifier = in.getShort(identifierAt);
            next = identifierAt + 2;
        }
        skip = (long) length - (next - at);
        if (skip == 0) {
            received();
        }
        return next;
    }

    private void received() {
        if (answer == 0) {
            sink.qos0++;
            return;
        }
        if (answer == PUBACK) {
            sink.qos1++;
        } else {
            sink.qos2++;
        }
        answer(answer, answerIdentifier);
    }

    private void answer(int type, int identifier) {
        int at = out.position();
        out.putInt(at, type << 24 | 2 << 16 | identifier & 0xFFFF);
        out.position(at + 4);
    }

    private boolean control(int first, int at, int length) throws IOException {
        switch (first >>> 4) {
            case 1 -> connect.accept(sink.options, in, at, out);
            case 4, 7 -> settled(at);
            case 5 -> {
                if (length > 2 && (in.get(at + 2) & 0x80) != 0) {
                    settled(at);
                } else {
                    answer(PUBREL, in.getShort(at));
                }
            }
            case 6 -> {
                sink.released++;
                answer(PUBCOMP, in.getShort(at));
            }
            case 8 -> subscribe(at, at + length);
            case 10 -> unsubscribe(at, at + length);
            case 12 -> out.putShort((short) 0xD000);
            case 14 -> {
                return false;
            }
            default -> throw new IOException("a packet begins with " + Integer.toHexString(first));
        }
        return true;
    }

    private void settled(int at) {
        if (source != null) {
            source.settled(in.getShort(at) & 0xFFFF);
        }
    }

    private void subscribe(int start, int end) {
        int begin = startAnswer(0x90, start);
        int at = start + 2 + connect.propertiesLength(in, start + 2);
        while (at < end) {
            int length = in.getShort(at) & 0xFFFF;
            byte[] filter = new byte[length];
            in.get(at + 2, filter);
            at += 2 + length;
            int granted = in.get(at++) & 3;
            out.put((byte) granted);
            String text = new String(filter, StandardCharsets.UTF_8);
            if (SinkSource.isMeant(text)) {
                source = SinkSource.of(sink, text, connect.version(), granted, connect.receiveMaximum());
            }
        }
        finishAnswer(begin);
    }

    private void unsubscribe(int start, int end) {
        int begin = startAnswer(0xB0, start);
        int at = start + 2 + connect.propertiesLength(in, start + 2);
        while (at < end) {
            at += 2 + (in.getShort(at) & 0xFFFF);
            if (connect.version() == 5) {
                out.put((byte) 0);
            }
        }
        finishAnswer(begin);
        if (source != null) {
            source.stop();
        }
    }

    /** With room for one byte of remaining length, which is enough but for many filters at once. */
    private int startAnswer(int type, int identifierAt) {
        int begin = out.position();
        out.put((byte) type).put((byte) 0).putShort(in.getShort(identifierAt));
        if (connect.version() == 5) {
            out.put((byte) 0);
        }
        return begin;
    }

    private void finishAnswer(int begin) {
        int length = out.position() - begin - 2;
        if (length < 1 << 7) {
            out.put(begin + 1, (byte) length);
            return;
        }
        byte[] content = new byte[length];
        out.get(begin + 2, content);
        out.position(begin + 1);
        SinkSource.putVarint(out, length);
        out.put(content);
    }

    /** First what was begun, then what waits, then the answers to this read, then what the source has. */
    private void write() throws IOException {
        out.flip();
        boolean full = false;
        if (source != null && source.isHalfway()) {
            source.finish(channel);
            full = source.isHalfway();
        }
        if (pending != null && !full) {
            channel.write(pending);
            full = pending.hasRemaining();
            pending = full ? pending : null;
        }
        if (out.hasRemaining() && !full) {
            channel.write(out);
            full = out.hasRemaining();
        }
        if (out.hasRemaining()) {
            keep();
        }
        if (source != null && !full) {
            full = source.write(channel);
        }
        // Who does not read the answers is not read, but for acknowledgements, which the window bounds.
        int interest = pending == null || source != null ? SelectionKey.OP_READ : 0;
        interest |= full ? SelectionKey.OP_WRITE : 0;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    private void keep() {
        int before = pending == null ? 0 : pending.remaining();
        ByteBuffer grown = ByteBuffer.allocate(before + out.remaining());
        if (pending != null) {
            grown.put(pending);
        }
        pending = grown.put(out).flip();
    }
}
