package io.hawser.text;

import org.jspecify.annotations.Nullable;

/**
 * The authority of a URL: user information, host and port. Parsed by hand, because {@link java.net.URI} has no host for
 * names with an underscore, as container networks have them.
 *
 * @param user the text before the last {@code @}, as it was written; null without one
 * @param host a name or an address, IPv6 without its brackets; empty if there is no valid host
 * @param port the text behind the colon, as it was written; null without one
 */
public record Authority(
        @Nullable String user, String host, @Nullable String port) {
    /** Parses the text between a URL's scheme and its first slash. */
    public static Authority parse(String text) {
        int at = text.lastIndexOf('@');
        String address = text.substring(at + 1);
        int bracket = address.startsWith("[") ? address.indexOf(']') : -1;
        int colon = address.indexOf(':', bracket + 1);
        String host = colon < 0 ? address : address.substring(0, colon);
        if (bracket > 0 && host.length() == bracket + 1) {
            host = host.substring(1, bracket);
        }
        return new Authority(
                at < 0 ? null : text.substring(0, at),
                isHost(host) ? host : "",
                colon < 0 ? null : address.substring(colon + 1));
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

    /** The port; {@code without} if there is none, or 0 if it is not 1 to 65,535. */
    public int port(int without) {
        if (port == null) {
            return without;
        }
        int number = isNumber() && !port.isEmpty() && port.length() <= 5 ? Integer.parseInt(port) : 0;
        return number > 65_535 ? 0 : number;
    }

    /** Whether the text in the port's place has digits only; other text may be a password whose host was forgotten. */
    public boolean isNumber() {
        return port != null && port.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Host and port as URLs have them, with an IPv6 address in brackets. */
    public static String of(String host, int port) {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
