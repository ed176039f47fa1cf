package io.hawser.text;

import java.nio.charset.StandardCharsets;

/**
 * The strings of MQTT: at most 65,535 bytes of well-formed UTF-8 without U+0000 and without surrogates [MQTT-1.5.3-1]
 * [MQTT-1.5.3-2]. Control characters and U+FEFF are allowed and kept [MQTT-1.5.3-3].
 */
public final class Utf8 {
    /** The longest string the two-byte length prefix can announce, in bytes. */
    public static final int MAXIMUM_BYTES = 65_535;

    private Utf8() {}

    /**
     * The UTF-8 bytes of {@code text}.
     *
     * @param what names the string in the error, such as {@code topic name}
     * @throws IllegalArgumentException if the text has U+0000, an unpaired surrogate or more than 65,535 bytes
     */
    public static byte[] encode(String what, String text) {
        length(what, text);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The number of bytes that {@link #encode} makes of {@code text}, without making them.
     *
     * @throws IllegalArgumentException as {@link #encode} does
     */
    public static int length(String what, String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(
                        what + " has U+0000 at index " + i + ", which MQTT forbids [MQTT-1.5.3-2]");
            } else if (c < 0x80) {
                length++;
            } else if (c < 0x800) {
                length += 2;
            } else if (!Character.isSurrogate(c)) {
                length += 3;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                throw new IllegalArgumentException(
                        what + " has an unpaired surrogate at index " + i + " [MQTT-1.5.3-1]");
            }
        }
        if (length > MAXIMUM_BYTES) {
            throw new IllegalArgumentException(
                    what + " has " + length + " bytes in UTF-8, must have at most " + MAXIMUM_BYTES);
        }
        return length;
    }

    /**
     * The index of the first character in {@code text} for which a receiver may close the connection, as Mosquitto
     * does: a control character (U+0001 to U+001F, U+007F to U+009F) or a non-character, such as U+FFFF (3.1.1, section
     * 1.5.3; 5.0, section 1.5.4); -1 if there is none.
     */
    public static int firstUnwelcome(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7F) {
                continue;
            }
            if (Character.isISOControl(c) || c >= 0xFDD0 && c <= 0xFDEF || c >= 0xFFFE) {
                return i;
            }
            if (Character.isHighSurrogate(c) && (text.codePointAt(i) & 0xFFFE) == 0xFFFE) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Checks a string that a program wants to send, more strictly than MQTT demands.
     *
     * @return the number of bytes that {@link #encode} makes of the string
     * @throws IllegalArgumentException as {@link #encode} does, and if {@link #firstUnwelcome} finds a character
     */
    public static int requireSendable(String what, String text) {
        int length = length(what, text);
        int unwelcome = firstUnwelcome(text);
        if (unwelcome >= 0) {
            throw new IllegalArgumentException(
                    "%s has U+%04X at index %d, on which a receiver may close the connection (MQTT 5.0, section 1.5.4)"
                            .formatted(what, text.codePointAt(unwelcome), unwelcome));
        }
        return length;
    }

    /**
     * The offset from {@code start} of the first byte that breaks the rules of this class, or -1 if all {@code length}
     * bytes keep them. Overlong forms, surrogates, code points above U+10FFFF and cut sequences are broken at their
     * first byte.
     */
    public static int firstInvalid(byte[] bytes, int start, int length) {
        int i = start;
        int end = start + length;
        while (i < end) {
            int b = bytes[i];
            if (b > 0) {
                i++;
                continue;
            }
            int size = sequenceLength(b & 0xFF);
            if (size == 0 || i + size > end || !validSequence(bytes, i, b & 0xFF, size)) {
                return i - start;
            }
            i += size;
        }
        return -1;
    }

    /** The text of bytes in which {@link #firstInvalid} found no error. */
    public static String decode(byte[] bytes, int start, int length) {
        return new String(bytes, start, length, StandardCharsets.UTF_8);
    }

    /**
     * {@code text} made safe for a log line or an error: characters that {@link #isPrintable(int)} forbids and those
     * beyond the basic plane are escaped, and the part beyond 200 characters is cut.
     */
    public static String printable(String text) {
        return isPrintable(text) ? text : escaped(text);
    }

    /**
     * Whether a character shows as itself and changes nothing about its neighbours: no control character of ASCII or
     * C1, no format character (which turns the direction of text, joins, or is invisible), no line or paragraph
     * separator, no surrogate and no non-character.
     */
    public static boolean isPrintable(int codePoint) {
        if (codePoint >= 0x20 && codePoint < 0x7F) {
            return true;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> (codePoint & 0xFFFE) != 0xFFFE && (codePoint < 0xFDD0 || codePoint > 0xFDEF);
        };
    }

    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPrintable(text.charAt(i))) {
                return false;
            }
        }
        return text.length() <= 200;
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), 220));
        for (int i = 0; i < text.length() && i < 200; i++) {
            char c = text.charAt(i);
            if (isPrintable(c)) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        if (text.length() > 200) {
            out.append("… (").append(text.length()).append(" characters)");
        }
        return out.toString();
    }

    private static int sequenceLength(int lead) {
        if (lead >= 0xC2 && lead <= 0xDF) {
            return 2;
        }
        if (lead >= 0xE0 && lead <= 0xEF) {
            return 3;
        }
        return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
    }

    private static boolean validSequence(byte[] bytes, int at, int lead, int size) {
        for (int i = 1; i < size; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return false;
            }
        }
        int second = bytes[at + 1] & 0xFF;
        return switch (lead) {
            case 0xE0 -> second >= 0xA0; // below: overlong
            case 0xED -> second < 0xA0; // above: surrogates
            case 0xF0 -> second >= 0x90; // below: overlong
            case 0xF4 -> second < 0x90; // above: beyond U+10FFFF
            default -> true;
        };
    }
}
