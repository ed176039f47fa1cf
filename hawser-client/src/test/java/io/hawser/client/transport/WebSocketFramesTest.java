package io.hawser.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSocketFramesTest {
    /** Remembers what the frames carried. */
    private static final class Heard implements WebSocketFrames.Reader {
        final ByteArrayOutputStream delivered = new ByteArrayOutputStream();
        final List<String> pings = new ArrayList<>();
        String end = "";
        int code;
        boolean over;

        private final WebSocketFrames frames = new WebSocketFrames(this);

        @Override
        public void payload(ByteBuffer part) {
            assertThat(over).isFalse();
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            delivered.writeBytes(copy);
        }

        @Override
        public void control(int opcode, byte[] payload) {
            assertThat(over).isFalse();
            if (opcode == WebSocketFrames.PING) {
                pings.add(new String(payload, StandardCharsets.ISO_8859_1));
            }
        }

        @Override
        public void closed(int closeCode, String reason) {
            over = true;
            code = closeCode == WebSocketFrames.NO_CODE ? 1000 : closeCode;
            end = reason;
        }

        /** @param sizes of the pieces in which the bytes arrive, over and over */
        Heard read(byte[] bytes, int... sizes) {
            int at = 0;
            try {
                for (int i = 0; at < bytes.length; i++) {
                    int size = Math.min(sizes[i % sizes.length], bytes.length - at);
                    ByteBuffer piece = ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + size));
                    frames.read(piece);
                    assertThat(piece.hasRemaining()).isFalse();
                    at += size;
                }
            } catch (WebSocketException e) {
                code = e.code();
                end = String.valueOf(e.getMessage());
            }
            return this;
        }
    }

    static List<FramingCase> cases() {
        return FramingCase.all();
    }

    private static void assertAsExpected(FramingCase row, Heard heard) {
        assertThat(heard.delivered.toByteArray()).isEqualTo(row.delivered());
        assertThat(heard.pings).isEqualTo(row.pongs());
        assertThat(heard.code).isEqualTo(row.close());
        if (row.close() == 1002 && !heard.over) {
            assertThat(heard.end).contains(row.words());
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void readsEachCaseAtOnceAndByteByByte(FramingCase row) {
        assertAsExpected(row, new Heard().read(row.sent(), Integer.MAX_VALUE));
        assertAsExpected(row, new Heard().read(row.sent(), 1));
        assertAsExpected(row, new Heard().read(row.sent(), 3, 1, 7));
    }

    @Test
    void hasMoreThanAHundredCasesOfDifferentNames() {
        assertThat(cases())
                .hasSizeGreaterThan(100)
                .extracting(FramingCase::name)
                .doesNotHaveDuplicates();
    }

    /** One call for small payloads that come together, in order, and with what came before the frame that is wrong. */
    @Test
    void passesSmallPayloadsOnTogether() {
        List<String> parts = new ArrayList<>();
        WebSocketFrames frames = new WebSocketFrames(new WebSocketFrames.Reader() {
            @Override
            public void payload(ByteBuffer part) {
                parts.add(StandardCharsets.ISO_8859_1.decode(part).toString());
            }

            @Override
            public void control(int opcode, byte[] payload) {}

            @Override
            public void closed(int code, String reason) {
                parts.add("closed");
            }
        });
        String large = "x".repeat(2_000);
        byte[] bytes = new FramingCase.Script()
                .message("a")
                .ping("p")
                .part(0x02, "b")
                .part(0x80, "c")
                .message(large)
                .message("d")
                .close(1000, "")
                .sent();
        ByteBuffer from = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        assertThatCode(() -> frames.read(from)).doesNotThrowAnyException();
        assertThat(parts).containsExactly("abc", large + "d", "closed");
    }

    /** A valid stream of frames, cut anywhere: everything that it carries arrives. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void readsRandomStreamsInRandomPieces(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            FramingCase.Script script = new FramingCase.Script();
            FramingCase row = randomScript(random, script).goesOn("random");
            int[] sizes = random.ints(5, 1, 2 + random.nextInt(300)).toArray();
            assertAsExpected(row, new Heard().read(row.sent(), sizes));
        }
    }

    private static FramingCase.Script randomScript(Random random, FramingCase.Script script) {
        boolean open = false;
        for (int frame = random.nextInt(12); frame >= 0; frame--) {
            String text = "y".repeat(random.nextInt(4) == 0 ? random.nextInt(70_000) : random.nextInt(140));
            switch (random.nextInt(4)) {
                case 0 -> script.ping(text.substring(0, Math.min(text.length(), 125)));
                case 1 -> script.pong(text.substring(0, Math.min(text.length(), 125)));
                default -> {
                    boolean ends = random.nextBoolean();
                    script.part((ends ? 0x80 : 0) | (open ? 0 : 2), text);
                    open = !ends;
                }
            }
        }
        return script;
    }

    /** Spoilt bytes are refused or read as something else; nothing but the exception with a code is thrown, no more is passed on than came. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void survivesSpoiltStreams(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            byte[] bytes = randomScript(random, new FramingCase.Script()).sent();
            for (int spoilt = random.nextInt(8); spoilt >= 0 && bytes.length > 0; spoilt--) {
                bytes[random.nextInt(Math.min(bytes.length, 200))] = (byte) random.nextInt();
            }
            Heard heard = new Heard();
            assertThatCode(() -> heard.read(bytes, 1 + random.nextInt(500))).doesNotThrowAnyException();
            assertThat(heard.delivered.size()).isLessThanOrEqualTo(bytes.length);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 125, 126, 1000, 65_535, 65_536, 70_001})
    void masksAsAServerUnmasks(int length) {
        byte[] payload = new byte[length];
        new Random(length).nextBytes(payload);
        for (boolean direct : new boolean[] {false, true}) {
            int size = length + (length < 126 ? 6 : length < 65_536 ? 8 : 14);
            // Not at a multiple of eight.
            ByteBuffer out = direct ? ByteBuffer.allocateDirect(size + 3) : ByteBuffer.allocate(size + 3);
            out.position(3);
            WebSocketFrames.header(out, WebSocketFrames.BINARY, length, 0x8123_4567);
            int from = out.position();
            WebSocketFrames.mask(out.put(payload), from, 0x8123_4567);
            assertThat(out.hasRemaining()).isFalse();
            byte[] frame = new byte[size];
            out.position(3).get(frame);
            assertThat(unmasked(frame)).isEqualTo(payload);
        }
    }

    @Test
    void putsWholeFrames() {
        ByteBuffer frame = ByteBuffer.allocate(8);
        WebSocketFrames.put(frame, WebSocketFrames.CLOSE, new byte[] {1, 2}, 0x0304_0506);
        assertThat(frame.array()).containsExactly(0x88, 0x82, 3, 4, 5, 6, 1 ^ 3, 2 ^ 4);
    }

    /** The payload of a whole frame, written as the standard describes it. */
    static byte[] unmasked(byte[] frame) {
        assertThat(frame[1] & 0x80).isEqualTo(0x80);
        int length = frame[1] & 0x7f;
        int at = length == 127 ? 10 : length == 126 ? 4 : 2;
        long declared = length;
        if (at > 2) {
            declared = 0;
            for (int i = 2; i < at; i++) {
                declared = declared << 8 | frame[i] & 0xff;
            }
        }
        byte[] payload = new byte[frame.length - at - 4];
        assertThat(declared).isEqualTo(payload.length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) (frame[at + 4 + i] ^ frame[at + i % 4]);
        }
        return payload;
    }
}
