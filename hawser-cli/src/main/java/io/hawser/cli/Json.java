package io.hawser.cli;

import io.hawser.text.Utf8;
import java.util.Locale;

/** Writes JSON (RFC 8259): a single object, member by member. */
final class Json {
    private final StringBuilder out = new StringBuilder("{");

    static Json object() {
        return new Json();
    }

    Json put(String name, String value) {
        name(name);
        quote(value, out);
        return this;
    }

    Json put(String name, long value) {
        name(name);
        out.append(value);
        return this;
    }

    Json put(String name, boolean value) {
        name(name);
        out.append(value);
        return this;
    }

    /** With so many digits after the point; what is not a number becomes null. */
    Json put(String name, double value, int digits) {
        name(name);
        out.append(Double.isFinite(value) ? String.format(Locale.ROOT, "%." + digits + "f", value) : "null");
        return this;
    }

    /** {@code json} must be JSON; it is taken as it is. */
    Json putRaw(String name, String json) {
        name(name);
        out.append(json);
        return this;
    }

    boolean isEmpty() {
        return out.length() == 1;
    }

    private void name(String name) {
        if (out.length() > 1) {
            out.append(',');
        }
        quote(name, out);
        out.append(':');
    }

    @Override
    public String toString() {
        return out + "}";
    }

    static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> putCharacter(c, out);
            }
        }
        out.append('"');
    }

    /** As it is, or escaped if it could end a line, steer a terminal or turn the direction of what follows. */
    static void putCharacter(int codePoint, StringBuilder out) {
        if (Utf8.isPrintable(codePoint)) {
            out.appendCodePoint(codePoint);
        } else {
            for (char unit : Character.toChars(codePoint)) {
                out.append(String.format("\\u%04x", (int) unit));
            }
        }
    }
}
