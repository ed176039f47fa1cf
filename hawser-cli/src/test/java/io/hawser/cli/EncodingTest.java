package io.hawser.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncodingTest {
    @ParameterizedTest
    @EnumSource(Encoding.class)
    void decodesWhatItEncodes(Encoding encoding) {
        Random random = new Random(1);
        for (int length = 0; length < 100; length++) {
            byte[] payload = new byte[length];
            random.nextBytes(payload);
            assertThat(encoding.decode(encoding.encode(payload).getBytes(UTF_8)))
                    .isEqualTo(payload);
        }
    }

    @ParameterizedTest
    @CsvSource({"HEX, 'FF 00\n0a'", "HEX, ff000A", "BASE64, /wAK", "BASE64, _wAK", "BASE64, '/w\r\nAK'"})
    void takesWhatOthersWrite(Encoding encoding, String text) {
        assertThat(encoding.decode(text.getBytes(UTF_8))).containsExactly(-1, 0, 10);
    }

    @Test
    void takesBase64WithoutPadding() {
        assertThat(Encoding.BASE64.decode("/w".getBytes(UTF_8))).containsExactly(-1);
    }

    @ParameterizedTest
    @CsvSource({"HEX, f", "HEX, fg", "HEX, ö0", "BASE64, a", "BASE64, ab=c", "BASE64, äb"})
    void refusesWhatIsNot(Encoding encoding, String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoding.decode(text.getBytes(UTF_8)))
                .withMessageStartingWith("The payload is not " + (encoding == Encoding.HEX ? "hex" : "base64"));
    }
}
