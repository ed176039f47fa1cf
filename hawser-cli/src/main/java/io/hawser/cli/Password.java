package io.hawser.cli;

import io.hawser.mqtt.Credentials;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Passwords that are not on the command line, where every user of the machine sees them. */
final class Password {
    /** The environment variable for a password. */
    static final String VARIABLE = "HAWSER_PASSWORD";

    private Password() {}

    /**
     * The content of a file, any bytes, without a line end at its end.
     *
     * @throws UncheckedIOException with a text for the user
     */
    static byte[] in(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(Credentials.MAXIMUM_PASSWORD + 3);
            int end = bytes.length;
            if (end > 0 && bytes[end - 1] == '\n') {
                end--;
                end -= end > 0 && bytes[end - 1] == '\r' ? 1 : 0;
            }
            return Arrays.copyOf(bytes, end);
        } catch (IOException e) {
            throw failure("Unable to read the password from \"" + file + "\".", e);
        }
    }

    /**
     * What the user types on the terminal, unseen.
     *
     * @throws UncheckedIOException with a text for the user
     */
    @SuppressWarnings("SystemConsoleNull") // a later JDK has one without a terminal, too, and reads what it is given
    static byte[] asked() {
        Console console = System.console();
        char[] typed = console == null ? null : console.readPassword("Password: ");
        if (typed == null) {
            throw failure("--ask-password needs a terminal; use --password-file or " + VARIABLE + ".", null);
        }
        byte[] encoded = new byte[0];
        var buffer = StandardCharsets.UTF_8.encode(CharBuffer.wrap(typed));
        encoded = Arrays.copyOf(encoded, buffer.remaining());
        buffer.get(encoded);
        Arrays.fill(typed, ' ');
        return encoded;
    }

    private static UncheckedIOException failure(String text, @org.jspecify.annotations.Nullable IOException cause) {
        return new UncheckedIOException(text, cause == null ? new IOException(text) : cause);
    }
}
