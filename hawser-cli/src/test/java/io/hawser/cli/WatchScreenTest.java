package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.cli.WatchScreen.Key;
import io.hawser.mqtt.Message;
import io.hawser.mqtt.Qos;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchScreenTest {
    private static final long SECOND = 1_000_000_000L;

    private final TopicView view = new TopicView();
    private final WatchScreen screen = new WatchScreen(view, "mqtt://localhost");
    private long now = 1;

    private void receive(String topic, String payload) {
        view.received(Message.of(topic, payload).qos(Qos.AT_LEAST_ONCE), now);
    }

    private void type(String text) {
        text.codePoints().forEach(screen::typed);
    }

    private List<String> lines(int width, int height) {
        return screen.lines(width, height, "connected", now).stream()
                .map(AttributedString::toString)
                .toList();
    }

    /** The tree alone, with labels and values only. */
    private String tree() {
        List<String> lines = lines(60, 20);
        return lines.subList(2, lines.size() - 1).stream()
                .map(line -> line.replaceAll("\\s+q\\d.*|\\s+[0-9.]+/s$", ""))
                .filter(line -> !line.isBlank())
                .collect(Collectors.joining("\n"));
    }

    @Test
    void showsATreeInWhichLonelyLevelsShareALine() {
        receive("meters/7/temp", "21.5");
        receive("meters/7/hum", "60");
        receive("plant/a/b/c", "on");
        receive("plant/a/b/c/d", "off");

        assertThat(tree()).isEqualTo("""
                meters/7 (2)
                  hum  60
                  temp  21.5
                plant/a/b/c  on
                  d  off""");
        assertThat(lines(60, 20).get(0))
                .startsWith(" mqtt://localhost  connected")
                .contains("4 topics  4 messages");
    }

    @ParameterizedTest
    @CsvSource({
        "TEMP, 'meters (2)|  7 (1)|    temp  1|  8/temp  3'",
        "7, 'meters (2)|  7 (2)|    hum  2|    temp  1'",
        "meters/+/temp, 'meters (2)|  7 (1)|    temp  1|  8/temp  3'",
        "+/8/#, 'meters (1)|  8/temp  3'",
        "meters/#/x, ''",
        "nothing, ''",
    })
    void whatIsTypedFilters(String filter, String expected) {
        receive("meters/7/temp", "1");
        receive("meters/7/hum", "2");
        receive("meters/8/temp", "3");
        type(filter);

        assertThat(tree().replace('\n', '|')).isEqualTo(expected);
        for (int i = 0; i < filter.length(); i++) {
            assertThat(screen.pressed(Key.BACKSPACE)).isFalse();
        }
        assertThat(tree()).contains("hum", "7", "8");
    }

    @Test
    void escapeClearsTheFilterAndThenEnds() {
        type("x");
        assertThat(screen.pressed(Key.ESCAPE)).isFalse();
        assertThat(screen.pressed(Key.ESCAPE)).isTrue();
    }

    @Test
    void theChosenTopicStaysChosenWhileOthersCome() {
        receive("b", "1");
        receive("c", "2");
        lines(60, 20);
        screen.pressed(Key.DOWN);
        screen.pressed(Key.ENTER);
        receive("a", "0");
        assertThat(lines(60, 20)).contains(line(" c", "1 bytes "));
        screen.pressed(Key.UP);
        assertThat(lines(60, 20)).contains(line(" b", "1 bytes "));
    }

    private static String line(String left, String right) {
        return left + " ".repeat(60 - left.length() - right.length()) + right;
    }

    @Test
    void aFoldedTopicHidesWhatIsBelowUntilAFilterLooksForIt() {
        receive("a/x", "1");
        receive("a/y", "2");
        lines(60, 20);
        screen.pressed(Key.HOME);
        screen.pressed(Key.LEFT);
        assertThat(tree()).isEqualTo("a + (2)");
        type("y");
        assertThat(tree()).contains("y  2");
        screen.pressed(Key.ESCAPE);
        screen.pressed(Key.RIGHT);
        assertThat(tree()).contains("x  1", "y  2");
    }

    @Test
    void longListsScrollToTheChosenLine() {
        for (int i = 0; i < 100; i++) {
            receive("t" + (100 + i), "v");
        }
        assertThat(tree()).startsWith("t100").contains("t116").doesNotContain("t117");
        screen.pressed(Key.PAGE_DOWN);
        assertThat(tree()).startsWith("t101").endsWith("t117  v");
        screen.pressed(Key.END);
        assertThat(tree()).endsWith("t199  v");
        screen.pressed(Key.HOME);
        assertThat(tree()).startsWith("t100");
    }

    @Test
    void ratesRiseToWhatComesAndFallWhenNothingDoes() {
        for (int i = 0; i < 300; i++) {
            now += SECOND / 10;
            receive("a", "x");
        }
        assertThat(view.rows("", now).get(0).rate()).isBetween(9.5, 10.5);
        assertThat(view.rows("", now).get(0).fresh()).isTrue();
        now += 30 * SECOND;
        assertThat(view.rows("", now).get(0).rate()).isLessThan(0.1);
        assertThat(view.rows("", now).get(0).fresh()).isFalse();
    }

    @Test
    void showsAMessageAsAWholeAndRetainedOnesWithAMark() {
        view.received(
                Message.of("a", "{\"v\":[1]}").retain(true).contentType("json").qos(Qos.EXACTLY_ONCE), now);
        screen.pressed(Key.ENTER);
        List<String> lines = lines(60, 20);

        assertThat(lines).anyMatch(line -> line.contains(" q2 R "));
        assertThat(lines).contains("{\"properties\":{\"content-type\":\"json\"}}", "{", "  \"v\": [", "    1");
    }

    /** Whatever comes and whatever size the terminal has: as many lines as it has, none wider, and nothing that steers it. */
    @Test
    void linesFitTheTerminalAndSteerNothing() {
        Random random = new Random(7);
        for (int run = 0; run < 300; run++) {
            String topic = random.ints(1 + random.nextInt(20), 1, 0x2FFF)
                    .filter(c -> c != '+' && c != '#' && c >= ' ' && (c < 0x7F || c > 0x9F))
                    .mapToObj(Character::toString)
                    .collect(Collectors.joining("", "t", ""));
            byte[] payload = new byte[random.nextInt(200)];
            random.nextBytes(payload);
            view.received(Message.of(topic.replace("\uFEFF", ""), payload), now);
            Key key = Key.values()[random.nextInt(Key.values().length)];
            if (key != Key.ESCAPE) {
                screen.pressed(key);
            }
            int width = random.nextInt(120);
            int height = 4 + random.nextInt(40);
            List<AttributedString> lines = screen.lines(width, height, "state \u001b[2J", now);
            assertThat(lines).hasSize(height);
            for (AttributedString line : lines) {
                assertThat(line.columnLength()).isLessThanOrEqualTo(width);
                assertThat(line.toString().chars()).noneMatch(Character::isISOControl);
            }
        }
    }

    @Test
    void moreTopicsThanThereIsRoomForAreCounted() {
        for (int i = 0; i <= TopicView.MOST_TOPICS; i++) {
            receive(Integer.toString(i), "");
        }
        receive("0", "");
        assertThat(view.topics()).isEqualTo(TopicView.MOST_TOPICS);
        assertThat(view.beyond()).isOne();
        assertThat(lines(60, 10).get(1)).endsWith("1 to more topics");
    }
}
