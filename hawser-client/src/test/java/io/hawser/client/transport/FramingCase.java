package io.hawser.client.transport;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a WebSocket server sends after the handshake, and what must come of it: the bytes that are delivered, the PONGs that the client
 * sends, and how it ends. The cases are of the kinds that the Autobahn test suite has.
 *
 * @param close the code that the client tells the server; 0 if the connection goes on
 * @param words of the failure; empty if there is none
 */
record FramingCase(String name, byte[] sent, byte[] delivered, List<String> pongs, int close, String words) {
    private static final int BINARY = 2;
    private static final int PROTOCOL_ERROR = 1002;

    @Override
    public String toString() {
        return name;
    }

    /** Puts the bytes of a server together. */
    static final class Script {
        private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        private final ByteArrayOutputStream delivered = new ByteArrayOutputStream();
        private final List<String> pongs = new ArrayList<>();

        Script frame(int first, byte[] payload) {
            sent.write(first);
            if (payload.length < 126) {
                sent.write(payload.length);
            } else if (payload.length < 0x1_0000) {
                sent.write(126);
                length(payload.length, 2);
            } else {
                sent.write(127);
                length(payload.length, 8);
            }
            return raw(payload);
        }

        private void length(long length, int bytes) {
            for (int i = bytes - 1; i >= 0; i--) {
                sent.write((int) (length >>> 8 * i));
            }
        }

        Script raw(byte... bytes) {
            sent.writeBytes(bytes);
            return this;
        }

        /** A whole message. */
        Script message(String text) {
            return part(0x80 | BINARY, text);
        }

        /** A data frame whose payload must be delivered. */
        Script part(int first, String text) {
            delivered.writeBytes(bytes(text));
            return frame(first, bytes(text));
        }

        /** A PING that must be answered. */
        Script ping(String text) {
            pongs.add(text);
            return frame(0x89, bytes(text));
        }

        Script pong(String text) {
            return frame(0x8a, bytes(text));
        }

        Script close(int code, String reason) {
            byte[] text = bytes(reason);
            byte[] payload = new byte[2 + text.length];
            payload[0] = (byte) (code >> 8);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, 2, text.length);
            return frame(0x88, payload);
        }

        byte[] sent() {
            return sent.toByteArray();
        }

        byte[] delivered() {
            return delivered.toByteArray();
        }

        FramingCase goesOn(String name) {
            return ends(name, 0, "");
        }

        FramingCase ends(String name, int close, String words) {
            return new FramingCase(name, sent(), delivered(), pongs, close, words);
        }

        FramingCase breaks(String name, String words) {
            return ends(name, PROTOCOL_ERROR, words);
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Script script() {
        return new Script();
    }

    static List<FramingCase> all() {
        List<FramingCase> cases = new ArrayList<>();
        lengths(cases);
        pings(cases);
        reserved(cases);
        fragments(cases);
        closes(cases);
        masksAndLengths(cases);
        return cases;
    }

    private static void lengths(List<FramingCase> cases) {
        for (int length : new int[] {0, 1, 124, 125, 126, 127, 128, 65_535, 65_536, 200_000}) {
            String text = "x".repeat(length);
            cases.add(script().message(text).message("next").goesOn("message of " + length));
            if (length < 200) {
                cases.add(script().frame(0x81, bytes(text)).ends("text of " + length, 1003, "sends text"));
            }
        }
        Script many = script();
        IntStream.range(0, 500).forEach(i -> many.message("m" + i));
        cases.add(many.goesOn("500 messages at once"));
    }

    private static void pings(List<FramingCase> cases) {
        cases.add(script().ping("").goesOn("empty PING"));
        cases.add(script().ping("hello").goesOn("PING with text"));
        cases.add(script().ping("\0\u00ff\u00fe").goesOn("PING with bytes"));
        cases.add(script().ping("x".repeat(125)).goesOn("PING of 125"));
        cases.add(script().frame(0x89, new byte[126]).breaks("PING of 126", "longer than 125 bytes"));
        cases.add(script().frame(0x8a, new byte[65_536]).breaks("PONG of 65,536", "longer than 125 bytes"));
        cases.add(script().pong("").message("a").goesOn("PONG that nobody asked for"));
        cases.add(script().pong("x").ping("y").message("a").goesOn("PONG that nobody asked for, then PING"));
        cases.add(script().message("a").ping("b").message("c").ping("d").goesOn("PINGs between messages"));
    }

    private static void reserved(List<FramingCase> cases) {
        for (int bits = 1; bits < 8; bits++) {
            cases.add(script().message("a")
                    .frame(0x82 | bits << 4, bytes("b"))
                    .breaks("reserved bits " + bits, "reserved bits"));
        }
        cases.add(script().frame(0xc9, bytes("")).breaks("reserved bit of a PING", "reserved bits"));
        cases.add(script().frame(0xc8, bytes("")).breaks("reserved bit of a CLOSE", "reserved bits"));
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            cases.add(script().message("a")
                    .frame(0x80 | opcode, bytes(""))
                    .breaks("opcode " + opcode, "unknown type " + opcode));
        }
    }

    private static void fragments(List<FramingCase> cases) {
        cases.add(script().part(0x02, "a").part(0x80, "b").goesOn("two fragments"));
        cases.add(script().part(0x02, "a")
                .part(0x00, "b")
                .part(0x80, "c")
                .message("d")
                .goesOn("three fragments"));
        cases.add(script().part(0x02, "a").ping("p").part(0x80, "b").goesOn("PING between fragments"));
        cases.add(script().part(0x02, "a")
                .pong("p")
                .part(0x00, "b")
                .ping("q")
                .part(0x80, "c")
                .goesOn("PONG and PING between fragments"));
        cases.add(script().part(0x02, "")
                .part(0x00, "")
                .part(0x80, "")
                .message("a")
                .goesOn("empty fragments"));
        cases.add(script().part(0x02, "").part(0x00, "x").part(0x80, "").goesOn("empty fragments around one"));
        cases.add(script().frame(0x09, bytes("a")).breaks("fragmented PING", "control frame that is fragmented"));
        cases.add(script().frame(0x0a, bytes("")).breaks("fragmented PONG", "control frame that is fragmented"));
        cases.add(script().frame(0x08, bytes("")).breaks("fragmented CLOSE", "control frame that is fragmented"));
        cases.add(script().frame(0x80, bytes("a")).breaks("continuation of nothing", "goes on that has not begun"));
        cases.add(script().frame(0x00, bytes("a")).breaks("open continuation of nothing", "has not begun"));
        cases.add(script().part(0x02, "a")
                .part(0x80, "b")
                .frame(0x80, bytes("c"))
                .breaks("continuation after the end", "has not begun"));
        cases.add(script().part(0x02, "a").frame(0x82, bytes("b")).breaks("message in a message", "begins within"));
        cases.add(script().part(0x02, "a").frame(0x02, bytes("b")).breaks("fragment in a message", "begins within"));
        cases.add(script().part(0x02, "a").frame(0x81, bytes("b")).ends("text in a message", 1003, "sends text"));
        cases.add(script().frame(0x01, bytes("a")).ends("fragmented text", 1003, "sends text"));
        Script bytewise = script().part(0x02, "");
        IntStream.range(0, 300).forEach(i -> bytewise.part(0x00, String.valueOf((char) ('a' + i % 26))));
        cases.add(bytewise.part(0x80, "").goesOn("300 fragments of one byte"));
    }

    private static void closes(List<FramingCase> cases) {
        cases.add(script().frame(0x88, bytes("")).ends("CLOSE without a code", 1000, "without a code"));
        cases.add(script().message("a").close(1000, "").ends("CLOSE 1000", 1000, "code 1000"));
        cases.add(script().close(1000, "x".repeat(123)).ends("CLOSE with the longest reason", 1000, "xxx"));
        cases.add(script().close(1008, "no\u001b!").ends("CLOSE 1008", 1008, "policy"));
        cases.add(script().frame(0x88, bytes("a")).breaks("CLOSE with half a code", "invalid code"));
        cases.add(script().close(1000, "x".repeat(124)).breaks("CLOSE of 126", "longer than 125 bytes"));
        for (int code :
                new int[] {1001, 1002, 1003, 1007, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
            cases.add(script().close(code, "why").ends("CLOSE " + code, code, "code " + code + ", why"));
        }
        for (int code : new int[] {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            cases.add(script().close(code, "why").breaks("CLOSE " + code, "invalid code, " + code));
        }
        cases.add(script().close(1000, "\u00c3\u0028").ends("CLOSE with no UTF-8", 1007, "not UTF-8"));
        cases.add(script().close(1000, "\u00ed\u00a0\u0080").ends("CLOSE with a surrogate", 1007, "not UTF-8"));
        cases.add(script().close(1001, "").frame(0x82, bytes("late")).ends("message after CLOSE", 1001, "code 1001"));
        cases.add(script().close(1001, "").frame(0x89, bytes("late")).ends("PING after CLOSE", 1001, "code 1001"));
        cases.add(script().close(1001, "").frame(0xff, bytes("late")).ends("nonsense after CLOSE", 1001, "code 1001"));
        cases.add(script().part(0x02, "a").close(1011, "").ends("CLOSE in a message", 1011, "code 1011"));
    }

    private static void masksAndLengths(List<FramingCase> cases) {
        cases.add(script().raw((byte) 0x82, (byte) 0x81, (byte) 1, (byte) 2, (byte) 3, (byte) 4, (byte) 5)
                .breaks("masked message", "masks a frame"));
        cases.add(script().raw((byte) 0x89, (byte) 0x80, (byte) 1, (byte) 2, (byte) 3, (byte) 4)
                .breaks("masked PING", "masks a frame"));
        cases.add(script().raw((byte) 0x82, (byte) 126, (byte) 0, (byte) 125)
                .breaks("125 in two bytes", "length of a frame"));
        cases.add(script().raw((byte) 0x82, (byte) 126, (byte) 0, (byte) 0)
                .breaks("0 in two bytes", "length of a frame"));
        byte[] eight = {(byte) 0x82, 127, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
        cases.add(script().raw(eight).breaks("65,535 in eight bytes", "length of a frame"));
        byte[] negative = {(byte) 0x82, 127, (byte) 0x80, 0, 0, 0, 0, 1, 0, 0};
        cases.add(script().raw(negative).breaks("a negative length", "length of a frame"));
        Script endless = script().raw((byte) 0x82, (byte) 127, (byte) 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff)
                .raw((byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff);
        endless.delivered.writeBytes(bytes("begins"));
        cases.add(endless.raw(bytes("begins")).goesOn("the longest frame that there can be, begun"));
    }
}
