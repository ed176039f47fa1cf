package io.hawser.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What a {@link Sink} remembers of a CONNECT packet. */
final class SinkConnect {
    private static int assigned;

    private int version = 4;
    private int receiveMaximum = 65_535;

    /** The protocol level: 3, 4 or 5. */
    int version() {
        return version;
    }

    int receiveMaximum() {
        return receiveMaximum;
    }

    /** Reads the packet whose variable header begins there, and answers it. */
    void accept(Sink.Options options, ByteBuffer in, int start, ByteBuffer out) throws IOException {
        int at = start + 2 + (in.getShort(start) & 0xFFFF);
        version = in.get(at);
        if (version < 3 || version > 5) {
            throw new IOException("protocol level is " + version + ", must be 3 to 5");
        }
        at += 4;
        int properties = propertiesLength(in, at);
        if (version < 5) {
            out.putInt(0x2002_0000);
            return;
        }
        readProperties(in, at, at + properties);
        boolean anonymous = in.getShort(at + properties) == 0;
        int begin = out.position();
        out.put((byte) 0x20).put((byte) 0).putShort((short) 0).put((byte) 0);
        if (options.receiveMaximum() < 65_535) {
            out.put((byte) 0x21).putShort((short) options.receiveMaximum());
        }
        if (options.topicAliasMaximum() > 0) {
            out.put((byte) 0x22).putShort((short) options.topicAliasMaximum());
        }
        if (anonymous) {
            byte[] name = ("sink-" + ++assigned).getBytes(StandardCharsets.US_ASCII);
            out.put((byte) 0x12).putShort((short) name.length).put(name);
        }
        int length = out.position() - begin;
        out.put(begin + 1, (byte) (length - 2)).put(begin + 4, (byte) (length - 5));
    }

    /** How long the properties there are, with their own length in front; 0 before MQTT 5.0. */
    int propertiesLength(ByteBuffer in, int at) {
        if (version < 5) {
            return 0;
        }
        int length = 0;
        int index = at;
        for (int shift = 0; ; shift += 7) {
            int digit = in.get(index++);
            length |= (digit & 0x7F) << shift;
            if (digit >= 0) {
                return index - at + length;
            }
        }
    }

    private void readProperties(ByteBuffer in, int start, int end) throws IOException {
        int at = start + 1;
        while (in.get(at - 1) < 0) {
            at++;
        }
        while (at < end) {
            int property = in.get(at++);
            switch (property) {
                case 0x11, 0x27 -> at += 4;
                case 0x17, 0x19 -> at += 1;
                case 0x22 -> at += 2;
                case 0x21 -> {
                    receiveMaximum = in.getShort(at) & 0xFFFF;
                    at += 2;
                }
                case 0x15, 0x16 -> at += 2 + (in.getShort(at) & 0xFFFF);
                case 0x26 -> {
                    at += 2 + (in.getShort(at) & 0xFFFF);
                    at += 2 + (in.getShort(at) & 0xFFFF);
                }
                default -> throw new IOException("CONNECT has property " + property);
            }
        }
    }
}
