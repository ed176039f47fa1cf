package io.hawser.cli;

/** Tells whether a text is one JSON value (RFC 8259); builds nothing. */
final class JsonSyntax {
    private static final int DEEPEST = 512;

    private final String text;
    private int at;

    private JsonSyntax(String text) {
        this.text = text;
    }

    static boolean isValid(String text) {
        JsonSyntax syntax = new JsonSyntax(text);
        if (!syntax.value(0)) {
            return false;
        }
        syntax.space();
        return syntax.at == text.length();
    }

    /**
     * The same value without white space outside its strings, and with nothing in them that could end a line.
     *
     * @param json a text that {@link #isValid}
     */
    static String onOneLine(String json) {
        StringBuilder out = new StringBuilder(json.length());
        boolean quoted = false;
        for (int i = 0; i < json.length(); ) {
            int c = json.codePointAt(i);
            i += Character.charCount(c);
            if (c == '"') {
                quoted = !quoted;
                out.append('"');
            } else if (!quoted) {
                if (c > ' ') {
                    out.appendCodePoint(c);
                }
            } else if (c == '\\') {
                // Only ASCII can follow.
                out.append('\\').append(json.charAt(i++));
            } else {
                Json.putCharacter(c, out);
            }
        }
        return out.toString();
    }

    /**
     * The same value with a line for each member and element, two blanks further in than what holds it.
     *
     * @param json a text that {@link #isValid}, on one line
     */
    static String indented(String json) {
        StringBuilder out = new StringBuilder(json.length() * 2);
        int depth = 0;
        boolean quoted = false;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            char next = i + 1 < json.length() ? json.charAt(i + 1) : 0;
            if (quoted || c == '"') {
                quoted = quoted != (c == '"');
                out.append(c);
                if (c == '\\') {
                    out.append(json.charAt(++i));
                }
            } else if ((c == '{' || c == '[') && next != '}' && next != ']') {
                out.append(c).append('\n').append("  ".repeat(++depth));
            } else if ((c == '}' || c == ']') && json.charAt(i - 1) != '{' && json.charAt(i - 1) != '[') {
                out.append('\n').append("  ".repeat(--depth)).append(c);
            } else if (c == ',') {
                out.append(",\n").append("  ".repeat(depth));
            } else if (c != ' ') {
                out.append(c == ':' ? ": " : String.valueOf(c));
            }
        }
        return out.toString();
    }

    private boolean value(int depth) {
        space();
        if (depth > DEEPEST) {
            return false;
        }
        return switch (peek()) {
            case '{' -> members('}', true, depth);
            case '[' -> members(']', false, depth);
            case '"' -> string();
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        };
    }

    private boolean members(char close, boolean named, int depth) {
        at++;
        space();
        if (take(close)) {
            return true;
        }
        do {
            space();
            if (named && !(string() && colon())) {
                return false;
            }
            if (!value(depth + 1)) {
                return false;
            }
            space();
        } while (take(','));
        return take(close);
    }

    private boolean colon() {
        space();
        return take(':');
    }

    private boolean string() {
        if (!take('"')) {
            return false;
        }
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return true;
            }
            if (c < 0x20 || c == '\\' && !escape()) {
                return false;
            }
        }
        return false;
    }

    private boolean escape() {
        char c = at < text.length() ? text.charAt(at++) : 0;
        if (c != 'u') {
            return c != 0 && "\"\\/bfnrt".indexOf(c) >= 0;
        }
        for (int i = 0; i < 4; i++, at++) {
            if (Character.digit(peek(), 16) < 0 || peek() > 'f') {
                return false;
            }
        }
        return true;
    }

    private boolean number() {
        take('-');
        if (!take('0') && !digits()) {
            return false;
        }
        if (take('.') && !digits()) {
            return false;
        }
        if (take('e') || take('E')) {
            if (!take('+')) {
                take('-');
            }
            return digits();
        }
        return true;
    }

    private boolean digits() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        return at > start;
    }

    private boolean word(String word) {
        boolean here = text.startsWith(word, at);
        at += here ? word.length() : 0;
        return here;
    }

    private void space() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
            at++;
        }
    }

    private boolean take(char c) {
        boolean here = peek() == c;
        at += here ? 1 : 0;
        return here;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }
}
