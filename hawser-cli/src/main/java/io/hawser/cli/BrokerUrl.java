package io.hawser.cli;

import io.hawser.text.Authority;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The argument of {@code -L}: {@code mqtt(s)://[user[:password]@]host[:port][/topic]}, {@code ws(s)://[user[:password]@]host[:port][/path]},
 * or {@code unix:/path}. The user information ends at the last {@code @} before the first slash; in it, {@code %} and two hexadecimal
 * digits stand for a byte of UTF-8, so that a slash is {@code %2F}. Everything else is taken literally.
 *
 * @param host a name or an address, IPv6 without its brackets; empty for a Unix domain socket
 * @param port 1 to 65,535, the scheme's own unless given; 0 for a Unix domain socket
 * @param path what stands behind host and port: the topic, without its slash; the path of the WebSocket; the file of the socket
 */
record BrokerUrl(
        Scheme scheme,
        @Nullable String user,
        @Nullable String password,
        String host,
        int port,
        @Nullable String path) {
    /** How the broker is reached. */
    enum Scheme {
        MQTT("mqtt://", 1883),
        MQTTS("mqtts://", 8883),
        WS("ws://", 80),
        WSS("wss://", 443),
        UNIX("unix:", 0);

        final String prefix;
        final int defaultPort;

        Scheme(String prefix, int defaultPort) {
            this.prefix = prefix;
            this.defaultPort = defaultPort;
        }

        static Scheme of(boolean tls, boolean webSocket) {
            return webSocket ? tls ? WSS : WS : tls ? MQTTS : MQTT;
        }

        boolean isTls() {
            return this == MQTTS || this == WSS;
        }

        boolean isWebSocket() {
            return this == WS || this == WSS;
        }
    }

    /** The broker that is meant where none is named. */
    static final BrokerUrl LOCALHOST =
            new BrokerUrl(Scheme.MQTT, null, null, "localhost", Scheme.MQTT.defaultPort, null);

    private static final String LONG_UNIX = "mqtt+unix://";

    /** Whether a text that may be a host or a URL is a URL, right or wrong. */
    static boolean hasScheme(String text) {
        return text.contains("://") || text.regionMatches(true, 0, Scheme.UNIX.prefix, 0, Scheme.UNIX.prefix.length());
    }

    /** @throws IllegalArgumentException with a text for the user, which quotes nothing of the URL */
    static BrokerUrl parse(String url) {
        if (url.regionMatches(true, 0, LONG_UNIX, 0, LONG_UNIX.length())) {
            return unix(url.substring(LONG_UNIX.length()));
        }
        for (Scheme scheme : Scheme.values()) {
            if (url.regionMatches(true, 0, scheme.prefix, 0, scheme.prefix.length())) {
                String rest = url.substring(scheme.prefix.length());
                return scheme == Scheme.UNIX ? unix(rest) : parse(scheme, rest);
            }
        }
        throw new IllegalArgumentException(
                "unsupported URL scheme, must be mqtt:// or mqtts://, ws:// or wss://, or unix:");
    }

    private static BrokerUrl unix(String rest) {
        String path = rest.startsWith("///") ? rest.substring(2) : rest;
        if (!path.startsWith("/") || path.startsWith("//")) {
            throw new IllegalArgumentException("URL has no absolute path of a socket");
        }
        return new BrokerUrl(Scheme.UNIX, null, null, "", 0, path);
    }

    private static BrokerUrl parse(Scheme scheme, String rest) {
        int end = 0;
        while (end < rest.length() && rest.charAt(end) != '/' && !(scheme.isWebSocket() && rest.charAt(end) == '?')) {
            end++;
        }
        String behind = rest.substring(end);
        String path = scheme.isWebSocket() ? behind : behind.isEmpty() ? behind : behind.substring(1);
        Authority authority = Authority.parse(rest.substring(0, end));
        String user = null;
        String password = null;
        if (authority.user() != null) {
            int colon = authority.user().indexOf(':');
            user = decoded(colon < 0 ? authority.user() : authority.user().substring(0, colon));
            password = colon < 0 ? null : decoded(authority.user().substring(colon + 1));
        }
        if (authority.host().isEmpty()) {
            throw new IllegalArgumentException("URL has no host");
        }
        int port = authority.port(scheme.defaultPort);
        if (port == 0) {
            // What stands where the port should may be part of a password.
            throw new IllegalArgumentException("URL has no valid port, must be 1 to 65535;"
                    + " in user and password, / is written as %2F, @ as %40 and % as %25");
        }
        return new BrokerUrl(scheme, user, password, authority.host(), port, path.isEmpty() ? null : path);
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

    boolean tls() {
        return scheme.isTls();
    }

    /** Null if the URL names none, as one of a WebSocket or Unix domain socket cannot. */
    @Nullable
    String topic() {
        return scheme == Scheme.MQTT || scheme == Scheme.MQTTS ? path : null;
    }

    /** The URL for the client: without user, password and topic. */
    String server() {
        return server(scheme, host, port);
    }

    /** The URL for the client with another scheme, host and port in it. */
    String server(Scheme as, String atHost, int atPort) {
        return as == Scheme.UNIX
                ? as.prefix + path
                : server(as, atHost, atPort, as.isWebSocket() && path != null ? path : "");
    }

    static String server(Scheme scheme, String host, int port, String path) {
        return scheme.prefix + Authority.of(host, port) + path;
    }

    /** Never the password, nor a query. */
    @Override
    public String toString() {
        int query = path == null || scheme == Scheme.UNIX ? -1 : server().indexOf('?');
        return (query < 0 ? server() : server().substring(0, query) + "?…") + (topic() == null ? "" : "/" + topic());
    }
}
