package io.hawser.client.transport;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the frames that a WebSocket server sends, and makes those of a client: RFC 6455, section 5. What a data frame carries is
 * passed on as it arrives and never kept, so a frame may have any length; of a control frame at most 125 bytes are kept.
 */
final class WebSocketFrames {
    /** The longest header of a frame from a client: two bytes, a length of eight, and the mask. */
    static final int MOST_HEADER = 14;

    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED = 1003;
    private static final int INVALID_TEXT = 1007;
    /** No code was given: RFC 6455, section 7.1.5. */
    static final int NO_CODE = 1005;

    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    /** What is larger is passed on where it stands. */
    private static final int MOST_MOVED = 1024;

    private static final int MOST_CONTROL = 125;
    private static final int TWO_BYTES = 126;
    private static final int EIGHT_BYTES = 127;

    /** Hears of what has arrived. */
    interface Reader {
        /** A part of what the server sends; the buffer is the callee's until it returns. */
        void payload(ByteBuffer part);

        /** A PING with this payload, which is the callee's, or a PONG. */
        void control(int opcode, byte[] payload);

        /** The server closes; nothing that follows is read. */
        void closed(int code, String reason);
    }

    private final Reader reader;
    private final byte[] header = new byte[10];
    private int headerSize;
    private int headerNeeded = 2;
    /** Of the payload of the frame that is being read. */
    private long left;

    private boolean inPayload;
    /** A binary message has begun, and its last frame has not come. */
    private boolean fragmented;

    /** Where the payloads stand, in the buffer that is being read, that have not been passed on. */
    private int gatheredFrom;

    private int gatheredTo;

    private byte[] control = {};
    private int controlSize;
    private boolean closed;

    WebSocketFrames(Reader reader) {
        this.reader = reader;
    }

    /** Takes all bytes. The buffer is this class's until it returns: payloads are moved in it. */
    void read(ByteBuffer from) throws WebSocketException {
        gatheredFrom = 0;
        gatheredTo = 0;
        try {
            while (from.hasRemaining() && !closed) {
                if (!inPayload) {
                    readHeader(from);
                } else if (isControl()) {
                    readControl(from);
                } else {
                    readPayload(from);
                }
            }
        } finally {
            passOn(from);
            from.position(from.limit());
        }
    }

    private boolean isControl() {
        return (header[0] & 0x08) != 0;
    }

    private void readHeader(ByteBuffer from) throws WebSocketException {
        while (headerSize < headerNeeded && from.hasRemaining()) {
            header[headerSize++] = from.get();
            if (headerSize == 2) {
                headerNeeded = 2 + checkStart();
            }
        }
        if (headerSize < headerNeeded) {
            return;
        }
        left = length();
        if (isControl()) {
            control = new byte[(int) left];
            controlSize = 0;
        } else {
            fragmented = (header[0] & FIN) == 0;
        }
        inPayload = left > 0;
        if (!inPayload) {
            ended(from);
        }
    }

    /** Checks the first two bytes as soon as they are there; returns how many of the length follow. */
    private int checkStart() throws WebSocketException {
        int opcode = header[0] & 0x0f;
        int length = header[1] & 0x7f;
        if ((header[0] & 0x70) != 0) {
            throw error("the server sets reserved bits");
        }
        if ((header[1] & MASKED) != 0) {
            throw error("the server masks a frame");
        }
        if (isControl()) {
            if (opcode > PONG) {
                throw error("the server sends a frame of unknown type " + opcode);
            }
            if ((header[0] & FIN) == 0 || length > MOST_CONTROL) {
                throw error("the server sends a control frame that is fragmented or longer than 125 bytes");
            }
        } else if (opcode == TEXT) {
            throw new WebSocketException(UNSUPPORTED, "the server sends text, which MQTT does not [MQTT-6.0.0-1]");
        } else if (opcode > BINARY) {
            throw error("the server sends a frame of unknown type " + opcode);
        } else if ((opcode == CONTINUATION) != fragmented) {
            throw error(fragmented ? "a message begins within another" : "a message goes on that has not begun");
        }
        return length == TWO_BYTES ? 2 : length == EIGHT_BYTES ? 8 : 0;
    }

    private long length() throws WebSocketException {
        if (headerNeeded == 2) {
            return header[1] & 0x7f;
        }
        long length = 0;
        for (int i = 2; i < headerNeeded; i++) {
            length = length << 8 | header[i] & 0xff;
        }
        if (length < 0 || length < (headerNeeded == 4 ? TWO_BYTES : 0x1_0000)) {
            throw error("the length of a frame is not written as it has to be");
        }
        return length;
    }

    private static WebSocketException error(String words) {
        return new WebSocketException(PROTOCOL_ERROR, words);
    }

    /** Most servers put each packet into a frame: to move those together costs less than to pass each on by itself. */
    private void readPayload(ByteBuffer from) {
        int at = from.position();
        int count = (int) Math.min(left, from.remaining());
        if (count > MOST_MOVED || gatheredTo == gatheredFrom) {
            passOn(from);
            gatheredFrom = at;
            gatheredTo = at;
        } else {
            from.put(gatheredTo, from, at, count);
        }
        gatheredTo += count;
        from.position(at + count);
        left -= count;
        if (left == 0) {
            begin();
        }
    }

    /** Passes on what has been gathered. */
    private void passOn(ByteBuffer from) {
        if (gatheredTo > gatheredFrom) {
            int limit = from.limit();
            int position = from.position();
            from.limit(gatheredTo).position(gatheredFrom);
            gatheredFrom = gatheredTo;
            try {
                reader.payload(from);
            } finally {
                from.limit(limit).position(position);
            }
        }
    }

    private void readControl(ByteBuffer from) throws WebSocketException {
        int count = (int) Math.min(left, from.remaining());
        from.get(control, controlSize, count);
        controlSize += count;
        left -= count;
        if (left == 0) {
            ended(from);
        }
    }

    private void begin() {
        inPayload = false;
        headerSize = 0;
        headerNeeded = 2;
    }

    /** A control frame is complete, or a data frame that carries nothing. */
    private void ended(ByteBuffer from) throws WebSocketException {
        boolean isControl = isControl();
        int opcode = header[0] & 0x0f;
        begin();
        if (!isControl) {
            return;
        }
        byte[] payload = control;
        if (opcode == CLOSE) {
            closed = true;
            passOn(from);
            reader.closed(closeCode(payload), closeReason(payload));
        } else {
            reader.control(opcode, payload);
        }
    }

    private static int closeCode(byte[] payload) throws WebSocketException {
        if (payload.length == 0) {
            return NO_CODE;
        }
        int code = payload.length == 1 ? 0 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        boolean known = code >= 1000 && code <= 1003 || code >= 1007 && code <= 1014;
        if (!known && (code < 3000 || code > 4999)) {
            throw error("the server closes with an invalid code, " + code);
        }
        return code;
    }

    private static String closeReason(byte[] payload) throws WebSocketException {
        if (payload.length <= 2) {
            return "";
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(payload, 2, payload.length - 2))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WebSocketException(INVALID_TEXT, "the server closes with a reason that is not UTF-8");
        }
    }

    /** Begins a frame; its payload must be put behind the header, and then {@linkplain #mask masked}. */
    static void header(ByteBuffer out, int opcode, int payload, int mask) {
        out.put((byte) (FIN | opcode));
        if (payload < TWO_BYTES) {
            out.put((byte) (MASKED | payload));
        } else if (payload < 0x1_0000) {
            out.put((byte) (MASKED | TWO_BYTES)).putShort((short) payload);
        } else {
            out.put((byte) (MASKED | EIGHT_BYTES)).putLong(payload);
        }
        out.putInt(mask);
    }

    /** Masks what stands between this index and the position, of which the first byte meets the first of the mask. */
    static void mask(ByteBuffer out, int from, int mask) {
        ByteOrder order = out.order();
        long wide = (long) mask << 32 | mask & 0xffff_ffffL;
        long swapped = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? wide : Long.reverseBytes(wide);
        out.order(ByteOrder.nativeOrder());
        int end = out.position();
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            out.putLong(at, out.getLong(at) ^ swapped);
        }
        out.order(order);
        for (; at < end; at++) {
            out.put(at, (byte) (out.get(at) ^ mask >>> 24 - 8 * (at - from & 3)));
        }
    }

    /** Puts a whole frame. */
    static void put(ByteBuffer out, int opcode, byte[] payload, int mask) {
        header(out, opcode, payload.length, mask);
        int from = out.position();
        mask(out.put(payload), from, mask);
    }
}
