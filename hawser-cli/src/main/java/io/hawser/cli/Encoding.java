package io.hawser.cli;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How the bytes of a payload are written as text, for channels that carry text only. */
enum Encoding {
    /** Two hexadecimal digits for each byte, in lower case; in either case, and with white space anywhere, on the way in. */
    HEX {
        @Override
        String encode(byte[] payload) {
            return HexFormat.of().formatHex(payload);
        }

        @Override
        byte[] decodeText(String text) {
            return HexFormat.of().parseHex(text);
        }
    },
    /** Base64 with padding (RFC 4648) on one line; on the way in also the alphabet for URLs, and without padding. */
    BASE64 {
        @Override
        String encode(byte[] payload) {
            return Base64.getEncoder().encodeToString(payload);
        }

        @Override
        byte[] decodeText(String text) {
            return Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/'));
        }
    };

    abstract String encode(byte[] payload);

    abstract byte[] decodeText(String text);

    /** @throws IllegalArgumentException with a text for the user, if {@code text} is not in this encoding */
    byte[] decode(byte[] text) {
        try {
            return decodeText(new String(text, StandardCharsets.ISO_8859_1).replaceAll("\\s+", ""));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "The payload is not " + name().toLowerCase(Locale.ROOT) + ", as --decode says it is.", e);
        }
    }

    /** The encodings {@code hex} and {@code base64} of the command line. */
    static final class Name implements ITypeConverter<Encoding> {
        @Override
        public Encoding convert(String value) {
            return switch (value) {
                case "hex" -> HEX;
                case "base64" -> BASE64;
                default -> throw new TypeConversionException("'" + value + "' must be hex or base64");
            };
        }
    }
}
