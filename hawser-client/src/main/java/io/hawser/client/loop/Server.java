package io.hawser.client.loop;

import io.hawser.text.Urls;

/** One server as the builder was given it: {@code mqtt://host[:port]} or {@code mqtts://host[:port]}. */
public record Server(String host, int port, boolean tls) {
    private static final int PLAIN_PORT = 1883;
    private static final int TLS_PORT = 8883;

    /** Taken apart by hand: {@link java.net.URI} has no host for names with an underscore, as container networks have. */
    public static Server parse(String text) {
        boolean tls = text.regionMatches(true, 0, "mqtts://", 0, 8);
        if (!tls && !text.regionMatches(true, 0, "mqtt://", 0, 7)) {
            throw bad(text, "must begin with mqtt:// or mqtts://");
        }
        String rest = text.substring(tls ? 8 : 7);
        if (rest.indexOf('@') >= 0) {
            throw bad(text, "has user information; give it with credentials(…), where it stays secret");
        }
        int slash = rest.indexOf('/');
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        if (slash >= 0 && slash + 1 < rest.length()) {
            throw bad(text, "has something after host and port");
        }
        int bracket = authority.startsWith("[") ? authority.indexOf(']') : -1;
        int colon = authority.indexOf(':', bracket + 1);
        String host = colon < 0 ? authority : authority.substring(0, colon);
        if (bracket >= 0) {
            if (host.length() != bracket + 1) {
                throw bad(text, "has something between the address and its port");
            }
            host = host.substring(1, bracket);
        }
        if (!isHost(host)) {
            throw bad(text, "has no valid host");
        }
        return new Server(host, port(text, colon < 0 ? "" : authority.substring(colon + 1), colon >= 0, tls), tls);
    }

    /** The server that this one sends its clients to ({@code host[:port]}), with the same TLS. */
    Server referring(String reference) {
        return parse((tls ? "mqtts://" : "mqtt://") + reference);
    }

    private static boolean isHost(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c <= ' ' || c == '?' || c == '#' || c == '[' || c == 0x7F) {
                return false;
            }
        }
        return !host.isEmpty();
    }

    private static int port(String text, String digits, boolean given, boolean tls) {
        if (!given) {
            return tls ? TLS_PORT : PLAIN_PORT;
        }
        int port = 0;
        for (int i = 0; i < digits.length(); i++) {
            char digit = digits.charAt(i);
            if (digit < '0' || digit > '9' || i == 5) {
                port = 0;
                break;
            }
            port = 10 * port + digit - '0';
        }
        if (port < 1 || port > 65_535) {
            boolean number = digits.chars().allMatch(c -> c >= '0' && c <= '9');
            throw bad(text, "has port '" + (number ? digits : "…") + "', must be 1 to 65535");
        }
        return port;
    }

    private static IllegalArgumentException bad(String text, String why) {
        return new IllegalArgumentException("server '" + Urls.withoutSecrets(text) + "' " + why);
    }

    @Override
    public String toString() {
        return (tls ? "mqtts://" : "mqtt://") + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
