package io.hawser.cli;

import io.hawser.text.Utf8;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The argument of {@code -F}: text in which {@code %} stands before what concerns the message, {@code @} before what
 * {@code strftime} knows, and {@code \} before an escaped character. The letters of MQTT 5.0 properties print
 * nothing where the message has none; {@code %A} always, since the client resolves topic aliases.
 */
final class FormatString {
    private static final String WITHOUT_WIDTH = "DPqrjJU";

    /** What stands between the percent sign and its letter; a width of 0 pads nothing, a precision of -1 cuts nothing. */
    private record Field(boolean left, boolean zero, int width, int precision, String separator) {
        String cut(String text) {
            return precision >= 0 && precision < text.length() ? text.substring(0, precision) : text;
        }

        void pad(ByteSink out, int length, boolean numeric, Runnable content) {
            int blanks = width - length;
            if (!left) {
                out.pad(zero && numeric ? '0' : ' ', blanks);
            }
            content.run();
            if (left) {
                out.pad(' ', blanks);
            }
        }
    }

    private final String format;
    private final boolean pretty;
    private final @Nullable Encoding encoding;
    private final List<BiConsumer<Received, ByteSink>> pieces = new ArrayList<>();
    private int at;

    private FormatString(String format, boolean pretty, @Nullable Encoding encoding) {
        this.format = format;
        this.pretty = pretty;
        this.encoding = encoding;
    }

    /** @throws IllegalArgumentException if the format has an unknown letter or ends too early */
    static MessageFormat parse(String format) {
        return parse(format, false, null);
    }

    /**
     * The same, with JSON on several lines, and with payloads in an encoding.
     *
     * @throws IllegalArgumentException if the format has an unknown letter or ends too early
     */
    static MessageFormat parse(String format, boolean pretty, @Nullable Encoding encoding) {
        FormatString parser = new FormatString(format, pretty, encoding);
        parser.parse();
        List<BiConsumer<Received, ByteSink>> pieces = List.copyOf(parser.pieces);
        return (received, out) -> {
            for (BiConsumer<Received, ByteSink> piece : pieces) {
                piece.accept(received, out);
            }
        };
    }

    private void parse() {
        int start = 0;
        while (at < format.length()) {
            char c = format.charAt(at);
            if (c != '%' && c != '@' && c != '\\') {
                at++;
                continue;
            }
            literal(format.substring(start, at));
            at++;
            switch (c) {
                case '%' -> parameter();
                case '@' -> time(next("format"));
                default -> literal(escape(next("escape")));
            }
            start = at;
        }
        literal(format.substring(start));
    }

    private void literal(String text) {
        if (!text.isEmpty()) {
            pieces.add((received, out) -> out.put(text));
        }
    }

    private char next(String what) {
        if (at == format.length()) {
            throw new IllegalArgumentException("Incomplete " + what + " specifier.");
        }
        return format.charAt(at++);
    }

    private static String escape(char c) {
        return switch (c) {
            case '\\' -> "\\";
            case '0' -> "\0";
            case 'a' -> "\u0007";
            case 'e' -> "\u001b";
            case 'n' -> "\n";
            case 'r' -> "\r";
            case 't' -> "\t";
            case 'v' -> "\u000b";
            default -> throw new IllegalArgumentException("Invalid escape specifier '" + c + "'.");
        };
    }

    private void time(char c) {
        if (c == '@') {
            literal("@");
        } else {
            pieces.add((received, out) -> out.put(Strftime.format(c, received.time())));
        }
    }

    private void parameter() {
        boolean left = false;
        boolean zero = false;
        char c = next("format");
        for (; c == '-' && !left || c == '0' && !zero; c = next("format")) {
            left |= c == '-';
            zero |= c == '0';
        }
        int width = 0;
        for (; c >= '0' && c <= '9'; c = next("format")) {
            width = bounded(width * 10 + c - '0');
        }
        int precision = -1;
        if (c == '.') {
            precision = 0;
            for (c = next("format"); c >= '0' && c <= '9'; c = next("format")) {
                precision = bounded(precision * 10 + c - '0');
            }
        }
        String separator = "";
        if (c == ':' || c == ' ') {
            separator = String.valueOf(c);
            c = next("format");
            if (c != 'x' && c != 'X') {
                throw new IllegalArgumentException("Only x and X can have a separator, not '" + c + "'.");
            }
        }
        boolean plain = WITHOUT_WIDTH.indexOf(c) >= 0;
        pieces.add(piece(
                c,
                plain
                        ? new Field(false, false, 0, -1, "")
                        : new Field(left, zero && !left, width, precision, separator)));
    }

    private static int bounded(int number) {
        if (number > 10_000) {
            throw new IllegalArgumentException("Field width is above 10000.");
        }
        return number;
    }

    private BiConsumer<Received, ByteSink> piece(char letter, Field field) {
        return switch (letter) {
            case '%' -> (received, out) -> out.put('%');
            case 'A' -> text(field, true, received -> "");
            case 'C' -> text(field, false, received -> field.cut(MessageProperties.contentType(received.message())));
            case 'D' -> (received, out) -> out.put(MessageProperties.correlationData(received.message()));
            case 'E' -> text(field, true, received -> MessageProperties.expiry(received.message()));
            case 'F' -> text(field, true, received -> received.message().utf8() ? "1" : "");
            case 'P' -> text(field, false, received -> MessageProperties.userProperties(received.message()));
            case 'R' -> text(field, false, received -> field.cut(MessageProperties.responseTopic(received.message())));
            case 'S' -> text(field, true, received -> MessageProperties.identifiers(received.message()));
            case 't' ->
                text(field, false, received -> field.cut(received.message().topic()));
            case 'I' -> text(field, false, received -> field.cut(Strftime.iso(received.time())));
            case 'l' ->
                text(field, true, received -> String.valueOf(received.message().payloadSize()));
            case 'm' -> text(field, true, received -> String.valueOf(received.packetId()));
            case 'q' ->
                text(
                        field,
                        false,
                        received -> String.valueOf(received.message().qos().level()));
            case 'r' -> text(field, false, received -> received.message().retain() ? "1" : "0");
            case 'x' -> text(field, true, received -> hex(received, HexFormat.ofDelimiter(field.separator())));
            case 'X' ->
                text(
                        field,
                        true,
                        received -> hex(
                                received,
                                HexFormat.ofDelimiter(field.separator()).withUpperCase()));
            case 'f' -> text(field, true, received -> binary(received, Float.BYTES, field));
            case 'd' -> text(field, true, received -> binary(received, Double.BYTES, field));
            case 'p' -> payload(field);
            case 'U' -> text(field, false, received -> unixTime(received.time()));
            case 'j' -> (received, out) -> json(received, out, false, pretty);
            case 'J' -> (received, out) -> json(received, out, true, pretty);
            default -> throw new IllegalArgumentException("Invalid format specifier '" + letter + "'.");
        };
    }

    private static BiConsumer<Received, ByteSink> text(
            Field field, boolean numeric, Function<Received, String> parameter) {
        return (received, out) -> {
            String text = parameter.apply(received);
            field.pad(out, text.codePointCount(0, text.length()), numeric, () -> out.put(text));
        };
    }

    private static String hex(Received received, HexFormat format) {
        return format.formatHex(received.message().payloadBytes());
    }

    private BiConsumer<Received, ByteSink> payload(Field field) {
        if (encoding != null) {
            return text(
                    field, true, received -> encoding.encode(received.message().payloadBytes()));
        }
        return (received, out) ->
                field.pad(out, received.message().payloadSize(), true, () -> out.putPayload(received.message()));
    }

    /** A payload that is a number of IEEE 754 as this machine has it in memory; nothing, and a word about it, if it is none. */
    private static String binary(Received received, int size, Field field) {
        ByteBuffer payload = received.message().payload().order(ByteOrder.nativeOrder());
        if (payload.remaining() != size) {
            System.err.println("Error: Message payload is not a binary number of " + size + " bytes on topic "
                    + Utf8.printable(received.message().topic()) + ".");
            return "";
        }
        double value = size == Float.BYTES ? payload.getFloat() : payload.getDouble();
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        int digits = field.precision() < 0 ? 6 : field.precision();
        return new BigDecimal(value).setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String unixTime(ZonedDateTime time) {
        return String.format(Locale.ROOT, "%d.%09d", time.toEpochSecond(), time.getNano());
    }

    private static void json(Received received, ByteSink out, boolean payloadIsJson, boolean pretty) {
        String payload = received.message().text();
        Json json = Json.object()
                .put("tst", Strftime.isoMicros(received.time()))
                .put("topic", received.message().topic())
                .put("qos", received.message().qos().level())
                .put("retain", received.message().retain() ? 1 : 0)
                .put("payloadlen", received.message().payloadSize());
        MessageProperties.put(received.message(), json);
        if (!payloadIsJson) {
            json.put("payload", payload);
        } else if (payload.isEmpty()) {
            json.putRaw("payload", "null");
        } else if (JsonSyntax.isValid(payload)) {
            json.putRaw("payload", JsonSyntax.onOneLine(payload));
        } else {
            System.err.println("Error: Message payload is not valid JSON on topic "
                    + Utf8.printable(received.message().topic()) + ".");
            return;
        }
        out.put(pretty ? JsonSyntax.indented(json.toString()) : json.toString());
    }
}
