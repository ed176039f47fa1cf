package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadsTest {
    @Tag("slow")
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1 << 16})
    void splitsAtLineFeedsWhateverTheReadsAreLike(int chunk) throws IOException {
        String longLine = "x".repeat(200_000);
        String input = "a\n\nb\r\n\0\u00ff\n" + longLine + "\nlast";

        assertThat(lines(input, chunk)).containsExactly("a", "", "b\r", "\0\u00ff", longLine, "last");
    }

    @Test
    void aFinalLineFeedBeginsNoLine() throws IOException {
        assertThat(lines("a\n", 9)).containsExactly("a");
        assertThat(lines("", 9)).isEmpty();
        assertThat(lines("\n", 9)).containsExactly("");
    }

    @Test
    void filesKeepTheirBytes(@TempDir Path dir) throws IOException {
        byte[] bytes = {0, 10, 13, -1};
        Path file = Files.write(dir.resolve("f"), bytes);

        assertThat(Payloads.ofFile(file)).isEqualTo(bytes);
    }

    @Test
    void refusesFilesThatAreMissingEmptyOrNone(@TempDir Path dir) throws IOException {
        Path empty = Files.createFile(dir.resolve("empty"));

        assertThatIOException()
                .isThrownBy(() -> Payloads.ofFile(dir.resolve("none")))
                .withMessageContaining("Unable to open file");
        assertThatIOException().isThrownBy(() -> Payloads.ofFile(dir)).withMessageContaining("Unable to open file");
        assertThatIOException().isThrownBy(() -> Payloads.ofFile(empty)).withMessageContaining("Zero length input");
    }

    private static List<String> lines(String input, int chunk) throws IOException {
        InputStream slow = new ByteArrayInputStream(input.getBytes(StandardCharsets.ISO_8859_1)) {
            @Override
            public synchronized int read(byte[] bytes, int from, int length) {
                return super.read(bytes, from, Math.min(length, chunk));
            }

            @Override
            public int read(byte[] bytes) {
                return read(bytes, 0, bytes.length);
            }
        };
        Payloads.Lines lines = new Payloads.Lines(slow);
        List<String> all = new ArrayList<>();
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            all.add(new String(line, StandardCharsets.ISO_8859_1));
        }
        return all;
    }
}
