package io.hawser.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicTest {
    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, b, false",
        "a, A, false",
        "a, ab, false",
        "ab, a, false",
        "a, a/, false",
        "a/, a, false",
        "a/, a/, true",
        "/a, /a, true",
        "/a, a, false",
        "/, /, true",
        "//, //, true",
        "//, /, false",
        "a/b/c, a/b/c, true",
        "a/b/c, a/b, false",
        "a/b, a/b/c, false",
        "a/b, a/bc, false",
        "#, a, true",
        "#, a/b/c, true",
        "#, /, true",
        "#, /a, true",
        "a/#, a, true",
        "a/#, a/, true",
        "a/#, a/b, true",
        "a/#, a/b/c, true",
        "a/#, ab, false",
        "a/#, b, false",
        "a/b/#, a, false",
        "a/b/#, a/b, true",
        "/#, /, true",
        "/#, /a, true",
        "/#, a, false",
        "+, a, true",
        "+, a/, false",
        "+, /a, false",
        "+/+, /a, true",
        "/+, /a, true",
        "/+, /, true",
        "+/, a/, true",
        "+/, /, true",
        "+/, a, false",
        "a/+, a/, true",
        "a/+, a, false",
        "a/+, a/b, true",
        "a/+, a/b/c, false",
        "a/+/c, a/b/c, true",
        "a/+/c, a//c, true",
        "a/+/c, a/b/d, false",
        "a/+/c, a/c, false",
        "+/b/#, a/b, true",
        "+/b/#, a/b/c/d, true",
        "+/b/#, a/c/b, false",
        "+/#, a, true",
        "+/+/#, a, false",
        "+/+/#, a/b, true",
        "a/+/#, a, false",
        "a/+/#, a/, true",
        "#, $SYS/x, false",
        "+/x, $SYS/x, false",
        "$SYS/#, $SYS/x, true",
        "$SYS/#, $SYS, true",
        "$SYS/+, $SYS/x, true",
        "$SYS/x, $SYS/x, true",
        "a/#, a/$SYS, true",
        "+/$x, a/$x, true",
        "$/+, $/a, true",
        "/#, $SYS, false",
        "$share/g/a/+, a/b, true",
        "$share/g/#, $SYS/x, false",
        "$share/g/#, a, true",
        "$share/g/$SYS/#, $SYS/x, true",
        "é/+, é/日本, true",
        "é, e, false"
    })
    void filterMatchesTopic(String filter, String topic, boolean matches) {
        assertThat(TopicFilter.of(filter).matches(TopicName.of(topic))).isEqualTo(matches);
    }

    @Test
    void looksAlikeButDiffers() {
        assertThat(TopicFilter.of("é").matches(TopicName.of("e\u0301")))
                .as("[MQTT-4.7.3-4]")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "a#, [MQTT-4.7.1-2]",
        "a/#/b, [MQTT-4.7.1-2]",
        "#/, [MQTT-4.7.1-2]",
        "##, [MQTT-4.7.1-2]",
        "a/b#, [MQTT-4.7.1-2]",
        "a+, [MQTT-4.7.1-3]",
        "+a, [MQTT-4.7.1-3]",
        "a/+b/c, [MQTT-4.7.1-3]",
        "++, [MQTT-4.7.1-3]",
        "'', [MQTT-4.7.3-1]",
        "$share/g, [MQTT-4.8.2-1]",
        "$share//a, [MQTT-4.8.2-1]",
        "$share/+/a, [MQTT-4.8.2-2]",
        "$share/g/, [MQTT-4.7.3-1]",
        "$share/g/a#, [MQTT-4.7.1-2]"
    })
    void filterIsRefusedWithTheRule(String filter, String rule) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicFilter.of(filter))
                .withMessageContaining(rule);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "#", "+", "+/+", "/", "a/#", "a//b", "$SYS/#", "a b", "\uFEFF", "$share"})
    void filterKeepsItsText(String filter) {
        assertThat(TopicFilter.of(filter)).hasToString(filter).isEqualTo(TopicFilter.of(filter));
        assertThat(TopicFilter.of(filter).isShared()).isFalse();
        assertThat(TopicFilter.of(filter).pattern()).isEqualTo(filter);
    }

    @Test
    void sharedFilterKnowsItsPattern() {
        TopicFilter shared = TopicFilter.of("$share/group/a/+");
        assertThat(shared.isShared()).isTrue();
        assertThat(shared.pattern()).isEqualTo("a/+");
        assertThat(shared).hasToString("$share/group/a/+").isNotEqualTo(TopicFilter.of("a/+"));
    }

    @ParameterizedTest
    @CsvSource({"'', [MQTT-4.7.3-1]", "a/+, [MQTT-3.3.2-2]", "#, [MQTT-3.3.2-2]", "a#b, [MQTT-3.3.2-2]"})
    void nameIsRefusedWithTheRule(String name, String rule) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicName.of(name))
                .withMessageContaining(rule);
    }

    @Test
    void nameIsRefusedForItsCharacters() {
        assertThatIllegalArgumentException().isThrownBy(() -> TopicName.of("a\0"));
        assertThatIllegalArgumentException().isThrownBy(() -> TopicName.of("\uD800"));
        assertThatIllegalArgumentException().isThrownBy(() -> TopicName.of("x".repeat(65_536)));
        assertThat(TopicName.of("x".repeat(65_535)).sizeInBytes()).isEqualTo(65_535);
    }

    @Test
    void errorsShowNoControlCharacters() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TopicName.of("\u001b[2J#"))
                .withMessageContaining("\\u001b[2J#");
    }

    @Test
    void nameIsAValue() {
        TopicName name = TopicName.of("é/b");
        assertThat(name)
                .isEqualTo(TopicName.of("é/b"))
                .hasSameHashCodeAs(TopicName.of("é/b"))
                .hasToString("é/b");
        assertThat(name).isNotEqualTo(TopicName.of("e/b"));
        assertThat(name.sizeInBytes()).isEqualTo(4);
        ByteBuffer bytes = ByteBuffer.allocate(6).put((byte) 'x');
        name.copyTo(bytes);
        assertThat(name.contentEquals(bytes.array(), 1, 4)).isTrue();
        assertThat(name.contentEquals(bytes.array(), 0, 4)).isFalse();
        assertThat(name.contentEquals(bytes.array(), 1, 3)).isFalse();
    }

    @Test
    void namesOfEqualHashAreToldApart() {
        // "Aa" and "BB" have the same String.hashCode, so they want the same place in the memory of names.
        for (int i = 0; i < 4; i++) {
            assertThat(TopicName.of("Aa")).hasToString("Aa");
            assertThat(TopicName.of("BB")).hasToString("BB");
        }
    }
}
