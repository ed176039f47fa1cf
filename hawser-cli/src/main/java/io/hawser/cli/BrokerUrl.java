package io.hawser.cli;

import org.jspecify.annotations.Nullable;

/**
 * The argument of {@code -L}: {@code mqtt(s)://[user[:password]@]host[:port][/topic]}, taken literally: nothing in it is
 * percent-decoded, and the user information ends at the last {@code @} before the first slash.
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

    /** @throws IllegalArgumentException with a text for the user, free of the password */
    static BrokerUrl parse(String url) {
        boolean tls = url.startsWith("mqtts://");
        if (!tls && !url.startsWith("mqtt://")) {
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
            user = colon < 0 ? information : information.substring(0, colon);
            password = colon < 0 ? null : information.substring(colon + 1);
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
        int port = colon < 0 ? (tls ? TLS_PORT : PLAIN_PORT) : port(address.substring(colon + 1));
        return new BrokerUrl(tls, user, password, host, port, topic);
    }

    static int port(String digits) {
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("Invalid port given: " + digits);
        }
        return port;
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
