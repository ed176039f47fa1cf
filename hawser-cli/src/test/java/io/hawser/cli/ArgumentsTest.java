package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    private static final byte[] NOT_UTF8 = {'c', 'a', 'f', (byte) 0xE9};

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-m", "-t", "-u", "-P", "-i", "--will-payload", "--message"})
    void refusesWhatIsNotUtf8AndNamesTheOption(String option) {
        List<byte[]> raw = List.of(utf8("java"), utf8("pub"), utf8(option), NOT_UTF8);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.asGiven(new String[] {"pub", option, "caf\uFFFD"}, raw))
                .withMessageStartingWith(option + " has bytes that are not UTF-8; use -s or -f");
    }

    @Test
    void namesTheOptionOfAValueInTheSameWordWithoutTheValue() {
        for (String word : new String[] {"-Psecret\uFFFD", "--pw=secret\uFFFD"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Arguments.asGiven(new String[] {word}, List.of(NOT_UTF8)))
                    .withMessageStartingWith("-")
                    .withMessageNotContaining("secret");
        }
    }

    @Test
    void aReplacementCharacterThatWasGivenIsTakenAsItIs() {
        String[] words = {"pub", "", "-m", "a\uFFFD", "\uFFFD\uFFFD"};
        List<byte[]> raw = List.of(utf8("java"), utf8("pub"), utf8(""), utf8("-m"), utf8("a\uFFFD"), utf8("é"));

        assertThat(Arguments.asGiven(words, raw)).containsExactly("pub", "", "-m", "a\uFFFD", "é");
        assertThat(Arguments.asGiven("pub", "é")).containsExactly("pub", "é");
    }

    @Test
    void whatCannotBeLookedUpIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arguments.asGiven(new String[] {"-m", "a\uFFFD"}, List.of()))
                .withMessageContaining("not UTF-8; use -s or -f");
    }

    @Test
    void wordsEndWithZeroBytes() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        line.writeBytes(utf8("java\0\0-m\0"));
        line.writeBytes(NOT_UTF8);
        line.write(0);

        assertThat(Arguments.wordsOf(line.toByteArray())).containsExactly(utf8("java"), utf8(""), utf8("-m"), NOT_UTF8);
    }
}
