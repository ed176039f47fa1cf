package io.hawser.cli;

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
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    boolean unpaired = Character.isSurrogate(c) && !paired(text, i);
                    // U+2028 and U+2029 end a line in JavaScript and in some readers of line-by-line JSON.
                    if (c < 0x20 || c == 0x7F || c == 0x2028 || c == 0x2029 || unpaired) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
