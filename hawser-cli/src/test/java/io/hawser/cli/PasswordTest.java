package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.hawser.mqtt.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PasswordTest {
    @TempDir
    Path directory;

    private static Credentials credentials(Map<String, String> environment, String... words) {
        SubCommand sub = CommandLine.populateCommand(new SubCommand(), words);
        sub.server.environment = environment;
        sub.server.check();
        return sub.server.credentials();
    }

    private static String password(Map<String, String> environment, String... words) {
        Credentials credentials = credentials(environment, words);
        byte[] password = credentials == null ? null : credentials.password();
        return password == null ? "none" : new String(password, StandardCharsets.ISO_8859_1);
    }

    @Test
    void isTakenFromAFileWithoutItsLineEnd() throws IOException {
        for (String end : new String[] {"", "\n", "\r\n"}) {
            Path file = Files.write(directory.resolve("p"), ("a\n\u00ffb" + end).getBytes(StandardCharsets.ISO_8859_1));

            assertThat(password(Map.of(Password.VARIABLE, "other"), "-u", "me", "--password-file", file.toString()))
                    .isEqualTo("a\n\u00ffb");
        }
    }

    @Test
    void isTakenFromTheEnvironmentIfNothingElseGivesIt() {
        Map<String, String> environment = Map.of(Password.VARIABLE, "env");

        assertThat(password(environment, "-u", "me")).isEqualTo("env");
        assertThat(password(environment, "-u", "me", "-P", "p")).isEqualTo("p");
        assertThat(password(environment, "-L", "mqtt://me@h/t")).isEqualTo("env");
        assertThat(password(environment, "-L", "mqtt://me:url@h/t")).isEqualTo("url");
        assertThat(password(environment, "-V", "5")).isEqualTo("env");
        assertThat(credentials(environment, "-t", "x"))
                .as("no user, no version")
                .isNull();
        assertThat(password(Map.of(), "-u", "me")).isEqualTo("none");
    }

    @Test
    void aFileThatCannotBeReadIsAnError() {
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> credentials(Map.of(), "-u", "me", "--password-file", "/nonexistent/file"))
                .withMessageContaining("Unable to read the password from \"/nonexistent/file\"");
    }

    @Test
    void onePlaceOnlyCanBeNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> credentials(Map.of(), "-u", "me", "-P", "p", "--password-file", "f"))
                .withMessageContaining("Only one of -P, --password-file and --ask-password");
    }
}
