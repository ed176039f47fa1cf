package io.hawser.client.auth;

import java.text.Normalizer;

/** SASLprep (RFC 4013): the preparation of user names and passwords for comparison. */
final class SaslPrep {
    private static final int NO_BREAK_SPACE = 0x00A0;

    private SaslPrep() {}

    /**
     * The prepared text, which is the same for all texts that count as equal.
     *
     * @param what names the text in the error, which never shows it
     * @throws IllegalArgumentException if the text has characters that RFC 4013 prohibits
     */
    static String prepared(String what, String text) {
        StringBuilder mapped = new StringBuilder();
        text.codePoints()
                .filter(c -> !isMappedToNothing(c))
                .map(SaslPrep::mapped)
                .forEach(mapped::appendCodePoint);
        String normal = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
        int[] characters = normal.codePoints().toArray();
        for (int i = 0; i < characters.length; i++) {
            if (isProhibited(characters[i])) {
                throw new IllegalArgumentException(what + " has a character at " + i + " that RFC 4013 prohibits");
            }
        }
        requireOneDirection(what, characters);
        return normal;
    }

    /** Whether the character is in table B.1 of RFC 3454, which SASLprep removes. */
    private static boolean isMappedToNothing(int c) {
        return c == 0x00AD
                || c == 0x034F
                || c == 0x1806
                || c >= 0x180B && c <= 0x180D
                || c >= 0x200B && c <= 0x200D
                || c == 0x2060
                || c >= 0xFE00 && c <= 0xFE0F
                || c == 0xFEFF;
    }

    /** The character after the mapping of table C.1.2: every space becomes U+0020. */
    private static int mapped(int c) {
        return c == NO_BREAK_SPACE || c != ' ' && Character.getType(c) == Character.SPACE_SEPARATOR ? ' ' : c;
    }

    /**
     * Whether the character is in tables C.2 to C.9 or A.1, in the Unicode of the JDK, or is another format character.
     */
    private static boolean isProhibited(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> c == 0xFFFC || c == 0xFFFD || c >= 0x2FF0 && c <= 0x2FFB;
        };
    }

    /**
     * Checks section 6 of RFC 3454: a text with characters from right to left begins and ends with such a character,
     * and has no character from left to right.
     */
    private static void requireOneDirection(String what, int[] characters) {
        boolean anyRight = false;
        boolean anyLeft = false;
        for (int c : characters) {
            anyRight |= isRightToLeft(c);
            anyLeft |= Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT;
        }
        if (anyRight
                && (anyLeft || !isRightToLeft(characters[0]) || !isRightToLeft(characters[characters.length - 1]))) {
            throw new IllegalArgumentException(what + " mixes the directions of writing as RFC 4013 prohibits");
        }
    }

    private static boolean isRightToLeft(int c) {
        byte direction = Character.getDirectionality(c);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
