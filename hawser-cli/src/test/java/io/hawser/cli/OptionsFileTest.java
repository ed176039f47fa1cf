package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsFileTest {
    @TempDir
    Path directory;

    private void file(String name, String content) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private String joined(String commandLine) throws IOException {
        return String.join(" ", OptionsFile.joined(commandLine.split(" "), Map.of("XDG_CONFIG_HOME", "" + directory)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pub -t x -m a                     | pub -h broker -p 1999 -u me -P pw -r -t x -m a",
                "pub -h other -m a -t x            | pub -p 1999 -u me -P pw -r -h other -m a -t x",
                "pub --host=other -m a -t x        | pub -p 1999 -u me -P pw -r --host=other -m a -t x",
                "pub -L mqtt://h/t -m a            | pub -u me -P pw -r -L mqtt://h/t -m a",
                "pub -L mqtt://u:p@h/t -m a        | pub -r -L mqtt://u:p@h/t -m a",
                "pub --password-file f -m a -t x   | pub -h broker -p 1999 -u me -r --password-file f -m a -t x",
                "pub -t x -m a -r                  | pub -h broker -p 1999 -u me -P pw -t x -m a -r",
                "pub -t x --wrong                  | pub -h broker -p 1999 -u me -P pw -r -t x --wrong",
            })
    void theCommandLineCountsMore(String commandLine, String words) throws IOException {
        file("hawser/pub", "# mine\n-h broker\n\n-p 1999\n-u me\n  -P pw\n-r\n");

        assertThat(joined(commandLine)).isEqualTo(words);
    }

    @Test
    void whatMayBeRepeatedIsAddedAndValuesMayHaveBlanks() throws IOException {
        file("hawser/sub", "-T a/b c\n-D connect user-property k v w\n-F %t: %p\n");

        assertThat(OptionsFile.joined(
                        new String[] {"sub", "-T", "d", "-t", "x"}, Map.of("XDG_CONFIG_HOME", "" + directory)))
                .containsExactly(
                        "sub",
                        "-T",
                        "a/b c",
                        "-D",
                        "connect",
                        "user-property",
                        "k",
                        "v w",
                        "-F",
                        "%t: %p",
                        "-T",
                        "d",
                        "-t",
                        "x");
    }

    @Test
    void mosquittosFileIsReadIfThereIsNoneOfOurs() throws IOException {
        file("mosquitto_pub", "-h theirs\n--tls-keylog file\n");
        file("mosquitto_rr", "-h theirs\n");
        file("mosquitto_respond", "-h theirs\n");

        assertThat(joined("pub -t x")).isEqualTo("pub -h theirs -t x");
        assertThat(joined("request -t x")).isEqualTo("request -h theirs -t x");
        assertThat(joined("respond -t x")).isEqualTo("respond -t x");
        assertThat(joined("session dir")).isEqualTo("session dir");
        file("hawser/pub", "-h ours");
        assertThat(joined("pub -t x")).isEqualTo("pub -h ours -t x");
    }

    @Test
    void anUnknownOptionOfOursIsAnErrorThatQuotesNoValue() throws IOException {
        file("hawser/pub", "-h a\n--pass=secret\n");

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> joined("pub -t x"))
                .withMessageEndingWith("pub, line 2: unknown option '--pass'");
    }

    @Test
    void homeStandsInForXdgConfigHome() throws IOException {
        file(".config/hawser/pub", "-h home\n");

        assertThat(OptionsFile.joined(new String[] {"pub"}, Map.of("HOME", "" + directory)))
                .containsExactly("pub", "-h", "home");
        assertThat(OptionsFile.joined(new String[] {"pub"}, Map.of())).containsExactly("pub");
        assertThat(OptionsFile.joined(new String[0], Map.of("HOME", "" + directory)))
                .isEmpty();
    }
}
