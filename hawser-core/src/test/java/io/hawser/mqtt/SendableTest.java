package io.hawser.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.text.Utf8;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Strings with characters on which brokers close the connection are refused where a program gives them, and let pass if received. */
class SendableTest {
    private static final Message MESSAGE = Message.of("t", "x");

    static Stream<Map.Entry<String, Consumer<String>>> places() {
        Map<String, Consumer<String>> places = new LinkedHashMap<>();
        places.put("topic name", text -> Message.of(text, "x"));
        places.put("topic filter", TopicFilter::of);
        places.put("content type", MESSAGE::contentType);
        places.put("user property name", text -> MESSAGE.userProperty(text, "v"));
        places.put("user property value", text -> MESSAGE.userProperty("k", text));
        places.put("user name", Credentials::of);
        return places.entrySet().stream();
    }

    @ParameterizedTest
    @MethodSource("places")
    void areRefusedWithFieldIndexAndCodePoint(Map.Entry<String, Consumer<String>> place) {
        for (int code = 1; code <= Character.MAX_CODE_POINT; code += code < 0x3000 || code > 0xFD00 ? 1 : 7) {
            boolean surrogate = code >= 0xD800 && code <= 0xDFFF;
            boolean control = code < 0x20 || code >= 0x7F && code <= 0x9F;
            boolean noCharacter = code >= 0xFDD0 && code <= 0xFDEF || (code & 0xFFFE) == 0xFFFE;
            String text = "ab" + Character.toString(code) + "c";
            if (surrogate || code == '+' || code == '#' || code > 0x20000 && !noCharacter) {
                continue;
            }
            if (control || noCharacter) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> place.getValue().accept(text))
                        .withMessageStartingWith(place.getKey() + " has U+%04X at index 2".formatted(code));
            } else {
                place.getValue().accept(text);
            }
        }
    }

    @Test
    void aResponseTopicIsHeldToTheSame() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MESSAGE.responseTopic("a\u0001"))
                .withMessageStartingWith("topic name has U+0001 at index 1");
    }

    @Test
    void receivedOnesArLetPassAndRefusedWhenTheyAreSentOn() {
        Message plain = Message.of(TopicName.received("t\u0001"), new byte[0]);
        Message attributes = MESSAGE.received()
                .contentType("\u007f")
                .userProperty("k", "\uffff")
                .responseTopic("r\u0001");

        assertThat(attributes.contentType()).isEqualTo("\u007f");
        assertThatIllegalArgumentException()
                .isThrownBy(plain::requireSendable)
                .withMessageStartingWith("topic name has U+0001 at index 1");
        assertThatIllegalArgumentException()
                .isThrownBy(attributes::requireSendable)
                .withMessageStartingWith("content type has U+007F at index 0");
        assertThatIllegalArgumentException().isThrownBy(() -> TopicName.of("t\u0001"));
        MESSAGE.received().userProperty("k", "v").requireSendable();
        assertThat(Utf8.firstUnwelcome("aé\uFEFF\uD83D\uDE00")).isEqualTo(-1);
    }
}
