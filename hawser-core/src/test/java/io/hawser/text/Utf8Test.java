package io.hawser.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    @ParameterizedTest
    @CsvSource({
        "61, -1",
        "7f, -1",
        "01, -1",
        "c280, -1",
        "dfbf, -1",
        "e0a080, -1",
        "ed9fbf, -1",
        "ee8080, -1",
        "efbfbf, -1",
        "efbbbf61, -1",
        "f0908080, -1",
        "f48fbfbf, -1",
        "61c3a9e282acf09f9880, -1",
        // U+0000
        "00, 0",
        "6100, 1",
        "c3a90061, 2",
        // continuation bytes without a lead, bytes that never occur
        "80, 0",
        "61bf, 1",
        "fe, 0",
        "ff, 0",
        "f5808080, 0",
        "f8888080, 0",
        // overlong forms
        "c080, 0",
        "c1bf, 0",
        "e08080, 0",
        "e09fbf, 0",
        "61f0808080, 1",
        "f08fbfbf, 0",
        // surrogates, alone and as the pair of CESU-8
        "eda080, 0",
        "edbfbf, 0",
        "61eda0bdedb880, 1",
        // above U+10FFFF
        "f4908080, 0",
        // cut sequences
        "c3, 0",
        "61e2, 1",
        "61e282, 1",
        "f09f98, 0",
        "c361, 0",
        "e28261, 0",
        "f09f9861, 0",
        "e2c280, 0"
    })
    void namesTheFirstByteThatBreaksTheRules(String hex, int firstInvalid) {
        byte[] bytes = hex(hex);
        assertThat(Utf8.firstInvalid(bytes, 0, bytes.length)).isEqualTo(firstInvalid);
    }

    @Test
    void looksOnlyAtItsPartOfTheBytes() {
        byte[] bytes = hex("00c3a900");
        assertThat(Utf8.firstInvalid(bytes, 1, 2)).isEqualTo(-1);
        assertThat(Utf8.firstInvalid(bytes, 1, 1)).as("a cut sequence").isZero();
        assertThat(Utf8.decode(bytes, 1, 2)).isEqualTo("é");
    }

    @Tag("slow")
    @Test
    void agreesWithTheJdkOnEveryPairAndTripleOfInterestingBytes() {
        int[] interesting = {
            0x01, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5
        };
        byte[] bytes = new byte[4];
        for (int a : interesting) {
            for (int b : interesting) {
                for (int c : interesting) {
                    for (int d : interesting) {
                        bytes[0] = (byte) a;
                        bytes[1] = (byte) b;
                        bytes[2] = (byte) c;
                        bytes[3] = (byte) d;
                        boolean valid = Utf8.firstInvalid(bytes, 0, 4) < 0;
                        assertThat(valid).as(HexFormat.of().formatHex(bytes)).isEqualTo(jdkAccepts(bytes));
                    }
                }
            }
        }
    }

    private static boolean jdkAccepts(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Test
    void keepsTheByteOrderMark() {
        assertThat(Utf8.decode(hex("efbbbf61"), 0, 4)).isEqualTo("\uFEFFa");
        assertThat(Utf8.encode("text", "\uFEFFa")).containsExactly(0xef, 0xbb, 0xbf, 'a');
    }

    @Test
    void refusesToEncodeWhatMqttForbids() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Utf8.encode("user name", "a\0"))
                .withMessageContaining("user name has U+0000 at index 1")
                .withMessageContaining("[MQTT-1.5.3-2]");
        for (String text : new String[] {"\uD83D", "\uD83Da", "\uDE00", "\uDE00\uD83D"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Utf8.encode("topic", text))
                    .withMessageContaining("unpaired surrogate at index 0");
        }
        assertThat(Utf8.encode("text", "x".repeat(65_535))).hasSize(65_535);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Utf8.encode("topic", "é".repeat(32_768)))
                .withMessageContaining("65536 bytes");
    }

    @Test
    void printableEscapesWhatSteersATerminalOrTurnsTheDirectionOfText() {
        int[][] ranges = {
            {0, 0x1F},
            {0x7F, 0x9F},
            {0xAD, 0xAD},
            {0x61C, 0x61C},
            {0x200B, 0x200F},
            {0x2028, 0x202E},
            {0x2060, 0x2064},
            {0x2066, 0x206F},
            {0xD800, 0xDFFF},
            {0xFDD0, 0xFDEF},
            {0xFEFF, 0xFEFF},
            {0xFFF9, 0xFFFB},
            {0xFFFE, 0xFFFF}
        };
        for (int[] range : ranges) {
            for (int c = range[0]; c <= range[1]; c++) {
                String escaped = String.format("a\\u%04xb", c);
                assertThat(Utf8.printable("a" + (char) c + "b")).isEqualTo(escaped);
                assertThat(Utf8.isPrintable(c)).as(escaped).isFalse();
            }
        }
        assertThat(Utf8.isPrintable(0xE0001)).as("a language tag").isFalse();
        assertThat(Utf8.printable("é ß 東 \u05d0 \u0627 \u00a0")).isEqualTo("é ß 東 \u05d0 \u0627 \u00a0");
    }

    @Test
    void printableEscapesControlsAndCutsLongText() {
        assertThat(Utf8.printable("a\n\u001b[31m\u2028")).isEqualTo("a\\u000a\\u001b[31m\\u2028");
        assertThat(Utf8.printable("x".repeat(300))).hasSizeLessThan(250).endsWith("… (300 characters)");
    }
}
