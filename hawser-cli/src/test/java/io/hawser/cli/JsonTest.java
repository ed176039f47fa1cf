package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void escapesWhatJsonAndItsReadersCannotBear() {
        assertThat(Json.object()
                        .put("a\"b", "\\ \" \n\r\t\b\f \u0001 \u007f é 😀 \u2028")
                        .toString())
                .isEqualTo("{\"a\\\"b\":\"\\\\ \\\" \\n\\r\\t\\b\\f \\u0001 \\u007f é 😀 \\u2028\"}");
    }

    @Test
    void escapesUnpairedSurrogates() {
        assertThat(Json.object().put("a", "\ud83d x \ude00").toString()).isEqualTo("{\"a\":\"\\ud83d x \\ude00\"}");
    }

    @Test
    void escapesWhatSteersATerminalOrTurnsTheDirectionOfText() {
        for (int c :
                new int[] {0x80, 0x85, 0x9B, 0x9F, 0x61C, 0x200E, 0x200F, 0x202A, 0x202E, 0x2066, 0x2069, 0xFEFF}) {
            assertThat(Json.object().put("a", "x" + (char) c).toString())
                    .isEqualTo(String.format("{\"a\":\"x\\u%04x\"}", c));
        }
        assertThat(Json.object().put("a", Character.toString(0xE0001)).toString())
                .isEqualTo("{\"a\":\"\\udb40\\udc01\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                " [1,\\n2] |[1,2]",
                "{ \"a b\" :\\r\\t[ true , null ] }|{\"a b\":[true,null]}",
                "\"a \\\\\\\" b\"|\"a \\\\\\\" b\"",
                "\"\\\\\\\\\" |\"\\\\\\\\\"",
            })
    void putsAValueOnOneLine(String json, String line) {
        String text = json.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
        assertThat(JsonSyntax.isValid(text)).isTrue();
        assertThat(JsonSyntax.onOneLine(text)).isEqualTo(line);
    }

    @Test
    void putsCharactersThatEndALineInStringsAsEscapes() {
        String odd = JsonSyntax.onOneLine("[ \"a\u2028 \u0085\u009b \ud83d\ude00\u202e\" ]");
        assertThat(odd).isEqualTo("[\"a\\u2028 \\u0085\\u009b \ud83d\ude00\\u202e\"]");
        assertThat(JsonSyntax.isValid(odd)).isTrue();
    }

    @Test
    void writesEveryKindOfMember() {
        String json = Json.object()
                .put("n", 7)
                .put("b", true)
                .put("d", 1.25, 1)
                .put("nan", Double.NaN, 1)
                .putRaw("o", "{}")
                .toString();

        assertThat(json).isEqualTo("{\"n\":7,\"b\":true,\"d\":1.3,\"nan\":null,\"o\":{}}");
        assertThat(JsonSyntax.isValid(json)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                " true ",
                "0",
                "-0.5e+3",
                "1E9",
                "\"\"",
                "\"\\u00e9\\n\"",
                "[]",
                "[1, [2], {}]",
                "{}",
                "{ \"a\" : [ ] , \"b\":{\"c\":null}}"
            })
    void knowsJson(String text) {
        assertThat(JsonSyntax.isValid(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "hello",
                "01",
                "1.",
                ".5",
                "+1",
                "1e",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\n\"",
                "[1,]",
                "[1 2]",
                "{\"a\"}",
                "{a:1}",
                "{\"a\":1,}",
                "{} {}",
                "nul",
                "tru",
                "[",
                "{"
            })
    void knowsWhatIsNotJson(String text) {
        assertThat(JsonSyntax.isValid(text)).isFalse();
    }

    @Test
    void givesUpOnAbsurdDepthInsteadOfOverflowing() {
        assertThat(JsonSyntax.isValid("[".repeat(100_000) + "]".repeat(100_000)))
                .isFalse();
    }
}
