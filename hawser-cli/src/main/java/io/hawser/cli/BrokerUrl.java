package io.hawser.cli;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The argument of {@code -L}: {@code mqtt(s)://[user[:password]@]host[:port][/topic]}. The user information ends at the last
 * {@code @} before the first slash; in it, {@code %} and two hexadecimal digits stand for a byte of UTF-8, so that a slash is
 * {@code %2F}. Everything else is taken literally.
 *
 * @param host a name or an address, IPv6 without its brackets
 * @param port 1 to 65,535; 1883 or, with TLS, 8883 unless given
 */
record BrokerUrl(
        boolean tls,
        @Nullable String user,
        @Nullable String password,
        String host,
        int port,
        @Nullable String topic) {
    static final int PLAIN_PORT = 1883;
    static final int TLS_PORT = 8883;

    /** @throws IllegalArgumentException with a text for the user, which quotes nothing of the URL */
    static BrokerUrl parse(String url) {
        boolean tls = url.regionMatches(true, 0, "mqtts://", 0, 8);
        if (!tls && !url.regionMatches(true, 0, "mqtt://", 0, 7)) {
            throw new IllegalArgumentException("unsupported URL scheme, must be mqtt:// or mqtts://");
        }
        String rest = url.substring(tls ? 8 : 7);
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        String topic = slash < 0 || slash + 1 == rest.length() ? null : rest.substring(slash + 1);

        int at = authority.lastIndexOf('@');
        String user = null;
        String password = null;
        if (at >= 0) {
            String information = authority.substring(0, at);
            int colon = information.indexOf(':');
            user = decoded(colon < 0 ? information : information.substring(0, colon));
            password = colon < 0 ? null : decoded(information.substring(colon + 1));
        }
        String address = authority.substring(at + 1);
        int bracket = address.startsWith("[") ? address.indexOf(']') : -1;
        int colon = address.indexOf(':', bracket + 1);
        String host = colon < 0 ? address : address.substring(0, colon);
        if (bracket > 0 && host.length() == bracket + 1) {
            host = host.substring(1, bracket);
        }
        if (host.isEmpty()) {
            throw new IllegalArgumentException("URL has no host");
        }
        int port = colon < 0 ? (tls ? TLS_PORT : PLAIN_PORT) : number(address.substring(colon + 1));
        if (port == 0) {
            // What stands where the port should may be part of a password.
            throw new IllegalArgumentException("URL has no valid port, must be 1 to 65535;"
                    + " in user and password, / is written as %2F, @ as %40 and % as %25");
        }
        return new BrokerUrl(tls, user, password, host, port, topic);
    }

    static int port(String digits) {
        int port = number(digits);
        if (port == 0) {
            throw new IllegalArgumentException("Invalid port given: " + digits);
        }
        return port;
    }

    /** A port, or 0 if it is none. */
    private static int number(String digits) {
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        return port > 65_535 ? 0 : port;
    }

    /** A percent sign that no two hexadecimal digits follow stands for itself. */
    private static String decoded(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(bytes[i + 2], 16) : -1;
            if (low >= 0) {
                out.write(high << 4 | low);
                i += 2;
            } else {
                out.write(bytes[i]);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(out.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("User or password in the URL is not UTF-8 once it is percent-decoded");
        }
    }

    /** What the client is told: scheme, host and port only. */
    String server() {
        return server(tls, host, port);
    }

    static String server(boolean tls, String host, int port) {
        return (tls ? "mqtts://" : "mqtt://") + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Never the password. */
    @Override
    public String toString() {
        return server() + (topic == null ? "" : "/" + topic);
    }
}
