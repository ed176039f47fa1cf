package io.hawser.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The words of the command line as they were given: Java puts U+FFFD in place of bytes that are not in the locale's encoding. */
final class Arguments {
    private static final char REPLACEMENT = '\uFFFD';
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private Arguments() {}

    /**
     * These words, none of them changed by Java.
     *
     * @throws IllegalArgumentException with a text for the user, if one of them is not UTF-8
     */
    static String[] asGiven(String... words) {
        for (String word : words) {
            if (word.indexOf(REPLACEMENT) >= 0) {
                return asGiven(words, wordsOf(commandLine()));
            }
        }
        return words;
    }

    /** @param raw the words of the whole process; its last ones are these */
    static String[] asGiven(String[] words, List<byte[]> raw) {
        String[] given = words.clone();
        int before = raw.size() - words.length;
        for (int i = 0; i < words.length; i++) {
            if (words[i].indexOf(REPLACEMENT) >= 0) {
                try {
                    if (before < 0) {
                        throw new CharacterCodingException(); // nobody knows what it was
                    }
                    given[i] = StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(raw.get(before + i)))
                            .toString();
                } catch (CharacterCodingException e) {
                    throw new IllegalArgumentException(option(words, i)
                            + " has bytes that are not UTF-8; use -s or -f to send such a payload,"
                            + " --password-file for such a password.");
                }
            }
        }
        return given;
    }

    private static String option(String[] words, int i) {
        if (words[i].startsWith("-")) {
            return Main.nameOnly(words[i]);
        }
        return i > 0 && words[i - 1].startsWith("-") ? Main.nameOnly(words[i - 1]) : "Argument " + (i + 1);
    }

    private static byte[] commandLine() {
        try {
            return Files.readAllBytes(COMMAND_LINE);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    /** Each word ends with a zero byte. */
    static List<byte[]> wordsOf(byte[] commandLine) {
        List<byte[]> words = new ArrayList<>();
        ByteArrayOutputStream word = new ByteArrayOutputStream();
        for (byte b : commandLine) {
            if (b == 0) {
                words.add(word.toByteArray());
                word.reset();
            } else {
                word.write(b);
            }
        }
        return words;
    }
}
