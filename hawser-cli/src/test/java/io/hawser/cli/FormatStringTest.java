package io.hawser.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatStringTest {
    private static final ZonedDateTime TIME =
            ZonedDateTime.of(2026, 11, 22, 13, 42, 6, 406_763_797, ZoneOffset.ofHours(1));

    /** The left column is what mosquitto_sub 2.0.11 was given, the right one what it printed. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "%t|%p|%q|%r|%l!x/yz|hel|2|1|3",
                "%x %X!68656c 68656C",
                "%:x|% X|%12:x!68:65:6c|68 65 6C|    68:65:6c",
                "%A%C%D%E%F%P%R%S!''",
                "%5l|%05l|%-5l|%-05l!    3|00003|3    |3    ",
                "%10t|%-10t|%.2t|%5.2t|%010t!      x/yz|x/yz      |x/|   x/|      x/yz",
                "%8p|%08p|%-8p|!     hel|00000hel|hel     |",
                "%5A|%5C|%3P|%3D!     |     ||",
                "%3q|%5r|%.1q!2|1|2",
                "%%|@@|\\\\!%|@|\\",
                "%I!2026-11-22T13:42:06+0100",
                "%30I|%-30I|%.10I!      2026-11-22T13:42:06+0100|2026-11-22T13:42:06+0100      |2026-11-22",
                "%U!1795351326.406763797",
                "@Y-@m-@dT@H:@M:@S@z!2026-11-22T13:42:06+0100",
                "@N|@s|@j|@a|@A|@b!406763797|1795351326|326|Sun|Sunday|Nov",
                "@c|@D|@e|@F|@R|@T!Sun Nov 22 13:42:06 2026|11/22/26|22|2026-11-22|13:42|13:42:06",
                "@u|@y|@C|@G|@V|@h|@I|@p|@l|@k!7|26|20|2026|47|Nov|01|PM| 1|13",
                "@r|@x|@X|@q|@1!01:42:06 PM|11/22/26|13:42:06|%q|%1",
                "plain é 😀!plain é 😀",
            })
    void printsAsMosquittoDoes(String format, String printed) {
        assertThat(print(format, "hel")).isEqualTo(printed);
    }

    /** As mosquitto_sub 2.0.11, which shows the first of several subscription identifiers only. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "%A|%C|%D|%E|%F|%P|%R|%S!|text/plain|abc|60|1|k:v k:w|r/x|9 10",
                "%12C|%-12C|%.4C|%06E|%3F|%5R|%D!  text/plain|text/plain  |text|000060|  1|  r/x|abc",
            })
    void printsThePropertiesOfMqtt5(String format, String printed) {
        ByteSink out = new ByteSink();
        FormatString.parse(format).write(new Received(withProperties(), false, TIME), out);

        assertThat(new String(out.toByteArray(), StandardCharsets.UTF_8)).isEqualTo(printed);
    }

    private static Message withProperties() {
        return Message.of("x/yz", "hel")
                .contentType("text/plain")
                .correlationData("abc".getBytes(StandardCharsets.UTF_8))
                .expiry(Duration.ofSeconds(60))
                .utf8(true)
                .userProperty("k", "v")
                .userProperty("k", "w")
                .responseTopic("r/x")
                .subscriptionIdentifiers(List.of(9, 10));
    }

    /** The letters and digits of printf(3), as mosquitto_sub 2.1 uses it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "21.5!%f|%.1f|%8.2f|%-8.2f|%08.2f|%.0f!21.500000|21.5|   21.50|21.50   |00021.50|22",
                "-0.1!%f|%.3f!-0.100000|-0.100",
                "1e30!%.1f!1000000015047466219876688855040.0",
                "NaN!%f!nan",
                "-Infinity!%5f! -inf",
            })
    void printsBinaryNumbers(String number, String format, String printed) {
        ByteBuffer single =
                ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putFloat(Float.parseFloat(number));
        ByteBuffer twice = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putDouble(Float.parseFloat(number));

        assertThat(print(FormatString.parse(format), single.array())).isEqualTo(printed);
        assertThat(print(FormatString.parse(format.replace('f', 'd')), twice.array()))
                .isEqualTo(number.equals("-0.1") ? "-0.100000|-0.100" : printed);
    }

    @Test
    void printsThePacketIdentifier() {
        ByteSink out = new ByteSink();
        FormatString.parse("%m|%4m|%04m").write(new Received(Message.of("t", ""), false, 77, TIME), out);

        assertThat(new String(out.toByteArray(), UTF_8)).isEqualTo("77|  77|0077");
    }

    @Test
    void printsNothingForAPayloadThatIsNoBinaryNumber() {
        assertThat(print("[%f][%d][%5f]", "hel")).isEqualTo("[][][     ]");
    }

    @Test
    void printsPayloadsInAnEncodingAndJsonOnSeveralLines() {
        assertThat(print(FormatString.parse("%6p|", false, Encoding.HEX), new byte[] {-1, 0}))
                .isEqualTo("  ff00|");
        assertThat(print(FormatString.parse("%J", true, null), "{\"a\":[1,{}],\"b:,\\\"\":[]}".getBytes(UTF_8)))
                .endsWith("""
                        "payload": {
                            "a": [
                              1,
                              {}
                            ],
                            "b:,\\"": []
                          }
                        }""");
    }

    private static String print(MessageFormat format, byte[] payload) {
        ByteSink out = new ByteSink();
        format.write(new Received(Message.of("t", payload), false, TIME), out);
        return new String(out.toByteArray(), UTF_8);
    }

    @Test
    void everyJsonHasTheProperties() {
        String properties = "\"properties\":{\"payload-format-indicator\":1,\"message-expiry-interval\":60,"
                + "\"content-type\":\"text/plain\",\"response-topic\":\"r/x\",\"correlation-data\":\"abc\","
                + "\"subscription-identifier\":[9, 10],"
                + "\"user-properties\":[{\"name\":\"k\",\"value\":\"v\"},{\"name\":\"k\",\"value\":\"w\"}]},";
        for (MessageFormat format : List.of(MessageFormat.json(), FormatString.parse("%j"))) {
            ByteSink out = new ByteSink();
            format.write(new Received(withProperties(), false, TIME), out);
            String json = new String(out.toByteArray(), StandardCharsets.UTF_8);

            assertThat(json).contains(properties);
            assertThat(JsonSyntax.isValid(json)).isTrue();
            assertThat(JsonSyntax.onOneLine(JsonSyntax.indented(json))).isEqualTo(JsonSyntax.onOneLine(json));
        }
    }

    @Test
    void correlationDataThatIsNotTextIsBase64() {
        ByteSink out = new ByteSink();
        Message message = Message.of("t", "").correlationData(new byte[] {-1, 0});
        MessageFormat.json().write(new Received(message, false, TIME), out);

        assertThat(new String(out.toByteArray(), StandardCharsets.UTF_8))
                .contains("\"properties\":{\"correlation-data-base64\":\"/wA=\"}");
    }

    @Test
    void knowsTheEscapedCharacters() {
        assertThat(print("\\0\\a\\e\\n\\r\\t\\v", "")).isEqualTo("\0\u0007\u001b\n\r\t\u000b");
    }

    @Test
    void printsJsonWithThePayloadAsTextOrAsJson() {
        String head = "{\"tst\":\"2026-11-22T13:42:06.406763+0100\",\"topic\":\"x/yz\",\"qos\":2,\"retain\":1,";

        assertThat(print("%j", "h\"\n")).isEqualTo(head + "\"payloadlen\":3,\"payload\":\"h\\\"\\n\"}");
        assertThat(print("%J", "{\"a\": [1]}")).isEqualTo(head + "\"payloadlen\":10,\"payload\":{\"a\":[1]}}");
        assertThat(print("%J", "")).isEqualTo(head + "\"payloadlen\":0,\"payload\":null}");
        assertThat(print("%J", "hello")).isEmpty();
    }

    @Test
    void leavesPayloadBytesAsTheyAre() {
        byte[] payload = {0, (byte) 0xFF, '\n', '%'};
        Message message = Message.of("t", payload);
        ByteSink out = new ByteSink();

        FormatString.parse("%p").write(new Received(message, false, TIME), out);

        assertThat(out.toByteArray()).isEqualTo(payload);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "%k!Invalid format specifier 'k'.",
                "%o!Invalid format specifier 'o'.",
                "%:t!Only x and X can have a separator, not 't'.",
                "abc%!Incomplete format specifier.",
                "%10!Incomplete format specifier.",
                "%.!Incomplete format specifier.",
                "@!Incomplete format specifier.",
                "\\!Incomplete escape specifier.",
                "\\k!Invalid escape specifier 'k'.",
                "%-0-5t!Invalid format specifier '-'.",
                "%.5.5t!Invalid format specifier '.'.",
                "%10001t!Field width is above 10000.",
            })
    void refusesWhatItCannotPrint(String format, String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FormatString.parse(format))
                .withMessage(text);
    }

    @Test
    void jsonOfTheCommandTellsTextFromBytes() {
        ByteSink out = new ByteSink();
        Message text = Message.of("a", "hé").qos(Qos.AT_LEAST_ONCE);
        MessageFormat.json().withNewLine().write(new Received(text, true, TIME), out);
        Message bytes = Message.of("a", new byte[] {(byte) 0xC3, 0x28}).retain(true);
        MessageFormat.json().withNewLine().write(new Received(bytes, false, TIME), out);

        String tst = "{\"tst\":\"2026-11-22T13:42:06.406763+0100\",\"topic\":\"a\",\"qos\":1,";
        assertThat(new String(out.toByteArray(), StandardCharsets.UTF_8))
                .isEqualTo(tst + "\"retain\":false,\"dup\":true,\"payload\":\"hé\"}\n" + tst
                        + "\"retain\":true,\"dup\":false,\"payloadBase64\":\"wyg=\"}\n");
    }

    private static String print(String format, String payload) {
        ByteSink out = new ByteSink();
        Message message = Message.of("x/yz", payload).qos(Qos.EXACTLY_ONCE).retain(true);
        FormatString.parse(format).write(new Received(message, false, TIME), out);
        return new String(out.toByteArray(), StandardCharsets.UTF_8);
    }
}
